"""Counts, months, words, places and stays of one account's library."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.site.queries import counts
from librephotos.site.schemas import MonthCount
from librephotos.site.statistics import Located, Moment, build_stays, build_sunburst, fill_months
from tests.builders import Builder, Photo, stored
from tests.instance import Account, Instance
from tests.places.arranging import LISBON, PORTO, locate

TEN = [
    "num_photos",
    "num_missing_photos",
    "num_faces",
    "num_people",
    "num_unknown_faces",
    "num_labeled_faces",
    "num_inferred_faces",
    "num_albumauto",
    "num_albumdate",
    "num_albumuser",
]
PATHS = ["stats", "photomonthcounts", "wordcloud", "locationsunburst", "locationtimeline"]
EMPTY: dict[str, Any] = {
    "stats": dict.fromkeys(TEN, 0),
    "photomonthcounts": [],
    "wordcloud": {"captions": [], "people": [], "locations": []},
    "locationsunburst": {"name": "Places I've visited", "children": []},
    "locationtimeline": [],
}


def fill(instance: Instance, builder: Builder, owner: Account) -> list[Photo]:
    """Five visible photos, one of them undated, and one hidden; the towns are Lisboa, Lisboa and Porto."""
    first = builder.add_photo(owner, taken_local="2019-07-01T10:00:00", gps_lat=38.7, gps_lon=-9.1)
    second = builder.add_photo(owner, taken_local="2019-07-02T10:00:00", gps_lat=38.7, gps_lon=-9.1)
    locate(instance, owner, LISBON)
    third = builder.add_photo(owner, taken_local="2019-09-01T12:00:00.500000", gps_lat=41.1, gps_lon=-8.6)
    locate(instance, owner, PORTO)
    screen = builder.add_photo(owner, taken_local="2019-09-01T13:00:00", is_screenshot=True)
    undated = builder.add_photo(owner, taken_local=None, is_document=True)
    hidden = builder.add_photo(owner, taken_local="2019-10-01T13:00:00", is_hidden=True)
    return [first, second, third, screen, undated, hidden]


@pytest.mark.parametrize("name", PATHS)
def test_each_answers_whoever_is_signed_in_with_their_own(
    instance: Instance,
    client: httpx.Client,
    anonymous: httpx.Client,
    builder: Builder,
    stranger: Account,
    name: str,
) -> None:
    fill(instance, builder, stranger)
    for path in (f"/api/{name}", f"/api/{name}/"):
        answer = client.get(path, params={"categories": "no", "unknown": "\x00"})
        assert (answer.status_code, answer.json()) == (200, EMPTY[name])
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert client.get(path, headers={"If-None-Match": head.headers["etag"]}).status_code == 304
        assert anonymous.get(path).status_code == 401
        assert client.post(path).status_code == 405


def test_the_ten_counts(instance: Instance, client: httpx.Client, builder: Builder, user: Account) -> None:
    photos = fill(instance, builder, user)
    ann = builder.add_person(user, "Ann")
    builder.add_face(photos[0], person_id=ann)
    builder.add_face(photos[1], person_id=ann)
    builder.add_face(photos[1], cluster_person_id=ann, cluster_probability=0.5)
    builder.add_face(photos[2])
    builder.add_face(photos[2], is_deleted=True)
    builder.add_person(user, "Nobody")
    builder.add_event(user, photos[0])
    builder.add_event(user)
    builder.add_album(user, photos[0], photos[1])
    builder.add_album(user)
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE file SET is_missing = true WHERE photo_id = {photos[0].photo_id}")
    answer = client.get("/api/stats").json()
    assert list(answer) == TEN
    assert list(answer.values()) == [5, 1, 4, 1, 1, 2, 1, 1, 4, 1]
    more = client.get("/api/stats/", params={"categories": "true"}).json()
    assert list(more) == [*TEN, "num_screenshots", "num_documents"]
    assert (more["num_screenshots"], more["num_documents"]) == (1, 1)


def test_months_have_no_gaps(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    fill(instance, builder, user)
    builder.add_photo(user, taken_local="1970-01-01T00:00:00", with_files=False)
    builder.add_photo(user, taken_local="2999-01-01T00:00:00", with_files=False)
    assert client.get("/api/photomonthcounts/").json() == [
        {"month": "2019-7", "count": 2},
        {"month": "2019-8", "count": 0},
        {"month": "2019-9", "count": 2},
    ]


def test_a_month_goes_over_the_turn_of_the_year() -> None:
    assert fill_months([("2019-12", 3), ("2020-01", 1)], date(2020, 5, 1)) == [
        MonthCount("2019-12", 3),
        MonthCount("2020-1", 1),
    ]
    assert fill_months([("2021-01", 1)], date(2020, 5, 1)) == []


def test_words_are_weighed_by_their_logarithm(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    photos = fill(instance, builder, user)
    model = client.get("/api/sitesettings").json()["tagging_model"]
    builder.add_thing(user, *photos, title="beach", thing_type=f"{model}_tag")
    builder.add_thing(user, photos[0], title="other model", thing_type="another_tag")
    builder.add_thing(user, photos[0], title="#hashtag")
    ann, group = builder.add_person(user, "Ann"), builder.add_person(user, "Group 1", kind="CLUSTER")
    for person_id in (ann, ann, group):
        builder.add_face(photos[0], person_id=person_id)
    builder.change_photo(user, photos[0], rating=1)
    assert client.get("/api/wordcloud/").json() == {
        "captions": [{"label": "beach", "y": math.log(5)}],
        "people": [{"label": "Ann", "y": math.log(2)}],
        "locations": [
            {"label": "Portugal", "y": math.log(3)},
            {"label": "Estremadura", "y": math.log(2)},
            {"label": "Lisboa", "y": math.log(2)},
            {"label": "Norte", "y": 0.0},
            {"label": "Porto", "y": 0.0},
        ],
    }


def test_places_stand_in_three_rings(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    fill(instance, builder, user)
    tree = client.get("/api/locationsunburst/").json()
    assert [country["name"] for country in tree["children"]] == ["Portugal"]
    regions = tree["children"][0]["children"]
    assert [(each["name"], [leaf["name"] for leaf in each["children"]]) for each in regions] == [
        ("Estremadura", ["Lisboa"]),
        ("Norte", ["Porto"]),
    ]
    assert [each["children"][0]["value"] for each in regions] == [2, 1]
    assert all(len(each["hex"]) == 7 and each["hex"][0] == "#" for each in [*tree["children"], *regions])


def test_a_stay_ends_where_the_next_begins(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    fill(instance, builder, user)
    (stay,) = client.get("/api/locationtimeline/").json()
    assert (stay["loc"], stay["start"], stay["end"]) == ("Portugal", 1561975200.0, 1567339200.5)
    assert stay["data"] == [stay["end"] - stay["start"]]
    moments = [
        Moment(f"2020-01-0{day}T00:00:00", stored({"features": [{"text": country}]}))
        for day, country in ((1, "A"), (2, "B"), (3, "B"), (4, "A"))
    ]
    stays = build_stays(moments)
    assert [(each.loc, each.data) for each in stays] == [("A", [86400.0]), ("B", [172800.0]), ("A", [0.0])]


@pytest.mark.parametrize("geolocation", ["[]", "{}", '{"features": 3}', '{"features": [1, {"text": null}]}'])
def test_what_is_no_geolocation_is_left_out(geolocation: str) -> None:
    assert build_sunburst([Located(geolocation, 3)]).children == []
    assert build_stays([Moment("2020-01-01T00:00:00", geolocation)]) == []


def test_a_change_is_seen_at_once(client: httpx.Client, builder: Builder, user: Account) -> None:
    before = client.get("/api/stats")
    builder.add_photo(user, with_files=False)
    after = client.get("/api/stats", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["num_photos"]) == (200, 1)


QUERIES: dict[str, Callable[[Tx, Viewer], object]] = {
    "stats": counts.get_category_stats,
    "months": counts.list_month_counts,
    "words": lambda tx, viewer: counts.list_words(tx, viewer, "places365"),
    "sunburst": counts.list_towns,
    "stays": counts.list_moments,
}


def test_many_photos_take_as_many_statements_as_few(
    instance: Instance, builder: Builder, user: Account
) -> None:
    def ask() -> dict[str, int]:
        taken = {}
        for name, query in QUERIES.items():
            with instance.db.snapshot() as tx:
                query(tx, Viewer(user_id=user.user_id))
                taken[name] = tx.statement_count
        return taken

    few = ask()
    for _ in range(3):
        fill(instance, builder, user)
    assert ask() == few == {"stats": 4, "months": 1, "words": 3, "sunburst": 1, "stays": 1}
