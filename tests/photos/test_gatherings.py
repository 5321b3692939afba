"""The latest arrivals, photos without a time and memories, over HTTP."""

from datetime import date

import pytest

from librephotos.kit import clock
from librephotos.photos.memories import MemoryDay, MemoryRequest, group_by_year, month_days, parse_memories
from librephotos.photos.queries import gatherings
from tests.builders import stored

DAY = clock.DAY
PATHS = ("/api/photos/recentlyadded", "/api/photos/notimestamp", "/api/memories")


def hashes(items):
    return [item["image_hash"] for item in items]


@pytest.mark.parametrize("path", PATHS)
def test_both_spellings_of_a_path_answer_and_so_does_head(client, anonymous, path):
    for spelled in (path, f"{path}/"):
        answer = client.get(spelled)
        assert answer.status_code == 200
        head = client.head(spelled)
        assert (head.status_code, head.content) == (200, b"")
        assert anonymous.get(spelled).status_code == 401


def test_an_empty_library_has_no_latest_day(client):
    assert client.get("/api/photos/recentlyadded/").json() == {"date": "", "results": []}
    assert client.get("/api/photos/recentlyadded/?page=1").json() == {"date": "", "results": [], "count": 0}


def test_the_latest_day_of_arrivals_is_the_utc_day_of_the_last_visible_photo(client, builder, user, stranger):
    midnight = 19_000 * DAY
    add = lambda at, **more: builder.add_photo(user, with_files=False, added_at=at, **more)  # noqa: E731
    add(midnight - 1)
    first = add(midnight)
    last = add(midnight + 5 * clock.HOUR)
    add(midnight + 2 * DAY, is_hidden=True)
    add(midnight + 2 * DAY, is_trashed=True)
    add(midnight + 2 * DAY, is_removed=True)
    add(midnight + 2 * DAY, aspect_ratio=None)
    builder.add_photo(stranger, with_files=False, added_at=midnight + 3 * DAY, is_public=True)
    answer = client.get("/api/photos/recentlyadded/").json()
    assert answer["date"] == "2022-01-08T05:00:00Z"
    assert hashes(answer["results"]) == [last.image_hash, first.image_hash]
    page = client.get("/api/photos/recentlyadded/?page=2&page_size=1").json()
    assert (page["date"], page["count"]) == ("2022-01-08T05:00:00Z", 2)
    assert hashes(page["results"]) == [first.image_hash]
    refused = client.get("/api/photos/recentlyadded/?page=3&page_size=1")
    assert refused.status_code == 404
    assert refused.json() == {"errors": [{"field": "detail", "message": "Invalid page."}]}


def test_an_unchanged_list_is_not_sent_again(client, builder, user):
    builder.add_photo(user, with_files=False)
    for path in ("/api/photos/recentlyadded/", "/api/memories/"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        builder.add_photo(user, with_files=False)
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_photos_without_a_time_come_in_the_order_of_their_arrival(client, builder, user, stranger):
    second = builder.add_photo(
        user, with_files=False, taken_local=None, added_at=200, location="Bern, Switzerland",
        metadata={"captions": stored({"user_caption": "A tram"}), "search_captions": "A tram"},
    )  # fmt: skip
    first = builder.add_photo(user, with_files=False, taken_local=None, added_at=100)
    builder.add_face(second, person_id=builder.add_person(user, "Bea"))
    builder.add_photo(user, with_files=False)
    builder.add_photo(user, with_files=False, taken_local=None, is_hidden=True)
    builder.add_photo(stranger, with_files=False, taken_local=None, is_public=True)
    page = client.get("/api/photos/notimestamp/?page_size=1").json()
    assert (page["count"], page["previous"]) == (2, None)
    assert page["next"].endswith("/api/photos/notimestamp/?page=2&page_size=1")
    assert hashes(page["results"]) == [first.image_hash]
    assert page["results"][0]["date"] == ""
    for term in ("tram", "BERN", "bea", "tram switz"):
        found = client.get("/api/photos/notimestamp/", params={"search": term}).json()
        assert hashes(found["results"]) == [second.image_hash], term
    assert client.get("/api/photos/notimestamp/?search=tram+Rome").json()["count"] == 0
    assert client.get("/api/photos/notimestamp/?page=9").status_code == 404
    assert client.get("/api/photos/notimestamp/?search=%00").status_code == 400


def add_days(builder, user, *days, **more):
    return [builder.add_photo(user, with_files=False, taken_local=f"{day}T12:00:00", **more) for day in days]


def test_memories_are_grouped_by_year_nearest_first(client, builder, user, stranger, instance):
    old, newer, plain, video = add_days(builder, user, "2019-03-08", "2021-03-04", "2021-03-04", "2021-03-06")
    builder.change_photo(user, video, is_video=True, rating=5)
    builder.change_photo(user, plain, rating=3)
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE day SET location = 'Lisbon' WHERE id = {int(video.day_id)}")
    add_days(builder, user, "2026-03-05", "2021-03-01")
    add_days(builder, user, "2021-03-05", is_screenshot=True)
    add_days(builder, user, "2021-03-05", is_document=True)
    add_days(builder, user, "2021-03-05", is_hidden=True)
    add_days(builder, user, "2021-03-05", is_stacked=True)
    add_days(builder, stranger, "2021-03-05", is_public=True)
    answer = client.get("/api/memories/?date=2026-03-05").json()
    assert (answer["date"], answer["window_days"]) == ("2026-03-05", 3)
    group, last = answer["results"]
    assert {name: value for name, value in group.items() if name not in ("items", "cover")} == {
        "id": "years_ago-2021",
        "type": "years_ago",
        "years_ago": 5,
        "year": 2021,
        "date": "2021-03-04",
        "start_date": "2021-03-04",
        "end_date": "2021-03-06",
        "location": "Lisbon",
        "numberOfItems": 3,
    }
    assert hashes(group["items"]) == [newer.image_hash, plain.image_hash, video.image_hash]
    assert group["cover"]["image_hash"] == plain.image_hash
    assert hashes(last["items"]) == [old.image_hash]
    assert last["years_ago"] == 7
    cut = client.get("/api/memories/?date=2026-03-05&size=1").json()["results"][0]
    assert (cut["numberOfItems"], hashes(cut["items"])) == (3, [newer.image_hash])
    none = client.get("/api/memories/?date=2026-09-05").json()
    assert none == {"date": "2026-09-05", "window_days": 3, "results": []}


def test_without_an_anniversary_the_month_will_do(client, builder, user):
    late, early = add_days(builder, user, "2021-03-28", "2021-03-20")
    group = client.get("/api/memories/?date=2026-03-05").json()["results"][0]
    assert (group["id"], group["type"], group["date"]) == (
        "month_years_ago-2021",
        "month_years_ago",
        "2021-03-20",
    )
    assert hashes(group["items"]) == [early.image_hash, late.image_hash]
    for word in ("false", "0", "F", "no", "off"):
        assert client.get(f"/api/memories/?date=2026-03-05&fallback={word}").json()["results"] == []
    wide = client.get("/api/memories/?date=2026-03-05&window=99").json()
    assert (wide["window_days"], wide["results"][0]["type"]) == (30, "years_ago")


def test_nothing_that_is_asked_of_memories_is_refused():
    today = date(2026, 3, 5)
    plain = MemoryRequest(today, 3, True, 30)
    for query in ({}, {"date": "soon", "window": "x", "size": "", "fallback": ""}):
        assert parse_memories(query, today) == plain
    asked = parse_memories({"date": "20210706", "window": "-1", "size": "9999", "fallback": "yes"}, today)
    assert asked == MemoryRequest(date(2021, 7, 6), 0, True, 200)
    assert parse_memories({"size": "0"}, today).size == 1


def test_a_window_crosses_the_turn_of_the_year_and_the_leap_day():
    def years(on: str, *days: str) -> list[tuple[int, str, int]]:
        asked = MemoryRequest(date.fromisoformat(on), 3, True, 30)
        known = set(month_days(asked))
        found = [MemoryDay(0, date.fromisoformat(day), "", 1) for day in days if day[5:] in known]
        return [
            (each.year, each.nearest.on.isoformat(), len(each.days)) for each in group_by_year(asked, found)
        ]

    assert years("2026-01-01", "2024-12-30", "2025-01-03", "2025-12-30") == [(2025, "2024-12-30", 2)]
    assert years("2026-12-31", "2025-01-02", "2025-12-29", "2026-01-02") == [
        (2025, "2025-12-29", 2),
        (2024, "2025-01-02", 1),
    ]
    assert years("2024-02-29", "2023-02-25", "2023-03-03", "2020-03-03", "2023-03-04") == [
        (2023, "2023-02-25", 2),
        (2020, "2020-03-03", 1),
    ]


def test_the_lists_make_a_fixed_number_of_statements(instance, builder, user):
    from librephotos.accounts.viewer import Viewer

    viewer = Viewer(user_id=user.user_id)
    asked = MemoryRequest(date(2026, 3, 5), 3, True, 30)
    counts = set()
    for _ in range(2):
        add_days(builder, user, "2021-03-05", "2020-03-05", "2019-03-05")
        builder.add_photo(user, with_files=False, taken_local=None)
        with instance.db.snapshot() as tx:
            latest = gatherings.find_latest_day(tx, viewer)
            gatherings.list_recent(tx, viewer, latest, gatherings.Slice())
            gatherings.count_undated(tx, viewer, ())
            gatherings.list_undated(tx, viewer, (), size=100, skipped=0)
            gatherings.list_memories(tx, viewer, asked)
            counts.add(tx.statement_count)
    assert counts == {10}
