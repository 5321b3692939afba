"""Fixtures that every test folder shares: real instances, and the sample photos where they are at hand."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import settings

import librephotos.kit.logs  # isort: skip  # first, as in the product
import librephotos.followers  # noqa: F401  # tests write photos too
from tests.databases import ON_POSTGRESQL, Databases, NewDatabase, new_databases
from tests.instance import REPOSITORY, Account, Instance
from tests.library.scanning import Worker
from tests.needs import MEMORY, has_room_in_memory

NewInstance = Callable[..., Instance]

# A busy machine proves nothing against the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_configure() -> None:
    """Put what tests write into memory where there is plenty: of their time, making files on a disk takes a tenth."""
    if "TMPDIR" not in os.environ and has_room_in_memory():
        # For this process, and for those that it starts.
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out tests that use no database: they are the same in the run on SQLite, to the letter."""
    if not ON_POSTGRESQL:
        return
    without = [each for each in items if "databases" not in getattr(each, "fixturenames", ())]
    config.hook.pytest_deselected(items=without)
    left_out = set(without)
    items[:] = [each for each in items if each not in left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores, since tests wait for servers a third of their time."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with new_databases() as each:
        yield each


@pytest.fixture(scope="session")
def new_database(databases: Databases) -> NewDatabase:
    """Give a new database of this version's schema for a data folder, which must be there."""
    return databases.migrated


@pytest.fixture(scope="session")
def empty_database(databases: Databases) -> NewDatabase:
    return databases.empty


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, empty_database: NewDatabase) -> Iterator[Instance]:
    """A served installation that many tests share: each makes users of its own and looks at theirs only.

    It begins with nothing, as every installation does, and its log with how its database was made.
    """
    folder = tmp_path_factory.mktemp("instance")
    data = folder / "data"
    data.mkdir()
    # All tests sign in, and ask for new passwords, from one address, many of them wrongly.
    environment = {
        "LIBREPHOTOS_NETWORK_FAILURES": "1000000",
        "LIBREPHOTOS_PASSWORD_RESET_THROTTLE_RATE": "1000000/hour",
    }
    shared = Instance(data, folder / "library", empty_database(data), environment, whole=True)
    # It has an admin, so that it is no longer in its first run.
    shared.start()
    shared.add_user("founder", is_admin=True)
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def working_instance(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> Iterator[Instance]:
    """An installation with a worker that many tests share, each with a user and a folder of its own."""
    folder = tmp_path_factory.mktemp("working")
    data = folder / "data"
    data.mkdir()
    # Servers that tests run themselves may be imported from.
    environment = {"LIBREPHOTOS_PRIVATE_HOSTS": "127.0.0.1"}
    shared = Instance(data, folder / "library", new_database(data), environment).start()
    shared.add_user("founder", is_admin=True)
    worker = Worker(shared)
    worker.start()
    yield shared
    worker.stop()
    shared.stop()


@pytest.fixture
def new_instance(tmp_path: Path, databases: Databases) -> Iterator[NewInstance]:
    """Make instances of one test's own; keyword arguments are environment settings without their prefix.

    One that is not started has nothing yet, as before its first start, which is one of the whole server.
    """
    made: list[Instance] = []

    def make(*, start: bool = True, whole: bool = False, **settings: Any) -> Instance:
        folder = tmp_path / f"instance-{len(made)}"
        data = folder / "data"
        data.mkdir(parents=True)
        environment = {f"LIBREPHOTOS_{name.upper()}": str(value) for name, value in settings.items()}
        database = databases.migrated(data) if start else databases.empty(data)
        one = Instance(data, folder / "library", database, environment, whole=whole or not start)
        made.append(one)
        return one.start() if start else one

    yield make
    for one in made:
        one.stop()
        databases.drop(one.database_url)


@pytest.fixture
def own_instance(new_instance: NewInstance) -> Instance:
    return new_instance()


@pytest.fixture
def user(instance: Instance) -> Account:
    return instance.add_user()


@pytest.fixture
def stranger(instance: Instance) -> Account:
    return instance.add_user()


@pytest.fixture
def admin(instance: Instance) -> Account:
    return instance.add_user(is_admin=True)


@pytest.fixture
def anonymous(instance: Instance) -> Iterator[httpx.Client]:
    with instance.client() as client:
        yield client


@pytest.fixture
def client(instance: Instance, user: Account) -> Iterator[httpx.Client]:
    """A client signed in as `user`."""
    with instance.client(user.bearer) as signed_in:
        yield signed_in


@pytest.fixture(scope="session")
def sample_photos() -> Path | None:
    """The folder of real photos beside the checkout, or further up, where there is one."""
    folders = (parent / "shared" / "photos" for parent in REPOSITORY.parents)
    return next((folder for folder in folders if folder.is_dir()), None)
