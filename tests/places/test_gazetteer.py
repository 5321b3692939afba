"""Towns near positions: by distance on the globe, across the date line, and nowhere at sea."""

import math

import pytest

from librephotos.places.gazetteer import Gazetteer


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer()


@pytest.mark.parametrize(
    ("latitude", "longitude", "city", "state", "country"),
    [
        (38.7139, -9.1394, "Lisbon", "Lisbon", "Portugal"),
        (48.1374, 11.5755, "Munich", "Bavaria", "Germany"),
        (-33.8688, 151.2093, "Sydney", "New South Wales", "Australia"),
    ],
)
def test_a_position_has_a_town_a_region_and_a_country(
    gazetteer: Gazetteer, latitude: float, longitude: float, city: str, state: str, country: str
) -> None:
    (town,) = gazetteer.find_nearest([(latitude, longitude)])
    assert town is not None
    assert (town.city, town.state, gazetteer.name_country(town)) == (city, state, country)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (0.0, 0.0),
        (30.0, -40.0),
        (-60.0, 170.0),
        (90.0, 0.0),
        (38.7, None),
        (None, None),
        (math.nan, 3.0),
        (math.inf, 3.0),
        (138.7, -9.1),
        (38.7, -189.1),
    ],
)
def test_the_ocean_and_what_is_no_position_are_nowhere(
    gazetteer: Gazetteer, latitude: float | None, longitude: float | None
) -> None:
    assert gazetteer.find_nearest([(latitude, longitude)]) == [None]


def test_answers_stand_in_the_order_of_the_questions(gazetteer: Gazetteer) -> None:
    found = gazetteer.find_nearest([(38.7139, -9.1394), (0.0, 0.0), (48.1374, 11.5755)])
    assert [town and town.city for town in found] == ["Lisbon", None, "Munich"]


def test_the_nearest_town_is_so_on_the_globe_and_not_in_degrees(gazetteer: Gazetteer) -> None:
    """Far north a degree of longitude is a third of one of latitude."""
    for latitude, longitude in ((69.3, 18.0), (68.2, 15.6), (65.9, 23.4)):
        (town,) = gazetteer.find_nearest([(latitude, longitude)])
        nearest = min(gazetteer._towns, key=lambda each: meters(latitude, longitude, each))
        assert town == nearest


def test_a_town_across_the_date_line_is_near(gazetteer: Gazetteer) -> None:
    """Beringovskiy lies 30 km west of it."""
    east, west = gazetteer.find_nearest([(63.06, 179.99), (63.06, -179.99)])
    assert east is not None and east == west


@pytest.mark.parametrize(
    ("latitude", "longitude", "city"),
    [
        (38.7139, -9.1394, "Lisbon"),  # Baixa
        (40.71, -74.0, "New York City"),  # Seaport
        (52.52, 13.405, "Berlin"),  # Mitte
        (38.68, -9.157, "Almada"),
        (48.804, 2.12, "Versailles"),
    ],
)
def test_a_quarter_counts_as_its_city_and_a_neighbour_as_itself(
    gazetteer: Gazetteer, latitude: float, longitude: float, city: str
) -> None:
    (town,) = gazetteer.find_nearest([(latitude, longitude)])
    assert town is not None and town.city == city


def test_a_city_reaches_no_farther_than_its_country(gazetteer: Gazetteer) -> None:
    (town,) = gazetteer.find_nearest([(41.9022, 12.4533)])
    assert town is not None and town.country_code == "VA"


def meters(latitude: float, longitude: float, town: object) -> float:
    one, other = math.radians(latitude), math.radians(town.latitude)  # type: ignore[attr-defined]
    apart = math.radians(town.longitude - longitude)  # type: ignore[attr-defined]
    half = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(apart / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(half))
