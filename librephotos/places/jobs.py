"""Names the places of photos whose position is new, another one, or gone. What remains is read from their rows."""

from typing import Any, Final

from librephotos.jobs.registry import Report, Run
from librephotos.places.gazetteer import Gazetteer
from librephotos.places.geolocation import describe_town
from librephotos.places.queries.locating import Located, Waiting, count_waiting, list_waiting, store_places

STORED_AT_ONCE: Final = 32


def add_geolocation(run: Run) -> Report:
    """Look up every position of the owner's photos that was not looked up yet."""
    if not run.settings.feature_reverse_geocoding:
        return Report(result={"skipped": "LIBREPHOTOS_FEATURE_REVERSE_GEOCODING is off."})
    told: dict[str, Any] = run.step("locate", lambda: _locate(run))
    return Report(target=told["looked_up"], result=told)


def _locate(run: Run) -> dict[str, Any]:
    with run.db.snapshot() as tx:
        count = count_waiting(tx, run.user_id)
    run.progress(current=0, target=count, step="Naming places")
    looked_up, nowhere, after = 0, 0, 0
    gazetteer = Gazetteer() if count else None
    while gazetteer is not None:
        with run.db.snapshot() as tx:
            waiting = list_waiting(tx, run.user_id, after, STORED_AT_ONCE)
        if not waiting:
            break
        located = _name(gazetteer, waiting)
        run.commit(store_places, run.user_id, located)
        # A position that changed meanwhile waits for the next run.
        after = waiting[-1].photo_id
        looked_up += len(located)
        nowhere += sum(each.geolocation is None for each in located)
        run.progress(current=looked_up, target=max(count, looked_up))
    return {"looked_up": looked_up, "nowhere": nowhere}


def _name(gazetteer: Gazetteer, waiting: list[Waiting]) -> list[Located]:
    towns = gazetteer.find_nearest([(each.latitude, each.longitude) for each in waiting])
    return [
        Located(each, describe_town(town, gazetteer.name_country(town)) if town else None)
        for each, town in zip(waiting, towns, strict=True)
    ]
