"""Which photos make an event, and what it is called."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from librephotos.albums.events import GAP, LEAST_PHOTOS, Moment, group_events, title_event
from librephotos.kit.clock import parse_wall

DAY = "2023-07-01T"


def moments(*times: str, position: tuple[float, float] | None = None) -> list[Moment]:
    lat, lon = position or (None, None)
    return [Moment(number, time, lat, lon) for number, time in enumerate(times)]


def test_a_gap_of_36_hours_begins_another_event() -> None:
    times = [
        "2023-07-01T10:00:00",
        "2023-07-02T21:59:59",
        # 36 hours later to the second
        "2023-07-04T09:59:59",
        "2023-07-04T10:00:00.500000",
    ]
    groups = list(group_events(moments(*times)))
    assert [[each.photo_id for each in group.moments] for group in groups] == [[0, 1], [2, 3]]


def test_single_photos_are_no_event() -> None:
    assert list(group_events(moments(f"{DAY}10:00:00", "2023-08-01T10:00:00"))) == []
    assert list(group_events([])) == []


def test_the_window_reaches_half_a_day_around_the_photos() -> None:
    (group,) = group_events(moments(f"{DAY}14:05:09", f"{DAY}15:00:00"))
    assert group.window == (f"{DAY}02:06:09", "2023-07-02T02:59:00")


def test_the_calendar_ends_the_window() -> None:
    (group,) = group_events(moments("0001-01-01T00:00:00", "0001-01-01T00:00:01"))
    assert group.window[0] == "0001-01-01T00:00:00"


def test_the_center_is_the_mean_of_located_photos() -> None:
    located = moments(f"{DAY}10:00:00", position=(10.0, 20.0)) + moments(
        f"{DAY}11:00:00", position=(20.0, 40.0)
    )
    (group,) = group_events([*located, *moments(f"{DAY}12:00:00")])
    assert group.center == (15.0, 30.0)
    (nowhere,) = group_events(moments(f"{DAY}10:00:00", f"{DAY}11:00:00"))
    assert nowhere.center is None


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(1990, 3, 1)), max_size=30))
def test_every_photo_with_a_near_neighbour_is_in_one_event(times: list[datetime]) -> None:
    ordered = [each.isoformat() for each in sorted(times)]
    groups = list(group_events(moments(*ordered)))
    members = [each.photo_id for group in groups for each in group.moments]
    assert members == sorted(set(members))
    taken = [parse_wall(each) for each in ordered]
    near = {
        index
        for index, each in enumerate(taken)
        for other in (index - 1, index + 1)
        if 0 <= other < len(taken) and abs(each - taken[other]) < GAP
    }
    assert set(members) == near
    assert all(len(group.moments) >= LEAST_PHOTOS for group in groups)


@pytest.mark.parametrize(
    ("first", "last", "when"),
    [
        ("2023-07-01T00:00:00", "2023-07-01T09:00:00", "Saturday Early Morning"),
        ("2023-07-03T05:00:00", "2023-07-03T09:00:00", "Monday Morning"),
        ("2023-07-03T12:00:00", "2023-07-04T09:00:00", "Monday Afternoon"),
        ("2023-07-02T18:00:00", "2023-07-03T09:00:00", "Sunday Evening"),
        ("2023-07-01T14:00:00", "2023-07-02T09:00:00", "Weekend"),
        ("2023-07-01T23:00:00", "2023-07-03T01:00:00", "3 days"),
        ("2023-12-30T23:00:00", "2024-01-03T01:00:00", "5 days"),
    ],
)
def test_a_title_says_when(first: str, last: str, when: str) -> None:
    assert title_event(parse_wall(first), parse_wall(last), [], []) == when


def test_a_title_names_the_two_most_frequent_people_and_places() -> None:
    at = parse_wall(f"{DAY}14:05:09")
    people = ["Cid", "Ann", "Bea", "Ann", "Bea", ""]
    assert title_event(at, at, people, ["Lisboa"]) == "Saturday Afternoon with Ann and Bea in Lisboa"
    assert (
        title_event(at, at, ["Ann"], ["Porto", "Lisboa"]) == "Saturday Afternoon with Ann in Lisboa and Porto"
    )
