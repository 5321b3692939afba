"""A disk inside the library that is away for a while: its photos stay as they are, others are told apart from them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NewInstance
from tests.library.scanning import Library, Worker, draw
from tests.needs import MEMORY

OTHERS = (MEMORY, Path("/var/tmp"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than the library's."""
    ours = tmp_path.stat().st_dev
    other = next((each for each in OTHERS if each.is_dir() and each.stat().st_dev != ours), None)
    if other is None:
        pytest.skip("there is no second file system here")
    folder = Path(tempfile.mkdtemp(dir=other))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_photos_of_a_disk_that_is_away_are_not_missing(new_instance: NewInstance, disk: Path) -> None:
    instance = new_instance(start=False)
    instance.environment["LIBREPHOTOS_LIBRARY_ROOTS"] = os.pathsep.join([str(instance.library), str(disk)])
    instance.start()
    library = Library.make(instance)
    worker = Worker(instance)
    worker.start()
    try:
        for number in range(4):
            draw(disk / f"{number}.jpg", number)
            draw(library.folder / f"here-{number}.jpg", 10 + number)
        (library.folder / "disk").symlink_to(disk)
        library.scan()
        assert len(library.photos()) == 8
        (library.folder / "disk").unlink()
        (library.folder / "here-0.jpg").unlink()
        result = library.scan()["result"]
        assert "4 files lie on a disk that is not mounted" in result["offline"]
        missing = [path for photo in library.photos() for path in photo["missing"]]
        assert [os.path.basename(path) for path in missing] == ["here-0.jpg"]
        (library.folder / "disk").symlink_to(disk)
        assert library.scan()["result"]["new_or_changed"] == 0
    finally:
        worker.stop()
