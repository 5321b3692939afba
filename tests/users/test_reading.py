"""Who sees which fields of whom."""

import httpx
import pytest
from sqlalchemy import bindparam, insert

from librephotos.db.statements import statement
from librephotos.db.tables import photo
from librephotos.kit import clock, ids
from tests.builders import Builder
from tests.instance import Account, Instance

PUBLIC_KEYS = [
    "id", "avatar_url", "username", "first_name", "last_name", "public_photo_count", "public_photo_samples", "public_sharing",  # noqa: E501
]  # fmt: skip
FULL_KEYS = [
    "id",
    "username",
    "email",
    "scan_directory",
    "confidence",
    "confidence_person",
    "transcode_videos",
    "semantic_search_topk",
    "first_name",
    "public_photo_samples",
    "last_name",
    "public_photo_count",
    "date_joined",
    "avatar",
    "is_superuser",
    "photo_count",
    "nextcloud_server_address",
    "nextcloud_username",
    "nextcloud_scan_directory",
    "avatar_url",
    "favorite_min_rating",
    "image_scale",
    "text_alignment",
    "header_size",
    "save_metadata_to_disk",
    "save_face_tags_to_disk",
    "datetime_rules",
    "burst_detection_rules",
    "llm_settings",
    "default_timezone",
    "public_sharing",
    "public_sharing_defaults",
    "min_cluster_size",
    "confidence_unknown_face",
    "min_samples",
    "cluster_selection_epsilon",
    "skip_raw_files",
    "stack_raw_jpeg",
    "slideshow_interval",
    "duplicate_sensitivity",
    "duplicate_clear_existing",
    "default_timeline_filter",
    "face_recognition_model",
]
CONSTANTS = {
    "email": "", "confidence": 0.1, "confidence_person": 0.9, "transcode_videos": False, "semantic_search_topk": 0,
    "date_joined": "1970-01-01T00:00:00Z", "avatar": None, "photo_count": 0, "nextcloud_server_address": None,
    "nextcloud_username": None, "nextcloud_scan_directory": None, "favorite_min_rating": 4, "image_scale": 1.0,
    "save_metadata_to_disk": "OFF", "datetime_rules": "[]", "llm_settings": None, "default_timezone": "UTC",
    "min_cluster_size": 0, "confidence_unknown_face": 0.5, "min_samples": 1, "cluster_selection_epsilon": 0.05,
    "face_recognition_model": "HOG",
}  # fmt: skip
NO_USER = {"errors": [{"field": "detail", "message": "No User matches the given query."}]}
_PHOTO = statement(
    insert(photo).values(
        uuid=bindparam("uuid"),
        image_hash=bindparam("image_hash"),
        owner_id=bindparam("owner"),
        added_at=bindparam("now"),
        modified_at=bindparam("now"),
        taken_local="2023-07-01T14:05:09",
        aspect_ratio=1.5,
        is_public=bindparam("public"),
        is_hidden=bindparam("hidden"),
    )
)


def add_photo(
    one: Instance, owner: int, image_hash: str, *, public: bool = True, hidden: bool = False
) -> None:
    with one.db.transaction() as tx:
        values = {"owner": owner, "public": public, "hidden": hidden, "now": clock.now()}
        tx.execute(_PHOTO, uuid=ids.new_uuid(), image_hash=image_hash, **values)


@pytest.fixture
def secretive(instance: Instance) -> Account:
    """Somebody whose every private column differs from the constants."""
    return instance.add_user(
        email="secret@example.org",
        scan_directory="/secret/place",
        confidence=0.7,
        semantic_search_topk=9,
        favorite_min_rating=2,
        photo_count=8127361,
        default_timezone="Asia/Tokyo",
        nextcloud_server_address="https://secret.example.org",
        datetime_rules='["secret"]',
        public_sharing=True,
    )


def rows(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200
    return answer.json()["results"]


def test_others_get_eight_keys_and_constants_that_tell_nothing(
    client: httpx.Client, anonymous: httpx.Client, secretive: Account
) -> None:
    for who in (client, anonymous):
        answer = who.get("/api/user/")
        row = next(row for row in rows(answer) if row["id"] == secretive.user_id)
        assert list(row) == [*PUBLIC_KEYS, *CONSTANTS]
        assert {key: row[key] for key in CONSTANTS} == CONSTANTS
        detail = who.get(f"/api/user/{secretive.user_id}/")
        assert list(detail.json()) == PUBLIC_KEYS
        for secret in ("secret@", "/secret", "secret.example", "Tokyo", "8127361"):
            assert secret not in answer.text + detail.text


def test_what_is_kept_is_given_to_its_own_kind_of_caller_and_until_somebody_writes(
    instance: Instance,
    client: httpx.Client,
    anonymous: httpx.Client,
    user: Account,
    admin: Account,
    secretive: Account,
) -> None:
    with instance.client(secretive.bearer) as owner, instance.client(admin.bearer) as staff:
        callers = {owner: True, staff: True, client: False, anonymous: False}
        path = f"/api/user/{secretive.user_id}/"
        for name in ("First", "Second"):
            assert owner.patch(path, json={"first_name": name}).status_code == 200
            for _ in range(2):
                for caller, sees_all in callers.items():
                    answer = caller.get(path).json()
                    assert (answer["first_name"], "email" in answer) == (name, sees_all)
                    listed = {row["id"]: row for row in rows(caller.get("/api/user/"))}
                    assert listed[secretive.user_id]["first_name"] == name
                    assert bool(listed[secretive.user_id]["email"]) == (caller is staff)
                    assert caller is not anonymous or user.user_id not in listed
    Builder(instance).change_user(secretive, last_name="Elsewhere")
    for caller in (client, anonymous):
        assert caller.get(path).json()["last_name"] == "Elsewhere"


def test_self_and_admins_get_the_whole_user_in_order(
    instance: Instance, admin: Account, secretive: Account
) -> None:
    for reader in (admin, secretive):
        with instance.client(reader.bearer) as client:
            answer = client.get(f"/api/user/{secretive.user_id}")
            full = answer.json()
            assert list(full) == FULL_KEYS
            assert (full["email"], full["scan_directory"], full["photo_count"]) == (
                "secret@example.org",
                "/secret/place",
                8127361,
            )
            assert (full["datetime_rules"], full["face_recognition_model"]) == ('["secret"]', "HOG")
            assert isinstance(full["burst_detection_rules"], list)
            assert full["burst_detection_rules"][0]["name"] == "EXIF Burst Mode Tag"
            assert '"image_scale":1.0' in answer.text
            for secret in ("password", "!unset"):
                assert secret not in answer.text
    with instance.client(admin.bearer) as client:
        assert all(list(row) == FULL_KEYS for row in rows(client.get("/api/user/")))
        fresh = client.get(f"/api/user/{admin.user_id}/").json()
        assert fresh["datetime_rules"].startswith('[{"id":14')
        assert set(fresh["public_sharing_defaults"].values()) == {False}


def test_hidden_inactive_unknown_and_malformed_accounts_are_not_there(
    instance: Instance, anonymous: httpx.Client, client: httpx.Client, stranger: Account, admin: Account
) -> None:
    inactive = instance.add_user(is_active=False, public_sharing=True)
    assert anonymous.get(f"/api/user/{stranger.user_id}/").json() == NO_USER
    with instance.client(admin.bearer) as as_admin:
        for who in (anonymous, client, as_admin):
            hidden, unknown = who.get(f"/api/user/{inactive.user_id}/"), who.get("/api/user/987654321/")
            assert (
                (hidden.status_code, hidden.content)
                == (unknown.status_code, unknown.content)
                == (404, hidden.content)
            )
            assert hidden.json() == NO_USER
            for odd in ("abc", "-1", "1e3", "99999999999999999999"):
                malformed = who.get(f"/api/user/{odd}/")
                assert (malformed.status_code, malformed.json()["errors"][0]["message"]) == (
                    404,
                    "Not found.",
                )
            names = [row["username"] for row in rows(who.get("/api/user/"))]
            assert inactive.username not in names
            assert "deleted" not in names
    assert stranger.username not in [row["username"] for row in rows(anonymous.get("/api/user/"))]
    assert stranger.username in [row["username"] for row in rows(client.get("/api/user/"))]


def test_samples_are_ten_at_most_and_never_hidden(
    instance: Instance, anonymous: httpx.Client, secretive: Account
) -> None:
    for number in range(12):
        add_photo(
            instance,
            secretive.user_id,
            f"{number:032x}{secretive.user_id}",
            public=number != 3,
            hidden=number == 5,
        )
    detail = anonymous.get(f"/api/user/{secretive.user_id}/").json()
    samples = detail["public_photo_samples"]
    assert len(samples) == 10
    assert samples[0] == {
        "image_hash": f"{0:032x}{secretive.user_id}", "rating": 0, "hidden": False,
        "exif_timestamp": "2023-07-01T14:05:09Z", "public": True, "video": False,
    }  # fmt: skip
    shown = {sample["image_hash"][:32] for sample in samples}
    assert shown.isdisjoint({f"{3:032x}", f"{5:032x}"})
    listed = next(row for row in rows(anonymous.get("/api/user/")) if row["id"] == secretive.user_id)
    assert listed["public_photo_samples"] == samples


def test_the_list_is_paged_by_limit_and_offset(
    instance: Instance, client: httpx.Client, stranger: Account
) -> None:
    whole = client.get("/api/user/").json()
    assert (whole["next"], whole["previous"]) == (None, None)
    assert [row["id"] for row in whole["results"]] == sorted(row["id"] for row in whole["results"])
    page = client.get("/api/user/?limit=1&offset=1").json()
    assert len(page["results"]) == 1
    assert page["next"] == f"{instance.base_url}/api/user/?limit=1&offset=2"
    assert page["previous"] == f"{instance.base_url}/api/user/?limit=1"
    assert client.get("/api/user/?limit=x&offset=99999").json()["results"] == []


def test_the_lists_make_a_fixed_number_of_queries(instance: Instance, secretive: Account) -> None:
    from librephotos.accounts.viewer import Viewer
    from librephotos.http.paging import OffsetRequest
    from librephotos.users import queries

    counts = set()
    for limit in (1, 500):
        with instance.db.snapshot() as tx:
            queries.list_with_samples(
                tx, Viewer(user_id=secretive.user_id, is_staff=True), OffsetRequest(limit, 0, "", "")
            )
            counts.add(tx.statement_count)
    assert counts == {3}


def test_the_admins_table_has_every_person_and_is_closed_to_others(
    instance: Instance, anonymous: httpx.Client, client: httpx.Client, admin: Account, secretive: Account
) -> None:
    inactive = instance.add_user(is_active=False)
    for path in ("/api/manage/user/", f"/api/manage/user/{secretive.user_id}/"):
        assert (anonymous.get(path).status_code, client.get(path).status_code) == (401, 403)
    with instance.client(admin.bearer) as as_admin:
        table = {row["id"]: row for row in rows(as_admin.get("/api/manage/user"))}
        assert inactive.user_id in table
        assert table[secretive.user_id] == as_admin.get(f"/api/manage/user/{secretive.user_id}/").json()
        assert list(table[secretive.user_id]) == [
            "username", "scan_directory", "upload_directory", "skip_raw_files", "stack_raw_jpeg", "confidence",
            "semantic_search_topk", "last_login", "date_joined", "photo_count", "id", "favorite_min_rating", "image_scale",  # noqa: E501
            "save_metadata_to_disk", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser",
        ]  # fmt: skip
        assert table[secretive.user_id]["last_login"] is None
        assert as_admin.get("/api/manage/user/987654321/").json() == NO_USER
