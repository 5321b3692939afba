"""One photo in full and in short, and the list of photos, over HTTP."""

import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.details import OwnPage, get_detail, list_own
from librephotos.photos.storing import refresh_search_text
from tests.builders import stored

DETAIL_KEYS = [
    "id",
    "exif_gps_lat",
    "exif_gps_lon",
    "exif_timestamp",
    "captions_json",
    "search_captions",
    "search_location",
    "big_thumbnail_url",
    "square_thumbnail_url",
    "small_square_thumbnail_url",
    "geolocation_json",
    "exif_json",
    "people",
    "image_hash",
    "image_path",
    "rating",
    "hidden",
    "public",
    "removed",
    "in_trashcan",
    "shared_to",
    "similar_photos",
    "video",
    "owner",
    "size",
    "height",
    "width",
    "focal_length",
    "fstop",
    "iso",
    "shutter_speed",
    "lens",
    "camera",
    "focalLength35Equivalent",
    "digitalZoomRatio",
    "subjectDistance",
    "embedded_media",
    "file_variants",
    "stacks",
    "metadata",
    "ocr",
    "local_orientation",
    "is_screenshot",
    "is_document",
    "category_source",
    "video_playback_type",
]
UNKNOWN = {"errors": [{"field": "detail", "message": "No Photo matches the given query."}]}
UNKNOWN_UUID = "3f2b0c1e-7a4d-4a55-9a3f-0d9f3f4f8a11"
METADATA = {
    "width": 6000,
    "height": 4000,
    "fstop": 2.8,
    "focal_length": 35.0,
    "focal_length_35": 35,
    "iso": 100,
    "shutter_speed": "1/250",
    "camera_make": "Canon",
    "camera_model": "Canon EOS R5",
    "lens": "RF24-70mm F2.8 L IS USM",
    "captions": stored({"im2txt": "", "user_caption": "Tram #lisbon"}),
    "search_captions": "street tram",
    "geolocation": stored({"places": ["Rua Augusta", "Lisboa", "Portugal"], "_v": "1"}),
}


def test_the_detail_has_the_published_keys_in_order_and_their_types(client, builder, user, stranger):
    photo = builder.add_photo(
        user,
        metadata=METADATA,
        rating=4,
        gps_lat=38.71,
        gps_lon=-9.14,
        location="Rua Augusta, Lisboa, Portugal",
    )
    bea = builder.add_person(user, "Bea")
    face_id = builder.add_face(photo, person_id=bea)
    builder.share_photo(photo, stranger)
    for path in (photo.uuid, photo.image_hash, photo.uuid.upper()):
        answer = client.get(f"/api/photos/{path}/")
        assert answer.status_code == 200
        detail = answer.json()
        assert list(detail) == DETAIL_KEYS
        (person,) = detail["people"]
        assert list(person) == ["name", "type", "probability", "location", "face_url", "face_id"]
        assert list(person["location"]) == ["top", "bottom", "left", "right"]
        assert person["face_url"].startswith(f"/media/faces/{photo.image_hash}_")
        assert (person["name"], person["type"], person["probability"], person["face_id"]) == (
            "Bea",
            "user",
            1,
            face_id,
        )
        assert detail == {
            **detail,
            "id": photo.uuid,
            "exif_gps_lat": 38.71,
            "exif_timestamp": "2023-07-01T14:05:09Z",
            "captions_json": {"im2txt": "", "user_caption": "Tram #lisbon"},
            "search_captions": "street tram",
            "search_location": "Rua Augusta, Lisboa, Portugal",
            "big_thumbnail_url": f"/media/thumbnails_big/{photo.image_hash}.webp",
            "square_thumbnail_url": f"/media/square_thumbnails/{photo.image_hash}.webp",
            "small_square_thumbnail_url": f"/media/square_thumbnails_small/{photo.image_hash}.webp",
            "geolocation_json": {"places": ["Rua Augusta", "Lisboa", "Portugal"], "_v": "1"},
            "exif_json": None,
            "image_path": [str(photo.path)],
            "shared_to": [stranger.user_id],
            "similar_photos": [],
            "camera": "Canon EOS R5",
            "height": 4000,
            "width": 6000,
            "file_variants": None,
            "stacks": None,
            "ocr": None,
            "metadata": {
                "camera_display": "Canon EOS R5",
                "lens_display": "RF24-70mm F2.8 L IS USM",
                "aperture": 2.8,
                "shutter_speed": "1/250",
                "iso": 100,
                "focal_length": 35.0,
                "focal_length_35mm": 35,
                "resolution": "6000x4000",
                "megapixels": 24.0,
                "date_taken": "2023-07-01T14:05:09Z",
                "has_location": True,
                "rating": 4,
                "source": "embedded",
                "version": 1,
                "has_edits": False,
            },
        }
        assert detail["hidden"] is False
    assert b'"exif_json":null' in client.get(f"/api/photos/{photo.uuid}").content


def test_a_photo_without_metadata_has_the_published_blanks(client, builder, user):
    photo = builder.add_photo(user, taken_local=None)
    detail = client.get(f"/api/photos/{photo.uuid}/").json()
    assert detail["captions_json"] == {"im2txt": ""}
    assert (detail["height"], detail["width"]) == (0, 0)
    assert (detail["metadata"], detail["geolocation_json"], detail["exif_timestamp"]) == (None, None, None)
    assert detail["people"] == detail["shared_to"] == detail["embedded_media"] == []
    lacking = builder.add_photo(user, metadata={"iso": 100, "camera_make": "Canon", "camera_model": "R5"})
    detail = client.get(f"/api/photos/{lacking.uuid}/").json()
    assert (detail["height"], detail["width"], detail["camera"]) == (None, None, "Canon R5")
    assert detail["metadata"]["resolution"] is None


def test_faces_are_named_by_people_then_by_the_likelier_suggestion(client, builder, user):
    photo = builder.add_photo(user)
    named, grouped = builder.add_person(user, "Bea"), builder.add_person(user, "Unknown 1", "CLUSTER")
    first = builder.add_face(photo)
    builder.add_face(photo, cluster_person_id=grouped, cluster_probability=0.7)
    builder.add_face(
        photo,
        cluster_person_id=grouped,
        cluster_probability=0.2,
        classification_person_id=named,
        classification_probability=0.9,
    )
    builder.add_face(photo, person_id=named, is_deleted=True)
    people = client.get(f"/api/photos/{photo.uuid}/").json()["people"]
    assert [(each["name"], each["type"], each["probability"]) for each in people] == [
        ("", "", 0),
        ("Unknown 1", "cluster", 0.7),
        ("Bea", "classification", 0.9),
    ]
    assert people[0]["face_id"] == first


def test_in_which_folder_a_photo_lies_is_told_to_its_owner_only(
    client, instance, stranger, anonymous, builder, user
):
    photo = builder.add_photo(user, name="shot.jpg", is_public=True, metadata={"search_captions": ""})
    raw = photo.path.with_suffix(".cr2")
    builder.add_file(user, photo, raw, kind=4)
    instance.db.commit(refresh_search_text, [photo.photo_id])
    address = f"/api/photos/{photo.uuid}/"
    assert client.get(address).json()["image_path"] == [str(photo.path), str(raw)]
    assert client.get(address).json()["search_captions"] == f"{photo.path} {raw}"
    for visitor in (instance.client(stranger.bearer), anonymous):
        answer = visitor.get(address)
        detail = answer.json()
        assert detail["image_path"] == ["shot.jpg", "shot.cr2"]
        assert detail["search_captions"] == "shot.jpg shot.cr2"
        assert [variant["path"] for variant in detail["file_variants"]] == ["shot.jpg", "shot.cr2"]
        assert str(photo.path.parent) not in answer.text


def test_variants_and_clips_are_listed(client, builder, user):
    photo = builder.add_photo(user, name="shot.jpg")
    raw = photo.path.with_suffix(".cr2")
    builder.add_file(user, photo, raw, kind=4, hash="f" * 32 + str(user.user_id))
    builder.add_clip(photo)
    detail = client.get(f"/api/photos/{photo.uuid}/").json()
    assert detail["image_path"] == [str(photo.path), str(raw)]
    assert detail["embedded_media"] == [{"id": photo.image_hash, "type": "video"}]
    assert detail["file_variants"] == [
        {
            "hash": photo.image_hash,
            "path": str(photo.path),
            "type": "image",
            "type_id": 1,
            "is_main": True,
            "filename": "shot.jpg",
        },
        {
            "hash": "f" * 32 + str(user.user_id),
            "path": str(raw),
            "type": "raw",
            "type_id": 4,
            "is_main": False,
            "filename": "shot.cr2",
        },
    ]


def test_videos_have_clips_as_square_thumbnails(client, builder, user):
    video = builder.add_photo(user, is_video=True, metadata={"video_playback_type": "video/mp4"})
    detail = client.get(f"/api/photos/{video.uuid}/").json()
    assert detail["square_thumbnail_url"] == f"/media/square_thumbnails/{video.image_hash}.mp4"
    assert detail["big_thumbnail_url"].endswith(".webp")
    assert detail["video_playback_type"] == "video/mp4"


def test_who_sees_the_detail(instance, builder, user, stranger, anonymous):
    """Rows: a photo; columns: its owner, a sharee, a member of an album of the owner's, a stranger, nobody."""
    sharee, member = instance.add_user(), instance.add_user()
    private, shared, in_album, public = (builder.add_photo(user) for _ in range(4))
    builder.change_photo(user, public, is_public=True)
    builder.share_photo(shared, sharee)
    builder.share_album(builder.add_album(user, in_album), member)
    # Whoever puts a photo of another's into an album of their own vouches for nothing.
    foreign_album = builder.add_album(stranger, private)
    builder.share_album(foreign_album, member)
    expected = {
        private: (200, 404, 404, 404, 404),
        shared: (200, 200, 404, 404, 404),
        in_album: (200, 404, 200, 404, 404),
        public: (200, 200, 200, 200, 200),
    }
    callers = [instance.client(account.bearer) for account in (user, sharee, member, stranger)] + [anonymous]
    for photo, statuses in expected.items():
        for caller, status in zip(callers, statuses, strict=True):
            for suffix in ("", "summary/", "albums/"):
                assert caller.get(f"/api/photos/{photo.uuid}/{suffix}").status_code == status
                assert caller.get(f"/api/photos/{photo.image_hash}/{suffix}").status_code == status
    for column in ("is_hidden", "is_trashed"):
        for photo in (shared, in_album, public):
            builder.change_photo(user, photo, **{column: True})
            assert [caller.get(f"/api/photos/{photo.uuid}/").status_code for caller in callers] == [
                200,
                *[404] * 4,
            ]
            builder.change_photo(user, photo, **{column: False})
    builder.change_photo(user, public, is_removed=True)
    assert [caller.get(f"/api/photos/{public.uuid}/").status_code for caller in callers] == [404] * 5
    for caller in callers:
        caller.close()


def test_unknown_and_foreign_photos_get_the_same_answer(client, anonymous, builder, stranger):
    foreign = builder.add_photo(stranger)
    for caller in (client, anonymous):
        for suffix, body in (("", UNKNOWN), ("summary/", None), ("albums/", None)):
            answers = [
                caller.get(f"/api/photos/{name}/{suffix}")
                for name in (
                    foreign.uuid,
                    foreign.image_hash,
                    UNKNOWN_UUID,
                    "9" * 32 + "1",
                    "17",
                    "x",
                    "%2e%2e",
                )
            ]
            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1
            assert len({tuple(sorted(set(answer.headers) - {"date"})) for answer in answers}) == 1
            assert (answers[0].json() if answers[0].content else None) == body


def test_a_sharee_does_not_learn_with_whom_else_a_photo_is_shared(instance, builder, user, stranger):
    photo, other = builder.add_photo(user), instance.add_user()
    builder.share_photo(photo, stranger)
    builder.share_photo(photo, other)
    with instance.client(stranger.bearer) as caller:
        assert caller.get(f"/api/photos/{photo.uuid}/").json()["shared_to"] == [stranger.user_id]


def test_the_detail_is_changed_elsewhere(client, anonymous, builder, user):
    photo = builder.add_photo(user, is_public=True)
    for method in ("PATCH", "PUT", "DELETE"):
        for form in ("", "/"):
            assert client.request(method, f"/api/photos/{photo.uuid}{form}").status_code == 405
            assert anonymous.request(method, f"/api/photos/{photo.uuid}{form}").status_code == 401


def test_of_two_photos_with_one_hash_the_callers_own_comes_first(client, builder, user, stranger):
    theirs = builder.add_photo(stranger, is_public=True)
    mine = builder.add_photo(user, image_hash=theirs.image_hash)
    assert client.get(f"/api/photos/{theirs.image_hash}/").json()["id"] == mine.uuid
    builder.change_photo(user, mine, is_removed=True)
    assert client.get(f"/api/photos/{theirs.image_hash}/").json()["id"] == theirs.uuid


def test_the_summary_answers_while_a_photo_is_processed(client, builder, user, stranger, instance):
    early = builder.add_photo(user, aspect_ratio=None)
    assert client.get(f"/api/photos/{early.uuid}/").status_code == 404
    answer = client.get(f"/api/photos/{early.image_hash}/summary/").json()
    assert list(answer) == ["photo_summary", "album_date_id", "processing"]
    assert (answer["album_date_id"], answer["processing"]) == (early.day_id, True)
    assert isinstance(answer["photo_summary"]["aspectRatio"], float)
    builder.share_photo(early, stranger)
    with instance.client(stranger.bearer) as caller:
        assert caller.get(f"/api/photos/{early.uuid}/summary/").status_code == 404
    builder.change_photo(user, early, aspect_ratio=1.33)
    assert client.get(f"/api/photos/{early.uuid}/summary").json()["processing"] is False


def test_the_albums_of_a_photo(client, instance, builder, user, stranger, anonymous):
    photo, hidden = builder.add_photo(user, is_public=True, rating=2), builder.add_photo(user, is_hidden=True)
    album_id = builder.add_album(user, photo, hidden)
    builder.link_album(album_id, slug=f"slug-{user.user_id}", share_timestamps=True)
    private_id = builder.add_album(user, photo)
    builder.share_album(album_id, stranger)
    results = client.get(f"/api/photos/{photo.uuid}/albums/").json()["results"]
    assert [each["id"] for each in results] == [album_id, private_id]
    assert list(results[0]) == [
        "id",
        "cover_photo",
        "created_on",
        "favorited",
        "locked",
        "title",
        "shared_to",
        "owner",
        "photo_count",
        "public",
        "public_slug",
        "public_expires_at",
        "public_sharing_options",
    ]
    assert results[0] == {
        **results[0],
        "cover_photo": {
            "image_hash": photo.image_hash,
            "rating": 2,
            "hidden": False,
            "exif_timestamp": "2023-07-01T14:05:09Z",
            "public": True,
            "video": False,
        },
        "favorited": False,
        "shared_to": [
            {"id": stranger.user_id, "username": stranger.username, "first_name": "", "last_name": ""}
        ],
        "photo_count": 1,
        "public": True,
        "public_slug": f"slug-{user.user_id}",
        "public_expires_at": None,
        "public_sharing_options": {
            "share_location": None,
            "share_camera_info": None,
            "share_timestamps": True,
            "share_captions": None,
            "share_faces": None,
        },
    }
    assert results[1]["public_sharing_options"] is None
    assert results[1]["public"] is False
    with instance.client(stranger.bearer) as caller:
        shared = caller.get(f"/api/photos/{photo.uuid}/albums/").json()["results"]
        assert [each["id"] for each in shared] == [album_id]
    assert anonymous.get(f"/api/photos/{photo.uuid}/albums/").json() == {"results": []}


def test_the_list_holds_the_callers_own_visible_photos_newest_first(client, builder, user, stranger):
    old = builder.add_photo(user, taken_local="2001-01-01T00:00:00")
    new = builder.add_photo(user, taken_local="2021-01-01T00:00:00")
    undated = builder.add_photo(user, taken_local=None)
    for column in ("is_hidden", "is_trashed", "is_removed"):
        builder.add_photo(user, **{column: True})
    builder.add_photo(stranger, is_public=True)
    builder.share_photo(builder.add_photo(stranger), user)
    page = client.get("/api/photos/").json()
    assert list(page) == ["count", "next", "previous", "results"]
    assert (page["count"], page["next"], page["previous"]) == (3, None, None)
    assert [each["id"] for each in page["results"]] == [new.uuid, old.uuid, undated.uuid]
    assert page["results"][0] == client.get(f"/api/photos/{new.uuid}/").json()
    second = client.get("/api/photos?page_size=2&page=2").json()
    assert [each["id"] for each in second["results"]] == [undated.uuid]
    assert second["previous"].endswith("/api/photos/?page_size=2")
    assert client.get("/api/photos/?page=9").json() == {
        "errors": [{"field": "detail", "message": "Invalid page."}]
    }


def test_the_list_is_closed_to_anonymous_callers(anonymous):
    assert anonymous.get("/api/photos/").status_code == 401


def test_search_finds_every_term_somewhere(client, builder, user):
    tram = builder.add_photo(
        user,
        metadata={"search_captions": "street tram"},
        location="Lisboa, Portugal",
        name="Übersicht/IMG_1.jpg",
    )
    beach = builder.add_photo(
        user, metadata={"search_captions": "beach 100% sun"}, taken_local="2019-05-06T07:08:09"
    )
    builder.add_face(beach, person_id=builder.add_person(user, "Zoë"))

    def found(search):
        answer = client.get("/api/photos/", params={"search": search})
        assert answer.status_code == 200
        return {each["id"] for each in answer.json()["results"]}

    assert found("TRAM") == found("ram, lisboa") == found('"street tram"') == found("IMG_1") == {tram.uuid}
    assert found("2019-05") == found("100%") == found("zoë") == {beach.uuid}
    assert found("tram beach") == found("'tram street'") == found("tr_m") == set()
    assert found("") == found(" , ") == {tram.uuid, beach.uuid}
    assert found("übersicht") == found("ÜBERSICHT") == {tram.uuid}
    assert client.get("/api/photos/?search=%00").status_code == 400


@pytest.mark.parametrize("count", [3, 300])
def test_lists_make_a_fixed_number_of_statements(instance, builder, count):
    owner, sharee = instance.add_user(), instance.add_user()
    person = builder.add_person(owner, "Bea")
    photos = [builder.add_photo(owner, with_files=False, metadata={"iso": 100}) for _ in range(count)]
    for photo in (photos[0], photos[-1]):
        builder.add_face(photo, person_id=person)
        builder.add_clip(photo)
        builder.share_photo(photo, sharee)
        builder.add_file(owner, photo, photo.path.with_suffix(".cr2"), kind=4)
    viewer = Viewer(user_id=owner.user_id)
    with instance.db.snapshot() as tx:
        assert len(list_own(tx, viewer, OwnPage((), 500, 0))) == count
        # The page, its rows, their owners, and one a kind of what belongs to them.
        assert tx.statement_count == 7
    with instance.db.snapshot() as tx:
        get_detail(tx, viewer, PhotoKey(photos[1].uuid, True))
        assert tx.statement_count == 1
