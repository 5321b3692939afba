"""Every route that changes photos, as everybody but their owner, naming the owner's photos in every way there is.

By path, by a name or many names in the body, and by a grid whose query asks for what is public, somebody else's, or in
the trash. Whatever is answered, nothing of the owner's is changed.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.authorization.matrix import MATRIX, Row
from tests.authorization.world import World, add_situations, make_world
from tests.instance import Instance
from tests.photos.rows import read_all

CHANGES = sorted(
    (method, route) for method, route in MATRIX if method != "GET" and route.startswith("/api/photo")
)


@pytest.fixture(scope="module")
def world(instance: Instance) -> World:
    made = make_world(instance)
    add_situations(made)
    return made


def queries(world: World) -> list[dict[str, Any]]:
    owner = {"username": world.victim.username, "owner": world.victim.user_id}
    return [
        {},
        {"public": True, **owner},
        {"public": True, "in_trashcan": True, **owner},
        {"public": True, "hidden": True, **owner},
        {"last_modified": "1970-01-01", **owner},
        {"folder": str(world.photo.path.parent)},
    ]


def bodies(world: World, row: Row) -> Iterator[Any]:
    """The row's body with every name of the owner's in it, and every switch both ways."""
    if row.body is None:
        yield None
        return
    photos = [world.photo, *world.situations.values()]
    names = [name for each in photos for name in (each.uuid, each.image_hash)]
    body = row.body(world)
    switches = [name for name, value in body.items() if isinstance(value, bool)]
    for turned in (body, {**body, **{name: not body[name] for name in switches}}):
        if "image_hashes" in turned:
            rest = {name: value for name, value in turned.items() if name != "image_hashes"}
            yield {**rest, "image_hashes": names}
            for query in queries(world):
                yield {**rest, "select_all": True, "query": query}
        elif "image_hash" in turned:
            for name in names:
                yield {**turned, "image_hash": name, **({"angle": 90} if "angle" in turned else {})}
        elif "photo_id" in turned:
            for name in names:
                yield from ({"photo_id": name, "action": each} for each in ("enable", "rotate", "disable"))
        elif "photo_ids" in turned:
            yield {**turned, "photo_ids": names}
        else:
            yield turned


def paths(world: World, row: Row) -> list[str]:
    if row.of is None:
        return [row.path(world)]
    return [row.of(world, each) for each in (world.photo, *world.situations.values())]


def state(world: World) -> list[list[tuple[Any, ...]]]:
    """Everything that is stored of the owner's photos, and which of their files are there."""
    ids = f"SELECT id FROM photo WHERE owner_id = {world.victim.user_id}"
    photos = [world.photo, *world.situations.values()]
    return [
        read_all(world.instance, f"SELECT * FROM photo WHERE id IN ({ids}) ORDER BY id"),
        *(
            read_all(world.instance, f"SELECT * FROM {table} WHERE photo_id IN ({ids}) ORDER BY photo_id")
            for table in ("photo_metadata", "photo_share", "photo_link", "photo_step", "metadata_edit")
        ),
        read_all(
            world.instance, f"SELECT id, photo_id, path FROM file WHERE photo_id IN ({ids}) ORDER BY id"
        ),
        [(each.path.exists(),) for each in photos],
    ]


@pytest.mark.parametrize(("method", "route"), CHANGES, ids=lambda part: part)
def test_nobody_changes_anothers_photos(world: World, instance: Instance, method: str, route: str) -> None:
    row = MATRIX[method, route]
    targets = paths(world, row)
    before = state(world)
    for account in (world.unrelated, *world.others.values()):
        with instance.client(account.bearer) as client:
            for path in targets:
                for body in bodies(world, row):
                    options = {} if body is None else {"json": body}
                    answer: httpx.Response = client.request(method, path, **options)
                    assert answer.status_code < 500, answer.text
                    assert 'count":0' in answer.text or "count" not in answer.text, answer.text
    assert state(world) == before


def test_every_route_that_changes_photos_is_among_them() -> None:
    assert len(CHANGES) >= 15
    assert {"/api/photosedit/share", "/api/photosedit/delete", "/api/photosedit/hide"} <= {
        route for _, route in CHANGES
    }
