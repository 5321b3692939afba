"""The files of a photo: one is sent, another becomes the main one."""

import asyncio
import os
from typing import Any

import pytest

from librephotos.http.files import CHUNK_BYTES, OpenFile
from librephotos.photos.routes.variants import FileAnswer
from tests.builders import ORIGINAL
from tests.photos.rows import photo_row, read_all
from tests.photos.test_flags import MISSING, UNKNOWN


@pytest.fixture
def pair(builder, user):
    """A photo of a JPEG and a RAW, with a sidecar."""
    photo = builder.add_photo(user)
    raw, sidecar = photo.path.with_name("shot «1».CR2"), photo.path.with_suffix(".xmp")
    raw.write_bytes(b"raw bytes")
    sidecar.write_text("<x:xmpmeta/>")
    builder.add_file(user, photo, raw, hash=f"{'a' * 32}{user.user_id}", kind=4, size_bytes=9)
    builder.add_file(user, photo, sidecar, hash=f"{'b' * 32}{user.user_id}", kind=3)
    return photo, raw


def test_a_file_is_sent_as_it_lies_on_disk(client, user, pair):
    photo, raw = pair
    for name in (photo.uuid, photo.image_hash):
        answer = client.get(f"/api/photos/{name}/file/{photo.image_hash}")
        assert (answer.status_code, answer.content) == (200, ORIGINAL)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"] == f'attachment; filename="{photo.path.name}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
    path = f"/api/photos/{photo.uuid}/file/{'a' * 32}{user.user_id}/"
    answer = client.get(path)
    assert (answer.content, answer.headers["content-type"]) == (b"raw bytes", "application/octet-stream")
    assert "filename*=UTF-8''shot%20%C2%AB1%C2%BB.CR2" in answer.headers["content-disposition"]
    part = client.get(path, headers={"Range": "bytes=4-"})
    assert (part.status_code, part.content) == (206, b"bytes")
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "9")
    raw.unlink()
    gone = client.get(path)
    assert (gone.status_code, gone.json()) == (404, {"error": "File not found on disk"})


def test_a_file_is_read_no_further_when_the_client_has_gone(tmp_path):
    path = tmp_path / "long.mov"
    with open(path, "wb") as file:
        file.truncate(50 * CHUNK_BYTES)
    descriptor = os.open(path, os.O_RDONLY)
    sent: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(len(message.get("body", b"")))

    opened = OpenFile(descriptor, os.fstat(descriptor), os.fsencode(path))
    scope = {"type": "http", "method": "GET", "headers": []}
    asyncio.run(FileAnswer(opened, [])(scope, receive, send))
    assert sum(sent) < 5 * CHUNK_BYTES


def test_no_file_outside_the_library_is_sent(client, instance, builder, user, tmp_path):
    photo = builder.add_photo(user)
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    photo.path.unlink()
    photo.path.symlink_to(secret)
    answer = client.get(f"/api/photos/{photo.uuid}/file/{photo.image_hash}/")
    assert (answer.status_code, answer.json()) == (404, {"error": "File not found on disk"})
    photo.path.unlink()
    os.mkfifo(photo.path)
    assert client.get(f"/api/photos/{photo.uuid}/file/{photo.image_hash}/").status_code == 404


def test_others_photos_and_files_of_other_photos_are_not_found(
    client, builder, user, stranger, pair, anonymous
):
    photo, _ = pair
    other = builder.add_photo(user)
    foreign = builder.add_photo(stranger, is_public=True)
    shared = builder.add_photo(stranger)
    builder.share_photo(shared, user)
    for each in (foreign, shared):
        for name in (each.uuid, each.image_hash, UNKNOWN, MISSING, "x"):
            path = f"/api/photos/{name}/file/{each.image_hash}/"
            answer = client.get(path)
            assert (answer.status_code, answer.json()) == (404, {"error": "Photo not found"})
            main = client.post(f"/api/photos/{name}/main-file", json={"file_hash": each.image_hash})
            assert (main.status_code, main.json()) == (404, {"error": "Photo not found"})
            assert anonymous.get(path).status_code == 401
    for file_hash in (other.image_hash, foreign.image_hash, MISSING, "x"):
        answer = client.get(f"/api/photos/{photo.uuid}/file/{file_hash}/")
        assert (answer.status_code, answer.json()) == (404, {"error": "File variant not found"})


def test_another_file_becomes_the_main_one(client, instance, user, pair):
    photo, raw = pair
    raw_hash = f"{'a' * 32}{user.user_id}"
    before = photo_row(instance, photo, "modified_at")[0]
    answer = client.post(f"/api/photos/{photo.image_hash}/main-file", json={"file_hash": raw_hash})
    assert (answer.status_code, answer.json()) == (200, {"status": "updated", "main_file_hash": raw_hash})
    ((file_id,),) = read_all(instance, f"SELECT id FROM file WHERE hash = '{raw_hash}'")
    assert photo_row(instance, photo, "main_file_id", "size_bytes", "image_hash") == (
        file_id,
        9,
        photo.image_hash,
    )
    assert photo_row(instance, photo, "modified_at")[0] > before
    variants = client.get(f"/api/photos/{photo.uuid}/").json()["file_variants"]
    assert [each["filename"] for each in variants if each["is_main"]] == [raw.name]
    assert client.get(f"/media/photos/{photo.image_hash}").content == b"raw bytes"


def test_what_cannot_be_the_main_file_is_refused(client, user, pair):
    photo, _ = pair
    path = f"/api/photos/{photo.uuid}/main-file/"
    for body, status, text in (
        ({}, 400, "file_hash is required"),
        ({"file_hash": " "}, 400, "file_hash is required"),
        ({"file_hash": MISSING}, 404, "File variant not found"),
        ({"file_hash": f"{'b' * 32}{user.user_id}"}, 400, "A sidecar cannot be the main file"),
    ):
        answer = client.post(path, json=body)
        assert (answer.status_code, answer.json()) == (status, {"error": text})
    assert client.post(path, json={"file_hash": []}).status_code == 400
    assert client.get(f"/api/photos/{photo.uuid}/").json()["file_variants"][0]["is_main"] is True
