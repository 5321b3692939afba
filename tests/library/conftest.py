"""Libraries on real instances with a real worker."""

from collections.abc import Iterator

import pytest

from tests.conftest import NewInstance
from tests.library.scanning import Library


@pytest.fixture
def idle_library(new_instance: NewInstance) -> Iterator[Library]:
    """A library whose worker is not started."""
    instance = new_instance()
    folder = instance.library / "ann"
    folder.mkdir()
    library = Library(instance, instance.add_user("ann", is_admin=True, scan_directory=str(folder)), folder)
    yield library
    library.stop_worker()


@pytest.fixture
def library(idle_library: Library) -> Library:
    """A library with a running worker."""
    idle_library.start_worker()
    return idle_library
