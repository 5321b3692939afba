"""Places for tests: what the job stores, without looking anything up."""

from librephotos.places.gazetteer import Town
from librephotos.places.geolocation import describe_town
from librephotos.places.queries.locating import Located, list_waiting, store_places
from tests.instance import Account, Instance

LISBON = Town("Lisboa", "PT", 38.7, -9.1, "Estremadura")
PORTO = Town("Porto", "PT", 41.1, -8.6, "Norte")


def locate(instance: Instance, owner: Account, town: Town | None) -> int:
    """Store a town for every photo that waits, as the job does; return how many did."""
    with instance.db.snapshot() as tx:
        waiting = list_waiting(tx, owner.user_id, 0, 1000)
    found = [Located(each, describe_town(town, "Portugal") if town else None) for each in waiting]
    instance.db.commit(store_places, owner.user_id, found)
    return len(found)
