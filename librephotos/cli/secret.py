"""`secret`: the key that signs tokens, replaced by hand."""

from typing import Any

from librephotos.accounts.events import Event, record
from librephotos.accounts.key_rotation import refuse_rotation, rotate_key
from librephotos.accounts.queries import end_all_sessions
from librephotos.accounts.secret_key import FILE_NAME
from librephotos.cli.accounts import cli_origin
from librephotos.cli.output import say
from librephotos.cli.preparing import prepared
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.jobs.lock import FolderLock
from librephotos.kit import clock
from librephotos.settings import load_settings

LOCK = "secret.lock"


def rotate(overrides: dict[str, object], *, at_once: bool, force: bool) -> None:
    """Replace the key. Raises BadSetting or DataFolderInUse with a sentence; then nothing has changed."""
    settings = load_settings(**overrides)
    refuse_rotation(settings, may_drop=True)
    prepared(overrides)
    lock = FolderLock(settings.data, LOCK, "rotation")
    try:
        refuse_rotation(settings, may_drop=force or at_once)
        until = rotate_key(settings, keep_previous=not at_once)
        db = Database(settings.database)
        try:
            ended = db.commit(_follow, until, at_once=at_once, force=force)
        finally:
            db.close()
    finally:
        lock.release()
    say(f"Made a new key, {settings.data / FILE_NAME}. A running server uses it within seconds.")
    if until is None:
        say(f"The old key counts no more: {ended} sessions have ended, and everybody signs in again.")
    else:
        say(f"What the old key signed counts until {clock.iso(until * clock.SECOND)}.")
        if force:
            say(
                "The key before it counts no more: whoever signed in before the last rotation signs in again."
            )


def _follow(tx: Tx, until: int | None, *, at_once: bool, force: bool) -> int:
    """Record the rotation and, where the old key is not trusted, end what it may have signed; return how many."""
    ended = end_all_sessions(tx) if at_once else 0
    told: dict[str, Any] = {"previous_until": None if until is None else clock.iso(until * clock.SECOND)}
    if at_once:
        told["sessions_ended"] = ended
    if force:
        told["forced"] = True
    record(tx, Event(kind="secret_rotated", origin=cli_origin(), target="signing key", detail=told))
    return ended
