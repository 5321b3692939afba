"""The same as in `test_scan_survives.py`, for as long as it takes: fifty kills at random moments of one scan."""

import random
import signal
import time

import pytest

from tests.library.originals import originals_of
from tests.library.scanning import Library, Worker, draw

COUNT = 1500
KILLS = 50


@pytest.mark.long
def test_fifty_kills_in_one_scan_lose_and_double_nothing(idle_library: Library, worker: Worker) -> None:
    for number in range(COUNT):
        draw(idle_library.folder / f"{number % 30}" / f"{number}.jpg", number, size=(48, 32))
    chance = random.Random(11)
    before = originals_of(idle_library.folder)
    idle_library.trigger()
    worker.start()
    kills = 0
    for _ in range(KILLS):
        seen = idle_library.job()["progress_current"]
        while idle_library.job()["progress_current"] <= seen and not idle_library.job()["finished"]:
            time.sleep(0.02)
        if idle_library.job()["finished"]:
            break
        time.sleep(chance.random() * 0.3)
        worker.stop(signal.SIGKILL)
        kills += 1
        worker.start()
    job = idle_library.wait(seconds=300)
    assert (job["failed"], job["progress_current"]) == (False, COUNT)
    photos = idle_library.photos()
    assert len(photos) == COUNT
    assert len({photo["paths"][0] for photo in photos}) == COUNT
    assert kills >= 10
    assert originals_of(idle_library.folder) == before
