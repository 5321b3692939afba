"""The examples of docs/search.md, run as they stand there."""

import re
from pathlib import Path

import pytest

from tests.instance import REPOSITORY
from tests.search.asking import PATH, find
from tests.search.conftest import tell

PAGE: Path = REPOSITORY / "docs" / "search.md"


def rows_of(title: str) -> list[list[str]]:
    """The cells of the table whose head begins with `title`, without quotes of code."""
    text = PAGE.read_text()
    table = re.search(rf"^\| search \| {title} .*\n\|.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    return [
        [re.sub(r"^`(.*)`$", r"\1", cell.strip()) for cell in line.strip().strip("|").split(" | ")]
        for line in table.group(1).splitlines()
    ]


@pytest.fixture
def photos(add, builder, user, instance):
    made = {
        "tram": add(
            "A yellow tram", location="Lisboa, Portugal", gps_lat=38.7, gps_lon=-9.1, rating=5, name="IMG_1.jpg",
            metadata={"camera_make": "Canon", "camera_model": "EOS 5D", "lens": "EF 35mm",
                      "captions": '{"user_caption":"A yellow tram"}'},
        ),
        "dog": add(
            "The dog at the beach", taken_local="2020-08-12T09:00:00", rating=2, name="IMG_2.jpg",
            metadata={"camera_make": "Apple", "camera_model": "iPhone 13",
                      "captions": '{"user_caption":"The dog at the beach"}'},
        ),
        "film": add("party.mp4 type: video", taken_local="2021-12-31T23:00:00", is_video=True, name="party.mp4"),
        "scan": add("scan 17.png type: document", taken_local=None, is_document=True, name="scan 17.png"),
    }  # fmt: skip
    builder.add_tag(user, made["tram"], name="Holiday")
    builder.add_tag(user, made["dog"], name="Pets")
    builder.add_face(made["tram"], person_id=builder.add_person(user, "Ada"))
    builder.add_album(user, made["tram"], title="Best of 2023")
    tell(instance, user, *made.values())
    return {photo.image_hash: name for name, photo in made.items()}


def test_documented_searches_find_what_they_say(client, photos):
    examples = rows_of("finds")
    assert len(examples) > 25
    for search, expected, *_ in examples:
        found = {photos[image_hash] for image_hash in find(client, search)}
        assert found == set(expected.split(", ")) - {"nothing"}, search


def test_documented_refusals_are_given(client):
    examples = rows_of("is refused with")
    assert len(examples) > 3
    for search, message in examples:
        for more in ({}, {"page": "1"}):
            refused = client.get(PATH, params={"search": search, **more})
            assert refused.status_code == 400
            assert refused.json() == {"errors": [{"field": "search", "message": message}]}


def test_every_fact_can_be_asked_for_and_missed(client, photos):
    expected = {
        **{key: {"tram"} for key in ("gps", "place", "person", "face", "album", "lens")},
        **{key: {"tram", "dog"} for key in ("rating", "caption", "tag", "camera")},
        "date": {"tram", "dog", "film"},
    }
    for fact, having in expected.items():
        assert {photos[each] for each in find(client, f"has:{fact}")} == having, fact
        assert {photos[each] for each in find(client, f"missing:{fact}")} == set(photos.values()) - having
        assert find(client, f"-has:{fact} or has:{fact}") == find(client, "")
