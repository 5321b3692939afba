"""Permanent deletion: which photos, which files, and what is left when it fails on the way."""

import os
from pathlib import Path

import httpx
import pytest

from librephotos.kit import clock
from librephotos.photos.queries.deletion import claim, release_stale
from tests.photos.rows import events_of, photo_row, read_all
from tests.photos.test_flags import MISSING, UNKNOWN, errors

PATH = "/api/photosedit/delete/"
STATE = ("is_trashed", "is_removed", "main_file_id")


@pytest.fixture
def owner(instance, tmp_path_factory):
    folder = instance.library / f"owner-{os.urandom(4).hex()}"
    folder.mkdir()
    return instance.add_user(folder.name, scan_directory=str(folder))


@pytest.fixture
def signed_in(instance, owner):
    with instance.client(owner.bearer) as client:
        yield client


def ask(client: httpx.Client, body: object, path: str = PATH) -> httpx.Response:
    return client.request("DELETE", path, json=body)


def deleted(client, *names):
    answer = ask(client, {"image_hashes": list(names)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert list(found) == ["status", "results", "deleted", "not_deleted"]
    assert found["results"] == found["deleted"]
    return found["deleted"], found["not_deleted"]


def files_of(instance, photo):
    return read_all(instance, f"SELECT id FROM file WHERE photo_id = {photo.photo_id}")


def test_photos_in_the_trash_go_with_their_files(signed_in, instance, builder, owner, stranger):
    gone, kept = builder.add_photo(owner, is_trashed=True), builder.add_photo(owner)
    copy = gone.path.with_suffix(".copy.jpg")
    copy.write_bytes(b"copy")
    builder.add_file(owner, gone, copy)
    foreign = builder.add_photo(stranger, is_trashed=True)
    beside = gone.path.parent / "beside.txt"
    beside.write_text("not ours")
    before = photo_row(instance, gone, "modified_at")[0]
    asked = [kept.uuid, gone.image_hash, foreign.uuid, MISSING, "x", UNKNOWN, gone.uuid]
    answer = deleted(signed_in, *asked)
    assert answer == ([gone.image_hash], [kept.uuid, foreign.uuid, MISSING, "x", UNKNOWN, gone.uuid])
    assert not gone.path.exists()
    assert not copy.exists()
    assert all(path.exists() for path in (kept.path, foreign.path, beside))
    assert photo_row(instance, gone, *STATE) == (1, 1, None)
    assert photo_row(instance, gone, "modified_at")[0] > before
    assert files_of(instance, gone) == []
    assert photo_row(instance, kept, *STATE) == (0, 0, kept.file_id)
    assert photo_row(instance, foreign, "is_trashed", "is_removed") == (1, 0)
    assert signed_in.get(f"/api/photos/{gone.uuid}/").status_code == 404
    assert signed_in.get(f"/media/thumbnails_big/{gone.image_hash}").status_code == 404
    assert events_of(instance, owner, "photos_deleted") == [("from the trash", '{"photos":1}')]
    assert deleted(signed_in, gone.uuid) == ([], [gone.uuid])


def test_a_selection_is_always_one_of_the_trash(signed_in, instance, builder, owner, stranger):
    shown, left, gone = (
        builder.add_photo(owner),
        builder.add_photo(owner, is_trashed=True),
        builder.add_photo(owner, is_trashed=True, is_public=True),
    )
    foreign = builder.add_photo(stranger, is_trashed=True, is_public=True)
    body = {
        "select_all": True,
        "query": {"public": True, "in_trashcan": False, "username": stranger.username},
        "excluded_hashes": [left.image_hash],
    }
    answer = ask(signed_in, body)
    assert (answer.status_code, answer.json()) == (200, {"status": True, "count": 1, "failed_count": 0})
    assert [each.path.exists() for each in (shown, left, gone, foreign)] == [True, True, False, True]
    assert ask(signed_in, {"select_all": True}).json() == {"status": True, "count": 1, "failed_count": 0}
    assert [each.path.exists() for each in (shown, left)] == [True, False]


def test_a_deletion_that_fails_on_the_way_can_be_repeated(signed_in, instance, builder, owner):
    photo, other = (builder.add_photo(owner, is_trashed=True) for _ in range(2))
    # A folder cannot be deleted as a file; the main file goes last, so that it is still there.
    stuck = photo.path.with_suffix(".dir")
    stuck.mkdir()
    builder.add_file(owner, photo, stuck)
    assert deleted(signed_in, photo.uuid, other.uuid) == ([other.uuid], [photo.uuid])
    assert photo.path.exists()
    assert photo_row(instance, photo, *STATE) == (1, 0, photo.file_id)
    assert len(files_of(instance, photo)) == 2
    body = {"select_all": True, "query": {}}
    assert ask(signed_in, body).json() == {"status": True, "count": 0, "failed_count": 1}
    stuck.rmdir()
    assert deleted(signed_in, photo.uuid) == ([photo.uuid], [])
    assert not photo.path.exists()


def test_no_link_leads_a_deletion_elsewhere(signed_in, instance, builder, owner, tmp_path):
    folder = Path(instance.library / owner.username)
    outside = tmp_path / "outside"
    outside.mkdir()
    victim = outside / "victim.jpg"
    victim.write_bytes(b"precious")
    (folder / "linked").symlink_to(outside)
    names = ["linked/victim.jpg", "link.jpg", "../elsewhere/up.jpg", "inner/../../elsewhere/up.jpg"]
    (folder / "link.jpg").symlink_to(victim)
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "up.jpg").write_bytes(b"precious")
    (folder / "inner").mkdir()
    photos = []
    for name in names:
        photo = builder.add_photo(owner, with_files=False, is_trashed=True)
        with instance.db.transaction() as tx:
            path = bytes(folder / "x")[:-1] + name.encode()
            sql = f"UPDATE file SET path_bytes = {blob(tx, path)} WHERE id = {photo.file_id}"
            tx.connection.execute(sql)
        photos.append(photo.uuid)
    assert deleted(signed_in, *photos) == ([], photos)
    assert victim.read_bytes() == (elsewhere / "up.jpg").read_bytes() == b"precious"
    assert (folder / "link.jpg").is_symlink()


def blob(tx, data: bytes) -> str:
    return f"X'{data.hex()}'" if tx.dialect == "sqlite" else f"'\\x{data.hex()}'::bytea"


def test_nothing_outside_the_owners_directories_is_deleted(instance, builder, stranger):
    # Without a scan directory there is nothing that could be deleted.
    photo = builder.add_photo(stranger, is_trashed=True)
    with instance.client(stranger.bearer) as client:
        assert deleted(client, photo.uuid) == ([], [photo.uuid])
    assert photo.path.exists()
    # An upload directory counts, the data folder never does, wherever a directory points.
    builder.change_user(stranger, upload_directory=str(photo.path.parent))
    with instance.client(stranger.bearer) as client:
        assert deleted(client, photo.uuid) == ([photo.uuid], [])
    builder.change_user(stranger, upload_directory=str(instance.data))
    secret = instance.data / "keep.jpg"
    secret.write_bytes(b"ours")
    inside = builder.add_photo(stranger, with_files=False, is_trashed=True)
    with instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE file SET path_bytes = {blob(tx, bytes(secret))} WHERE id = {inside.file_id}"
        )
    with instance.client(stranger.bearer) as client:
        assert deleted(client, inside.uuid) == ([], [inside.uuid])
    assert secret.exists()


def test_a_file_that_another_account_has_too_stays(signed_in, instance, builder, owner, stranger):
    photo = builder.add_photo(owner, is_trashed=True)
    twin = builder.add_photo(stranger, with_files=False)
    builder.add_file(stranger, twin, photo.path)
    assert deleted(signed_in, photo.uuid) == ([photo.uuid], [])
    assert photo.path.exists()
    assert files_of(instance, photo) == []


def test_a_file_that_changed_since_the_scan_stays(signed_in, instance, builder, owner):
    photo = builder.add_photo(owner, is_trashed=True)
    status = photo.path.stat()
    with instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE file SET mtime_ns = {status.st_mtime_ns}, device = {status.st_dev} WHERE id = {photo.file_id}"
        )
    photo.path.write_bytes(b"another picture")
    assert deleted(signed_in, photo.uuid) == ([], [photo.uuid])
    assert photo.path.read_bytes() == b"another picture"


def test_a_disk_that_is_away_is_no_deleted_file(signed_in, instance, builder, owner):
    photo = builder.add_photo(owner, is_trashed=True)
    gone, lost = (
        builder.add_photo(owner, with_files=False, is_trashed=True, name=f"away/{n}.jpg") for n in "ab"
    )
    with instance.db.transaction() as tx:
        tx.connection.execute(f"UPDATE file SET is_missing = {_true(tx)} WHERE id = {lost.file_id}")
    photo.path.unlink()
    # Its folder is there, so that it is gone; of the others the folder is not, but a scan missed one of them.
    answer = deleted(signed_in, photo.uuid, gone.uuid, lost.uuid)
    assert answer == ([photo.uuid, lost.uuid], [gone.uuid])
    with instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE file SET device = 1, is_missing = {_false(tx)} WHERE id = {gone.file_id}"
        )
    (instance.library / owner.username / "away").mkdir()
    assert deleted(signed_in, gone.uuid) == ([], [gone.uuid])


def _true(tx) -> str:
    return "1" if tx.dialect == "sqlite" else "true"


def _false(tx) -> str:
    return "0" if tx.dialect == "sqlite" else "false"


def test_what_a_killed_process_left_goes_back_to_the_trash(signed_in, instance, builder, owner):
    photo = builder.add_photo(owner, is_trashed=True)
    claimed, _ = instance.db.commit(claim, owner.user_id, [photo.photo_id])
    assert claimed == [photo.photo_id]
    # Nobody can restore it meanwhile.
    restore = {"image_hashes": [photo.uuid], "deleted": False}
    assert signed_in.post("/api/photosedit/setdeleted/", json=restore).json()["count"] == 0
    assert instance.db.commit(claim, owner.user_id, [photo.photo_id])[0] == []
    instance.db.commit(release_stale)
    assert photo_row(instance, photo, "is_removed")[0] == 1
    with instance.db.transaction() as tx:
        tx.connection.execute(
            f"UPDATE photo_step SET finished_at = {clock.now() - 2 * clock.HOUR} WHERE photo_id = {photo.photo_id}"
        )
    instance.db.commit(release_stale)
    assert photo_row(instance, photo, *STATE) == (1, 0, photo.file_id)
    assert deleted(signed_in, photo.uuid) == ([photo.uuid], [])


def test_of_identical_files_all_but_one_can_be_deleted(signed_in, instance, builder, owner, stranger):
    def delete(path, of=None, client=signed_in):
        body = {"image_hash": (of or photo).image_hash, "path": str(path)}
        answer = ask(client, body, "/api/photosedit/duplicate/delete")
        assert answer.content == b""
        return answer.status_code

    photo = builder.add_photo(owner)
    copy, other, link = (
        photo.path.with_name(f"{name} {photo.path.name}") for name in ("copy", "other", "link")
    )
    for path, content in ((copy, photo.path.read_bytes()), (other, b"something else")):
        path.write_bytes(content)
    same = {"hash": photo.image_hash, "mime": "image/jpeg"}
    builder.add_file(owner, photo, other, hash="another")
    assert delete(photo.path) == 400, "no other file is the same"
    builder.add_file(owner, photo, copy, **same)
    foreign = builder.add_photo(stranger)
    assert delete(foreign.path) == delete(photo.path.with_name("none.jpg")) == delete(other) == 400
    assert delete(foreign.path, foreign) == 404
    with instance.client(stranger.bearer) as client:
        assert delete(copy, client=client) == 404
    # The one that would stay is not there any more.
    copy.rename(link)
    assert delete(photo.path) == 400
    # A path that leads to the very same file is no copy of it.
    copy.symlink_to(photo.path)
    assert delete(photo.path) == 400
    copy.unlink()
    link.rename(copy)
    assert delete(photo.path) == 200
    assert (photo.path.exists(), copy.exists(), other.exists()) == (False, True, True)
    assert signed_in.get(f"/api/photos/{photo.uuid}/").json()["image_path"] == [str(other), str(copy)]
    assert delete(copy) == 400, "the last one stays"
    assert signed_in.get(f"/media/photos/{photo.image_hash}").content == copy.read_bytes()
    assert events_of(instance, owner, "photos_deleted") == [("a copy of a file", '{"files":1}')]


def test_bad_input_is_told_by_its_field(signed_in, anonymous):
    assert errors(ask(signed_in, {})) == {"image_hashes": "This field is required."}
    assert errors(ask(signed_in, {"image_hashes": 1})) == {"image_hashes": "Expected a list of items."}
    person = {"select_all": True, "query": {"person": "x"}}
    assert errors(ask(signed_in, person)) == {"person": "A valid integer is required."}
    assert ask(signed_in, []).status_code == 400
    assert ask(anonymous, {"image_hashes": []}).status_code == 401
    assert ask(signed_in, {"image_hashes": []}, PATH.rstrip("/")).json()["deleted"] == []
    assert signed_in.get(PATH).status_code == 405
