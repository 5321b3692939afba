"""The directory picker, storage and version."""

import os
import shutil
from collections.abc import Iterator

import httpx
import pytest

from librephotos import __version__
from librephotos.kit.revision import revision
from librephotos.settings import Settings
from librephotos.site import directories
from tests.conftest import NewInstance
from tests.instance import Account, Instance


@pytest.fixture
def as_admin(instance: Instance, admin: Account) -> Iterator[httpx.Client]:
    with instance.client(admin.bearer) as client:
        yield client


def test_two_levels_are_shown_sorted_without_hidden_ones(
    instance: Instance, as_admin: httpx.Client, admin: Account
) -> None:
    top = instance.library / f"tree-{admin.user_id}"
    for name in ("b/deep/deeper", "A", "c", ".hidden"):
        (top / name).mkdir(parents=True)
    (top / "file.jpg").write_text("x")
    (top / "away").symlink_to(instance.data)
    answer = as_admin.get("/api/dirtree/", params={"path": f"{top}/"})
    leaf = {
        "title": "deep",
        "absolute_path": f"{top}/b/deep",
        "children": [],
    }
    assert answer.json() == [
        {
            "title": top.name,
            "absolute_path": str(top),
            "children": [
                {"title": "A", "absolute_path": f"{top}/A", "children": []},
                {"title": "b", "absolute_path": f"{top}/b", "children": [leaf]},
                {"title": "c", "absolute_path": f"{top}/c", "children": []},
            ],
        }
    ]
    roots = as_admin.get("/api/dirtree").json()
    assert [node["absolute_path"] for node in roots] == [str(instance.library)]
    assert top.name in [child["title"] for child in roots[0]["children"]]


def test_paths_outside_the_roots_are_refused_alike_whether_there_or_not(
    instance: Instance, as_admin: httpx.Client
) -> None:
    away = instance.library / "link-away"
    if not away.exists():
        away.symlink_to("/etc")
    bodies = set()
    for path in (
        "/",
        "/etc",
        "/no/such/place",
        f"{instance.library}/../data",
        f"{instance.library}x",
        "relative",
        str(away),
        "/etc\x00",
    ):
        answer = as_admin.get("/api/dirtree/", params={"path": path})
        assert answer.status_code == 403, path
        bodies.add(answer.content)
    assert bodies == {b'{"message":"This path is not inside the data root."}'}


def test_the_picker_is_for_admins(anonymous: httpx.Client, client: httpx.Client) -> None:
    assert anonymous.get("/api/dirtree/").status_code == 401
    assert client.get("/api/dirtree/").status_code == 403


def test_the_data_folder_inside_a_root_is_never_shown(new_instance: NewInstance) -> None:
    one = new_instance(start=False)
    one.environment["LIBREPHOTOS_LIBRARY_ROOTS"] = str(one.data.parent)
    one.start()
    root = one.add_user("root", is_admin=True)
    with one.client(root.bearer) as client:
        children = client.get("/api/dirtree/").json()[0]["children"]
        assert [child["title"] for child in children] == ["library"]
        assert client.get("/api/dirtree/", params={"path": str(one.data)}).status_code == 403
        refused = client.patch(f"/api/manage/user/{root.user_id}/", json={"scan_directory": str(one.data)})
        assert refused.status_code == 400


def test_an_unreadable_folder_and_odd_names_break_nothing(instance: Instance) -> None:
    top = instance.library / "odd"
    os.makedirs(os.fsencode(top) + b"/bad-\xff", exist_ok=True)
    (top / "line\nbreak").mkdir(exist_ok=True)
    settings = Settings(data=instance.data, library_roots=str(instance.library))
    titles = [child.title for child in directories.list_directories(settings, str(top))[0].children]
    assert titles == ["line\nbreak"]
    assert directories.list_directories(settings, f"{top}/gone")[0].children == []


def test_storage_is_that_of_the_disk_with_the_library(
    instance: Instance, client: httpx.Client, anonymous: httpx.Client
) -> None:
    storage = client.get("/api/storagestats").json()
    assert list(storage) == ["total_storage", "used_storage", "free_storage"]
    assert storage["total_storage"] == shutil.disk_usage(instance.library).total
    assert all(type(value) is int for value in storage.values())
    assert anonymous.get("/api/storagestats/").status_code == 401


def test_the_version_is_two_texts(client: httpx.Client, anonymous: httpx.Client) -> None:
    tag = client.get("/api/imagetag").json()
    assert list(tag) == ["image_tag", "git_hash"]
    assert tag["image_tag"] == __version__
    # Another commit may have been checked out since the server started.
    assert len(tag["git_hash"]) == len(revision())
    assert anonymous.get("/api/imagetag/").status_code == 401
