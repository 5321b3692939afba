"""Folder navigation inside the caller's library."""

import os
from pathlib import Path

import httpx
import pytest

from librephotos.db.tables import user as user_table
from tests.builders import Builder, change_row
from tests.instance import Account, Instance

PATH = "/api/folders/subfolders"


@pytest.fixture
def top(instance: Instance, builder: Builder, user: Account) -> Path:
    """The user's scan directory with photos in folders of its own."""
    top = instance.library / user.username
    for name in (
        "2023/Lisbon/a.jpg",
        "2023/Porto/b.jpg",
        "2023/c.jpg",
        "Alps/d.jpg",
        ".cache/e.jpg",
        "f.jpg",
    ):
        builder.add_photo(user, name=name)
    builder.add_photo(user, name="Hidden/g.jpg", is_hidden=True)
    (top / "Empty").mkdir()
    with instance.db.transaction() as tx:
        change_row(tx, user_table, user.user_id, scan_directory=str(top))
    return top


def names(answer: httpx.Response) -> list[tuple[str, int]]:
    assert answer.status_code == 200, answer.text
    return [(each["name"], each["photo_count"]) for each in answer.json()["subfolders"]]


def test_folders_that_hold_photos_are_listed(client: httpx.Client, top: Path) -> None:
    answer = client.get(f"{PATH}/")
    assert names(answer) == [("2023", 3), ("Alps", 1)]
    body = answer.json()
    assert (body["current_path"], body["parent_path"]) == (str(top), None)
    first = body["subfolders"][0]
    assert first["path"] == str(top / "2023")
    assert first["modified"] == pytest.approx(os.stat(top / "2023").st_mtime)
    assert body["pagination"] == {
        "page": 1, "page_size": 100, "total_folders": 2, "total_pages": 1, "has_next": False,
        "has_previous": False,
    }  # fmt: skip
    below = client.get(PATH, params={"path": f"{top}/2023/"})
    assert names(below) == [("Lisbon", 1), ("Porto", 1)]
    assert below.json()["parent_path"] == str(top)
    assert names(client.get(PATH, params={"path": str(top / "Empty")})) == []
    assert names(client.get(PATH, params={"page": "2"})) == []
    assert names(client.get(PATH, params={"page": "x"})) == [("2023", 3), ("Alps", 1)]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("{top}/None", 400, "Path does not exist"),
        ("{top}/f.jpg", 400, "Path is not a directory"),
        ("{top}/\0", 400, "Path does not exist"),
        ("{top}/../", 403, "Access denied"),
        ("{top}-other", 403, "Access denied"),
        ("/", 403, "Access denied"),
        ("/no/such/folder", 403, "Access denied"),
        ("2023", 403, "Access denied"),
        ("{top}/link", 403, "Access denied"),
    ],
)
def test_nothing_outside_the_library_is_told(
    client: httpx.Client, top: Path, path: str, status: int, text: str
) -> None:
    (top / "link").symlink_to("/")
    refused = client.get(PATH, params={"path": path.format(top=top)})
    assert refused.status_code == status
    assert refused.json()["error"].startswith(text)


def test_without_a_folder_there_is_nothing_to_list(
    instance: Instance, client: httpx.Client, user: Account, stranger: Account, top: Path
) -> None:
    with instance.client(stranger.bearer) as other:
        refused = other.get(f"{PATH}/", params={"path": str(top)})
        assert (refused.status_code, refused.json()) == (403, {"error": "User scan directory not configured"})
    with instance.db.transaction() as tx:
        change_row(tx, user_table, user.user_id, scan_directory=str(top / "gone"))
    gone = client.get(f"{PATH}/")
    assert (gone.status_code, gone.json()) == (403, {"error": "Scan directory does not exist"})


def test_an_admin_begins_at_the_library_and_sees_folders_of_own_photos(
    instance: Instance, admin: Account, builder: Builder, top: Path
) -> None:
    builder.add_photo(admin, name="mine.jpg")
    with instance.client(admin.bearer) as client:
        answer = client.get(f"{PATH}/")
        assert names(answer) == [(admin.username, 1)]
        assert answer.json()["current_path"] == str(instance.library)
        assert names(client.get(PATH, params={"path": str(top)})) == []


def test_many_folders_come_in_pages(client: httpx.Client, builder: Builder, user: Account, top: Path) -> None:
    for number in range(101):
        builder.add_photo(user, name=f"2023/Lisbon/{number:03}/a.jpg", with_files=False)
    params = {"path": str(top / "2023" / "Lisbon"), "page": "2"}
    answer = client.get(PATH, params=params)
    assert names(answer) == [("100", 1)]
    assert answer.json()["subfolders"][0]["modified"] == 0.0
    assert answer.json()["pagination"]["has_previous"] is True
    assert answer.json()["pagination"]["total_folders"] == 101
