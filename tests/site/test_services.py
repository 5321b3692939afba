"""The parts of the server, and its log, for admins."""

import shutil
from collections.abc import Iterator

import httpx
import pytest

from librephotos import __version__
from librephotos.db.tables import file
from librephotos.site.queries.accounts import list_account_numbers
from tests.builders import Builder, change_row, stored
from tests.instance import Account, Instance


@pytest.fixture
def boss(instance: Instance, admin: Account) -> Iterator[httpx.Client]:
    with instance.client(admin.bearer) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["services", "services/worker", "serverlogs", "serverlogs/view", "serverstats"]
)
def test_only_admins_see_the_server(
    client: httpx.Client, anonymous: httpx.Client, boss: httpx.Client, path: str
) -> None:
    for spelled in (f"/api/{path}", f"/api/{path}/"):
        assert boss.get(spelled).status_code == boss.head(spelled).status_code == 200
        assert client.get(spelled).json()["errors"][0]["field"] == "detail"
        assert client.get(spelled).status_code == 403
        assert anonymous.get(spelled).status_code == 401


def test_parts_tell_how_they_are(boss: httpx.Client, instance: Instance) -> None:
    services = boss.get("/api/services/").json()["services"]
    assert services["api"] == instance.port
    health = {name: boss.get(f"/api/services/{name}/").json() for name in services}
    assert health["database"] == {
        "service_name": "database",
        "healthy": True,
        "enabled": True,
        "feature_flag": None,
    }
    # No worker runs beside this server.
    assert not health["worker"]["healthy"]
    assert health["video"]["feature_flag"] == "FEATURE_VIDEO"
    assert all(type(each["healthy"]) is type(each["enabled"]) is bool for each in health.values())


def test_parts_are_started_by_the_server_alone(boss: httpx.Client, client: httpx.Client) -> None:
    started = boss.post("/api/services/api/start/")
    assert (started.status_code, started.json()) == (200, {"message": "Service api started successfully"})
    failed = boss.post("/api/services/worker/start")
    assert (failed.status_code, failed.json()) == (500, {"error": "Failed to start service worker"})
    stopped = boss.post("/api/services/api/stop/")
    assert (stopped.status_code, stopped.json()["feature_flag"]) == (409, None)
    assert client.post("/api/services/api/stop/").status_code == 403
    for path, method in (("/", "GET"), ("/start/", "POST"), ("/stop/", "POST")):
        unknown = boss.request(method, f"/api/services/x{path}")
        assert (unknown.status_code, unknown.json()) == (404, {"error": "Service x not found"})


def test_what_is_switched_off_is_not_started(new_instance) -> None:
    one = new_instance(feature_video=0)
    with one.client(one.add_user(is_admin=True).bearer) as boss:
        refused = boss.post("/api/services/video/start/")
        assert (refused.status_code, refused.json()["feature_flag"]) == (409, "FEATURE_VIDEO")
        assert not boss.get("/api/services/video/").json()["enabled"]
        # Nothing was logged on this server but what its start says.
        shown = boss.get("/api/serverlogs/view", params={"lines": "1"}).json()
        assert shown["count"] <= 1


def test_the_log_is_kept_for_admins(boss: httpx.Client, instance: Instance, anonymous: httpx.Client) -> None:
    # Refused logins are logged.
    for number in range(3):
        login = {"username": f"nobody{number}", "password": "do-not-show-this"}
        anonymous.post("/api/auth/token/obtain/", json=login)
    path = instance.data / "logs" / "server.log"
    assert path.stat().st_mode & 0o777 == 0o600
    file = boss.get("/api/serverlogs")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == 'attachment; filename="ownophotos.log"'
    lines = file.text.splitlines(keepends=True)
    assert lines and "do-not-show-this" not in file.text
    for asked, wanted in (("2", 2), ("0", 1), ("-5", 1), ("x", 100), ("99999", 1000)):
        shown = boss.get("/api/serverlogs/view/", params={"lines": asked}).json()
        assert list(shown) == ["logs", "count"]
        assert shown["count"] == min(wanted, len(lines))
        assert shown["logs"] == "".join(lines[-shown["count"] :])
    assert boss.get("/api/serverlogs/view", params={"lines": ""}).json()["count"] == min(100, len(lines))


def test_without_a_log_it_is_not_found(new_instance) -> None:
    one = new_instance()
    with one.client(one.add_user(is_admin=True).bearer) as boss:
        for each in (one.data / "logs").glob("*") if (one.data / "logs").is_dir() else []:
            each.unlink()
        file = boss.get("/api/serverlogs/")
        assert (file.status_code, file.json()) == (404, {"error": "Log file not found"})
        view = boss.get("/api/serverlogs/view")
        assert view.status_code == 404
        assert view.json() == {"logs": "", "count": 0, "error": "Log file not found"}


def test_numbers_of_the_machine_and_of_each_account(boss: httpx.Client, instance: Instance) -> None:
    builder, owner, empty = Builder(instance), instance.add_user(), instance.add_user()
    captions = stored({"user_caption": "on the beach", "im2txt": ""})
    first = builder.add_photo(owner, rating=5, is_public=True, metadata={"captions": captions})
    video = builder.add_photo(owner, is_video=True, is_hidden=True, size_bytes=5, metadata={"captions": None})
    builder.add_photo(owner, is_removed=True)
    builder.add_album(owner, first, video)
    builder.add_album(owner)
    builder.add_face(first, person_id=builder.add_person(owner, "Ann"))
    with instance.db.transaction() as tx:
        change_row(tx, file, first.file_id, size_bytes=3 * 1024**2)
    answer = boss.get("/api/serverstats/").json()
    assert answer["cpu_info"]["count"] >= 1
    assert (answer["image_tag"], answer["gpu_name"]) == (__version__, "")
    assert answer["total_storage_in_mb"] == shutil.disk_usage(instance.library).total // 1024**2
    assert answer["number_of_users"] == len(answer["users"])
    mine, nothing = answer["users"][-2:]
    assert list(mine)[:2] == ["date_joined", "total_file_size_in_mb"]
    assert {key: value for key, value in mine.items() if key.startswith(("number", "total"))} == {
        "total_file_size_in_mb": 3,
        "number_of_photos": 2,
        "number_of_videos": 1,
        "number_of_screenshots": None,
        "number_of_documents": None,
        "number_of_captions": 1,
        "number_of_generated_captions": None,
        "number_of_clusters": None,
        "number_of_favorites": 1,
        "number_of_hidden": 1,
        "number_of_public": 1,
    }
    assert mine["album"] == {
        "count": 2,
        "min": None,
        "max": 2,
        "mean": 1.0,
        "median": 1.0,
        "min_videos": None,
        "max_videos": 1,
        "mean_videos": 0.5,
        "median_videos": 0.5,
    }
    assert mine["person"] == {"count": 1, "min": 1, "max": 1, "mean": 1.0, "median": 1}
    assert nothing["number_of_photos"] is None
    assert nothing["things"]["count"] == 0 and nothing["things"]["median"] is None
    assert empty.user_id
    with instance.db.snapshot() as tx:
        list_account_numbers(tx)
        assert tx.statement_count == 8
