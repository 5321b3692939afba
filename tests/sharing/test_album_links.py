"""The public link of an album: who makes it, what it opens, and when it is dead."""

from typing import Any

import httpx
import pytest

from librephotos.albums.masking import SharingSettings
from librephotos.kit import clock
from tests.builders import Builder, Photo, stored
from tests.instance import Account, Instance
from tests.photos.rows import events_of, read_all

OFF = dict.fromkeys(SharingSettings.__struct_fields__, False)
ON = dict.fromkeys(OFF, True)
PLACE = "Rua Augusta, Lisboa, Portugal"


def make(client: httpx.Client, album_id: int, **more: Any) -> httpx.Response:
    return client.post("/api/useralbum/makepublic", json={"album_id": album_id, "val_public": True, **more})


def slug_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["album"]["public_slug"])


def visit(visitor: httpx.Client, slug: str, rest: str = "") -> httpx.Response:
    return visitor.get(f"/api/public/albums/s/{slug}/{rest}")


def media(visitor: httpx.Client, photo: Photo) -> int:
    return visitor.get(f"/media/thumbnails_big/{photo.image_hash}").status_code


def items(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for group in answer.json()["results"]["grouped_photos"] for item in group["items"]]


def dead(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.content, "content-type" in answer.headers) == (404, b"", False)


def full(builder: Builder, owner: Account, **columns: Any) -> Photo:
    """A photo of which everything is known."""
    metadata = {
        "width": 6000, "height": 4000, "fstop": 2.8, "focal_length": 35.0, "iso": 200, "shutter_speed": "1/250",
        "camera_make": "NIKON", "camera_model": "NIKON Z 6", "lens": "NIKKOR 35",
        "captions": stored({"im2txt": "a tram", "user_caption": "Our tram"}),
        "search_captions": "a tram Our tram Ann IMG_1.jpg NIKON Z 6",
        "geolocation": stored({"features": [{"text": "Lisboa"}]}),
    }  # fmt: skip
    photo = builder.add_photo(
        owner, location=PLACE, gps_lat=38.71, gps_lon=-9.14, metadata=metadata, **columns
    )
    builder.add_face(photo, person_id=builder.add_person(owner, "Ann"), with_file=True)
    builder.add_face(photo)
    builder.add_face(photo, person_id=builder.add_person(owner, "Gone"), is_deleted=True)
    return photo


def test_a_link_opens_the_album_to_everybody_until_it_is_withdrawn(
    client: httpx.Client, anonymous: httpx.Client, instance: Instance, builder: Builder, user: Account
) -> None:
    photo, other = builder.add_photo(user), builder.add_photo(user, taken_local="2024-01-01T00:00:00")
    builder.write_thumbnails(photo.image_hash)
    album = builder.add_album(user, photo, other, title="Lisbon")
    assert media(anonymous, photo) == 403
    answer = make(client, album)
    row = answer.json()["album"]
    slug = row["public_slug"]
    assert answer.json()["status"] is True and len(slug) == 22
    assert (row["public"], row["public_expires_at"]) == (True, None)
    assert row["public_sharing_options"] == dict.fromkeys(OFF)
    shown = visit(anonymous, slug)
    assert items(shown) == [other.uuid, photo.uuid]
    assert shown.json()["sharing_settings"] == OFF
    assert shown.headers["cache-control"] == "private, no-cache"
    results = shown.json()["results"]
    assert (results["id"], results["title"]) == (str(album), "Lisbon")
    assert results["owner"] == {
        "id": user.user_id,
        "username": user.username,
        "first_name": "",
        "last_name": "",
    }
    assert anonymous.head(f"/api/public/albums/s/{slug}").status_code == 200
    assert visit(anonymous, slug, "?video=1").json()["results"]["grouped_photos"] == []
    # Credentials are not asked for, but bad ones are refused here too.
    assert visit(client, slug).status_code == 200
    assert (
        anonymous.get(f"/api/public/albums/s/{slug}/", headers={"Authorization": "Bearer x"}).status_code
        == 401
    )
    assert media(anonymous, photo) == 200
    # Asked for again, it stays where it is; switched off and on, it moves.
    assert slug_of(make(client, album)) == slug
    off = client.post("/api/useralbum/makepublic/", json={"album_id": album, "val_public": False})
    assert (off.json()["album"]["public"], off.json()["album"]["public_slug"]) == (False, "")
    assert dead(visit(anonymous, slug)) and dead(visit(anonymous, slug, f"photos/{photo.uuid}/"))
    assert media(anonymous, photo) == 403
    moved = slug_of(make(client, album))
    assert moved != slug and dead(visit(anonymous, slug)) and items(visit(anonymous, moved))
    told = events_of(instance, user, "share_changed")
    assert [target for target, _ in told] == [f"album {album}"] * 3
    assert ['"enabled"' in detail for _, detail in told] == [True, False, True]
    assert not any(word in detail for word in (slug, moved) for _, detail in told)
    client.delete(f"/api/albums/user/{album}/")
    assert dead(visit(anonymous, moved)) and media(anonymous, photo) == 403
    assert '"deleted"' in events_of(instance, user, "share_changed")[-1][1]


def test_a_link_that_expired_or_whose_owner_was_disabled_is_dead_to_visitors(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
) -> None:
    photo = builder.add_photo(user)
    album = builder.add_album(user, photo)
    end = "2099-03-02T08:00:00Z"
    slug = slug_of(make(client, album, expires_at=end))
    assert items(visit(anonymous, slug)) == [photo.uuid]
    # What is not sent stays.
    row = make(client, album, sharing_options={"share_faces": True}).json()["album"]
    assert row["public_expires_at"] == end and row["public_sharing_options"]["share_faces"] is True
    row = make(client, album, sharing_options={"share_location": False}).json()["album"]
    assert row["public_sharing_options"] == {
        **dict.fromkeys(OFF),
        "share_faces": True,
        "share_location": False,
    }
    builder.change_link(album, expires_at=clock.now() - clock.SECOND)
    assert dead(visit(anonymous, slug)) and dead(visit(anonymous, slug, f"photos/{photo.uuid}/"))
    assert media(anonymous, photo) == 403
    assert client.get(f"/api/albums/user/{album}/").json()["public"] is True
    builder.change_link(album, expires_at=None)
    builder.change_user(user, is_active=False)
    assert dead(visit(anonymous, slug)) and media(anonymous, photo) == 403
    builder.change_user(user, is_active=True)
    row = make(client, album, expires_at=None).json()["album"]
    assert (row["public_expires_at"], row["public_slug"]) == (None, slug)
    assert items(visit(anonymous, slug)) == [photo.uuid]


def test_a_link_shows_what_its_owner_may_show_and_nothing_else(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account, stranger: Account
) -> None:
    photo, video = builder.add_photo(user), builder.add_photo(user, is_video=True)
    unseen = [
        builder.add_photo(user, is_hidden=True),
        builder.add_photo(user, is_trashed=True),
        builder.add_photo(user, is_removed=True),
        builder.add_photo(user, aspect_ratio=None),
        # Somebody else's, public and shared with the owner: an album vouches for its owner's photos only.
        foreign := builder.add_photo(stranger, is_public=True),
    ]
    builder.share_photo(foreign, user)
    outside = builder.add_photo(user)
    album = builder.add_album(user, photo, video, *unseen)
    slug = slug_of(make(client, album))
    assert sorted(items(visit(anonymous, slug))) == sorted([photo.uuid, video.uuid])
    assert items(visit(anonymous, slug, "?video=1")) == [video.uuid]
    for name in (photo.uuid, photo.image_hash):
        assert visit(anonymous, slug, f"photos/{name}/").json()["results"]["image_hash"] == photo.image_hash
    for each in [*unseen, outside]:
        for visitor in (anonymous, client):
            refused = visit(visitor, slug, f"photos/{each.uuid}/")
            assert (refused.status_code, refused.json()) == (404, {"error": "Photo not found in album"})
    assert visit(anonymous, slug, "photos/x/").json() == {"error": "Photo not found in album"}
    # It closes at once.
    builder.change_photo(user, photo, is_hidden=True)
    assert items(visit(anonymous, slug)) == [video.uuid]
    assert visit(anonymous, slug, f"photos/{photo.uuid}/").status_code == 404
    assert media(anonymous, photo) == 403


def test_each_switch_opens_what_it_names_alone(
    client: httpx.Client, anonymous: httpx.Client, builder: Builder, user: Account
) -> None:
    photo = full(builder, user)
    album = builder.add_album(user, photo)
    slug = slug_of(make(client, album))
    closed = {
        "exif_timestamp": None, "exif_gps_lat": None, "exif_gps_lon": None, "geolocation_json": None,
        "search_location": "", "camera": None, "lens": None, "focal_length": None, "fstop": None, "iso": None,
        "shutter_speed": None, "width": 0, "height": 0, "search_captions": "", "captions_json": {"im2txt": ""},
        "people": [],
    }  # fmt: skip
    opened: dict[str, dict[str, Any]] = {
        "share_timestamps": {"exif_timestamp": "2023-07-01T14:05:09Z"},
        "share_location": {
            "exif_gps_lat": 38.71, "exif_gps_lon": -9.14, "search_location": PLACE,
            "geolocation_json": {"features": [{"text": "Lisboa"}]},
        },
        "share_camera_info": {
            "camera": "NIKON Z 6", "lens": "NIKKOR 35", "focal_length": 35.0, "fstop": 2.8, "iso": 200,
            "shutter_speed": "1/250", "width": 6000, "height": 4000,
        },
        "share_captions": {
            "captions_json": {"im2txt": "a tram", "user_caption": "Our tram"}, "search_captions": "a tram Our tram",
        },
    }  # fmt: skip
    for switch in (None, *OFF):
        make(client, album, sharing_options={**OFF, **({switch: True} if switch else {})})
        answer = visit(anonymous, slug, f"photos/{photo.uuid}/").json()
        assert answer["sharing_settings"] == {**OFF, **({switch: True} if switch else {})}
        results = answer["results"]
        seen = {name: results[name] for name in closed}
        if switch == "share_faces":
            (ann,) = seen.pop("people")
            assert ann["name"] == "Ann" and ann["face_url"].startswith(f"/media/faces/{photo.image_hash}_")
            assert anonymous.get(ann["face_url"]).status_code == 200
            assert seen == {name: value for name, value in closed.items() if name != "people"}
        else:
            assert seen == {**closed, **opened.get(switch or "", {})}
        grid = visit(anonymous, slug).json()["results"]
        (group,) = grid["grouped_photos"]
        (item,) = group["items"]
        has_time, has_place = switch == "share_timestamps", switch == "share_location"
        assert (
            grid["date"] != "",
            group["date"] is not None,
            item["date"] != "",
            item["birthTime"] != "",
        ) == ((has_time,) * 4)
        assert (grid["location"], item["location"]) == ((PLACE, PLACE) if has_place else ("", ""))
        assert item["exif_gps_lat"] == (38.71 if has_place else None)
    # The owner's defaults hold where the album says nothing, and an answer of its own holds against them.
    builder.change_user(user, public_sharing_defaults=stored(ON))
    assert (
        make(client, album, sharing_options={**dict.fromkeys(OFF), "share_faces": False}).status_code == 200
    )
    assert visit(anonymous, slug).json()["sharing_settings"] == {**ON, "share_faces": False}


def test_who_may_not_make_a_link_is_told_in_the_published_words(
    client: httpx.Client, anonymous: httpx.Client, instance: Instance, builder: Builder, user: Account,
    stranger: Account,
) -> None:  # fmt: skip
    album, theirs = builder.add_album(user, builder.add_photo(user)), builder.add_album(stranger)
    shared = builder.add_album(stranger)
    builder.share_album(shared, user)
    for body in ({}, {"album_id": album}, {"val_public": True}, {"album_id": None, "val_public": None}):
        answer = client.post("/api/useralbum/makepublic", json=body)
        assert (answer.status_code, answer.json()) == (
            400, {"status": False, "message": "Missing parameters"},
        )  # fmt: skip
    for album_id in (theirs, 987654321):
        answer = make(client, album_id)
        assert (answer.status_code, answer.json()) == (404, {"status": False, "message": "No such album"})
    answer = make(client, shared)
    assert answer.status_code == 403
    assert answer.json() == {"status": False, "message": "You are not the owner of this album"}
    for field, value in (
        ("album_id", "x"), ("album_id", True), ("val_public", "perhaps"), ("expires_at", "tomorrow"),
        ("expires_at", 5), ("expires_at", "17"), ("expires_at", 1.5e9), ("expires_at", True),
        ("slug", "straße-am-see"), ("slug", "with blanks here"), ("slug", "a/b/c/d/e"), ("slug", "short"),
        ("slug", "x" * 101), ("slug", "nul\x00nul\x00"), ("sharing_options", {"share_faces": "yes"}),
        ("sharing_options", [1]),
    ):  # fmt: skip
        body = {"album_id": album, "val_public": True, field: value}
        answer = client.post("/api/useralbum/makepublic", json=body)
        assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (400, [field]), value
    assert make(anonymous, album).status_code == 401
    assert (
        read_all(instance, f"SELECT 1 FROM album_link WHERE album_id IN ({album}, {theirs}, {shared})") == []
    )


def test_a_chosen_address_is_one_albums(
    client: httpx.Client, anonymous: httpx.Client, instance: Instance, builder: Builder, user: Account,
    stranger: Account,
) -> None:  # fmt: skip
    mine, other = builder.add_album(user, builder.add_photo(user)), builder.add_album(user)
    wished = f"Lisbon_{user.user_id}-23"
    assert slug_of(make(client, mine, slug=f" {wished} ")) == wished
    assert items(visit(anonymous, wished)) and dead(visit(anonymous, wished.lower()))
    taken = make(client, other, slug=wished)
    assert taken.status_code == 400 and taken.json()["errors"][0]["field"] == "slug"
    with instance.client(stranger.bearer) as theirs:
        assert make(theirs, builder.add_album(stranger), slug=wished).json()["errors"][0]["field"] == "slug"
    # Asked for again, also as the client sends it, with what it has; then left to the server; then given away.
    assert slug_of(make(client, mine, slug=wished)) == slug_of(make(client, mine, slug="")) == wished
    moved = f"{wished}-b"
    assert slug_of(make(client, mine, slug=moved)) == moved and dead(visit(anonymous, wished))
    assert slug_of(make(client, other, slug=wished)) == wished


@pytest.fixture
def links_off(instance: Instance, admin: Account) -> Any:
    with instance.client(admin.bearer) as client:
        assert client.post("/api/sitesettings", json={"allow_public_links": False}).status_code == 200
        yield
        assert client.post("/api/sitesettings", json={"allow_public_links": True}).status_code == 200


def test_where_links_are_switched_off_none_works_and_none_is_made(
    client: httpx.Client,
    anonymous: httpx.Client,
    builder: Builder,
    user: Account,
    request: pytest.FixtureRequest,
) -> None:
    photo = builder.add_photo(user)
    album = builder.add_album(user, photo)
    slug, of_photo = slug_of(make(client, album)), builder.link_photo(photo)
    assert items(visit(anonymous, slug)) and media(anonymous, photo) == 200
    assert anonymous.get(f"/api/public/photo/{of_photo}/").status_code == 200
    request.getfixturevalue("links_off")
    assert anonymous.get("/api/sitesettings").json()["allow_public_links"] is False
    assert dead(visit(anonymous, slug)) and media(anonymous, photo) == 403
    for rest in ("", "media/thumbnail/"):
        assert dead(anonymous.get(f"/api/public/photo/{of_photo}/{rest}"))
    assert anonymous.get(f"/api/albums/user/{album}/?public=1").status_code == 404
    for answer in (make(client, album), client.post("/api/photo/share", json={"photo_id": photo.uuid})):
        assert (answer.status_code, answer.json()["status"]) == (403, False)
    off = client.post("/api/useralbum/makepublic", json={"album_id": album, "val_public": False})
    assert off.status_code == 200
    assert (
        client.post("/api/photo/share", json={"photo_id": photo.uuid, "action": "disable"}).status_code == 200
    )
