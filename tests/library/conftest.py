"""Libraries on real instances with a real worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import NewDatabase
from tests.instance import REPOSITORY, Instance
from tests.library.in_process import Host, InProcessLibrary, hosted
from tests.library.scanning import Library, Worker


@pytest.fixture
def library(working_instance: Instance) -> Library:
    """An empty library whose jobs are done by a running worker."""
    return Library.make(working_instance)


@pytest.fixture
def idle_library(own_instance: Instance) -> Library:
    """An empty library on an installation of its own; no worker runs."""
    return Library.make(own_instance)


@pytest.fixture
def worker(own_instance: Instance) -> Iterator[Worker]:
    """The worker of `own_instance`, not started."""
    one = Worker(own_instance)
    yield one
    one.stop()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that lies in no library."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real sample files, wherever it lies beside the repository."""
    for folder in REPOSITORY.parents:
        if (folder / "shared" / "photos").is_dir():
            return folder / "shared" / "photos"
    pytest.skip("the sample photos are not here")


@pytest.fixture(scope="session")
def in_process_host(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Host]:
    """Where libraries are scanned in this process; many tests share it."""
    with hosted(tmp_path_factory.mktemp("in-process"), new_database) as host:
        yield host


@pytest.fixture
def quick_library(in_process_host: Host) -> InProcessLibrary:
    """An empty library that is scanned in this process."""
    return InProcessLibrary(in_process_host)
