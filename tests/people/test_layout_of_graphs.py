"""Places of persons who appear together."""

import math

from librephotos.people.drawn_boxes import Fractions, turned_back
from librephotos.people.layout import SCALE, place_nodes


def test_friends_lie_nearer_than_strangers_and_nobody_on_another() -> None:
    two_circles = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)]
    places = place_nodes(6, two_circles)
    assert places == place_nodes(6, two_circles)
    distances = {
        (one, other): math.dist(places[one], places[other]) for one in range(6) for other in range(one)
    }
    friends = max(distance for pair, distance in distances.items() if pair[::-1] in two_circles)
    strangers = min(distance for pair, distance in distances.items() if pair[::-1] not in two_circles)
    assert 1 < friends < strangers


def test_places_fill_the_square_however_many_there_are() -> None:
    assert place_nodes(0, []) == []
    assert place_nodes(1, []) == [(0.0, 0.0)]
    star = [(0, other) for other in range(1, 300)]
    places = place_nodes(300, star)
    assert math.isclose(max(abs(part) for place in places for part in place), SCALE)
    assert all(math.isfinite(part) for place in places for part in place)
    assert len(set(places)) == 300


def test_eight_turns_are_undone() -> None:
    """What is in the upper left of the upright picture, as each orientation shows it."""
    upright = (0.1, 0.2, 0.3, 0.5)
    shown = {
        1: (0.1, 0.2, 0.3, 0.5),
        2: (0.7, 0.2, 0.9, 0.5),
        3: (0.7, 0.5, 0.9, 0.8),
        4: (0.1, 0.5, 0.3, 0.8),
        6: (0.5, 0.1, 0.8, 0.3),
        8: (0.2, 0.7, 0.5, 0.9),
    }
    for code, edges in shown.items():
        box = turned_back(Fractions(*edges), code)
        found = (box.left, box.top, box.right, box.bottom)
        assert all(math.isclose(one, other) for one, other in zip(found, upright, strict=True)), code
