"""What is stored of a position's places: the published object, its address, and which albums it belongs to."""

from typing import Any, Final

import msgspec

from librephotos.places.gazetteer import Town

VERSION: Final = "1"


class PlaceName(msgspec.Struct, frozen=True):
    """One of a photo's places; `level` counts from the most general, 1."""

    title: str
    level: int


class Geolocation(msgspec.Struct, frozen=True):
    """The names of a position, the most specific first, and the point of its town in degrees."""

    names: tuple[str, ...]
    latitude: float
    longitude: float

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
            "_v": VERSION,
        }


def describe_town(town: Town, country: str) -> Geolocation | None:
    """Return city, region and country; a name that two of them share counts once, as the more general."""
    named = [name for name in (town.city, town.state, country) if name]
    names = tuple(name for index, name in enumerate(named) if name not in named[index + 1 :])
    return Geolocation(names, town.latitude, town.longitude) if names else None
