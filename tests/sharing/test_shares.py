"""Photos shared between users: the two lists, and what those who no longer see a photo are told to drop."""

from collections.abc import Iterator

import httpx
import pytest

from tests.builders import Builder, Photo
from tests.instance import Account, Instance
from tests.photos.rows import events_of, read_all

TO_ME, FROM_ME = "/api/photos/shared/tome/", "/api/photos/shared/fromme/"


@pytest.fixture
def theirs(instance: Instance, stranger: Account) -> Iterator[httpx.Client]:
    with instance.client(stranger.bearer) as client:
        yield client


def dropped(instance: Instance, account: Account) -> set[tuple[str, str]]:
    sql = f"SELECT entity, entity_id FROM deletion_log WHERE owner_id = {account.user_id}"
    return {(entity, entity_id) for entity, entity_id in read_all(instance, sql)}


def photos(*of: Photo) -> set[tuple[str, str]]:
    return {("photo", each.uuid) for each in of}


def share(client: httpx.Client, target: Account, *of: Photo, shared: bool = True) -> None:
    body = {
        "image_hashes": [each.uuid for each in of],
        "target_user_id": target.user_id,
        "val_shared": shared,
    }
    assert client.post("/api/photosedit/share/", json=body).json()["count"] == len(of)


def share_album(client: httpx.Client, target: Account, album: int, *, shared: bool = True) -> None:
    body = {"album_id": album, "target_user_id": target.user_id, "shared": shared}
    assert client.post("/api/useralbum/share", json=body).status_code == 200


def test_the_two_lists_show_shared_photos_the_oldest_first(
    client: httpx.Client, theirs: httpx.Client, instance: Instance, builder: Builder, user: Account,
    stranger: Account,
) -> None:  # fmt: skip
    third = instance.add_user()
    late = builder.add_photo(user, taken_local="2024-02-01T10:00:00")
    early = builder.add_photo(user, taken_local="2020-02-01T10:00:00")
    undated, unseen = builder.add_photo(user, taken_local=None), builder.add_photo(user, is_hidden=True)
    in_album = builder.add_photo(user)
    builder.share_album(builder.add_album(user, in_album), stranger)
    for each in (late, early, undated, unseen):
        builder.share_photo(each, stranger)
    builder.share_photo(late, third)
    page = theirs.get(TO_ME).json()
    assert (page["count"], page["next"]) == (3, None)
    assert [item["id"] for item in page["results"]] == [early.uuid, late.uuid, undated.uuid]
    assert {item["owner"]["id"] for item in page["results"]} == {user.user_id}
    second = theirs.get(TO_ME, params={"page": 2, "page_size": 2}).json()
    assert [item["id"] for item in second["results"]] == [undated.uuid]
    assert theirs.get(TO_ME, params={"page": 9}).status_code == 404
    rows = client.get(FROM_ME.removesuffix("/")).json()["results"]
    assert [(row["photo"]["id"], row["user_id"]) for row in rows] == [
        (early.uuid, stranger.user_id), (late.uuid, stranger.user_id), (late.uuid, third.user_id),
        (undated.uuid, stranger.user_id),
    ]  # fmt: skip
    assert rows[0]["user"] == {
        "id": stranger.user_id, "username": stranger.username, "first_name": "", "last_name": "",
    }  # fmt: skip
    assert rows[0]["photo"]["owner"]["id"] == user.user_id
    assert client.get(TO_ME).json()["results"] == theirs.get(FROM_ME).json()["results"] == []


def test_whoever_no_longer_sees_a_photo_is_told_to_drop_it(
    client: httpx.Client, instance: Instance, builder: Builder, user: Account, stranger: Account
) -> None:
    direct, both, member = (builder.add_photo(user) for _ in range(3))
    album = builder.add_album(user, both, member)
    share(client, stranger, direct, both)
    share_album(client, stranger, album)
    assert dropped(instance, stranger) == set()
    share(client, stranger, direct, both, shared=False)
    assert dropped(instance, stranger) == photos(direct)
    share(client, stranger, direct)
    assert dropped(instance, stranger) == set()
    # Hidden, in the trash, and shown again.
    for action, field in (("hide", "hidden"), ("setdeleted", "deleted")):
        for value in (True, False):
            body = {"image_hashes": [direct.uuid, member.uuid], field: value}
            assert client.post(f"/api/photosedit/{action}/", json=body).status_code == 200
            assert dropped(instance, stranger) == (photos(direct, member) if value else set())
    client.patch(f"/api/albums/user/edit/{album}/", json={"removedPhotos": [member.uuid]})
    assert dropped(instance, stranger) == photos(member)
    client.patch(f"/api/albums/user/edit/{album}/", json={"photos": [member.uuid]})
    assert dropped(instance, stranger) == set()
    share_album(client, stranger, album, shared=False)
    assert dropped(instance, stranger) == {("album_user", str(album)), *photos(both, member)}
    share_album(client, stranger, album)
    assert dropped(instance, stranger) == set()
    client.delete(f"/api/albums/user/{album}/")
    assert dropped(instance, stranger) == {("album_user", str(album)), *photos(both, member)}
    assert dropped(instance, user) == {("album_user", str(album))}
    told = [
        detail for target, detail in events_of(instance, user, "share_changed") if target == f"album {album}"
    ]
    assert told == [f'{{"user":{stranger.user_id},"shared":{said}}}' for said in ("true", "false", "true")]


def test_an_account_that_is_deleted_takes_its_shares_and_links_with_it(
    anonymous: httpx.Client, instance: Instance, builder: Builder, admin: Account, stranger: Account
) -> None:
    gone = instance.add_user()
    direct, member, linked = (builder.add_photo(gone) for _ in range(3))
    album = builder.add_album(gone, member)
    builder.share_photo(direct, stranger)
    builder.share_album(album, stranger)
    builder.link_album(album, slug=(slug := f"gone-{gone.user_id}-link"))
    of_photo = builder.link_photo(linked)
    received = builder.add_photo(stranger)
    builder.share_photo(received, gone)
    paths = (f"/api/public/albums/s/{slug}/", f"/api/public/photo/{of_photo}/")
    assert [anonymous.get(path).status_code for path in paths] == [200, 200]
    with instance.client(admin.bearer) as client:
        assert client.delete(f"/api/delete/user/{gone.user_id}/").status_code == 204
    assert [anonymous.get(path).status_code for path in paths] == [404, 404]
    left = "SELECT 1 FROM {} WHERE photo_id IN ({}, {}, {}, {})"
    ids = (direct.photo_id, member.photo_id, linked.photo_id, received.photo_id)
    assert [read_all(instance, left.format(table, *ids)) for table in ("photo_share", "photo_link")] == [
        [],
        [],
    ]
