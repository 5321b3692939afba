"""Detection in this process: the real job and database of the shared instance, without a worker or an engine."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from librephotos.db.tables import photo
from librephotos.jobs.registry import Handler, Run
from librephotos.photos.changes import photos_changed
from librephotos.stacks.jobs import detect_bursts, detect_duplicates, detect_new
from tests.builders import Photo, change_row
from tests.instance import Account, Instance

T = TypeVar("T")


class _Run:
    def __init__(self, instance: Instance, owner: Account, arguments: dict[str, Any]) -> None:
        self.user_id = owner.user_id
        self.db = instance.db
        self.arguments = arguments
        self.told: list[tuple[Any, ...]] = []

    def step(self, name: str, work: Callable[[], T]) -> T:
        return work()

    def commit(self, query: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self.db.commit(query, *args, **kwargs)

    def progress(self, current: Any = None, target: Any = None, step: Any = None) -> None:
        self.told.append((current, target, step))

    def note(self, result: dict[str, Any]) -> None:
        self.told.append((result,))


def _done(handler: Handler, instance: Instance, owner: Account, **arguments: Any) -> dict[str, Any]:
    return handler(cast("Run", _Run(instance, owner, arguments))).result


def run_bursts(instance: Instance, owner: Account) -> dict[str, Any]:
    return _done(detect_bursts, instance, owner)


def run_duplicates(instance: Instance, owner: Account, **options: Any) -> dict[str, Any]:
    return _done(detect_duplicates, instance, owner, **options)


def run_new(instance: Instance, owner: Account) -> dict[str, Any]:
    return _done(detect_new, instance, owner)


def remove_for_good(instance: Instance, owner: Account, *photos: Photo) -> None:
    """Leave of photos what the end of a deletion leaves."""
    with instance.db.transaction() as tx:
        for each in photos:
            change_row(tx, photo, each.photo_id, is_removed=True, main_file_id=None)
        photos_changed(tx, owner.user_id, [each.photo_id for each in photos])
