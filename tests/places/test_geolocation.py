"""The published object of a position's places."""

import pytest

from librephotos.places.gazetteer import Town
from librephotos.places.geolocation import Parts, PlaceName, describe_town, parts_of

LISBON = Town("Lisboa", "PT", 38.7, -9.1, "Estremadura")


def test_places_go_from_the_town_to_the_country() -> None:
    found = describe_town(LISBON, "Portugal")
    assert found is not None
    center = [38.7, -9.1]
    assert found.as_json() == {
        "features": [{"text": name, "center": center} for name in ("Lisboa", "Estremadura", "Portugal")],
        "places": ["Lisboa", "Estremadura", "Portugal"],
        "address": "Lisboa, Estremadura, Portugal",
        "center": center,
        "city": "Lisboa",
        "state": "Estremadura",
        "country": "Portugal",
        "_v": "1",
    }
    assert found.albums == [PlaceName("Lisboa", 3), PlaceName("Estremadura", 2), PlaceName("Portugal", 1)]
    assert found.day_place == "Estremadura"


def test_a_name_counts_once_as_the_most_general() -> None:
    city_state = describe_town(Town("Singapore", "SG", 1.3, 103.8), "Singapore")
    assert city_state is not None
    assert city_state.albums == [PlaceName("Singapore", 1)]
    assert (city_state.address, city_state.day_place) == ("Singapore", "")
    berlin = describe_town(Town("Berlin", "DE", 52.5, 13.4, "Berlin"), "Germany")
    assert berlin is not None
    assert berlin.albums == [PlaceName("Berlin", 2), PlaceName("Germany", 1)]
    assert berlin.day_place == "Berlin"


def test_numbers_are_no_albums() -> None:
    found = describe_town(Town("1000", "BE", 50.8, 4.3, "Brussels"), "Belgium")
    assert found is not None
    assert found.albums == [PlaceName("Brussels", 2), PlaceName("Belgium", 1)]
    assert found.names[0] == "1000"


def test_a_town_without_any_name_is_nowhere() -> None:
    assert describe_town(Town("", "", 50.8, 4.3), "") is None


@pytest.mark.parametrize(
    ("town", "country", "parts"),
    [
        (LISBON, "Portugal", Parts("Lisboa", "Estremadura", "Portugal")),
        # A name that stands twice is one place, and still the name of both.
        (Town("Berlin", "DE", 52.5, 13.4, "Berlin"), "Germany", Parts("Berlin", "Berlin", "Germany")),
        (Town("Taipei", "TW", 25.0, 121.5, "Taiwan"), "Taiwan", Parts("Taipei", "Taiwan", "Taiwan")),
        (Town("Singapore", "SG", 1.3, 103.8), "Singapore", Parts("Singapore", None, "Singapore")),
        (Town("Nouakchott", "MR", 18.1, -16.0), "Mauritania", Parts("Nouakchott", None, "Mauritania")),
        (Town("Pristina", "XK", 42.7, 21.2, "Pristina"), "", Parts("Pristina", "Pristina", None)),
    ],
)
def test_city_state_and_country_are_told_apart(town: Town, country: str, parts: Parts) -> None:
    found = describe_town(town, country)
    assert found is not None
    assert parts_of(found.as_json()) == parts


@pytest.mark.parametrize(
    ("places", "parts"),
    [
        (["Lisboa", "Estremadura", "Portugal"], Parts("Lisboa", "Estremadura", "Portugal")),
        (["Berlin", "Germany"], Parts("Berlin", None, "Germany")),
        (["Singapore"], Parts(None, None, "Singapore")),
        ([], Parts()),
    ],
)
def test_rows_of_older_versions_are_read_by_the_order_of_their_places(
    places: list[str], parts: Parts
) -> None:
    assert parts_of({"places": places, "_v": "1"}) == parts
    assert parts_of({}) == Parts()
