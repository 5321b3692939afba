"""Holes that servers of this API once had, each attacked as it was: photos, albums and links of others.

The others stand in `test_advisories.py` and `test_advisories_of_files.py`; docs/security.md lists all.
"""

from typing import Any

import httpx
import pytest

from librephotos.photos.paths import BIG
from tests.authorization.matrix import MISSING_UUID
from tests.authorization.test_no_foreign_change import queries, state
from tests.authorization.world import World
from tests.builders import stored
from tests.photos.rows import read_all

PLACE = "Planted Street 7, Lisboa, Portugal"
# Every route that changes photos by what a grid shows, and the rest of its body.
BY_GRID: dict[str, dict[str, Any]] = {
    "favorite": {"favorite": True},
    "hide": {"hidden": True},
    "setdeleted": {"deleted": True},
    "makepublic": {"val_public": True},
    "category": {"category": "document"},
    "share": {"val_shared": True},
}


def albums(world: World) -> list[list[tuple[Any, ...]]]:
    """All albums of the victim's, with what is in them and who is let in."""
    of_victim = f"SELECT id FROM album WHERE owner_id = {world.victim.user_id}"
    return [
        read_all(world.instance, f"SELECT * FROM album WHERE id IN ({of_victim}) ORDER BY id"),
        *(
            read_all(world.instance, f"SELECT * FROM {table} WHERE album_id IN ({of_victim}) ORDER BY 1, 2")
            for table in ("album_photo", "album_share", "album_link")
        ),
        *(
            read_all(
                world.instance, f"SELECT * FROM {table} WHERE owner_id = {world.victim.user_id} ORDER BY id"
            )
            for table in ("event_album", "place_album", "thing_album", "tag", "person")
        ),
    ]


def test_naming_somebody_elses_photos_shares_none_of_them(
    world: World, attacker: httpx.Client, anonymous: httpx.Client
) -> None:
    """CVE-2026-57943 (#1860): whoever named a photo's hash could share it with an accomplice, and so read any photo."""
    before = state(world)
    photos = [world.photo, *world.situations.values()]
    names = [name for each in photos for name in (each.uuid, each.image_hash)]
    body = {"image_hashes": names, "target_user_id": world.target.user_id, "val_shared": True}
    assert attacker.post("/api/photosedit/share/", json=body).json()["count"] == 0
    assert anonymous.post("/api/photosedit/share/", json=body).status_code == 401
    for name in names:
        for action in ("enable", "rotate", "disable"):
            refused = attacker.post("/api/photo/share", json={"photo_id": name, "action": action})
            assert (refused.status_code, refused.json()["message"]) == (404, "No such photo")
    with world.instance.client(world.target.bearer) as accomplice:
        assert accomplice.get(f"/api/photos/{world.photo.uuid}/").status_code == 404
        assert accomplice.get(f"/media/photos/{world.photo.image_hash}").status_code == 404
        assert accomplice.get("/api/photos/shared/tome/").json()["results"] == []
    assert state(world) == before


@pytest.mark.parametrize("name", BY_GRID)
def test_everything_that_a_foreign_grid_shows_is_nobody_elses_to_change(
    world: World, attacker: httpx.Client, name: str
) -> None:
    """#1980, #1981, #1982: `select_all` with a query for public photos changed everybody's."""
    before = state(world)
    rest = {**BY_GRID[name], **({"target_user_id": world.target.user_id} if name == "share" else {})}
    for query in queries(world):
        answer = attacker.post(f"/api/photosedit/{name}/", json={**rest, "select_all": True, "query": query})
        assert (answer.status_code, answer.json()["count"]) == (200, 0), query
    assert state(world) == before


def test_nor_is_it_to_be_deleted_packed_or_put_into_albums(world: World, attacker: httpx.Client) -> None:
    """#1985 to #1988: the same query, where photos are deleted, packed and gathered."""
    before = state(world)
    for query in queries(world):
        grid = {"select_all": True, "query": query}
        gone = attacker.request("DELETE", "/api/photosedit/delete/", json=grid)
        assert gone.status_code in (200, 400) and world.photo.uuid not in gone.text
        assert attacker.post("/api/photos/download", json=grid).status_code == 404
        made = attacker.post("/api/albums/user/edit/", json={"title": "Theirs", "photos": [], **grid})
        assert made.json()["photos"] == [], query
    assert state(world) == before


def test_asking_for_what_is_public_opens_no_method_that_changes_anything(
    world: World, anonymous: httpx.Client
) -> None:
    """#1861: with `?public=1` anonymous callers could delete and change albums."""
    slug, _ = world.linked_album()
    ((album,),) = read_all(world.instance, f"SELECT album_id FROM album_link WHERE slug = '{slug}'")
    kinds = {
        "user": album, "user/edit": album, "auto": world.new_event(), "thing": world.new_thing(),
        "place": world.place(), "person": world.new_person(), "date": world.photo.day_id,
    }  # fmt: skip
    paths = [f"/api/albums/{kind}/{row_id}/" for kind, row_id in kinds.items()]
    paths += [f"/api/tags/{world.new_tag()}/", f"/api/photos/{world.situations['public'].uuid}/"]
    before = albums(world), state(world)
    for path in paths:
        for method in ("DELETE", "PATCH", "PUT", "POST"):
            for flag in ("public=1", "public=true", f"public=1&username={world.victim.username}"):
                answer = anonymous.request(method, f"{path}?{flag}", json={"title": "Mine", "name": "Mine"})
                assert answer.status_code == 401, (method, path)
    assert (albums(world), state(world)) == before
    assert anonymous.get(f"/api/albums/user/{album}/?public=1").status_code == 200


def test_an_album_vouches_for_its_owners_photos_alone(
    world: World, attacker: httpx.Client, anonymous: httpx.Client
) -> None:
    """GHSA-phvg-g65q-rhq3 (PR #2008): a foreign photo, put into one's own album, could be shared, linked and packed."""
    edit = "/api/albums/user/edit/"
    album = attacker.post(edit, json={"title": "A trap", "photos": []}).json()["id"]
    names = [world.photo.uuid, world.photo.image_hash, world.situations["public"].uuid]
    for name in names:
        for field in ("photos", "cover_photo"):
            value = [name] if field == "photos" else name
            unknown = [MISSING_UUID] if field == "photos" else MISSING_UUID
            refused, alike = (
                attacker.patch(f"{edit}{album}/", json={field: each}) for each in (value, unknown)
            )
            assert refused.status_code == alike.status_code == 400
            assert refused.text == alike.text.replace(MISSING_UUID, name)
        assert attacker.post(edit, json={"title": "Another", "photos": [name]}).status_code == 400
        assert attacker.post("/api/photos/download", json={"image_hashes": [name]}).status_code == 404
    assert read_all(world.instance, f"SELECT photo_id FROM album_photo WHERE album_id = {album}") == []
    # One that was put there by an older version opens nothing either.
    trap = world.builder.add_album(world.unrelated, world.photo)
    world.builder.share_album(trap, world.target)
    link = attacker.post("/api/useralbum/makepublic", json={"album_id": trap, "val_public": True}).json()
    slug = link["album"]["public_slug"]
    with world.instance.client(world.target.bearer) as member:
        for caller, refusal in ((attacker, 404), (member, 404), (anonymous, 403)):
            for kind in (BIG, "photos", "embedded_media"):
                assert caller.get(f"/media/{kind}/{world.photo.image_hash}").status_code == refusal
            assert caller.get(f"/api/photos/{world.photo.uuid}/").status_code == 404
            for path in (
                f"/api/public/albums/s/{slug}/",
                f"/api/public/albums/s/{slug}/photos/{world.photo.uuid}/",
                f"/api/albums/user/{trap}/?public=1",
                f"/api/albums/user/{trap}/",
            ):
                shown = caller.get(path).text
                assert world.photo.uuid not in shown and world.photo.image_hash not in shown


def test_the_switches_of_a_public_album_hold_in_its_grid_too(world: World, anonymous: httpx.Client) -> None:
    """A linked album's grid told positions and times that its owner shares with nobody."""
    metadata = {
        "camera_model": "PLANTED Z",
        "search_captions": "planted words",
        "captions": stored({"im2txt": "planted"}),
    }
    photo = world.builder.add_photo(
        world.victim, name="planted-name.jpg", location=PLACE, gps_lat=38.7139, gps_lon=-9.1394, metadata=metadata,
        taken_local="2019-02-03T04:05:06",
    )  # fmt: skip
    world.builder.add_face(
        photo, person_id=world.builder.add_person(world.victim, "Planted Person"), with_file=True
    )
    album = world.builder.add_album(world.victim, photo)
    with world.instance.client(world.victim.bearer) as owner:
        made = owner.post("/api/useralbum/makepublic", json={"album_id": album, "val_public": True})
        slug = made.json()["album"]["public_slug"]
        link = owner.post("/api/photo/share", json={"photo_id": photo.uuid}).json()["share"]["slug"]
    secrets = ("38.71", "9.139", "2019", "04:05", "anted")
    answers = {
        path: anonymous.get(path)
        for path in (
            f"/api/public/albums/s/{slug}/",
            f"/api/public/albums/s/{slug}/?photo=1",
            f"/api/public/albums/s/{slug}/photos/{photo.uuid}/",
            f"/api/albums/user/{album}/?public=1",
            f"/api/albums/user/{album}/?public=1&username={world.victim.username}",
            f"/api/public/photo/{link}/",
        )
    }
    for path, answer in answers.items():
        assert answer.status_code == 200, path
        assert [secret for secret in secrets if secret in answer.text] == [], path
        assert not any("planted" in value.lower() for value in answer.headers.values())
    # What it opens besides is nothing.
    assert anonymous.get(f"/api/photos/{photo.uuid}/").status_code == 404
    grid = anonymous.get(
        "/api/albums/date/list/", params={"public": "true", "username": world.victim.username}
    )
    assert "2019-02-03" not in grid.text


def test_a_withdrawn_link_stays_dead_when_the_album_is_linked_again(
    world: World, anonymous: httpx.Client
) -> None:
    """#76: whoever once had the link of an album had it again as soon as the owner linked the album anew."""
    photo = world.builder.add_photo(world.victim)
    album = world.builder.add_album(world.victim, photo)
    seen: list[str] = []
    with world.instance.client(world.victim.bearer) as owner:
        for _ in range(3):
            made = owner.post(
                "/api/useralbum/makepublic", json={"album_id": album, "val_public": True}
            ).json()
            seen.append(made["album"]["public_slug"])
            alive = [anonymous.get(f"/api/public/albums/s/{slug}/").status_code for slug in seen]
            assert alive == [404] * (len(seen) - 1) + [200]
            assert owner.post("/api/useralbum/makepublic", json={"album_id": album, "val_public": False})
            assert anonymous.get(f"/media/{BIG}/{photo.image_hash}").status_code == 403
            links = [owner.post("/api/photo/share", json={"photo_id": photo.uuid}).json()["share"]["slug"]]
            owner.post("/api/photo/share", json={"photo_id": photo.uuid, "action": "disable"})
            assert anonymous.get(f"/api/public/photo/{links[0]}/").status_code == 404
    assert len(set(seen)) == 3
