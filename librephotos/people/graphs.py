"""The graph of who appears together, from pairs of names; no I/O."""

from collections.abc import Sequence

from librephotos.people.layout import place_nodes
from librephotos.people.schemas import Link, Node, SocialGraph


def draw_graph(pairs: Sequence[tuple[str, str]]) -> SocialGraph:
    names = sorted({name for pair in pairs for name in pair})
    number = {name: place for place, name in enumerate(names)}
    places = place_nodes(len(names), [(number[one], number[other]) for one, other in pairs])
    return SocialGraph(
        nodes=[Node(name, x, y) for name, (x, y) in zip(names, places, strict=True)],
        links=[Link(one, other) for one, other in pairs],
    )
