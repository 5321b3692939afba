"""Places for persons who appear together: springs between them, no I/O and no chance.

Fruchterman and Reingold, "Graph Drawing by Force-directed Placement" (1991), in the variant that lets only near nodes
push each other away, so that a thousand persons take as long each as ten do.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

ROUNDS: Final = 50
SCALE: Final = 1000.0
_GOLDEN_ANGLE: Final = math.pi * (3 - math.sqrt(5))

Place = tuple[float, float]


def place_nodes(count: int, links: Sequence[tuple[int, int]]) -> list[Place]:
    """Return a place within ±1000 for each of `count` nodes; links are pairs of their numbers."""
    if count == 0:
        return []
    # The wished distance is 1. A sunflower to begin with: evenly spread, and the same each time.
    reach = math.sqrt(count)
    places = [
        [math.sqrt(each + 0.5) * 0.6 * part for part in (math.cos(angle), math.sin(angle))]
        for each in range(count)
        for angle in (each * _GOLDEN_ANGLE,)
    ]
    for turn in range(ROUNDS):
        step = 0.3 * reach * (1 - turn / ROUNDS)
        for place, (x, y) in zip(places, _forces(places, links), strict=True):
            force = math.hypot(x, y)
            if force > 0:
                place[0] += x / force * min(force, step)
                place[1] += y / force * min(force, step)
    return _scaled(places)


def _forces(places: list[list[float]], links: Sequence[tuple[int, int]]) -> list[list[float]]:
    forces = [[-0.05 * x, -0.05 * y] for x, y in places]
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node, (x, y) in enumerate(places):
        cells[math.floor(x / 2), math.floor(y / 2)].append(node)
    for (column, row), nodes in cells.items():
        near = [
            other
            for across in (-1, 0, 1)
            for down in (-1, 0, 1)
            for other in cells.get((column + across, row + down), ())
        ]
        for node in nodes:
            for other in near:
                if node != other:
                    _push(forces[node], places[node], places[other])
    for one, other in links:
        _pull(forces[one], places[one], places[other])
        _pull(forces[other], places[other], places[one])
    return forces


def _push(force: list[float], place: list[float], other: list[float]) -> None:
    """Away, by the inverse of the distance."""
    x, y = place[0] - other[0], place[1] - other[1]
    square = x * x + y * y
    if 1e-9 < square < 4:
        force[0] += x / square
        force[1] += y / square


def _pull(force: list[float], place: list[float], other: list[float]) -> None:
    """Together, by the square of the distance."""
    x, y = other[0] - place[0], other[1] - place[1]
    distance = math.hypot(x, y)
    force[0] += x * distance
    force[1] += y * distance


def _scaled(places: list[list[float]]) -> list[Place]:
    """Centred, and the farthest coordinate at SCALE."""
    middle = [sum(each[axis] for each in places) / len(places) for axis in (0, 1)]
    centred = [(x - middle[0], y - middle[1]) for x, y in places]
    farthest = max(max(abs(x), abs(y)) for x, y in centred)
    factor = SCALE / farthest if farthest > 0 else 0.0
    return [(round(x * factor, 3), round(y * factor, 3)) for x, y in centred]
