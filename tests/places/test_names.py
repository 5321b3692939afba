"""Finding places by their names, over HTTP and out of the file that is made for it."""

from collections.abc import Callable
from typing import Any

import pytest

from librephotos.kit import json
from librephotos.places.names import FILE_NAME, PlaceFound, find_places
from librephotos.places.online import SERVICES, ask_service
from tests.nextcloud.servers import answering

PATH = "/api/geocode/search"


def names(answer):
    assert answer.status_code == 200, answer.text
    return [each["display_name"] for each in answer.json()]


def test_towns_are_found_by_the_beginning_of_their_name(client, anonymous, instance):
    assert anonymous.get(f"{PATH}/").status_code == 401
    for path in (PATH, f"{PATH}/"):
        (first, *_) = client.get(path, params={"q": "Lisb"}).json()
        assert first["display_name"].startswith("Lisbon")
        assert (round(first["lat"]), round(first["lon"])) == (39, -9)
    assert (instance.data / FILE_NAME).stat().st_size < 64 * 1024**2
    assert not list(instance.data.glob("*.draft"))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("Zurich", "Zürich"), ("zÜRICH", "Zürich"), ("Paris, Texas", "Paris, Texas"), ("paris us", "Paris, T")],
)
def test_marks_and_case_do_not_matter_and_what_follows_narrows(client, asked, expected):
    assert names(client.get(PATH, params={"q": asked}))[0].startswith(expected)


def test_the_largest_come_first_and_no_more_than_asked(client):
    assert names(client.get(PATH, params={"q": "paris"}))[0].endswith("France")
    assert len(names(client.get(PATH, params={"q": "san"}))) == 5
    assert len(names(client.get(PATH, params={"q": "san", "limit": "2"}))) == 2
    assert len(names(client.get(PATH, params={"q": "san", "limit": "999"}))) == 50
    for limit in ("0", "-1"):
        assert names(client.get(PATH, params={"q": "san", "limit": limit})) == []


def test_odd_questions_find_nothing(client):
    for asked in ("", "  ", ",", "\x00", "%", "_", "x" * 3000, "nowhere at all", "🏖"):
        assert names(client.get(PATH, params={"q": asked})) == []
    refused = client.get(PATH, params={"q": "x", "limit": "some"})
    assert refused.status_code == 400
    assert refused.json() == {"errors": [{"field": "limit", "message": "A valid integer is required."}]}


def test_where_the_file_cannot_be_made_nothing_is_found(tmp_path):
    assert find_places(tmp_path / "missing", "Lisbon", 5) == []


LISBON = [PlaceFound("Lisboa, Portugal", 38.71, -9.14)]
# As each service answers, without what is not read of it.
ANSWERS: dict[str, Any] = {
    "nominatim": [{"display_name": "Lisboa, Portugal", "lat": "38.71", "lon": "-9.14"}],
    "photon": {
        "features": [
            {
                "geometry": {"coordinates": [-9.14, 38.71]},
                "properties": {"name": "Lisboa", "city": "Lisboa", "country": "Portugal"},
            }
        ]
    },
    "mapbox": {"features": [{"place_name": "Lisboa, Portugal", "center": [-9.14, 38.71]}]},
    "maptiler": {"features": [{"place_name": "Lisboa, Portugal", "center": [-9.14, 38.71]}]},
    "opencage": {"results": [{"formatted": "Lisboa, Portugal", "geometry": {"lat": 38.71, "lng": -9.14}}]},
    "tomtom": {
        "results": [
            {
                "address": {"freeformAddress": "Lisboa, Portugal"},
                "position": {"lat": 38.71, "lon": -9.14},
            }
        ]
    },
}


@pytest.mark.parametrize("provider", SERVICES)
def test_every_service_is_asked_and_read(provider: str) -> None:
    body = json.dump_bytes(ANSWERS[provider])
    with answering(lambda method, path: (200, {}, body)) as service:
        assert ask_service(provider, service.url, "k&y", " Lisboa/A&B ", 3) == LISBON
        assert ask_service(provider, service.url, "", " ", 3) == []
    (asked,) = service.asked
    assert "Lisboa%2FA%26B" in asked
    assert "limit=3" in asked
    assert ("k%26y" in asked) == (provider not in ("nominatim", "photon"))


@pytest.mark.parametrize(
    "answer",
    [
        lambda method, path: (302, {"Location": "/elsewhere"}, b""),
        lambda method, path: (500, {}, b"[]"),
        lambda method, path: (200, {}, b"<html>"),
        lambda method, path: (200, {}, b"[" * 100_000),
        lambda method, path: (200, {}, b'{"features": null}'),
        lambda method, path: (200, {}, b'[{"display_name": "x", "lat": "north", "lon": 0}]'),
        lambda method, path: (200, {}, b'[{"display_name": "x", "lat": 91, "lon": 0}]'),
        lambda method, path: (200, {"Content-Length": "99"}, b"["),
    ],
)
def test_a_service_that_fails_finds_nothing(answer: Callable[[str, str], Any]) -> None:
    with answering(answer) as service:
        assert ask_service("nominatim", service.url, "", "Lisboa", 5) == []
    assert len(service.asked) == 1
    assert ask_service("nominatim", service.url, "", "Lisboa", 5) == []


def test_a_service_is_asked_once_an_admin_chose_it(new_instance) -> None:
    body = json.dump_bytes(ANSWERS["photon"])
    with answering(lambda method, path: (200, {}, body)) as service:
        one = new_instance(map_api_url=service.url)
        root, ann = one.add_user("root", is_admin=True), one.add_user("ann")
        with one.client(ann.bearer) as client:
            client.get(PATH, params={"q": "zz"})
            assert service.asked == []
            chosen = {"map_api_provider": "photon"}
            assert client.post("/api/sitesettings", json=chosen, headers=root.bearer).status_code == 200
            assert names(client.get(PATH, params={"q": "Lisb"})) == ["Lisboa, Portugal"]
        assert service.asked == ["GET /api/?q=Lisb&limit=5"]
