"""Reaches another server: at an address that was looked up once, judged, and is the one connected to.

A name that leads into a private network is refused unless the admin listed its host, each time that a connection is
made; so is an unencrypted line, as the password would go over it. Redirects are told, not followed. Certificates must
be valid for the host's name. What takes too long is cut off, wherever it stands.
"""

import base64
import http.client
import socket
import ssl
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from librephotos.nextcloud.listing import NOT_UNDERSTOOD, QUESTION, Listing, read_listing
from librephotos.nextcloud.paths import DEEPEST, Parts, is_plain, shown, spelled
from librephotos.nextcloud.schemas import Trouble
from librephotos.settings import Settings
from librephotos.users.outside import BAD_URL, PRIVATE, is_listed, is_public

SILENCE_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 10.0
TRIED_ADDRESSES: Final = 4
LISTING_SECONDS: Final = 120.0
LISTING_BYTES: Final = 64 * 1024**2
BLOCK_BYTES: Final = 1024**2
# A file may take so long and besides what a slow line needs for its bytes.
FILE_SECONDS: Final = 120.0
SLOWEST_BYTES_PER_SECOND: Final = 16 * 1024
UNENCRYPTED: Final = (
    "This address is not encrypted. Use https, or have an admin allow its host by LIBREPHOTOS_PRIVATE_HOSTS."
)
NOT_REACHED: Final = "The server '{}' could not be reached."
BAD_CERTIFICATE: Final = "The certificate of the server '{}' is not valid for its name."
BROKEN: Final = "The connection to the server '{}' broke off or took too long."
REDIRECTS: Final = "The server leads to another address; enter that one in the settings."
WRONG_PASSWORD: Final = "The server did not accept the user name and the app password."  # noqa: S105
NOT_THERE: Final = "'{}' is not there on the server."
STATUS: Final = "The server answered with status {} for '{}'."
OTHER_SIZE: Final = "What the server sent of '{}' is not as long as it said."
# Parts by which an address is that of the files already.
_WEBDAV: Final = frozenset({"remote.php", "dav", "webdav"})


class Target(msgspec.Struct, frozen=True):
    """Where an account's files lie: below `base` on `host`; `is_free` when the admin listed it."""

    is_encrypted: bool
    host: str
    port: int
    base: Parts
    is_free: bool

    @property
    def name(self) -> str:
        """What stands for this place in keys."""
        return f"{'https' if self.is_encrypted else 'http'}://{self.host}:{self.port}{spelled(self.base)}"


def parse_target(settings: Settings, address: str, username: str) -> Target:
    """Read what somebody entered: the address of a Nextcloud, or that of files by WebDAV. Raises Trouble."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        port = parts.port
        path = tuple(unquote(part, errors="strict") for part in parts.path.split("/") if part)
    except ValueError:
        raise Trouble(BAD_URL) from None
    is_typed_well = parts.scheme in ("http", "https") and host and parts.username is None
    if not is_typed_well or not all(map(is_plain, (*path, username))) or len(path) > DEEPEST:
        raise Trouble(BAD_URL)
    is_encrypted = parts.scheme == "https"
    is_free = is_listed(settings, parts.hostname or "")
    if not is_encrypted and not is_free:
        raise Trouble(UNENCRYPTED)
    if _WEBDAV.isdisjoint(path):
        path = (*path, "remote.php", "dav", "files", username)
    return Target(is_encrypted, host, port or (443 if is_encrypted else 80), path, is_free)


class Remote:
    """A server under an account's name and password; one connection, used by one thread."""

    def __init__(
        self, target: Target, username: str, password: str, seconds: float = LISTING_SECONDS
    ) -> None:
        words = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.target = target
        self._headers = {"Authorization": f"Basic {words}", "User-Agent": "LibrePhotos"}
        self._seconds = seconds
        self._line: _Line | None = None

    def list_folder(self, folder: Parts) -> Listing:
        """Return what lies in a folder below the account's files. Raises Trouble."""
        path = (*self.target.base, *folder)
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        with self._within(self._seconds):
            response = self._ask("PROPFIND", spelled(path) + "/", folder, QUESTION, headers)
            if response.status != 207:
                raise Trouble(NOT_UNDERSTOOD)
            listing = read_listing(_Bounded(response, LISTING_BYTES), path)
            response.read(1)
            if not response.isclosed():
                self.close()
            return listing

    def read_file(self, path: Parts, size_bytes: int) -> Generator[bytes]:
        """Yield the bytes of a file, exactly `size_bytes` of them in the end. Raises Trouble."""
        seconds = FILE_SECONDS + size_bytes / SLOWEST_BYTES_PER_SECOND
        with self._within(seconds):
            response = self._ask("GET", spelled((*self.target.base, *path)), path)
            if response.status != 200 or response.getheader("Content-Encoding", "identity") != "identity":
                raise Trouble(STATUS.format(response.status, shown(path)))
            left = size_bytes
            while block := response.read(min(BLOCK_BYTES, left + 1)):
                left -= len(block)
                if left < 0:
                    break
                yield block
            if left:
                raise Trouble(OTHER_SIZE.format(shown(path)))

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _ask(
        self,
        method: str,
        url: str,
        told: Parts,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        is_old = self._line is not None
        line = self._line = self._line or _Line(self.target)
        try:
            line.request(method, url, body=body, headers={**self._headers, **(headers or {})})
            response = line.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server ended a line that nobody used for a while.
            self.close()
            if not is_old or line.is_cut:
                raise
            return self._ask(method, url, told, body, headers)
        if 300 <= response.status < 400:
            raise Trouble(REDIRECTS)
        if response.status in (401, 403):
            raise _not_let_in(response.status, told)
        if response.status == 404:
            raise Trouble(NOT_THERE.format(shown(told)))
        if response.status >= 400:
            raise Trouble(STATUS.format(response.status, shown(told)))
        return response

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Tell errors of the line as Trouble; only what was read to its end leaves a line that can be used again."""
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        is_whole = False
        try:
            yield
            is_whole = True
        except Trouble:
            # To whoever reads, a line that was cut looks like one that the server ended.
            if self._line is not None and self._line.is_cut:
                raise Trouble(BROKEN.format(self.target.host), is_away=True) from None
            raise
        except ssl.SSLCertVerificationError:
            raise Trouble(BAD_CERTIFICATE.format(self.target.host), is_away=True) from None
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # AttributeError: of http.client, whose file another thread's cut took away.
            if isinstance(error, AttributeError) and not (self._line and self._line.is_cut):
                raise
            raise Trouble(BROKEN.format(self.target.host), is_away=True) from None
        finally:
            timer.cancel()
            if not is_whole:
                self.close()

    def _cut(self) -> None:
        line = self._line
        if line is not None:
            line.cut()


class _Line(http.client.HTTPConnection):
    """A connection to the address that was judged."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SILENCE_SECONDS)
        self.default_port = 443 if target.is_encrypted else 80
        self.is_cut = False
        self._target = target
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        raw = self._raw = _connected(self._target)
        raw.settimeout(SILENCE_SECONDS)
        try:
            if self.is_cut:
                raise TimeoutError
            if self._target.is_encrypted:
                self.sock = _context().wrap_socket(
                    raw, server_hostname=self._target.host, do_handshake_on_connect=False
                )
                self._raw = self.sock
                self.sock.do_handshake()
            else:
                self.sock = raw
        except BaseException:
            self._raw.close()
            raise

    def cut(self) -> None:
        """End the line from another thread: whoever waits for it goes on with an error."""
        self.is_cut = True
        raw = self._raw
        if raw is not None:
            try:
                # Not that of SSLSocket, which would take away what another thread is using.
                socket.socket.shutdown(raw, socket.SHUT_RDWR)
            except OSError:
                return


def _connected(target: Target) -> socket.socket:
    """Look the host up, judge every address it has, and connect to one of just these. Raises Trouble."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Trouble(NOT_REACHED.format(target.host), is_away=True) from None
    if not target.is_free and not all(is_public(str(address[0])) for *_, address in found):
        raise Trouble(PRIVATE, is_away=True)
    for family, kind, protocol, _, address in found[:TRIED_ADDRESSES]:
        line = socket.socket(family, kind, protocol)
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect(address)
            return line
        except OSError:
            line.close()
    raise Trouble(NOT_REACHED.format(target.host), is_away=True)


def _not_let_in(status: int, told: Parts) -> Trouble:
    if status == 401:
        return Trouble(WRONG_PASSWORD, is_away=True)
    return Trouble(STATUS.format(status, shown(told)))


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Bounded:
    """A stream that ends in Trouble where it becomes too long."""

    def __init__(self, response: Any, most_bytes: int) -> None:
        self._response = response
        self._left = most_bytes

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._response.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise Trouble(NOT_UNDERSTOOD)
        return block
