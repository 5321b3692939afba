"""Half-written thumbnails of killed processes go when a worker starts; the others stay."""

import os
import time

from tests.library.scanning import Library, Worker, draw


def test_old_drafts_go_at_the_start_of_a_worker(idle_library: Library, worker: Worker) -> None:
    derived = idle_library.instance.data / "derived"
    folder = derived / "square_thumbnails" / "ab"
    folder.mkdir(parents=True)
    (derived / "thumbnails_big" / "cd").mkdir(parents=True)
    old = [folder / ".one.part", derived / "thumbnails_big" / "cd" / ".two.part"]
    kept = [folder / ".fresh.part", folder / "abc.webp", folder / "abc.part", folder / ".other"]
    for path in (*old, *kept):
        path.write_bytes(b"x")
    for path in (*old, *kept[1:]):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    draw(idle_library.folder / "a.jpg", 1)
    worker.start()
    deadline = time.monotonic() + 40
    while any(path.exists() for path in old):
        assert time.monotonic() < deadline, idle_library.log()
        time.sleep(0.05)
    assert not idle_library.scan()["failed"]
    assert all(path.exists() for path in kept)
    assert "unfinished thumbnails removed" in idle_library.log()
