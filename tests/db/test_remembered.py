"""What is kept of a version of the database is found at that version and no other."""

from librephotos.db.remembered import Remembered


def test_it_is_kept_for_its_version_alone():
    kept: Remembered[str, int] = Remembered(10)
    kept.at(1)["x"] = 7
    assert kept.at(1) == {"x": 7}
    assert kept.at(2) == {}
    # Nor does it come back.
    assert kept.at(1) == {}


def test_without_a_version_nothing_is_kept():
    kept: Remembered[str, int] = Remembered(10)
    kept.at(None)["x"] = 7
    assert kept.at(None) == {}


def test_it_never_holds_more_than_its_limit():
    kept: Remembered[int, int] = Remembered(10)
    for number in range(100):
        kept.at(1)[number] = number
        assert len(kept.at(1)) <= 10
