"""Wires settings, database, routes and media into one ASGI application."""

import asyncio
import gc
import multiprocessing
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import BaseRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

import librephotos.followers  # noqa: F401  # what follows the photos that requests change
from librephotos.accounts import guard
from librephotos.accounts.defaults import AccountDefaults
from librephotos.accounts.routes import ROUTES as ACCOUNT_ROUTES
from librephotos.accounts.scopes import described_scopes
from librephotos.accounts.secret_key import KeySource
from librephotos.accounts.server import Server, server_of, viewer_of
from librephotos.accounts.viewer import ANONYMOUS, Viewer
from librephotos.albums.routes import ROUTES as ALBUM_ROUTES
from librephotos.db.database import Database
from librephotos.downloads.routes import ROUTES as DOWNLOAD_ROUTES
from librephotos.errors import (
    ApiError,
    BadInput,
    LibrePhotosError,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    UnsupportedMediaType,
)
from librephotos.http.binding import ApiRequest
from librephotos.http.bodies import Bodies
from librephotos.http.direct import DirectRoutes
from librephotos.http.edge import Edge, Receive, Scope, Send
from librephotos.http.marking import mark, mark_parameters
from librephotos.http.rendering import Renderer
from librephotos.http.unread import limit_unread
from librephotos.jobs.routes import ROUTES as JOB_ROUTES
from librephotos.kit import json
from librephotos.kit.logs import configure_logs
from librephotos.kit.memory import give_back_memory, resident_bytes
from librephotos.kit.revision import revision
from librephotos.library.date_rules import default_date_rules
from librephotos.library.edit_routes import ROUTES as EDIT_ROUTES
from librephotos.library.metadata_routes import ROUTES as METADATA_ROUTES
from librephotos.library.routes import ROUTES as LIBRARY_ROUTES
from librephotos.library.rule_routes import ROUTES as RULE_ROUTES
from librephotos.nextcloud.routes import ROUTES as NEXTCLOUD_ROUTES
from librephotos.page.routes import DEBUG_ROUTES, lost_page
from librephotos.page.routes import ROUTES as PAGE_ROUTES
from librephotos.people.routes import ROUTES as PEOPLE_ROUTES
from librephotos.photos.media import MediaApp
from librephotos.photos.routes import ROUTES as PHOTO_ROUTES
from librephotos.places.routes import ROUTES as PLACE_ROUTES
from librephotos.search.routes import ROUTES as SEARCH_ROUTES
from librephotos.settings import load_settings
from librephotos.sharing.routes import ROUTES as SHARING_ROUTES
from librephotos.site.diagnostics_routes import ROUTES as DIAGNOSTICS_ROUTES
from librephotos.site.email_routes import ROUTES as EMAIL_ROUTES
from librephotos.site.health_routes import ROUTES as HEALTH_ROUTES
from librephotos.site.help_routes import ROUTES as HELP_ROUTES
from librephotos.site.log_routes import ROUTES as LOG_ROUTES
from librephotos.site.routes import ROUTES as SITE_ROUTES
from librephotos.site.service_routes import ROUTES as SERVICE_ROUTES
from librephotos.site.statistics_routes import ROUTES as STATISTICS_ROUTES
from librephotos.stacks.burst_rules import default_burst_rules
from librephotos.stacks.routes import ROUTES as STACK_ROUTES
from librephotos.sync.routes import ROUTES as SYNC_ROUTES
from librephotos.uploads.routes import ROUTES as UPLOAD_ROUTES
from librephotos.users.routes import ROUTES as USER_ROUTES

ROUTES: list[BaseRouteHandler] = [
    *ACCOUNT_ROUTES,
    *JOB_ROUTES,
    *PHOTO_ROUTES,
    *PEOPLE_ROUTES,
    *PLACE_ROUTES,
    *ALBUM_ROUTES,
    *SHARING_ROUTES,
    *SEARCH_ROUTES,
    *USER_ROUTES,
    *LIBRARY_ROUTES,
    *UPLOAD_ROUTES,
    *NEXTCLOUD_ROUTES,
    *DOWNLOAD_ROUTES,
    *SYNC_ROUTES,
    *EDIT_ROUTES,
    *METADATA_ROUTES,
    *HEALTH_ROUTES,
    *RULE_ROUTES,
    *STACK_ROUTES,
    *SITE_ROUTES,
    *EMAIL_ROUTES,
    *STATISTICS_ROUTES,
    *SERVICE_ROUTES,
    *LOG_ROUTES,
    *DIAGNOSTICS_ROUTES,
    *HELP_ROUTES,
    *PAGE_ROUTES,
]

PARENT_WATCH_SECONDS = 0.5
KEY_WATCH_SECONDS = 1.0
MEMORY_WATCH_SECONDS = 10
GROWN_BYTES = 16 * 1024 * 1024


class Application:
    """The whole application: the edge, the framework behind it, and the services they share."""

    def __init__(self, server: Server, framework: "Framework | None" = None) -> None:
        self.server = server
        settings = server.settings
        self.renderer = Renderer(debug=settings.debug)
        if framework is None or settings.debug:
            framework = build_framework(debug=settings.debug)
        framework.server, framework.renderer = server, self.renderer
        framework.request_max_body_size = settings.max_body_bytes
        self.framework = framework
        self.edge = Edge(
            DirectRoutes(self.framework, self.framework.state["routes"], guard.admit),  # type: ignore[arg-type]
            services=server,
            media=MediaApp(server.db, settings, server.authenticator),
            authenticate=server.authenticator,
            anonymous=ANONYMOUS,
            renderer=self.renderer,
            bodies=Bodies(settings.max_body_bytes),
            origins=settings.origins,
            hosts=settings.hosts,
            open_paths=_paths_with(self.framework, "credentials", "ignored")
            | _paths_with(self.framework, "who", guard.by_handler),
            offer_basic=settings.offer_basic,
            streamed_paths=_paths_with(self.framework, "streamed", True),
            any_accept_paths=(any_accept := _paths_with(self.framework, "accept", "any")),
            takes_any_accept=_matcher(any_accept),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.edge(scope, receive, send)


class Framework(Litestar):
    """Litestar, which reads and writes by msgspec alone here. The application gives it what it works with."""

    server: Server
    renderer: Renderer

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        # Those for Pydantic and attrs would load 2 MB that nothing uses, and take a twentieth of a second.
        return [*plugins, MsgspecDIPlugin()]


_prepared: list[Framework] = []


def prepare() -> None:
    """Build the router before the settings are known; `create` takes it over, in each process forked from this one."""
    if not _prepared:
        _prepared.append(build_framework())


def build_framework(*, debug: bool = False) -> Framework:
    """Return the router with every route behind the guard. Raises BadSetting for a route without a known scope."""

    # Chained on purpose: dependencies that do not depend on each other are run as a task group, at 30 µs more.
    def viewer_dependency(request: ApiRequest) -> Viewer:
        return viewer_of(request)

    def database_dependency(request: ApiRequest, viewer: Viewer) -> Database:
        return server_of(request).db

    def server_dependency(request: ApiRequest, db: Database) -> Server:
        return server_of(request)

    @asynccontextmanager
    async def lifespan(framework: Litestar) -> AsyncIterator[None]:
        assert isinstance(framework, Framework)
        server = framework.server
        watch = asyncio.create_task(_leave_with_parent())
        keys = asyncio.create_task(_follow_keys(server))
        unread = asyncio.create_task(limit_unread(server.settings.port, server.settings.unread_seconds))
        memory = asyncio.create_task(_give_back_memory())
        yield
        for task in (watch, keys, unread, memory):
            task.cancel()
        server.close()

    routes = [*ROUTES, *(DEBUG_ROUTES if debug else [])]
    guard.refuse_undeclared(routes)
    functions: dict[str, Callable[..., object]] = {
        "viewer": viewer_dependency,
        "db": database_dependency,
        "server": server_dependency,
    }
    mark_parameters(routes, functions)
    for function in functions.values():
        mark(function, functions)
    return Framework(
        route_handlers=list(routes),
        request_class=ApiRequest,
        before_request=guard.closed,
        dependencies={name: Provide(each, sync_to_thread=False) for name, each in functions.items()},
        exception_handlers=_EXCEPTION_HANDLERS,
        # `routes` and `scopes` are for the API document, which tells what there is.
        state=State({"routes": routes, "scopes": described_scopes()}),
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
    )


async def _leave_with_parent() -> None:
    """End this process when the server's main process has died: it would go on answering beside a new server."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    while os.getppid() == parent.pid:
        await asyncio.sleep(PARENT_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


async def _follow_keys(server: Server) -> None:
    """Look every second whether the signing key was rotated, so that what an old one signed ends everywhere."""
    while True:
        await asyncio.sleep(KEY_WATCH_SECONDS)
        server.signer.renew()


async def _give_back_memory() -> None:
    """Return what was freed whenever much has been taken since the last time.

    Bodies that were kept lie between those that still are, so that no heap shrinks by itself.
    """
    least = resident_bytes()
    while True:
        await asyncio.sleep(MEMORY_WATCH_SECONDS)
        if resident_bytes() > least + GROWN_BYTES:
            await asyncio.to_thread(give_back_memory)
            least = resident_bytes()
        least = min(least, resident_bytes())


def _paths_with(app: Litestar, name: str, value: object) -> frozenset[str]:
    found = set()
    for route in app.routes:
        handlers = getattr(route, "route_handlers", [])
        if any(handler.opt.get(name) == value for handler in handlers):
            found.add(route.path.rstrip("/"))
    return frozenset(found)


def _matcher(paths: frozenset[str]) -> Callable[[str], object]:
    """Return what tells whether a path is one of those that have parameters."""
    patterns = [re.sub(r"\\\{[^}]*\}", "[^/]+", re.escape(path)) for path in sorted(paths) if "{" in path]
    return re.compile("|".join(patterns) or "(?!)").fullmatch


Handler = Callable[[Request, Exception], Response]  # type: ignore[type-arg]


def _on_error(request: Request, error: Exception) -> Response:  # type: ignore[type-arg]
    if isinstance(error, LibrePhotosError):
        return _rendered(request, error)
    # Unexpected: the edge logs it with its traceback and answers 500.
    raise error


def _on_http(request: Request, error: Exception) -> Response:  # type: ignore[type-arg]
    assert isinstance(error, HTTPException)
    translated = _translated(error)
    if isinstance(translated, NotFound) and (page := lost_page(request)) is not None:
        return page
    return _rendered(request, translated)


def _on_405(request: Request, error: Exception) -> Response:  # type: ignore[type-arg]
    assert isinstance(error, MethodNotAllowedException)
    # A HEAD is a GET by now; nobody reads the text of its refusal.
    method = request.scope["method"]
    handler = guard.sibling(request.app, request.scope["path"])
    try:
        if handler is not None:
            guard.rule_of_other_methods(handler)(request.scope["viewer"])  # type: ignore[typeddict-item]
    except ApiError as refusal:
        return _rendered(request, refusal)
    allow = (error.headers or {}).get("allow") or (error.headers or {}).get("Allow", "")
    return _rendered(request, MethodNotAllowed(f'Method "{method}" not allowed.', headers={"Allow": allow}))


def _rendered(request: Request, error: LibrePhotosError) -> Response:  # type: ignore[type-arg]
    assert isinstance(request.app, Framework)
    return request.app.renderer.response(error)


# Trivial on purpose: a handler that fails itself becomes the server's plain-text 500.
_EXCEPTION_HANDLERS: Final[dict[int | type[Exception], Handler]] = {
    MethodNotAllowedException: _on_405,
    HTTPException: _on_http,
    Exception: _on_error,
}


def _translated(error: HTTPException) -> ApiError:
    known: dict[int, type[ApiError]] = {404: NotFound, 413: TooLarge, 415: UnsupportedMediaType}
    kind = known.get(error.status_code)
    if kind is not None:
        return kind()
    if error.status_code < 500:
        return BadInput.of("detail", error.detail)
    return ApiError()


def _calm_collector() -> None:
    """Look for cycles more rarely: what was imported stays for good, and a page of photos is thousands of objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def create() -> Application:
    """Return the application of the environment's settings; the server's processes call it once each."""
    configure_logs()
    settings = load_settings()
    configure_logs(settings.data)
    # Now: what runs stays the same, whatever is checked out later.
    revision()
    _calm_collector()
    defaults = AccountDefaults(json.dumps(default_date_rules()), default_burst_rules())
    keys = KeySource(settings)
    server = Server(settings, Database(settings.database), keys.keys.current, defaults, keys)
    return Application(server, _prepared.pop() if _prepared else None)
