"""Finding places by their names, over HTTP and out of the file that is made for it."""

import pytest

from librephotos.places.names import FILE_NAME, find_places

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
