"""Makes events of photos taken without a long gap between them, and titles for them. Both may run twice."""

from bisect import bisect_left, bisect_right
from typing import Any, Final

from librephotos.albums.events import Group, group_events
from librephotos.albums.queries import event_making as making
from librephotos.jobs.registry import Report, Run

ADDED_AT_ONCE: Final = 100
PROGRESS_EVERY: Final = 20


def generate_events(run: Run) -> Report:
    """Make events that are missing, and add photos to those that are there."""
    told: dict[str, Any] = run.step("events", lambda: _generate(run))
    return Report(target=told["groups"], result=told)


def title_events(run: Run) -> Report:
    """Title all events again, save those that their owner gave a title."""
    told: dict[str, Any] = run.step("titles", lambda: _title_all(run))
    return Report(target=told["titled"], result=told)


def _generate(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        groups = list(group_events(making.list_moments(tx, run.user_id)))
        events = making.list_events(tx, run.user_id)
    beginnings = [happened for happened, _ in events]
    run.progress(current=0, target=len(groups), step="Making events")
    created = grown = 0
    for number, group in enumerate(groups, 1):
        start, end = group.window
        within = events[bisect_left(beginnings, start) : bisect_right(beginnings, end)]
        if not within:
            album_id = run.commit(making.create_event, run.user_id, group)
            _fill(run, album_id, group)
            created += 1
        elif len(within) == 1:
            grown += _fill(run, within[0][1], group)
        if number % PROGRESS_EVERY == 0 or number == len(groups):
            run.progress(current=number)
    return {"groups": len(groups), "created": created, "grown": grown}


def _fill(run: Run, album_id: int, group: Group) -> bool:
    """Add what an event lacks; return whether it lacked anything."""
    with run.db.snapshot() as tx:
        members = making.list_members(tx, album_id)
    lacking = [each.photo_id for each in group.moments if each.photo_id not in members]
    for start in range(0, len(lacking), ADDED_AT_ONCE):
        run.commit(making.add_photos, run.user_id, album_id, lacking[start : start + ADDED_AT_ONCE])
    if lacking:
        _title(run, album_id)
    return bool(lacking)


def _title(run: Run, album_id: int) -> bool:
    with run.db.snapshot() as tx:
        names = making.find_names(tx, album_id)
    if names is None:
        return False
    run.commit(making.set_title, run.user_id, album_id, names.title)
    return True


def _title_all(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        events = making.list_events(tx, run.user_id)
    run.progress(current=0, target=len(events), step="Titling events")
    titled = 0
    for number, (_, album_id) in enumerate(events, 1):
        titled += _title(run, album_id)
        if number % PROGRESS_EVERY == 0 or number == len(events):
            run.progress(current=number)
    return {"titled": titled}
