"""For every file and photo there is an answer to what happened to it, for its owner alone."""

import os

import httpx

from tests.builders import Builder
from tests.instance import Account, Instance
from tests.library.scanning import Library, draw


def test_a_photo_tells_its_steps_and_its_files(library: Library) -> None:
    draw(library.folder / "a.jpg", 1)
    draw(library.folder / "b.jpg", 1)
    library.scan()
    (library.folder / "b.jpg").unlink()
    (photo,) = library.photos()
    with library.instance.client(library.owner.bearer) as client:
        by_uuid = client.get(f"/api/photos/{photo['uuid']}/processing/").json()
        by_hash = client.get(f"/api/photos/{photo['image_hash']}/processing").json()
        assert by_uuid == by_hash
    assert by_uuid["photo_id"] == photo["uuid"]
    steps = {step["step"]: (step["state"], step["reason"]) for step in by_uuid["steps"]}
    assert steps["thumbnails"] == steps["metadata"] == ("done", "")
    assert [(one["path"], one["kind"], one["state"], one["is_missing"]) for one in by_uuid["files"]] == [
        (f"{library.folder}/{name}.jpg", "image", "photo", False) for name in "ab"
    ]
    with library.instance.client(Library.make(library.instance).owner.bearer) as stranger:
        hidden = stranger.get(f"/api/photos/{photo['uuid']}/processing/")
        unknown = stranger.get("/api/photos/00000000-0000-4000-8000-000000000000/processing/")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content


def test_those_with_whom_a_photo_is_shared_do_not_learn_its_paths(
    instance: Instance, user: Account, stranger: Account, anonymous: httpx.Client
) -> None:
    builder = Builder(instance)
    photo = builder.add_photo(user, is_public=True)
    builder.share_photo(photo, stranger)
    path = f"/api/photos/{photo.uuid}/processing/"
    with instance.client(user.bearer) as own, instance.client(stranger.bearer) as other:
        assert own.get(path).status_code == 200
        assert other.get(f"/api/photos/{photo.uuid}/").status_code == 200
        assert other.get(path).status_code == 404
    assert anonymous.get(path).status_code == 401


def test_every_file_is_accounted_for(library: Library) -> None:
    draw(library.folder / "good.jpg", 1)
    (library.folder / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(300))
    (library.folder / "notes.txt").write_text("no picture")
    (library.folder / "lonely.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    draw(os.fsencode(library.folder) + b"/\xff.jpg", 2)
    library.scan()
    with library.instance.client(library.owner.bearer) as client:
        rows = client.get("/api/library/files/").json()["results"]
        found = {os.path.basename(row["path"]): row for row in rows}
        assert {name: row["state"] for name, row in found.items()} == {
            "bad.jpg": "failed",
            "good.jpg": "photo",
            "lonely.xmp": "skipped",
            "notes.txt": "skipped",
            "\\xff.jpg": "photo",
        }
        for name in ("bad.jpg", "lonely.xmp", "notes.txt"):
            assert found[name]["reason"].endswith(".") and found[name]["photo_id"] is None
        assert found["good.jpg"]["photo_id"]
        only = client.get("/api/library/files/", params={"search": "NOTES", "outcome": "skipped"}).json()
        assert (only["count"], only["results"]) == (1, [found["notes.txt"]])
        assert client.get("/api/library/files/", params={"search": "%"}).json()["count"] == 0
        assert client.get("/api/library/files/?page=9").status_code == 404
    with library.instance.client(Library.make(library.instance).owner.bearer) as stranger:
        assert stranger.get("/api/library/files/").json()["count"] == 0
