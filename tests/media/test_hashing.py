"""Reading once, and what the content is called."""

from __future__ import annotations

import hashlib
import os
import threading
import time

import pytest

from librephotos.media.errors import FileChanged, UnreadableMedia
from librephotos.media.hashing import read_file


def test_both_digests_are_those_of_the_content_whether_it_is_kept_or_not(stored):
    data = os.urandom(3_000_000)
    path = stored(b"a", data)
    kept, streamed = read_file(path), read_file(path, keep_bytes=1000)
    assert kept.fingerprint == streamed.fingerprint
    assert kept.fingerprint.md5 == hashlib.md5(data).hexdigest()
    assert kept.fingerprint.blake2b == hashlib.blake2b(data, digest_size=32).hexdigest()
    assert kept.data == data and streamed.data is None
    assert kept.head == streamed.head == data[:4096]
    status = os.stat(path)
    times = (kept.fingerprint.modified_ns, kept.fingerprint.changed_ns)
    assert times == (status.st_mtime_ns, status.st_ctime_ns)


def test_an_empty_file_has_a_hash(stored):
    assert read_file(stored(b"a", b"")).fingerprint.md5 == "d41d8cd98f00b204e9800998ecf8427e"


def test_a_file_that_grows_while_it_is_read_is_reported(stored):
    path = stored(b"a", bytes(1000))
    done = threading.Event()

    def grow() -> None:
        with open(path, "ab", buffering=0) as file:
            for _ in range(2_000):
                if done.is_set():
                    return
                file.write(bytes(10_000))

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(FileChanged):
            for _ in range(200):
                read_file(path, keep_bytes=0)
                time.sleep(0.001)
    finally:
        done.set()
        writer.join()


@pytest.mark.parametrize("name", [b"missing", b"nul\0name"])
def test_what_cannot_be_opened_has_a_reason(tmp_path, name):
    with pytest.raises(UnreadableMedia, match="cannot be read"):
        read_file(os.path.join(os.fsencode(tmp_path), name))


def test_folders_and_pipes_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnreadableMedia, match="regular file"):
            read_file(os.fsencode(path))
