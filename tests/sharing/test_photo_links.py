"""The public link of one photo: made, renewed, ended; what it shows, and what it never shows."""

from pathlib import Path
from typing import Any

import httpx

from librephotos.photos.changes import photos_changed
from librephotos.photos.merging import merge_photos
from tests.builders import Builder, stored
from tests.instance import Account, Instance
from tests.photos.rows import events_of, read_all
from tests.sharing.test_album_links import OFF, dead, full, media

ORIGINALS = ("share_location", "share_camera_info", "share_timestamps")


def act(client: httpx.Client, photo_id: str, action: str | None = None) -> dict[str, Any]:
    body = {"photo_id": photo_id, **({"action": action} if action else {})}
    answer = client.post("/api/photo/share", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] is True
    share: dict[str, Any] = answer.json()["share"]
    return share


def visit(visitor: httpx.Client, slug: str, rest: str = "") -> httpx.Response:
    return visitor.get(f"/api/public/photo/{slug}/{rest}")


def test_a_link_is_made_kept_renewed_and_ended(
    client: httpx.Client, anonymous: httpx.Client, instance: Instance, builder: Builder, user: Account
) -> None:
    photo, other = builder.add_photo(user), builder.add_photo(user)
    first = act(client, photo.uuid)
    assert first.keys() == {"enabled", "slug", "url", "created_at"}
    assert len(first["slug"]) == 22 and first["url"] == f"/public/p/{first['slug']}"
    assert act(client, photo.image_hash, "enable") == first
    second = act(client, other.uuid)
    listed = client.get("/api/photo/share/list/").json()["results"]
    assert listed == [
        {**second, "photo_id": other.uuid, "image_hash": other.image_hash},
        {**first, "photo_id": photo.uuid, "image_hash": photo.image_hash},
    ]
    assert visit(anonymous, first["slug"]).status_code == 200
    renewed = act(client, photo.uuid, "rotate")
    assert renewed["slug"] != first["slug"] and dead(visit(anonymous, first["slug"]))
    assert visit(anonymous, renewed["slug"]).status_code == 200
    # The photo itself is as private as before, and its pictures come by the link alone.
    assert (media(anonymous, photo), anonymous.get(f"/api/photos/{photo.uuid}/").status_code) == (403, 404)
    assert act(client, photo.uuid, "disable") == {"enabled": False, "slug": None, "url": None}
    assert act(client, photo.uuid, "disable")["enabled"] is False
    assert dead(visit(anonymous, renewed["slug"]))
    assert dead(visit(anonymous, renewed["slug"], "media/thumbnail/"))
    assert [each["slug"] for each in client.get("/api/photo/share/list").json()["results"]] == [
        second["slug"]
    ]
    told = events_of(instance, user, "share_changed")
    assert [detail for target, detail in told if target == f"photo {photo.uuid}"] == [
        '{"link":"enabled"}', '{"link":"rotated"}', '{"link":"disabled"}',
    ]  # fmt: skip
    # A copy of the database opens no link.
    words = [second["slug"], renewed["slug"], first["slug"]]
    rows = read_all(instance, "SELECT digest, sealed FROM photo_link") + [
        (target, detail) for target, detail in told
    ]
    assert not any(word in value for word in words for row in rows for value in row)


def test_it_shows_one_photo_and_leads_nowhere_else(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
) -> None:
    photo = full(builder, user)
    slug = act(client, photo.uuid)["slug"]
    answer = visit(anonymous, slug)
    assert answer.json()["sharing_settings"] == OFF
    results = answer.json()["results"]
    assert results["thumbnail_url"] == f"/api/public/photo/{slug}/media/thumbnail/"
    assert (results["video"], results["video_url"], results["people"]) == (False, None, [])
    assert (results["camera"], results["exif_gps_lat"], results["exif_timestamp"]) == (None, None, None)
    builder.change_user(user, public_sharing_defaults=stored(dict.fromkeys(OFF, True)))
    whole = visit(anonymous, slug).json()["results"]
    assert whole["people"] == [{"name": "Ann"}] and whole["camera"] == "NIKON Z 6"
    for shown in (answer, visit(anonymous, slug)):
        assert photo.image_hash not in shown.text and photo.uuid not in shown.text
        assert photo.path.name not in shown.text and user.username not in shown.text
    for kind in ("video", "photos", "original", "faces", "square_thumbnails"):
        assert dead(visit(anonymous, slug, f"media/{kind}/")), kind


def test_its_picture_comes_with_ranges_and_is_asked_for_anew(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
) -> None:
    photo = builder.add_photo(user)
    slug = act(client, photo.uuid)["slug"]
    content = builder.thumbnail("thumbnails_big", photo.image_hash).read_bytes()
    answer = visit(anonymous, slug, "media/thumbnail/")
    assert (answer.content, answer.headers["content-type"]) == (content, "image/webp")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in answer.headers
    path = f"/api/public/photo/{slug}/media/thumbnail"
    part = anonymous.get(path, headers={"Range": "bytes=4-7", "Accept": "image/webp"})
    assert (part.status_code, part.content) == (206, content[4:8])
    assert anonymous.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    head = anonymous.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(content)))
    builder.thumbnail("thumbnails_big", photo.image_hash).unlink()
    assert dead(visit(anonymous, slug, "media/thumbnail/"))


def test_a_video_is_whole_only_where_everything_that_it_tells_is_shared(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
) -> None:
    video = builder.add_photo(user, is_video=True, mime="video/mp4", name="secret name.mp4")
    builder.write_thumbnails(video.image_hash, "mp4")
    preview = builder.thumbnail("square_thumbnails", video.image_hash, "mp4").read_bytes()
    slug = act(client, video.uuid)["slug"]
    assert visit(anonymous, slug).json()["results"]["video_url"] == f"/api/public/photo/{slug}/media/video/"
    for shared in ((), ORIGINALS[:2], ORIGINALS[1:]):
        builder.change_user(user, public_sharing_defaults=stored(dict.fromkeys(shared, True)))
        answer = visit(anonymous, slug, "media/video/")
        assert (answer.content, answer.headers["content-type"]) == (preview, "video/mp4")
    builder.change_user(user, public_sharing_defaults=stored(dict.fromkeys(ORIGINALS, True)))
    answer = visit(anonymous, slug, "media/video/")
    assert answer.content == Path(video.path).read_bytes()
    assert "secret name" not in str(answer.headers)


def test_it_is_dead_while_the_photo_is_not_to_be_seen_and_for_good_once_deleted(
    anonymous: httpx.Client, instance: Instance, builder: Builder, stranger: Account
) -> None:
    user = instance.add_user(
        folder := f"owner-{stranger.username}", scan_directory=str(instance.library / folder)
    )
    photo = builder.add_photo(user)
    builder.share_photo(photo, stranger)
    client = instance.client(user.bearer)
    slug = act(client, photo.uuid)["slug"]
    for flag in ("is_hidden", "is_trashed", "is_removed"):
        builder.change_photo(user, photo, **{flag: True})
        assert dead(visit(anonymous, slug)) and dead(visit(anonymous, slug, "media/thumbnail/")), flag
        builder.change_photo(user, photo, **{flag: False})
        assert visit(anonymous, slug).status_code == 200
    builder.change_user(user, is_active=False)
    assert dead(visit(anonymous, slug)) and dead(visit(anonymous, slug, "media/thumbnail/"))
    builder.change_user(user, is_active=True)
    builder.change_photo(user, photo, is_trashed=True)
    client.request("DELETE", "/api/photosedit/delete", json={"image_hashes": [photo.uuid]})
    assert read_all(instance, f"SELECT 1 FROM photo_link WHERE photo_id = {photo.photo_id}") == []
    assert read_all(instance, f"SELECT 1 FROM photo_share WHERE photo_id = {photo.photo_id}") == []
    assert dead(visit(anonymous, slug)) and client.get("/api/photo/share/list/").json() == {"results": []}
    client.close()


def test_only_the_owner_makes_a_link(
    client: httpx.Client, anonymous: httpx.Client, instance: Instance, builder: Builder, user: Account,
    stranger: Account,
) -> None:  # fmt: skip
    foreign = builder.add_photo(stranger, is_public=True)
    builder.share_photo(foreign, user)
    for body, status, message in (
        ({}, 400, "Missing parameters"),
        ({"photo_id": None}, 400, "Missing parameters"),
        ({"photo_id": foreign.uuid, "action": "steal"}, 400, "Unknown action"),
        ({"photo_id": foreign.uuid}, 404, "No such photo"),
        ({"photo_id": foreign.image_hash, "action": "rotate"}, 404, "No such photo"),
        ({"photo_id": "00000000-0000-4000-8000-000000000000"}, 404, "No such photo"),
        ({"photo_id": "7", "action": "disable"}, 404, "No such photo"),
    ):
        answer = client.post("/api/photo/share/", json=body)
        assert (answer.status_code, answer.json()) == (status, {"status": False, "message": message})
    assert client.post("/api/photo/share", json={"photo_id": ["x"]}).status_code == 400
    assert anonymous.post("/api/photo/share", json={"photo_id": foreign.uuid}).status_code == 401
    assert anonymous.get("/api/photo/share/list").status_code == 401
    assert read_all(instance, f"SELECT 1 FROM photo_link WHERE photo_id = {foreign.photo_id}") == []


def test_a_link_whose_key_is_lost_is_renewed_when_its_owner_asks(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
) -> None:
    """What stands sealed in the database of another installation, say."""
    photo = builder.add_photo(user)
    slug = builder.link_photo(photo)
    assert visit(anonymous, slug).status_code == 200
    (listed,) = client.get("/api/photo/share/list/").json()["results"]
    assert (listed["enabled"], listed["slug"], listed["url"]) == (True, None, None)
    renewed = act(client, photo.uuid)
    assert visit(anonymous, renewed["slug"]).status_code == 200 and dead(visit(anonymous, slug))


def test_of_two_photos_that_become_one_the_kept_one_inherits_the_link(
    client: httpx.Client, anonymous: httpx.Client, instance: Instance, builder: Builder, user: Account,
) -> None:  # fmt: skip
    kept, lost, other = (builder.add_photo(user, metadata={}) for _ in range(3))
    slugs = {each.photo_id: act(client, each.uuid)["slug"] for each in (lost, other)}
    for gone in (lost, other):
        with instance.db.transaction() as tx:
            merge_photos(tx, kept.photo_id, gone.photo_id)
            photos_changed(tx, user.user_id, [kept.photo_id, gone.photo_id])
    # It is shown to its owner under the same address; a second one would have no place.
    assert visit(anonymous, slugs[lost.photo_id]).status_code == 200
    assert dead(visit(anonymous, slugs[other.photo_id]))
    (listed,) = client.get("/api/photo/share/list").json()["results"]
    assert (listed["photo_id"], listed["slug"]) == (kept.uuid, slugs[lost.photo_id])
