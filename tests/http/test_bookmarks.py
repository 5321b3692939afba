"""The nearest known place of a list, and how much is kept of many lists."""

from librephotos.http.bookmarks import Bookmarks


def test_the_nearest_place_that_is_not_beyond_is_found():
    marks = Bookmarks()
    for offset in (300, 100, 200, 200):
        marks.keep(("list",), offset, (f"time {offset}", offset))
    found = marks.of(("list",))
    assert [found.find(offset) for offset in (99, 100, 250, 9000)] == [
        None,
        (100, ("time 100", 100)),
        (200, ("time 200", 200)),
        (300, ("time 300", 300)),
    ]
    assert marks.of(("another",)).find(9000) is None


def test_lists_that_were_not_asked_for_lately_are_forgotten_whole():
    marks = Bookmarks(limit=6)
    for name in ("old", "kept"):
        marks.keep((name,), 100, ("time", 1))
    assert marks.of(("old",)).find(100)
    for offset in (1, 2):
        marks.keep(("new",), offset, ("time", 1))
    assert marks.of(("old",)).find(100)
    assert marks.of(("new",)).find(2)
    assert marks.of(("kept",)).find(100) is None
