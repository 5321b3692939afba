"""Lists of people take a fixed number of statements, and so do labelling and following a change."""

from collections.abc import Callable
from typing import Any

import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.person_albums import get_person_album, list_person_albums
from librephotos.db.transactions import Tx
from librephotos.http.paging import HUGE, parse_page
from librephotos.people.face_filters import FaceFilter, Suggesting
from librephotos.people.queries.faces import list_faces, list_groups
from librephotos.people.queries.labelling import label_faces
from librephotos.people.queries.person_edits import rename_person
from librephotos.people.queries.persons import list_persons
from librephotos.people.queries.together import list_pairs
from librephotos.photos.changes import photos_changed
from tests.builders import Builder
from tests.instance import Account, Instance

PAGE = parse_page("/", "", HUGE)
FEW, MANY = 2, 25
Ask = Callable[[Tx, Viewer, list[int], int], Any]

ASKED: dict[str, Ask] = {
    "following": lambda tx, viewer, photos, of: photos_changed(tx, viewer.user_id, photos),
    "persons": lambda tx, viewer, photos, of: list_persons(tx, viewer, ("p",), PAGE),
    "faces": lambda tx, viewer, photos, of: list_faces(tx, viewer, FaceFilter(of, True), PAGE, ""),
    "groups": lambda tx, viewer, photos, of: list_groups(tx, viewer, Suggesting(), is_inferred=True),
    "pairs": lambda tx, viewer, photos, of: list_pairs(tx, viewer),
    "an album": lambda tx, viewer, photos, of: get_person_album(tx, viewer, of),
    "albums": lambda tx, viewer, photos, of: list_person_albums(tx, viewer, PAGE),
    "renaming": lambda tx, viewer, photos, of: rename_person(tx, viewer, of, "Phoebe"),
    "labelling": lambda tx, viewer, photos, of: label_faces(tx, viewer, list(range(10_000)), "Paul"),
}


@pytest.fixture(scope="module")
def grown(instance: Instance) -> list[dict[str, int]]:
    """How many statements each takes, for few photos of few persons and for many of many."""
    builder = Builder(instance)
    return [ask_all(instance, builder, instance.add_user(), number) for number in (FEW, MANY)]


def ask_all(instance: Instance, builder: Builder, owner: Account, number: int) -> dict[str, int]:
    viewer = Viewer(user_id=owner.user_id)
    persons = [builder.add_person(owner, f"Person {each}") for each in range(number)]
    photos = [builder.add_photo(owner, metadata={}, with_files=False).photo_id for _ in range(2)]
    extra = [builder.add_photo(owner, metadata={}, with_files=False) for _ in range(number)]
    for each in extra:
        for person_id in persons[:3]:
            builder.add_face(each, person_id=person_id)
        builder.add_face(each, cluster_person_id=persons[-1], cluster_probability=0.5)
    for person_id in persons[3:]:
        builder.add_face(extra[0], person_id=person_id)
    photos += [each.photo_id for each in extra]
    counts: dict[str, int] = {}
    for name, ask in ASKED.items():
        with instance.db.transaction() as tx:
            ask(tx, viewer, photos, persons[0])
            counts[name] = tx.statement_count
    return counts


@pytest.mark.parametrize("name", ASKED)
def test_many_take_as_many_statements_as_few(grown: list[dict[str, int]], name: str) -> None:
    few, many = grown
    assert many[name] == few[name]
