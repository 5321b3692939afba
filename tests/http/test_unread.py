"""Clients that ask for much and read nothing, or leave in the middle: they hold little, and not for long."""

import asyncio
import os
import select
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from librephotos.http.unread import limit_unread
from tests.builders import Builder, Photo
from tests.conftest import NewDatabase
from tests.instance import Account, Instance

UNREAD_SECONDS = 2
# Longer than the limit, by what a busy machine may add.
PATIENCE_SECONDS = 40
# A hole: it takes no room on the disk, and longer to send than anybody waits.
FILE_BYTES = 4 << 30
CLIENTS = 30
PART = "Range: bytes=1-\r\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's limit, and /proc, are Linux's")


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("unread")
    data = folder / "data"
    data.mkdir()
    environment = {"LIBREPHOTOS_UNREAD_SECONDS": str(UNREAD_SECONDS)}
    started = Instance(data, folder / "library", new_database(data), environment).start()
    # A process gives its socket the limit a moment after it begins to listen.
    time.sleep(1)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def owner(one: Instance) -> Account:
    return one.add_user()


@pytest.fixture(scope="module")
def large(one: Instance, owner: Account) -> Photo:
    added = Builder(one).add_photo(owner)
    os.truncate(added.path, FILE_BYTES)
    return added


def asking(one: Instance, owner: Account, of: Photo, headers: str = "") -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE_SECONDS)
    connection.connect(("127.0.0.1", one.port))
    request = (
        f"GET /media/photos/{of.image_hash} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {owner.access}\r\n"
    )
    connection.sendall(f"{request}{headers}\r\n".encode())
    return connection


def api_processes(one: Instance) -> list[int]:
    """The server's processes without the supervisor, down to the youngest."""
    assert one.process is not None
    found, below = [], [one.process.pid]
    while below:
        below = [
            int(child)
            for pid in below
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
        found += below
    return found


def resident_mib(one: Instance) -> float:
    return sum(
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        for pid in api_processes(one)
    )


def still_sent(one: Instance, of: Photo) -> int:
    """How many times the server has the file open to send it."""
    links = [link for pid in api_processes(one) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return sum(_target(link) == str(of.path) for link in links)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""


def bytes_read(one: Instance) -> int:
    return sum(int(Path(f"/proc/{pid}/io").read_text().split()[1]) for pid in api_processes(one))


@pytest.mark.parametrize("headers", ["", PART], ids=["the whole", "a part"])
def test_who_reads_nothing_holds_little_memory_and_is_cut_off(
    one: Instance, owner: Account, large: Photo, headers: str
):
    before = resident_mib(one)
    with ExitStack() as stack:
        silent = [stack.enter_context(asking(one, owner, large, headers)) for _ in range(CLIENTS)]
        for connection in silent:
            # Its answer has begun.
            assert select.select([connection], [], [], PATIENCE_SECONDS)[0]
        assert resident_mib(one) - before < 2 * CLIENTS
        # Others do not notice.
        with one.client() as client:
            assert client.get("/api/healthz").status_code == 200
        wait_until_ended(one, large)
        for connection in silent:
            with pytest.raises(ConnectionResetError):
                while connection.recv(65536):
                    pass


def wait_until_ended(one: Instance, of: Photo) -> None:
    """Wait for the server to let go; the clients learn of it when they read on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while still_sent(one, of):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("headers", ["", PART], ids=["the whole", "a part"])
def test_who_reads_slowly_goes_on(one: Instance, owner: Account, large: Photo, headers: str):
    with asking(one, owner, large, headers) as slow:
        until = time.monotonic() + 2 * UNREAD_SECONDS
        while time.monotonic() < until:
            assert slow.recv(65536)
            time.sleep(0.05)


def test_for_who_has_left_nothing_more_is_read(one: Instance, owner: Account, large: Photo):
    before = bytes_read(one)
    with asking(one, owner, large, PART) as leaving:
        assert leaving.recv(4096)
    wait_until_ended(one, large)
    assert bytes_read(one) - before < FILE_BYTES // 2


def test_the_limit_is_on_every_process(new_database: NewDatabase, tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    environment = {"LIBREPHOTOS_UNREAD_SECONDS": "1", "LIBREPHOTOS_API_PROCESSES": "2"}
    two = Instance(data, tmp_path / "library", new_database(data), environment)
    try:
        two.start()
        time.sleep(1)
        owner = two.add_user()
        large = Builder(two).add_photo(owner)
        os.truncate(large.path, FILE_BYTES)
        with ExitStack() as stack:
            for _ in range(12):
                silent = stack.enter_context(asking(two, owner, large))
                assert select.select([silent], [], [], PATIENCE_SECONDS)[0]
            wait_until_ended(two, large)
    finally:
        two.stop()


def test_looking_for_the_socket_leaves_the_locks_of_the_database(tmp_path: Path) -> None:
    """Otherwise whoever opens it next believes to be alone, and writes over what others write."""
    path = tmp_path / "locked.sqlite"
    visit = (
        "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]); one.execute('SELECT * FROM t'); one.close()"
    )
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as database,
        socket.create_server(("", 0)) as ours,
    ):
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (n)")
        asyncio.run(limit_unread(ours.getsockname()[1], 7))
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7000
        subprocess.run([sys.executable, "-c", visit, str(path)], check=True)
        # Whoever closes last takes it away.
        assert path.with_name("locked.sqlite-wal").exists()
