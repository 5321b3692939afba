"""Pages for people: the server's front door, the page on authentication and, with DEBUG, the API document."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import anyone
from librephotos.accounts.server import Server
from librephotos.errors import NotAcceptable, NotFound
from librephotos.http.binding import ApiRequest
from librephotos.http.caching import names_etag
from librephotos.http.negotiation import choose
from librephotos.http.openapi import build_document
from librephotos.page.built import INDEX, is_built, page_files
from librephotos.page.documents import (
    JSON,
    OFFERED,
    VIEWER_ASSETS,
    YAML,
    encode_document,
    has_viewers,
    read_asset,
    require_viewers,
)
from librephotos.page.shells import PAGE_POLICY, POLICY, VIEWER_POLICY, render_shell

HTML = "text/html"  # the framework adds the charset
OPEN: dict[str, Any] = {"who": anyone, "scope": "public", "accept": "any"}
# The screens of the page, as its own router (web/src) knows them.
SCREENS = (
    *(
        f"{view}/photo/{{shown:str}}"
        for view in ("", "/favorites", "/videos", "/undated", "/hidden", "/trash")
    ),
    *("/favorites", "/videos", "/undated", "/recent", "/hidden", "/trash"),
    *("/albums", "/albums/{album_id:str}", "/events/{album_id:str}"),
    *("/search", "/search/{sought:str}", "/uploads", "/jobs", "/account", "/api-access"),
)
# The screens for visitors: those of public links, and of links that were mailed to people who forgot their password.
VISITED_SCREENS = (
    *("/public/s/{slug:str}", "/public/p/{slug:str}"),
    *("/password-reset", "/password-reset/confirm/{uid:str}/{token:str}"),
)
_OTHERS = ("/api/", "/media/", "/assets/")
FRESH = {"Cache-Control": "no-cache"}
DOCUMENT_LINKS = (
    '\n<li>The API document: <a href="/api/swagger">Swagger UI</a>, <a href="/api/redoc">Redoc</a>, '
    '<a href="/api/schema">YAML</a></li>'
)


@get("/", **OPEN, answers={200: HTML}, media_type=HTML)
async def get_front_page(request: ApiRequest, server: Server) -> Response[Any]:
    """The web page; where it was not built, where to go from here."""
    if is_built():
        return _file(request, INDEX)
    base = server.proxies.origin(request.scope).base
    documents = DOCUMENT_LINKS if server.settings.debug and has_viewers() else ""
    return _page(render_shell("front.html", base, documents), POLICY)


@get(list(SCREENS), **OPEN, include_in_schema=False)
async def get_screen(request: ApiRequest) -> Response[bytes]:
    """The web page at the address of one of its screens, for reloads and bookmarks."""
    return _file(request, INDEX)


@get(list(VISITED_SCREENS), **OPEN, include_in_schema=False)
async def get_visited_screen(request: ApiRequest) -> Response[bytes]:
    """The web page at an address for visitors, which search engines shall not keep."""
    answer = _file(request, INDEX)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def lost_page(request: Request) -> Response[bytes] | None:  # type: ignore[type-arg]
    """Return the web page, which says that nothing is at this address, for whoever typed it into a browser.

    None for programs, and for whatever is none of the page's own addresses.
    """
    accept = request.headers.get("accept", "")
    is_typed = request.method in ("GET", "HEAD") and choose(accept, ("application/json", HTML)) == HTML
    if not is_built() or not is_typed or f"{request.url.path}/".startswith(_OTHERS):
        return None
    answer = Response(page_files()[INDEX].content, media_type=HTML, status_code=404)
    answer.headers["Content-Security-Policy"] = PAGE_POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer


@get("/assets/{name:str}", **OPEN, include_in_schema=False)
async def get_page_asset(request: ApiRequest, name: str) -> Response[bytes]:
    """A script, style or picture of the web page."""
    return _file(request, f"assets/{name}")


@get("/docs/api-authentication", **OPEN, answers={200: HTML}, media_type=HTML)
async def get_authentication_page(request: ApiRequest, server: Server) -> Response[str]:
    """How to authenticate against this server, for people."""
    return _page(render_shell("api-authentication.html", server.proxies.origin(request.scope).base), POLICY)


@get("/api/schema", **OPEN, include_in_schema=False)
async def get_document(request: ApiRequest) -> Response[bytes]:
    """The OpenAPI document: YAML, or JSON by `Accept` or `?format=json`."""
    wanted = request.query_params.get("format")
    media_type = {"json": JSON, "yaml": YAML}.get(wanted or "") or _negotiated(request)
    state = request.app.state
    if "document" not in state:
        state["document"] = build_document(request.app)
    return Response(encode_document(state["document"], media_type), media_type=media_type)


@get("/api/swagger", **OPEN, include_in_schema=False)
async def get_swagger() -> Response[str]:
    """The document as an interactive page."""
    require_viewers()
    return _page(render_shell("swagger.html"), VIEWER_POLICY)


@get("/api/redoc", **OPEN, include_in_schema=False)
async def get_redoc() -> Response[str]:
    """The document as a page to read."""
    require_viewers()
    return _page(render_shell("redoc.html"), VIEWER_POLICY)


@get([f"/api/documents/{name}" for name in VIEWER_ASSETS], **OPEN, include_in_schema=False)
async def get_asset(request: ApiRequest) -> Response[bytes]:
    """A script or style of the two pages."""
    content, media_type = read_asset(request.scope["path"].rstrip("/").rpartition("/")[2])
    return Response(content, media_type=media_type, headers=FRESH)


def _negotiated(request: ApiRequest) -> str:
    """A browser's address bar, which asks for HTML, gets the document too."""
    accept = request.headers.get("accept", "")
    chosen = choose(accept, OFFERED)
    if chosen is None and choose(accept, ["text/html"]) is None:
        raise NotAcceptable
    return chosen or YAML


def _file(request: ApiRequest, name: str) -> Response[bytes]:
    """A file of the built page, compressed where the caller takes that. Raises NotFound for unknown names."""
    found = page_files().get(name)
    if found is None:
        raise NotFound
    headers = {"ETag": found.etag, "Cache-Control": found.cache_control, "Vary": "Accept-Encoding"}
    if name == INDEX:
        headers["Content-Security-Policy"] = PAGE_POLICY
        headers["Referrer-Policy"] = "same-origin"
    if names_etag(request.headers.get("if-none-match"), found.etag):
        return Response(b"", status_code=304, headers=headers)
    content = found.content
    if found.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content = found.zipped
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=found.media_type, headers=headers)


def _page(text: str, policy: str) -> Response[str]:
    return Response(text, media_type=HTML, headers={"Content-Security-Policy": policy, **FRESH})


ROUTES: list[BaseRouteHandler] = [
    get_front_page,
    get_screen,
    get_visited_screen,
    get_page_asset,
    get_authentication_page,
]
# Not there at all without DEBUG: an unknown path like any other.
DEBUG_ROUTES: list[BaseRouteHandler] = [get_document, get_swagger, get_redoc, get_asset]
