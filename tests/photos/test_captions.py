"""Captions and their hashtags."""

from librephotos.photos.provenance import Told, get_described, set_described
from tests.builders import stored
from tests.photos.rows import list_version, photo_row, read_all
from tests.photos.test_flags import MISSING, UNKNOWN, errors, post

NOT_FOUND = {"status": False, "message": "photo not found"}


def captions(client, photo):
    return client.get(f"/api/photos/{photo.uuid}/").json()["captions_json"]


def test_a_caption_is_saved_searched_and_cleared(client, instance, builder, user):
    model = {"im2txt": "a tram", "mobileclip_s2": {"tags": ["street"]}}
    photo = builder.add_photo(user, metadata={"captions": stored(model)})
    version, modified = list_version(instance, user), photo_row(instance, photo, "modified_at")[0]
    body = {"image_hash": photo.image_hash, "caption": " <start>Tram 28 #lisbon<end> "}
    assert post(client, "savecaption", body).json() == {"status": True}
    assert captions(client, photo) == {**model, "user_caption": "Tram 28 #lisbon"}
    found = client.get("/api/photos/?search=lisbon").json()
    assert [each["image_hash"] for each in found["results"]] == [photo.image_hash]
    assert list_version(instance, user) > version
    assert photo_row(instance, photo, "modified_at")[0] > modified
    assert post(client, "savecaption", {"image_hash": photo.uuid, "caption": ""}).json() == {"status": True}
    assert captions(client, photo) == {**model, "user_caption": ""}
    assert client.get("/api/photos/?search=lisbon").json()["count"] == 0
    # Cleared is cleared: a file's description does not come back with the next scan.
    with instance.db.transaction() as tx:
        set_described(tx, photo.photo_id, get_described(tx, photo.photo_id), Told(caption="From the file"))
    assert captions(client, photo)["user_caption"] == ""


def test_a_photo_without_metadata_gets_its_row(client, instance, builder, user):
    photo = builder.add_photo(user, with_files=False)
    body = {"image_hash": photo.uuid, "caption": "Only this"}
    assert client.post("/api/photosedit/savecaption", json=body).json() == {"status": True}
    sql = f"SELECT captions, search_captions FROM photo_metadata WHERE photo_id = {photo.photo_id}"
    ((saved, words),) = read_all(instance, sql)
    assert saved == '{"user_caption":"Only this"}'
    assert words.startswith("Only this ")


def test_nothing_is_saved_before_the_thumbnail_or_without_text(client, builder, user):
    early = builder.add_photo(user, with_files=False, aspect_ratio=None)
    ready = builder.add_photo(user, with_files=False)
    for name, caption in ((early.uuid, "x"), (ready.uuid, None), (ready.uuid, 5), (ready.uuid, ["x"])):
        answer = post(client, "savecaption", {"image_hash": name, "caption": caption})
        assert (answer.status_code, answer.json()) == (200, {"status": False})
    assert captions(client, ready) == {"im2txt": ""}


def test_others_photos_are_not_found(client, builder, user, stranger, anonymous):
    foreign = builder.add_photo(stranger, is_public=True)
    shared = builder.add_photo(stranger)
    builder.share_photo(shared, user)
    removed = builder.add_photo(user, is_removed=True)
    for name in (foreign.uuid, foreign.image_hash, shared.uuid, removed.uuid, MISSING, UNKNOWN, "x", ""):
        for caption in ("mine", 5):
            answer = post(client, "savecaption", {"image_hash": name, "caption": caption})
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND), name
    assert post(anonymous, "savecaption", {"image_hash": foreign.uuid, "caption": "x"}).status_code == 401


def test_bad_input_is_told_by_its_field(client, builder, user):
    photo = builder.add_photo(user, with_files=False)
    required = "This field is required."
    assert errors(post(client, "savecaption", {})) == {"image_hash": required, "caption": required}
    assert errors(post(client, "savecaption", {"image_hash": photo.uuid})) == {"caption": required}
    for caption in ("\x00", "x" * 100_001):
        refused = post(client, "savecaption", {"image_hash": photo.uuid, "caption": caption})
        assert set(errors(refused)) == {"caption"}
    surrogate = client.post(
        "/api/photosedit/savecaption/",
        content=b'{"image_hash":"x","caption":"\\ud800"}',
        headers={"Content-Type": "application/json"},
    )
    assert errors(surrogate) == {"caption": "Not a valid string."}
    assert set(errors(post(client, "savecaption", {"image_hash": [], "caption": ""}))) == {"image_hash"}
    assert post(client, "savecaption", []).status_code == 400


def test_hashtags_of_a_caption_are_things_while_it_has_them(client, builder, user):
    photo = builder.add_photo(user, with_files=False)
    for caption, titles in (
        ("On #tram 28 in #lisbon", ["#lisbon", "#tram"]),
        ("Only #tram", ["#tram"]),
        ("", []),
    ):
        post(client, "savecaption", {"image_hash": photo.uuid, "caption": caption})
        things = client.get("/api/albums/thing/list/").json()["results"]
        assert sorted(each["title"] for each in things) == titles


def test_no_model_writes_captions_yet(client, builder, user):
    photo = builder.add_photo(user, with_files=False)
    answer = post(client, "generateim2txt", {"image_hash": photo.uuid})
    assert answer.status_code == 403
    assert answer.json() == {"status": False, "message": "Image captioning is disabled"}
    assert errors(post(client, "generateim2txt", {})) == {"image_hash": "This field is required."}
