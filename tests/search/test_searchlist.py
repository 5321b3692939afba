"""Searching over HTTP: what terms find, in which order and shape, and that nothing else is found."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from librephotos.accounts.facts import find_fact
from librephotos.accounts.viewer import Viewer
from librephotos.db import text_search
from librephotos.db.statements import SQLITE
from librephotos.db.text_search import find_candidates, whose
from librephotos.photos.changes import photos_changed, recount_all
from librephotos.photos.queries.gatherings import Slice
from librephotos.search.jobs import TEXTS_FACT, TEXTS_VERSION, index_photos
from librephotos.search.language import parse_language
from librephotos.search.queries import found
from librephotos.search.routes import PIECE_PHOTOS
from tests.builders import Builder, Photo, stored
from tests.conftest import NewInstance
from tests.databases import ON_POSTGRESQL
from tests.instance import Account, Instance
from tests.keys import add_key
from tests.search.asking import PATH, find, flat
from tests.search.conftest import tell


def test_both_spellings_answer_head_too_and_nobody_unknown(client, anonymous):
    for path in (PATH, PATH.rstrip("/"), "/api/searchtermexamples/", "/api/searchtermexamples"):
        assert client.get(path).status_code == 200
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert anonymous.get(path).status_code == 401
    assert client.get(f"{PATH}?search=nothing").json() == {"results": []}


def test_terms_are_found_anywhere_in_what_is_known_of_a_photo(client, add):
    beach = add("A day at the Beach /photos/IMG_0701.jpg Canon EOS", location="Rua Augusta, Lisboa, Portugal")
    add("Something else", taken_local="2019-03-04T08:00:00", location="Bern, Switzerland")
    words = ("beach", "ach", "BEACH", "0701", "lisboa", "2023-07", "14:05:09+00", "07-01 14", "ch", "y")
    several = ("ach 0701", "canon, lisb", '"day at the"', "'at the beach'", '"2023-07-01 14:05"')
    for search in (*words, *several):
        assert find(client, search) == [beach.image_hash], search
    assert find(client, "07-01 24") == []
    assert find(client, "beach switzerland") == []
    assert find(client, '"the day"') == []


def test_letters_are_compared_whatever_their_case_and_composition(client, add):
    photo = add("Straße in KÖLN mit Ελλάς und Muse\u0301e 東京タワー 🏖")
    for search in ("köln", "KO\u0308LN", "strasse", "STRAẞE", "ΕΛΛΆΣ", "musée", "京タ", "京タワー", "🏖"):
        assert find(client, search) == [photo.image_hash], search


def test_what_patterns_and_index_would_read_as_their_own_is_text(client, add):
    odd = add('100% of a_b c\\d "quoted" AND (x) it\'s * ^ NEAR/2')
    add("1000 of axb cd quoted")
    for search in ("100%", "a_b", "c\\d", "(x)", "it's", "near/2", "* ^", "'\"quoted\"'", "0% of"):
        assert find(client, search) == [odd.image_hash], search
    for search in ("%%%", "___", "\\\\\\", "nothing*"):
        assert find(client, search) == []


def test_no_term_is_found_across_two_things_that_are_known(client, add):
    add("ends with bea", location="chapel road")
    assert find(client, "beach") == []
    assert find(client, '"bea chapel"') == []


def test_an_empty_search_finds_every_visible_photo(client, add, builder, user, stranger):
    untold = builder.add_photo(user, with_files=False, taken_local="2020-01-01T00:00:00")
    mine = add("mine")
    for state in ({"is_hidden": True}, {"is_trashed": True}, {"is_removed": True}, {"aspect_ratio": None}):
        add("mine", **state)
    add("mine", owner=stranger, is_public=True)
    for search in ("", " ", " , ,, ", '""'):
        assert find(client, search) == [mine.image_hash, untold.image_hash]
    assert flat(client.get(PATH)) == [mine.image_hash, untold.image_hash]
    assert find(client, "mine") == [mine.image_hash]


def test_days_come_newest_first_and_the_undated_last(client, add):
    undated = [add("walk", taken_local=None) for _ in range(2)]
    early = add("walk", taken_local="2021-05-01T08:00:00")
    late = add("walk", taken_local="2021-05-02T08:00:00")
    later = add("walk", taken_local="2021-05-02T09:00:00")
    answer = client.get(f"{PATH}?search=walk").json()
    assert [(g["date"], g["location"], len(g["items"])) for g in answer["results"]] == [
        ("2021-05-02T09:00:00Z", "", 2),
        ("2021-05-01T08:00:00Z", "", 1),
        ("No timestamp", "", 2),
    ]
    order = [later, late, early, *reversed(undated)]
    assert find(client, "walk") == [each.image_hash for each in order]
    item = answer["results"][0]["items"][0]
    assert (item["id"], item["date"]) == (later.uuid, "2021-05-02T09:00:00+00:00")


def test_accounts_that_search_by_meaning_get_one_list(instance, builder):
    user = instance.add_user(semantic_search_topk=5)
    made = [
        builder.add_photo(user, with_files=False, taken_local=time, metadata={"search_captions": "walk"})
        for time in ("2021-05-01T08:00:00", "2021-05-02T08:00:00", None)
    ]
    tell(instance, user, *made)
    with instance.client(user.bearer) as client:
        whole = client.get(f"{PATH}?search=walk").json()
        assert [item["id"] for item in whole["results"]] == [made[1].uuid, made[0].uuid, made[2].uuid]
        assert client.get(f"{PATH}?search=none").json() == {"results": []}
        page = client.get(f"{PATH}?search=walk&page=2&page_size=2").json()
        assert ([item["id"] for item in page["results"]], page["count"]) == ([made[2].uuid], 3)


def test_pages_add_up_and_end(client, add):
    made = [add("walk", taken_local=f"2021-05-{day:02}T08:00:00") for day in range(1, 6)]
    pages = [client.get(PATH, params={"search": "walk", "page": str(n), "page_size": "2"}) for n in (1, 2, 3)]
    assert [item for page in pages for item in flat(page)] == [each.image_hash for each in reversed(made)]
    assert all(page.json()["count"] == 5 for page in pages)
    assert flat(client.get(f"{PATH}?search=walk&page=last&page_size=2")) == [made[0].image_hash]
    past = client.get(f"{PATH}?search=walk&page=4&page_size=2")
    assert (past.status_code, past.json()["errors"][0]["message"]) == (404, "Invalid page.")
    assert client.get(f"{PATH}?search=none&page=1").json() == {"results": [], "count": 0}


def test_flags_narrow_and_video_wins(client, add):
    video = add("walk", is_video=True)
    still = add("walk", taken_local="2020-01-01T00:00:00")
    shot = add("walk", taken_local="2019-01-01T00:00:00", is_screenshot=True)
    document = add("walk", taken_local="2018-01-01T00:00:00", is_screenshot=True, is_document=True)
    assert find(client, "walk", video="false") == [video.image_hash]
    assert find(client, "walk", video="1", photo="1") == [video.image_hash]
    assert find(client, "walk", photo="1") == [each.image_hash for each in (still, shot, document)]
    assert find(client, "", photo="1", is_screenshot="1", is_document="1") == [document.image_hash]


def test_an_unchanged_page_is_not_sent_again(client, add):
    add("walk")
    path = f"{PATH}?search=walk&page=1"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    add("walk")
    changed = client.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["count"]) == (200, 2)


def test_the_text_follows_whatever_it_is_made_of(client, add, builder, instance, user):
    photo = add("walk")
    builder.add_tag(user, photo, name="Holiday")
    person = builder.add_person(user, "Ada Lovelace")
    builder.add_face(photo, person_id=person)
    tell(instance, user, photo)
    for term in ("holiday", "lovelace", "ada"):
        assert find(client, term) == [photo.image_hash]
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE person SET name = 'Grace' WHERE id = {person}")
        tx.connection.execute(f"UPDATE photo SET location = 'Oslo' WHERE id = {photo.photo_id}")
    tell(instance, user, photo)
    assert find(client, "lovelace") == []
    assert find(client, "grace oslo") == [photo.image_hash]
    body = {"image_hashes": [photo.image_hash], "hidden": True}
    client.post("/api/photosedit/hide", json=body).raise_for_status()
    assert find(client, "grace") == []
    client.post("/api/photosedit/hide", json={**body, "hidden": False}).raise_for_status()
    assert find(client, "grace") == [photo.image_hash]


def test_renamed_and_deleted_tags_are_followed(client, add, builder, user):
    photo = add("walk")
    tag = builder.add_tag(user, photo, name="before")
    client.patch(f"/api/tags/{tag}/", json={"name": "afterwards"}).raise_for_status()
    assert find(client, "afterwards") == [photo.image_hash]
    assert find(client, "before") == []
    client.delete(f"/api/tags/{tag}/").raise_for_status()
    assert find(client, "afterwards") == []


def test_a_photo_that_is_deleted_leaves_the_index(instance, add):
    photo = add("vanishing-word")
    with instance.db.transaction() as tx:
        assert find_candidates(tx, ["vanishing-word"], 10) == [photo.photo_id]
        tx.connection.execute(f"UPDATE photo SET main_file_id = NULL WHERE id = {photo.photo_id}")
        tx.connection.execute(f"DELETE FROM photo WHERE id = {photo.photo_id}")
        assert find_candidates(tx, ["vanishing-word"], 10) == []


def test_common_and_rare_words_are_found_alike(instance, add, user, monkeypatch):
    """Once by candidates of the index, once by walking the photos: the same photos in the same order."""
    times = ("2021-05-01T08:00:00", "2021-05-01T08:00:00", None, "2022-01-01T00:00:00", None)
    made = [add(f"common {number}", taken_local=time) for number, time in enumerate(times)]
    viewer = Viewer(user_id=user.user_id)
    expected = [made[number].image_hash for number in (3, 1, 0, 4, 2)]
    for few in (0, 5_000):
        monkeypatch.setattr(found, "FEW", few)
        with instance.db.snapshot() as tx:
            search = parse_language("common")
            assert [p.image_hash for p in found.list_found(tx, viewer, search, Slice(9))] == expected
            assert found.count_found(tx, viewer, search) == 5
            for size in (1, 2, 3, 5, 9):
                pieces, position = [], found.START
                while position is not None:
                    piece = found.next_piece(tx, viewer, search, position, size)
                    pieces += [photo.image_hash for photo in piece.photos]
                    position = piece.next
                assert pieces == expected


def test_counts_are_the_same_with_the_index_and_without(instance, add, builder, user, stranger, monkeypatch):
    """Trigrams that stand apart, other owners and photos that are not seen do not count."""
    shown = (
        "walking bea eac ach",
        "beachfront",
        "a beach",
        "Beach walk",
        "bea\x1fch",
        "一丁丂 beach",
        "be_ch",
    )
    photos = [add(text) for text in shown]
    add("beach walk", is_hidden=True)
    add("beach walk", owner=stranger)
    trashed = add("beach walk")
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE photo SET is_trashed = TRUE WHERE id = {trashed.photo_id}")
        photos_changed(tx, user.user_id, [trashed.photo_id])
    letters = whose(user.user_id)
    searches = (
        "beach",
        "eac",
        "beach walk",
        '"beach walk"',
        "be",
        "ea h",
        "一丁丂",
        letters,
        "be_ch",
        "beach -walk",
    )
    viewer = Viewer(user_id=user.user_id)

    expected = [4, 5, 1, 1, len(photos), 6, 1, 0, 1, 3]
    for few in (0, 5_000):
        monkeypatch.setattr(found, "FEW", few)
        with instance.db.snapshot() as tx:
            assert [found.count_found(tx, viewer, parse_language(each)) for each in searches] == expected
    for photos_of_part in (1, 2, text_search.PART_PHOTOS):
        monkeypatch.setattr(text_search, "PART_PHOTOS", photos_of_part)
        for asked, count in zip(map(parse_language, searches), expected, strict=True):
            with instance.db.snapshot() as tx:
                parts = found.parts_of_count(tx, viewer, asked, 3)
                counted = [found.count_part(tx, viewer, asked, part) for part in parts]
            assert not parts or sum(counted) == count
            assert len(parts) in ((0, 3) if tx.dialect == SQLITE and photos_of_part == 1 else (0, 1, 3))


def test_pages_take_a_fixed_number_of_statements(instance, add, user):
    viewer, counts = Viewer(user_id=user.user_id), []
    for number in range(2):
        for _ in range(3**number):
            add("walk")
        with instance.db.snapshot() as tx:
            found.list_found(tx, viewer, parse_language("walk"), Slice(100))
            counts.append(tx.statement_count)
    assert counts == [4, 4]


def test_a_key_that_is_limited_to_albums_finds_nothing_else(instance: Instance, add, builder, user, client):
    inside, outside = add("walk inside"), add("walk outside", location="Secret City")
    album = builder.add_album(user, inside, title="Given")
    builder.add_album(user, inside, outside, title="Secret plan")
    key = add_key(instance, user, "search:read", albums=[album])
    with instance.client(key.bearer) as limited:
        assert find(limited, "walk") == [inside.image_hash]
        assert find(limited, "") == [inside.image_hash]
        assert find(limited, "album:given") == [inside.image_hash]
        # Not even that the photo is in other albums too.
        assert find(limited, "album:secret") == []
        assert find(limited, "-album:secret walk") == [inside.image_hash]
        examples = limited.get("/api/searchtermexamples/").text
        assert "Secret" not in examples
    assert len(find(client, "album:secret")) == 2


def test_suggestions_come_from_photos_and_stay_for_a_while(client, add, builder, user, instance):
    photo = add("walk", location="Rua Augusta, Lisboa")
    builder.add_tag(user, photo, name="holiday")
    builder.add_face(photo, person_id=builder.add_person(user, "Ada Lovelace"))
    tell(instance, user, photo)
    results = client.get("/api/searchtermexamples/").json()["results"]
    assert {"Rua Augusta", "Lisboa", "2023", "Ada", "holiday"} <= set(results)
    assert len(set(results)) == len(results)
    for term in results:
        assert find(client, term) == [photo.image_hash], term
    add("other", location="Oslo")
    assert client.get("/api/searchtermexamples/").json()["results"] == results


def test_an_empty_library_suggests_what_there_may_be(client):
    assert client.get("/api/searchtermexamples/").json()["results"] == [
        "for people",
        "for places",
        "for things",
        "for time",
        "for file path or file name",
    ]


def test_a_stranger_finds_nothing_of_others_by_any_field(instance, add, builder, user, stranger):
    photo = add("secretword", location="Secretplace", metadata={"camera_model": "Secretcam"})
    builder.add_tag(user, photo, name="secrettag")
    builder.add_album(user, photo, title="secretalbum")
    with instance.client(stranger.bearer) as other:
        for search in ("secretword", "place:secretplace", "camera:secret", "tag:secret", "album:secret"):
            assert find(other, search) == []


QUERIES = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "or",
                    "-",
                    '"',
                    "'",
                    "has:gps",
                    "missing:date",
                    "rating:>3",
                    "type:video",
                    "date:2019..",
                    ",",
                ]
            ),
            st.text(alphabet="ab-:\"' ,%_\\*é東", max_size=12),
        ),
        max_size=12,
    ).map(" ".join),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUERIES)
def test_no_search_fails_the_server(client, text):
    for more in ({}, {"page": "1"}):
        answer = client.get(PATH, params={"search": text.encode("utf-8", "replace").decode(), **more})
        assert answer.status_code in (200, 400), text
        if answer.status_code == 400:
            assert json.loads(answer.content)["errors"][0]["field"] == "search"


def test_long_searches_are_answered_or_refused(client, add):
    add("walk")
    for long in ("w" * 4_000, "?" * 4_000, "\U0001d160" * 4_000, "camera:" + "_" * 3_993):
        assert find(client, long) == []
    for path in (PATH, "/api/photos/", "/api/albums/user/list/"):
        too_long = client.get(path, params={"search": "w" * 4_001})
        assert too_long.status_code == 400
        assert too_long.json()["errors"] == [
            {"field": "search", "message": "Ensure this search has no more than 4000 characters."}
        ]
    assert find(client, " ".join(f"w{n}" for n in range(100))) == []
    refused = client.get(PATH, params={"search": " ".join(f"w{n}" for n in range(101))})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["message"] == "Ensure this search has no more than 100 terms."
    assert find(client, " or ".join(["walk"] * 50)) != []
    assert client.get(f"{PATH}?search=a%00b").json() == {
        "errors": [{"field": "search", "message": "Null characters are not allowed."}]
    }


def test_a_long_answer_comes_in_pieces(client, instance, builder, user):
    """More photos than a piece holds, with days that lie across its end."""
    count = PIECE_PHOTOS + 50
    first = builder.add_photo(user, with_files=False)
    with instance.db.transaction() as tx:
        columns = "owner_id, day_id, added_at, modified_at, taken_local, aspect_ratio, dominant_color"
        tx.connection.cursor().executemany(
            f"INSERT INTO photo (uuid, image_hash, {columns}) SELECT "
            f"'copy-{user.user_id}-' || {'%s' if tx.dialect == 'postgresql' else '?'}, image_hash, {columns} "
            f"FROM photo WHERE id = {first.photo_id}",
            [(str(number),) for number in range(count - 1)],
        )
    tell(instance, user, first)
    answer = client.get(PATH).json()
    assert [len(group["items"]) for group in answer["results"]] == [count]
    assert len({item["id"] for item in answer["results"][0]["items"]}) == count


def test_photos_from_before_the_search_are_found_after_the_start(new_instance):
    instance = new_instance()
    user, builder = instance.add_user(), Builder(instance)
    old = builder.add_photo(
        user, with_files=False, metadata={"search_captions": "an old walk", "captions": stored({})}
    )
    with instance.client(user.bearer) as client:
        assert find(client, "walk") == []
        for _ in range(2):
            index_photos(instance.db, None)
            assert find(client, "walk") == [old.image_hash]
        with instance.db.transaction() as tx:
            assert find_fact(tx, TEXTS_FACT) == TEXTS_VERSION
            # Composed otherwise by a version before.
            tx.connection.execute("UPDATE fact SET value = '0' WHERE name = 'search_texts'")
            tx.connection.execute("UPDATE photo_search SET text = 'wrong'")
        index_photos(instance.db, None)
        assert find(client, "walk") == [old.image_hash]
        with instance.db.transaction() as tx:
            tx.connection.execute("UPDATE photo_search SET text = 'wrong'")
            recount_all(tx, user.user_id)
        assert find(client, "walk") == [old.image_hash]


def test_counts_leave_out_what_is_not_seen_whoever_else_has_photos(new_instance: NewInstance):
    """Alone, an owner's texts are all that the index has; from the first photo of somebody else on, they are not."""
    instance = new_instance()
    user, other, builder = instance.add_user(), instance.add_user(), Builder(instance)

    def put(owner: Account, text: str, **columns: Any) -> Photo:
        photo = builder.add_photo(owner, metadata={"search_captions": text}, with_files=False, **columns)
        tell(instance, owner, photo)
        return photo

    seen = [put(user, "a beach") for _ in range(3)]
    put(user, "a hidden beach", is_hidden=True)
    put(user, "hidden hills", is_hidden=True)
    viewer, beach = Viewer(user_id=user.user_id), parse_language("beach")
    with instance.client(user.bearer) as client:
        assert sorted(find(client, "beach")) == sorted(photo.image_hash for photo in seen)
        assert find(client, "hidden") == []
        with instance.db.transaction() as tx:
            tx.connection.execute(f"UPDATE photo SET is_trashed = TRUE WHERE id = {seen[0].photo_id}")
            photos_changed(tx, user.user_id, [seen[0].photo_id])
        assert len(find(client, "beach")) == 2
        for text in ("their beach", "their mountain"):
            put(other, text)
            assert len(find(client, "beach")) == 2
            assert find(client, "mountain") == []
        with instance.db.snapshot() as tx:
            parts = found.parts_of_count(tx, viewer, beach, 3)
            assert ON_POSTGRESQL or [found.count_part(tx, viewer, beach, part) for part in parts] == [2]


def test_too_many_unseen_photos_are_not_looked_into(new_instance: NewInstance, monkeypatch):
    instance = new_instance()
    user, builder = instance.add_user(), Builder(instance)
    for number in range(6):
        columns: dict[str, Any] = {"is_hidden": number % 2 == 0}
        photo = builder.add_photo(user, metadata={"search_captions": "a beach"}, with_files=False, **columns)
        tell(instance, user, photo)
    viewer, beach = Viewer(user_id=user.user_id), parse_language("beach")
    for most in (0, 2, 3, 1_000):
        monkeypatch.setattr(text_search, "MOST_UNSHOWN", most)
        with instance.db.snapshot() as tx:
            parts = found.parts_of_count(tx, viewer, beach, 3)
            assert ON_POSTGRESQL or [found.count_part(tx, viewer, beach, part) for part in parts] == [3]
            assert found.count_found(tx, viewer, beach) == 3
