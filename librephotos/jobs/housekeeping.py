"""Chores by the hour and by the day, done by one worker even where there are several."""

from typing import Final

import structlog
from sqlalchemy import bindparam, select

from librephotos.db.database import Database
from librephotos.db.statements import Statement, scalar, statement, upsert
from librephotos.db.tables import fact
from librephotos.db.transactions import Tx
from librephotos.errors import LibrePhotosError
from librephotos.jobs import durable, queries
from librephotos.jobs.registry import Chore, Pipeline, chore
from librephotos.kit import clock
from librephotos.settings import Settings

log = structlog.get_logger()

CHECK_SECONDS: Final = 60
DONE_WORKFLOWS_KEPT: Final = clock.DAY

_LAST = Statement(select(fact.c.value).where(fact.c.name == bindparam("fact_name")), scalar)
_REMEMBER = statement(upsert(fact, key=["name"], update=["value"]))


def run_due(db: Database, settings: Settings, pipeline: Pipeline) -> None:
    """Do what was last done an hour or a day ago."""
    if db.commit(_claim, "chores_hourly_at", clock.HOUR):
        _run(db, settings, (chore(queries.fail_stuck_jobs), *pipeline.hourly))
    if db.commit(_claim, "chores_daily_at", clock.DAY):
        _run(db, settings, (chore(queries.prune_jobs), *pipeline.daily))
        durable.prune(clock.iso(clock.now() - DONE_WORKFLOWS_KEPT))


def run_at_start(db: Database, settings: Settings, pipeline: Pipeline) -> None:
    """Do what every worker does when it starts; a chore that fails must not keep it from its jobs."""
    for each in pipeline.at_start:
        try:
            each(db, settings)
        except (LibrePhotosError, OSError):
            log.exception("chore failed")


def _run(db: Database, settings: Settings, chores: tuple[Chore, ...]) -> None:
    for each in chores:
        each(db, settings)


def _claim(tx: Tx, name: str, every: int) -> bool:
    tx.lock(name)
    last = tx.first(_LAST, fact_name=name)
    now = clock.now()
    if last is not None and int(last) > now - every:
        return False
    tx.execute(_REMEMBER, name=name, value=str(now))
    return True
