"""What a photo is of: a scene, a screen or a document."""

from tests.photos.rows import photo_row, read_all
from tests.photos.test_flags import errors, post

COLUMNS = ("is_screenshot", "is_document", "category_source")


def test_a_category_is_set_for_good(client, instance, builder, user, stranger):
    photo = builder.add_photo(user, with_files=False, metadata={"captions": None})
    video = builder.add_photo(user, with_files=False, is_video=True)
    foreign = builder.add_photo(stranger, with_files=False)
    asked = [photo.uuid, video.uuid, foreign.uuid, "x"]
    for category, marks in (("screenshot", (1, 0)), ("document", (0, 1)), ("photo", (0, 0))):
        answer = post(client, "category", {"image_hashes": asked, "category": category}).json()
        assert answer == {
            "status": True,
            "count": 2 if category == "photo" else 1,
            "updated_hashes": [photo.uuid, video.uuid] if category == "photo" else [photo.uuid],
            "not_updated_hashes": [] if category == "photo" else [video.uuid],
        }
        assert photo_row(instance, photo, *COLUMNS) == (*marks, "user")
        words = read_all(
            instance, f"SELECT search_captions FROM photo_metadata WHERE photo_id = {photo.photo_id}"
        )
        assert (f"type: {category}" in words[0][0]) == (category != "photo")
    again = post(client, "category", {"image_hashes": asked, "category": "photo"}).json()
    assert (again["count"], again["not_updated_hashes"]) == (0, [photo.uuid, video.uuid])
    assert photo_row(instance, foreign, *COLUMNS) == (0, 0, "auto")


def test_auto_looks_again(client, instance, builder, user):
    read = {"metadata": {"camera_model": "X"}}
    shot = builder.add_photo(
        user, name="Screenshot 2023-07-01.jpg", with_files=False, is_document=True, **read
    )
    plain = builder.add_photo(user, with_files=False, is_screenshot=True, category_source="user", **read)
    bare = builder.add_photo(user, with_files=False, name="drawn.png", metadata={})
    video = builder.add_photo(user, name="Screenshot.mp4", with_files=False, is_video=True)
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE file SET mime = 'image/png' WHERE photo_id = {bare.photo_id}")
    asked = [each.uuid for each in (shot, plain, bare, video)]
    body = {"image_hashes": asked, "category": "auto", "category_source": "user"}
    answer = post(client, "category", body).json()
    assert (answer["count"], answer["not_updated_hashes"]) == (3, [video.uuid])
    assert [photo_row(instance, each, *COLUMNS) for each in (shot, plain, bare, video)] == [
        (1, 0, "auto"),
        (0, 0, "auto"),
        (1, 0, "auto"),
        (0, 0, "auto"),
    ]
    refused = post(client, "category", {"select_all": True, "category": "auto"})
    assert errors(refused) == {"category": "auto works with image_hashes only."}


def test_a_selection_counts_what_changes(client, instance, builder, user):
    photo = builder.add_photo(user, with_files=False)
    builder.add_photo(user, with_files=False, is_video=True)
    body = {"select_all": True, "query": {}, "category": "document"}
    assert post(client, "category", body).json() == {"status": True, "count": 1}
    assert photo_row(instance, photo, *COLUMNS) == (0, 1, "user")
    assert post(client, "category", body).json() == {"status": True, "count": 0}


def test_only_known_categories_are_taken(client, anonymous):
    assert errors(post(client, "category", {"image_hashes": []})) == {"category": "This field is required."}
    refused = post(client, "category", {"image_hashes": [], "category": "selfie"})
    assert errors(refused) == {"category": '"selfie" is not a valid choice.'}
    assert post(client, "category", {"image_hashes": [], "category": 1}).status_code == 400
    assert post(anonymous, "category", {"image_hashes": [], "category": "photo"}).status_code == 401
    assert client.post("/api/photosedit/category", json={"image_hashes": [], "category": "photo"}).json() == {
        "status": True,
        "count": 0,
        "updated_hashes": [],
        "not_updated_hashes": [],
    }
