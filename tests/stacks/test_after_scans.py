"""What a real scan is followed by: bursts and pictures that look alike, without anybody asking."""

import time
from typing import Any

import numpy as np
from PIL import Image

from tests.instance import Instance
from tests.library.scanning import JOB_SECONDS, Library


def test_a_scan_is_followed_by_a_look_at_what_is_new(working_instance: Instance) -> None:
    library = Library.make(working_instance)
    random = np.random.default_rng(5)
    for number, name in enumerate(("X_BURST1.jpg", "X_BURST2.jpg", "Tram.jpg")):
        rough = (random.random((6, 8, 3)) * 255).astype("uint8")
        picture = Image.fromarray(rough).resize((960, 720), Image.Resampling.BICUBIC)
        picture.save(library.folder / name, quality=90)
        if number == 2:
            picture.resize((480, 360)).save(library.folder / "Tram small.jpg", quality=60)
    library.scan()
    with working_instance.client(library.owner.bearer) as client:

        def followed() -> dict[str, Any] | None:
            jobs = client.get("/api/jobs/").json()["results"]
            return next((job for job in jobs if job["job_type"] == 15 and job["finished"]), None)

        deadline = time.monotonic() + JOB_SECONDS
        while (job := followed()) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert job is not None
        assert (job["failed"], job["result"]["found"]) == (False, 2)
        (stack,) = client.get("/api/stacks").json()["results"]
        assert (stack["stack_type"], stack["photo_count"]) == ("burst", 2)
        (group,) = client.get("/api/duplicates").json()["results"]
        assert (group["duplicate_type"], group["photo_count"]) == ("visual_duplicate", 2)
        suggested = client.get(f"/api/duplicates/{group['id']}").json()["suggested_photo_hash"]
        body = {"keep_photo_hash": suggested}
        resolved = client.post(f"/api/duplicates/{group['id']}/resolve", json=body).json()
        assert resolved["trashed_count"] == 1
        # Files stay where they are, and no later scan brings a photo out of the trash or asks again.
        assert len(list(library.folder.iterdir())) == 4
        asked = client.post("/api/duplicates/detect", json={"clear_pending": True}).json()
        assert asked["status"] == "queued"
        library.scan("/api/fullscanphotos/")
        assert [each["review_status"] for each in client.get("/api/duplicates").json()["results"]] == [
            "resolved"
        ]
        (day,) = client.get("/api/albums/date/list/").json()["results"]
        assert day["numberOfItems"] == 2
