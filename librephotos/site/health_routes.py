"""Health probes: open to everybody, and without numbers, so that a stranger cannot see when a scan runs."""

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from sqlalchemy import select

from librephotos.accounts.guard import anyone
from librephotos.accounts.server import Server
from librephotos.db.database import Database
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import fact
from librephotos.db.transactions import Tx
from librephotos.jobs.workers import is_any_alive
from librephotos.kit.disks import reason_full
from librephotos.settings import Settings

log = structlog.get_logger()

PROBE_SECONDS = 5
DATABASE_AWAY = "database unreachable"
WORKER_AWAY = "queue broker unreachable"
NEARLY_FULL = "data folder nearly full"
DATA_AWAY = "data folder unreachable"

_ANYTHING = Statement(select(fact.c.name).limit(1), scalar)


class Probe(msgspec.Struct):
    """One check; `error` only where it failed."""

    status: str
    error: str | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(cls, error: str | None) -> "Probe":
        return cls("ok") if error is None else cls("error", error)


class Checks(msgspec.Struct):
    postgresql: Probe
    queue: Probe


class Readiness(msgspec.Struct):
    status: str
    checks: Checks


@get("/api/healthz", who=anyone, scope="public", credentials="ignored")
async def get_health() -> Probe:
    """Liveness: answers as soon as the server does, without touching the database."""
    return Probe("ok")


@get("/api/healthz/postgresql", who=anyone, scope="public", credentials="ignored", answers={503: Probe})
async def get_database_health(db: Database) -> Response[Probe]:
    """Whether the database answers, whatever kind it is."""
    return _answer(Probe.of(await _database_error(db)))


@get("/api/healthz/queue", who=anyone, scope="public", credentials="ignored", answers={503: Probe})
async def get_queue_health(db: Database) -> Response[Probe]:
    """Whether a worker gave a sign of life lately."""
    return _answer(Probe.of(await _worker_error(db)))


@get("/api/healthz/storage", who=anyone, scope="public", credentials="ignored", answers={503: Probe})
async def get_storage_health(server: Server) -> Response[Probe]:
    """Whether the disk of the data folder has room for thumbnails and rows."""
    return _answer(Probe.of(_storage_error(server.settings)))


@get("/api/healthz/ready", who=anyone, scope="public", credentials="ignored", answers={503: Readiness})
async def get_readiness(db: Database) -> Response[Readiness]:
    """Whether both database and worker are there."""
    checks = Checks(Probe.of(await _database_error(db)), Probe.of(await _worker_error(db)))
    is_ready = checks.postgresql.status == checks.queue.status == "ok"
    return Response(Readiness("ok" if is_ready else "error", checks), status_code=200 if is_ready else 503)


def _answer(probe: Probe) -> Response[Probe]:
    return Response(probe, status_code=200 if probe.status == "ok" else 503)


def _look(tx: Tx) -> bool:
    tx.first(_ANYTHING)
    return True


async def _database_error(db: Database) -> str | None:
    return None if await _asked(db, _look) is not None else DATABASE_AWAY


async def _worker_error(db: Database) -> str | None:
    return None if await _asked(db, is_any_alive) else WORKER_AWAY


async def is_database_well(db: Database) -> bool:
    return await _database_error(db) is None


def _storage_error(settings: Settings) -> str | None:
    try:
        return NEARLY_FULL if reason_full(settings.data) else None
    except OSError:
        return DATA_AWAY


async def _asked(db: Database, query: Callable[[Tx], bool]) -> bool | None:
    """Return the query's answer, None when the database does not give one in time."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await db.read(query)
    except Exception as error:  # whatever keeps the database from answering is what the probe is for
        log.warning("health probe failed", reason=str(error))
        return None


ROUTES: list[BaseRouteHandler] = [
    get_health,
    get_database_health,
    get_queue_health,
    get_storage_health,
    get_readiness,
]
