"""Times of change."""

import re
from pathlib import Path

import librephotos
from librephotos.db.tables import photo
from librephotos.kit import clock
from tests.builders import Builder
from tests.instance import Account, Instance

PACKAGE = Path(librephotos.__file__).parent
SETS_A_TIME = re.compile(r"modified_at\"?\s*[=:]\s*(bindparam|clock\.now)")


def stamped(instance: Instance, photo_id: int) -> int:
    with instance.db.snapshot() as tx:
        row = tx.connection.execute(f"SELECT modified_at FROM photo WHERE id = {photo_id}").fetchone()
    assert row is not None
    return int(row[0])


def test_times_grow_though_the_clock_is_set_back(instance: Instance, user: Account) -> None:
    made = Builder(instance).add_photo(user, with_files=False)
    ahead = clock.now() + clock.HOUR
    with instance.db.transaction() as tx:
        before = tx.connection.execute("SELECT stamped_at FROM change_clock").fetchone()
        tx.connection.execute(f"UPDATE change_clock SET stamped_at = {ahead}")
    times = []
    for _ in range(2):
        with instance.db.transaction() as tx:
            tx.touch(photo, [made.photo_id])
        times.append(stamped(instance, made.photo_id))
    assert times == [ahead + 1, ahead + 2]
    with instance.db.transaction() as tx:
        assert before is not None
        tx.connection.execute(f"UPDATE change_clock SET stamped_at = {before[0]}")
        tx.touch(photo)
    assert stamped(instance, made.photo_id) == ahead + 2


def test_nobody_else_gives_times_of_change() -> None:
    """A time taken before the end of a transaction is one that a copy may have passed already."""
    sources = [path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "db"]
    assert [path.name for path in sources if SETS_A_TIME.search(path.read_text())] == []
