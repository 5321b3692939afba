"""Sharing photos with another user, and withdrawing them."""

import pytest

from tests.photos.rows import events_of, list_version, photo_row, read_all
from tests.photos.test_flags import MISSING, errors, post


def shares(instance, photo):
    return [user_id for (user_id,) in read_all(
        instance, f"SELECT user_id FROM photo_share WHERE photo_id = {photo.photo_id} ORDER BY user_id"
    )]  # fmt: skip


def sees(instance, account, photo):
    with instance.client(account.bearer) as client:
        return client.get(f"/api/photos/{photo.uuid}/").status_code == 200


def test_shared_photos_open_for_the_other_until_they_are_withdrawn(client, instance, builder, user, stranger):
    photo, other = builder.add_photo(user), builder.add_photo(user)
    modified = photo_row(instance, photo, "modified_at")[0]
    version = list_version(instance, stranger)
    body = {"image_hashes": [photo.image_hash, photo.uuid], "target_user_id": stranger.user_id}
    assert not sees(instance, stranger, photo)
    assert post(client, "share", {**body, "val_shared": True}).json() == {"status": True, "count": 1}
    assert sees(instance, stranger, photo)
    assert not sees(instance, stranger, other)
    assert client.get(f"/api/photos/{photo.uuid}/").json()["shared_to"] == [stranger.user_id]
    assert list_version(instance, stranger) > version
    shared_at = photo_row(instance, photo, "modified_at")[0]
    assert shared_at > modified
    assert post(client, "share", {**body, "val_shared": True}).json() == {"status": True, "count": 0}
    assert photo_row(instance, photo, "modified_at")[0] == shared_at
    withdrawn = {**body, "target_user_id": str(stranger.user_id), "val_shared": False}
    assert post(client, "share", withdrawn).json() == {"status": True, "count": 1}
    assert post(client, "share", withdrawn).json() == {"status": True, "count": 0}
    assert not sees(instance, stranger, photo)
    assert photo_row(instance, photo, "modified_at")[0] > shared_at
    assert [target for target, _ in events_of(instance, user, "share_changed")] == ["photos", "photos"]


@pytest.mark.parametrize("query", [{}, {"public": True}, {"public": True, "username": "x"}])
def test_only_own_photos_can_be_shared(client, instance, builder, user, stranger, query):
    """Naming somebody else's photo once gave whoever asked the right to see it."""
    accomplice = instance.add_user()
    secret = builder.add_photo(stranger)
    public = builder.add_photo(stranger, is_public=True)
    received = builder.add_photo(stranger)
    builder.share_photo(received, user)
    names = [name for each in (secret, public, received) for name in (each.uuid, each.image_hash)]
    body = {"target_user_id": accomplice.user_id, "val_shared": True}
    assert post(client, "share", {**body, "image_hashes": [*names, MISSING]}).json()["count"] == 0
    if query.get("username"):
        query = {**query, "username": stranger.username}
    assert post(client, "share", {**body, "select_all": True, "query": query}).json()["count"] == 0
    assert not sees(instance, accomplice, secret)
    assert [shares(instance, each) for each in (secret, public)] == [[], []]
    # Nor can anybody but the owner withdraw one, not even from themselves.
    take = {"image_hashes": names, "target_user_id": user.user_id, "val_shared": False}
    assert errors(post(client, "share", take))["target_user_id"]
    with instance.client(accomplice.bearer) as other:
        assert post(other, "share", take).json()["count"] == 0
    assert shares(instance, received) == [user.user_id]


def test_a_grid_is_shared_as_it_shows(client, instance, builder, user, stranger):
    shown, left, hidden = (builder.add_photo(user, with_files=False) for _ in range(3))
    builder.change_photo(user, hidden, is_hidden=True)
    body = {
        "select_all": True,
        "query": {},
        "excluded_hashes": [left.uuid],
        "target_user_id": stranger.user_id,
        "val_shared": True,
    }
    assert post(client, "share", body).json() == {"status": True, "count": 1}
    assert [shares(instance, each) for each in (shown, left, hidden)] == [[stranger.user_id], [], []]


def test_bad_input_is_told_by_its_field(client, instance, builder, user, stranger, anonymous):
    photo = builder.add_photo(user, with_files=False)
    body = {"image_hashes": [photo.uuid], "target_user_id": stranger.user_id, "val_shared": True}
    for field in body:
        missing = {name: value for name, value in body.items() if name != field}
        assert errors(post(client, "share", missing)) == {field: "This field is required."}
    for target in ("x", True, 1.0, "", None, -1, "9" * 25, [1]):
        assert set(errors(post(client, "share", {**body, "target_user_id": target}))) == {"target_user_id"}
    gone = instance.add_user(is_active=False)
    unknown = {
        errors(post(client, "share", {**body, "target_user_id": target}))["target_user_id"]
        for target in (gone.user_id, 987654321)
    }
    assert unknown == {"There is no such active user."}
    assert set(errors(post(client, "share", {**body, "val_shared": "true"}))) == {"val_shared"}
    assert post(anonymous, "share", body).status_code == 401
    assert shares(instance, photo) == []
    assert client.post("/api/photosedit/share", json=body).json() == {"status": True, "count": 1}
