"""WebDAV servers on real sockets: a real one over a folder, and one that answers whatever a test wants."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from xml.sax.saxutils import escape

from wsgidav.fs_dav_provider import FilesystemProvider
from wsgidav.wsgidav_app import WsgiDAVApp

USER, PASSWORD = "ann", "abcde-fGhIj-12345"
BASE = f"/remote.php/dav/files/{USER}"


@dataclass
class Dav:
    """A server and what it was asked, as `GET /path`."""

    url: str
    asked: list[str] = field(default_factory=list)

    @property
    def fetched(self) -> list[str]:
        return [each.removeprefix(f"GET {BASE}") for each in self.asked if each.startswith("GET")]


class _Threading(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served_folder(folder: Path) -> Iterator[Dav]:
    """Serve a folder read-only to one account, as a Nextcloud would."""
    app = WsgiDAVApp(
        {
            "provider_mapping": {BASE: FilesystemProvider(str(folder), readonly=True)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "dir_browser": {"enable": False},
            "logging": {"enable": False},
            "verbose": 0,
        }
    )
    dav = Dav("")

    def recorded(environ: Any, start_response: Any) -> Any:
        dav.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].encode('latin-1').decode()}")
        return app(environ, start_response)

    with make_server("127.0.0.1", 0, recorded, server_class=_Threading, handler_class=_Quiet) as server:
        dav.url = f"http://127.0.0.1:{server.server_port}"
        with _running(server):
            yield dav


def listing(*entries: str, folder: str = f"{BASE}/") -> bytes:
    """Return a multistatus of the folder itself and of these responses."""
    itself = f"<d:response><d:href>{folder}</d:href></d:response>"
    return f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{itself}{"".join(entries)}</d:multistatus>'.encode()


def response(href: str, size: int = 0, *, etag: str = '"1"', is_folder: bool = False) -> str:
    kind = "<d:collection/>" if is_folder else ""
    return (
        f"<d:response><d:href>{escape(href)}</d:href><d:propstat><d:prop><d:resourcetype>{kind}</d:resourcetype>"
        f"<d:getcontentlength>{size}</d:getcontentlength><d:getetag>{etag}</d:getetag></d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


# Status, headers, body.
Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(answer: Callable[[str, str], Answer], context: ssl.SSLContext | None = None) -> Iterator[Dav]:
    """Serve what `answer` returns for a method and the path as it was sent; with a context, encrypted.

    With a `Content-Length` of its own the line ends, or with `X-Silence` stays open, after the body.
    """
    dav = Dav("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version: ClassVar[str] = "HTTP/1.1"
        timeout = 10

        def _answer(self) -> None:
            dav.asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = answer(self.command, self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = "Content-Length" in headers and "X-Silence" not in headers

        do_GET = do_PROPFIND = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that leaves, for instance because of the certificate."""

    with Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if context is not None:
            scheme = "https"
            server.socket = context.wrap_socket(server.socket, server_side=True)
        dav.url = f"{scheme}://127.0.0.1:{server.server_port}"
        with _running(server):
            yield dav


@contextmanager
def _running(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
