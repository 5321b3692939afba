"""How far a scan is, in words and numbers."""

import pytest

from librephotos.library.progress import Pace, Tally, describe, duration


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_the_pace_is_that_of_the_last_half_minute() -> None:
    watch = Watch()
    pace = Pace(watch)
    assert (pace.files_per_second(), pace.remaining_seconds(10)) == (0.0, None)
    for _ in range(10):
        watch.seconds += 1
        pace.add(10)
    assert (pace.files_per_second(), pace.remaining_seconds(50)) == (10.0, 5)
    # A slow disk from here on; what was before is forgotten.
    for _ in range(60):
        watch.seconds += 1
        pace.add(1)
    assert pace.files_per_second() == pytest.approx(1.0, abs=0.05)


def test_the_words_leave_out_what_there_is_not() -> None:
    watch = Watch()
    pace = Pace(watch)
    assert describe(Tally(), pace, 100) == "Reading files"
    watch.seconds += 2
    pace.add(5)
    assert describe(Tally(), pace, 600) == "Reading files: 2.5 a second, 4 min left"
    tally = Tally(skipped=3, failed=1)
    assert describe(tally, pace, 10) == "Reading files: 2.5 a second, 4 s left, 3 skipped, 1 failed"
    assert len(describe(Tally(skipped=10**7, failed=10**7), pace, 10**7)) <= 100


def test_lengths_of_time_are_said_as_people_do() -> None:
    assert [duration(seconds) for seconds in (0, 59, 60, 89 * 60, 90 * 60, 26 * 3600)] == [
        *("0 s", "59 s", "1 min", "89 min", "1 h 30 min", "26 h 0 min")
    ]


def test_what_was_noted_is_taken_up_again() -> None:
    tally = Tally(files=9)
    tally.add({"photo": 2, "failed": 1, "found": 1}, ["a.jpg: It is damaged."])
    again = Tally.of({**tally.as_note(Pace(), 3), "something": "else"})
    assert again == tally
    again.add({"skipped": 1}, [])
    assert again.counts() == {"read": 2, "skipped": 1, "failed": 1}
    assert Tally.of({}) == Tally()
