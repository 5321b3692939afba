"""Thing albums: the list, the photos of one, and the hashtags of captions."""

import httpx
import pytest

from librephotos.accounts.viewer import Viewer
from librephotos.albums.hashtags import find_hashtags
from librephotos.albums.queries.grouped import group_things
from librephotos.kit import json
from librephotos.photos.changes import photos_changed
from tests.builders import Builder, Photo, stored
from tests.instance import Account, Instance


def caption(instance: Instance, owner: Account, photo: Photo, text: str) -> None:
    """Write a caption, as the endpoints do."""
    with instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE photo_metadata SET captions = '{json.dumps({'user_caption': text})}' "
            f"WHERE photo_id = {photo.photo_id}"
        )
        photos_changed(tx, owner.user_id, [photo.photo_id])


def listed(client: httpx.Client, query: str = "") -> list[tuple[str, int]]:
    rows = client.get(f"/api/albums/thing/list/{query}").json()["results"]
    return [(row["title"], row["photo_count"]) for row in rows]


def test_things_are_listed_from_the_last_title_with_covers(
    client: httpx.Client, builder: Builder, user: Account
) -> None:
    first, second = (builder.add_photo(user, with_files=False) for _ in range(2))
    beach = builder.add_thing(user, first, second, title="#beach")
    builder.add_thing(user, first, title="#tram")
    builder.add_thing(user, first, title="places of old", thing_type="places365_category")
    builder.add_thing(user, title="#empty")
    assert listed(client) == [("#tram", 1), ("#beach", 2)]
    assert listed(client, "?search=BEA") == [("#beach", 2)]
    row = client.get("/api/albums/thing/list").json()["results"][1]
    assert row == {
        "id": beach,
        "cover_photos": [{"image_hash": each.image_hash, "video": False} for each in (second, first)],
        "title": "#beach",
        "photo_count": 2,
        "thing_type": "hashtag_attribute",
    }
    detail = client.get(f"/api/albums/thing/{beach}").json()["results"]
    assert (detail["id"], detail["title"]) == (str(beach), "#beach")
    assert [item["id"] for group in detail["grouped_photos"] for item in group["items"]] == [
        second.uuid,
        first.uuid,
    ]


def test_all_things_come_with_their_photos(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    assert client.get("/api/albums/thing/").json() == {"results": []}
    first, second = (builder.add_photo(user, with_files=False) for _ in range(2))
    # More than go into one piece.
    for number in range(45):
        builder.add_thing(user, first, second, title=f"#{number:02}")
    builder.add_thing(user, first, title="of old", thing_type="places365_category")
    things = client.get("/api/albums/thing").json()["results"]
    assert [each["title"] for each in things] == [title for title, _ in listed(client)]
    assert things[7] == client.get(f"/api/albums/thing/{things[7]['id']}/").json()["results"]
    counts = []
    for titles in ([(int(things[0]["id"]), "")], [(int(each["id"]), "") for each in things]):
        with instance.db.snapshot() as tx:
            group_things(tx, Viewer(user_id=user.user_id), titles)
            counts.append(tx.statement_count)
    assert counts == [2, 2]


def test_a_thing_of_a_type_that_is_not_listed_is_unknown(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account, stranger: Account
) -> None:
    photo = builder.add_photo(user, with_files=False)
    old = builder.add_thing(user, photo, thing_type="places365_category")
    mine = builder.add_thing(user, photo)
    for album_id in (old, 987654321):
        answer = client.get(f"/api/albums/thing/{album_id}/")
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
            404,
            "No AlbumThing matches the given query.",
        )
    with instance.client(stranger.bearer) as other:
        assert other.get(f"/api/albums/thing/{mine}/").status_code == 404
    assert client.get("/api/albums/thing/abc/").status_code == 404


def test_hashtags_of_a_caption_are_things_while_it_has_them(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    photos = [builder.add_photo(user, metadata={"captions": stored({})}, with_files=False) for _ in range(2)]
    caption(instance, user, photos[0], "A #tram, in #Lisboa! #tram #")
    assert listed(client) == [("#tram", 1), ("#Lisboa", 1)]
    caption(instance, user, photos[1], "#tram")
    assert listed(client) == [("#tram", 2), ("#Lisboa", 1)]
    caption(instance, user, photos[0], "a tram")
    assert listed(client) == [("#tram", 1)]
    caption(instance, user, photos[1], "")
    assert listed(client) == []
    with instance.db.snapshot() as tx:
        sql = f"SELECT count(*) FROM deletion_log WHERE owner_id = {user.user_id} AND entity = 'album_thing'"
        assert tx.connection.execute(sql).fetchone() == (2,)


def test_things_of_models_stay_when_a_caption_changes(
    instance: Instance, client: httpx.Client, builder: Builder, user: Account
) -> None:
    photo = builder.add_photo(user, metadata={}, with_files=False)
    builder.add_thing(user, photo, title="dog", thing_type="None_tag")
    caption(instance, user, photo, "#cat")
    assert listed(client) == [("dog", 1), ("#cat", 1)]
    builder.change_photo(user, photo, is_trashed=True)
    instance.db.commit(photos_changed, user.user_id, [photo.photo_id])
    assert listed(client) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# ## no#tag", ["##"]),
        ("#one #two. (#not) #one", ["#one", "#two"]),
        ("#über\n#日本", ["#über", "#日本"]),
    ],
)
def test_hashtags_are_words_that_begin_with_the_sign(text: str, expected: list[str]) -> None:
    assert find_hashtags(text) == expected
