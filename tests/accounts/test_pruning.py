"""The nightly chore: events go when their time is over, and not before."""

import pytest
from sqlalchemy import select

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.pruning import prune_events
from librephotos.db.migrate import migrate
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import audit_event
from librephotos.errors import BadSetting
from librephotos.kit import clock
from librephotos.pipeline import PIPELINE
from librephotos.settings import Settings, load_settings
from tests.conftest import NewInstance

_TARGETS = Statement(select(audit_event.c.target).order_by(audit_event.c.id), scalar)


def test_events_are_kept_as_long_as_the_setting_says(new_instance: NewInstance):
    instance = new_instance(start=False)
    migrate(instance.database_url, instance.data)
    for days in (400, 364, 31, 29, 0):
        event = Event(
            kind="sign_in",
            origin=Origin(),
            target=str(days),
            at=clock.now() - days * clock.DAY - clock.MINUTE,
        )
        instance.db.commit(record, event)

    def targets() -> list[str]:
        with instance.db.snapshot() as tx:
            return tx.all(_TARGETS)

    for days, left in ((365, ["364", "31", "29", "0"]), (30, ["29", "0"]), (365, ["29", "0"]), (1, ["0"])):
        prune_events(instance.db, Settings(data=instance.data, audit_days=days))
        assert targets() == left


def test_the_chore_is_done_every_day():
    assert prune_events in PIPELINE.daily


def test_a_year_is_the_default_and_nothing_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LIBREPHOTOS_AUDIT_DAYS", raising=False)
    assert load_settings().audit_days == 365
    monkeypatch.setenv("LIBREPHOTOS_AUDIT_DAYS", "0")
    with pytest.raises(BadSetting, match="LIBREPHOTOS_AUDIT_DAYS"):
        load_settings()
