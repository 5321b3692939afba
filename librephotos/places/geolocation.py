"""What is stored of a position's places: the published object, its address, and which albums it belongs to."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from librephotos.places.gazetteer import Town

VERSION: Final = "1"


class PlaceName(msgspec.Struct, frozen=True):
    """One of a photo's places; `level` counts from the most general, 1."""

    title: str
    level: int


class Parts(msgspec.Struct, frozen=True):
    """Which name is which: of `names` alone nobody can tell whether the state or the city is missing."""

    city: str | None = None
    state: str | None = None
    country: str | None = None


class Geolocation(msgspec.Struct, frozen=True):
    """The names of a position, the most specific first, and the point of its town in degrees."""

    names: tuple[str, ...]
    latitude: float
    longitude: float
    parts: Parts

    @property
    def address(self) -> str:
        return ", ".join(self.names)

    @property
    def day_place(self) -> str:
        """The last but one of the names, by which a day is called."""
        return self.names[-2] if len(self.names) > 1 else ""

    @property
    def albums(self) -> list[PlaceName]:
        """A place for each name that is not purely numeric."""
        count = len(self.names)
        return [
            PlaceName(name, count - index)
            for index, name in enumerate(self.names)
            if not name.replace(" ", "").isdecimal()
        ]

    def as_json(self) -> dict[str, Any]:
        """Return `geolocation_json`; centres are [latitude, longitude]."""
        center = [self.latitude, self.longitude]
        return {
            "features": [{"text": name, "center": center} for name in self.names],
            "places": list(self.names),
            "address": self.address,
            "center": center,
            # Ours, beside what is published.
            **msgspec.structs.asdict(self.parts),
            "_v": VERSION,
        }


def describe_town(town: Town, country: str) -> Geolocation | None:
    """Return city, region and country; a name that two of them share counts once, as the more general."""
    named = [name for name in (town.city, town.state, country) if name]
    names = tuple(name for index, name in enumerate(named) if name not in named[index + 1 :])
    parts = Parts(town.city or None, town.state or None, country or None)
    return Geolocation(names, town.latitude, town.longitude, parts) if names else None


def parts_of(stored: Mapping[str, Any]) -> Parts:
    """Return the parts of a stored `geolocation_json`; older rows name them by their order alone."""
    if "city" in stored:
        return Parts(*(stored.get(name) for name in Parts.__struct_fields__))
    places: list[str | None] = [None, None, None, *map(str, stored.get("places") or ())]
    city, state, country = places[-3:]
    # Of two the first is the city: where a city is its own state, one of both names was left out.
    return Parts(city, state, country) if city else Parts(state, None, country)
