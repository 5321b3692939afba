"""A real server on a real socket with a data folder, a library folder and a database of its own."""

import os
import secrets
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from sqlalchemy import bindparam, insert, update

from librephotos.accounts import queries as account_queries
from librephotos.accounts.passwords import hash_password
from librephotos.accounts.queries import Device
from librephotos.accounts.tokens import TokenSigner
from librephotos.db.database import Database
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import user
from librephotos.db.transactions import Tx
from librephotos.kit import clock, ids
from tests import ready
from tests.ready import Process

KEY = "wX3jv0-q8RmC5tYb2Zk7LhNs9PdFaGe4UoVi6TyB"
REPOSITORY = Path(__file__).parent.parent
START_SECONDS = 60
# No client of a test speaks TLS, and each would read all certificates of the machine for its own.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# A folder put before the package, by the test that shows what happens without the guard.
TEST_PATH = [path for path in (os.environ.get("LIBREPHOTOS_TEST_PATH"),) if path]

_INSERT_USER = Statement(
    insert(user)
    .values(
        username=bindparam("username"),
        password_hash=bindparam("stored"),
        is_staff=bindparam("is_staff"),
        is_superuser=bindparam("is_superuser"),
        scan_directory=bindparam("scan_directory"),
        joined_at=bindparam("joined_at"),
        tokens_valid_from=bindparam("joined_at"),
    )
    .returning(user.c.id),
    scalar,
)


@dataclass(frozen=True)
class Account:
    """A user of the running server; `bearer` are headers with a fresh access token."""

    user_id: int
    username: str
    password: str
    access: str
    refresh: str
    sid: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    @property
    def basic(self) -> httpx.BasicAuth:
        return httpx.BasicAuth(self.username, self.password)

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"jwt={self.access}"}


@dataclass
class Instance:
    """One installation. `environment` adds to or replaces settings; `start()` serves, `stop()` ends it.

    Of the processes of `librephotos serve` it has those that answer, which take the settings and a database of this
    version as they are, forked with their modules; `whole` is the command itself, which prepares both.
    """

    data: Path
    library: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    process: Process | None = None
    port: int = 0

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.library.mkdir(parents=True, exist_ok=True)
        self.signer = TokenSigner(KEY)
        self._db: Database | None = None

    @property
    def db(self) -> Database:
        """The server's database, for tests to arrange and to look."""
        if self._db is None:
            self._db = Database(self.database_url)
        return self._db

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the server's processes: nothing of the tester's own settings leaks in."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIBREPHOTOS_")}
        return {
            **inherited,
            "PYTHONPATH": os.pathsep.join([*TEST_PATH, str(REPOSITORY)]),
            "LIBREPHOTOS_DATA": str(self.data),
            "LIBREPHOTOS_LIBRARY_ROOTS": str(self.library),
            "LIBREPHOTOS_DATABASE_URL": self.database_url,
            "LIBREPHOTOS_SECRET_KEY": KEY,
            "LIBREPHOTOS_PORT": str(self.port),
            # Scans are what tests start themselves, of files that they have just written.
            "LIBREPHOTOS_WATCH": "0",
            "LIBREPHOTOS_RESCAN_MINUTES": "0",
            "LIBREPHOTOS_SETTLE_SECONDS": "0",
            **self.environment,
        }

    def start(self, *, with_worker: bool = False) -> Self:
        self.port = free_port()
        log = self.data / "test-server.log"
        if self.whole or with_worker:
            words = ["librephotos.cli", "serve", "--port", str(self.port)]
            self.process = self._run(log, *words, *([] if with_worker else ["--no-worker"]))
        elif TEST_PATH:
            self.process = self._run(log, "librephotos.http.serving", str(os.getpid()), ready.APPLICATION)
        else:
            self.process = ready.start(ready.SERVER, self.settings, log)
        self.wait_until_served()
        return self

    def _run(self, log: Path, module: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, *words]
        with log.open("ab") as output:
            return subprocess.Popen(
                command, env=self.settings, stdout=output, stderr=output, start_new_session=True
            )

    def wait_until_served(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                # A client of httpx costs more than many refused connections.
                socket.create_connection(("127.0.0.1", self.port), 2).close()
                if httpx.get(f"{self.base_url}/api/healthz", timeout=10, verify=_NO_TLS).status_code == 200:
                    return
            except (OSError, httpx.TransportError):
                time.sleep(0.01)
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        return (self.data / "test-server.log").read_text(errors="replace")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            self.process = None
        if self._db is not None:
            self._db.close()
            self._db = None

    def client(self, headers: Mapping[str, str] | None = None, **options: Any) -> httpx.Client:
        return httpx.Client(
            base_url=self.base_url, headers=dict(headers or {}), timeout=30, verify=_NO_TLS, **options
        )

    def add_user(
        self,
        username: str = "",
        password: str = "",
        *,
        is_admin: bool = False,
        is_staff: bool = False,
        scan_directory: str = "",
        **columns: Any,
    ) -> Account:
        """Insert an account straight into the database, with a session and tokens; a password costs a hash."""
        name = username or f"user-{secrets.token_hex(5)}"
        # Backdated: a token of this very second must not count as older than its account.
        row = {
            "username": name,
            "stored": hash_password(password) if password else "!unset",
            "is_staff": is_admin or is_staff,
            "is_superuser": is_admin,
            "scan_directory": scan_directory,
            "joined_at": clock.now() - clock.HOUR,
        }
        with self.db.transaction() as tx:
            user_id: int = tx.one(_INSERT_USER, **row)
            if columns:
                values = {name: bindparam(f"v_{name}") for name in columns}
                change = statement(update(user).where(user.c.id == bindparam("row_id")).values(values))
                tx.execute(change, row_id=user_id, **{f"v_{name}": value for name, value in columns.items()})
            return self._open_session(tx, user_id, name, password)

    def open_session(self, account: Account) -> Account:
        """Sign an account in once more, on a device of its own and without the price of a hash."""
        with self.db.transaction() as tx:
            return self._open_session(tx, account.user_id, account.username, account.password)

    def _open_session(self, tx: Tx, user_id: int, name: str, password: str) -> Account:
        sid = ids.new_token()
        claims = {"user_id": str(user_id), "name": name, "sid": sid}
        refresh = self.signer.mint_refresh(claims)
        expires_at = refresh.expires_at_seconds * clock.SECOND
        session_id = account_queries.create_session(tx, user_id, sid, "test", Device("test", ""), expires_at)
        account_queries.record_refresh_token(
            tx,
            refresh.jti,
            session_id=session_id,
            user_id=user_id,
            issued_at=refresh.issued_at_seconds * clock.SECOND,
            expires_at=expires_at,
        )
        return Account(user_id, name, password, self.signer.mint_access(claims).text, refresh.text, sid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
