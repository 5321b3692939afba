"""Folder navigation inside the caller's library."""

import os
from pathlib import Path

import httpx
import pytest

from librephotos.db.tables import file
from librephotos.db.tables import user as user_table
from tests.builders import Builder, change_row
from tests.conftest import NewInstance
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


@pytest.fixture
def two_roots(new_instance: NewInstance) -> Instance:
    """An installation with two library roots of one name, a third inside the second, and a link for a fourth."""
    one = new_instance(start=False)
    top = one.data.parent
    for name in ("first/photos", "second/photos/inner", "third", "outside"):
        (top / name).mkdir(parents=True)
    (top / "link").symlink_to(top / "third")
    roots = [top / name for name in ("first/photos", "second/photos", "second/photos/inner", "link")]
    one.environment["LIBREPHOTOS_LIBRARY_ROOTS"] = ":".join(map(str, roots))
    return one.start()


def test_an_admin_looks_into_all_library_roots(two_roots: Instance) -> None:
    top = two_roots.data.parent
    first, second = top / "first" / "photos", top / "second" / "photos"
    admin = two_roots.add_user(is_admin=True, scan_directory=str(top / "third"))
    builder = Builder(two_roots)

    def add(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        photo = builder.add_photo(admin, with_files=False)
        with two_roots.db.transaction() as tx:
            change_row(tx, file, photo.file_id, path=str(path), path_bytes=bytes(path))

    for path in (first / "a/1.jpg", first / "2.jpg", second / "inner/b/3.jpg", top / "third/c/4.jpg"):
        add(path)
    with two_roots.client(admin.bearer) as client:
        answer = client.get(f"{PATH}/")
        assert names(answer) == [(str(first), 2), (str(second), 1), ("third", 1)]
        body = answer.json()
        assert (body["current_path"], body["parent_path"]) == ("", None)
        assert (body["pagination"]["total_folders"], body["pagination"]["has_next"]) == (3, False)
        assert names(client.get(PATH, params={"page": 2})) == []
        # Down and up again, as the answers say.
        for root, below in zip(body["subfolders"], ([("a", 1)], [("inner", 1)], [("c", 1)]), strict=True):
            inside = client.get(PATH, params={"path": root["path"]})
            assert names(inside) == below
            assert client.get(PATH, params={"path": inside.json()["parent_path"]}).json() == body
            deeper = client.get(PATH, params={"path": inside.json()["subfolders"][0]["path"]})
            assert deeper.json()["parent_path"] == root["path"]
        # The timeline of what is shown there.
        found = client.get("/api/albums/date/list/", params={"folder": str(second / "inner")}).json()
        assert [day["numberOfItems"] for day in found["results"]] == [1]
        # From one root into another is no way out; beside them nothing is told apart.
        (first / "over").symlink_to(second)
        assert client.get(PATH, params={"path": str(first / "over")}).status_code == 200
        (first / "away").symlink_to(top / "outside")
        refusals = {
            (answer.status_code, answer.text)
            for path in (top, top / "outside", top / "none", f"{second}x", first / "../..", "/", "/etc")
            for answer in (client.get(PATH, params={"path": str(path)}),)
        }
        assert len(refusals) == 1 and next(iter(refusals))[0] == 403
        assert client.get(PATH, params={"path": str(first / "away")}).status_code == 403
        # The picker shows all of them too, and nothing beside them.
        picked = client.get("/api/dirtree/").json()
        configured = [str(path) for path in (first, second, second / "inner", top / "link")]
        assert [node["absolute_path"] for node in picked] == configured
        for node in picked:
            (same,) = client.get("/api/dirtree/", params={"path": node["absolute_path"]}).json()
            assert same == node
        assert [child["title"] for child in picked[0]["children"]] == ["a", "over"]
        told = [
            client.get("/api/dirtree/", params={"path": str(path)})
            for path in (top, top / "outside", top / "x")
        ]
        assert {(answer.status_code, answer.text) for answer in told} == {
            (403, '{"message":"This path is not inside the data root."}')
        }
        # Whoever scans a folder of the second root is an account like any other.
        (second / "ann").mkdir()
        ann = two_roots.add_user("ann")
        given = {"scan_directory": str(second / "ann")}
        assert client.patch(f"/api/manage/user/{ann.user_id}/", json=given).status_code == 200
        listed = client.get("/api/library/roots/?all=true").json()["results"]
        assert sorted(row["path"] for row in listed) == sorted([str(top / "third"), str(second / "ann")])
    with two_roots.client(ann.bearer) as client:
        assert client.get(PATH).json()["current_path"] == str(second / "ann")
        for path in (second, first, top / "third"):
            assert client.get(PATH, params={"path": str(path)}).status_code == 403
        assert [row["path"] for row in client.get("/api/library/roots/").json()["results"]] == [
            str(second / "ann")
        ]
