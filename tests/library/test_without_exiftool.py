"""A machine without Perl: the scan runs on what Pillow reads, says so, and reads again once ExifTool is there."""

import os
import shutil
from pathlib import Path

from librephotos.media.exiftool import PACKAGED
from tests.library.scanning import Library, Worker, draw


def test_metadata_read_without_exiftool_is_read_again_when_it_is_there(
    idle_library: Library, worker: Worker, tmp_path: Path
):
    assert PACKAGED.exists() or shutil.which("exiftool"), "set-up fetches ExifTool"
    draw(idle_library.folder / "a.jpg", 1, taken="2024:05:06 07:08:09")
    path = os.environ["PATH"]
    bare = tmp_path / "bin"
    bare.mkdir()
    idle_library.instance.environment["PATH"] = str(bare)
    worker.start()
    job = idle_library.scan()
    assert "ExifTool or Perl is missing" in job["result"]["metadata"]
    assert readers(idle_library) == ["pillow"]
    assert idle_library.photos()[0]["taken_local"] == "2024-05-06T07:08:09"
    worker.stop()
    idle_library.instance.environment["PATH"] = path
    worker.start()
    job = idle_library.scan()
    assert "metadata" not in job["result"]
    assert readers(idle_library) == ["exiftool"]
    assert job["result"]["new_or_changed"] == 1
    assert idle_library.scan()["result"]["new_or_changed"] == 0


def readers(library: Library) -> list[str]:
    return [row[0] for row in library.rows("SELECT reader FROM photo_metadata")]
