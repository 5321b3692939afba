"""Makes one photo of pairs that were stored as two, by an earlier version or before a setting was changed."""

from typing import Any, Final

from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Report, Run
from librephotos.library.grouping import folded_stem
from librephotos.library.ingest import pairs
from librephotos.library.ingest.group import Group, Stored
from librephotos.library.ingest.storing import finish, tidy_thumbnails
from librephotos.library.queries import doubles, owners
from librephotos.library.queries.owners import Owner

STEMS_AT_ONCE: Final = 50
_FIRST: Final = -(2**63)


def repair_variants(run: Run) -> Report:
    """Unite the owner's photos that are files of one shot; what people did to either half is kept."""
    done = run.step("unite", lambda: _unite_all(run))
    return Report(target=done["looked_at"], result=done)


def _unite_all(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        owner = owners.get_owner(tx, run.user_id)
    looked_at, united, after = 0, 0, _FIRST
    while True:
        with run.db.snapshot() as tx:
            keys = doubles.list_doubles(tx, run.user_id, after, STEMS_AT_ONCE)
        if not keys:
            return {"looked_at": looked_at, "united": united}
        after = keys[-1]
        count, stored = run.commit(_unite_some, owner, keys)
        tidy_thumbnails(run.settings.data, stored)
        looked_at, united = looked_at + len(keys), united + count
        run.progress(current=looked_at)


def _unite_some(tx: Tx, owner: Owner, keys: list[int]) -> tuple[int, Stored]:
    group = Group(tx, owner, ())
    stems = {folded_stem(path): path for path in doubles.list_paths(tx, owner.user_id, keys)}
    count = sum(1 for path in stems.values() if pairs.unite(group, path))
    return count, finish(group)
