"""The access guard: may this kind of caller come in? Which rows are theirs is the queries' business.

A route is closed unless it says otherwise: `who=anyone`, `who=signed_in` (the default), `who=admin`,
`who=superuser`. `scope="photos:read"` names what an API key must hold, of the list in `scopes.py`. A key that is
limited to albums is refused unless the route says `narrows=True`: that its queries keep to those albums.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

from litestar import Litestar, Request, Response
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.types import Method
from litestar.utils import normalize_path

from librephotos.accounts.scopes import PUBLIC, SCOPES
from librephotos.accounts.viewer import Viewer
from librephotos.errors import BadSetting, Forbidden, KeyForbidden, NotAuthenticated

Who = Callable[[Viewer], None]
METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")


def anyone(viewer: Viewer) -> None:
    """Anonymous callers too; what they see is narrowed by the query."""


def signed_in(viewer: Viewer) -> None:
    if viewer.is_anonymous:
        raise NotAuthenticated


def by_handler(viewer: Viewer) -> None:
    """The handler asks for the credentials itself, and refuses in words of its own: the two calls of an upload."""


def admin(viewer: Viewer) -> None:
    """Staff: the first account and those that a superuser made admins; of keys, an admin's that reads the server."""
    signed_in(viewer)
    if not (viewer.is_staff or viewer.is_superuser or viewer.reads_server):
        raise Forbidden


def superuser(viewer: Viewer) -> None:
    signed_in(viewer)
    if not viewer.is_superuser:
        raise Forbidden


def rule_of(handler: BaseRouteHandler) -> Who:
    return cast("Who", handler.opt.get("who", signed_in))


def refuse_undeclared(routes: Iterable[BaseRouteHandler]) -> None:
    """Raise BadSetting for a route whose scope is missing or not of the closed list."""
    for route in routes:
        if "scope" not in route.opt:
            raise BadSetting(f"The route {sorted(route.paths)} names no scope.")
        if route.opt["scope"] not in SCOPES:
            raise BadSetting(f"The route {sorted(route.paths)} names the unknown scope {route.opt['scope']}.")


def refuse_key(viewer: Viewer, scope: str, *, narrows: bool) -> None:
    """Raise KeyForbidden, naming the scope, when the caller's API key may not do what needs it."""
    if viewer.scopes is None or scope == PUBLIC:
        return
    if not SCOPES[scope].is_grantable:
        raise KeyForbidden(
            f"This needs the scope {scope}, which no API key can hold. Sign in instead.", code="missing_scope"
        )
    if scope not in viewer.scopes:
        raise KeyForbidden(f"This API key lacks the scope {scope}.", code="missing_scope")
    if viewer.is_limited and not narrows:
        raise KeyForbidden("This API key is limited to albums; this is about more.", code="limited_key")


def admit(handler: BaseRouteHandler, viewer: Viewer) -> None:
    """Ask the handler's rules about the caller. Raises NotAuthenticated or Forbidden."""
    if viewer.scopes is not None:
        refuse_key(viewer, handler.opt["scope"], narrows=handler.opt.get("narrows", False))
    rule_of(handler)(viewer)


async def closed(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Runs before every handler, its input and its dependencies; the only guard.

    A `before_request` hook rather than one of the framework's guards: for those it copies the handler on every
    request, which costs as much as the rest of the routing. It is async because a plain function costs a thread hop.
    """
    if request.scope["method"] != "OPTIONS":
        admit(request.route_handler, request.scope["viewer"])  # type: ignore[typeddict-item]
        return None
    path = request.scope["path"]
    admit(sibling(request.app, path) or request.route_handler, request.scope["viewer"])  # type: ignore[typeddict-item]
    # Where several handlers share a path, the framework's own answer names the methods of the first one only.
    return Response(None, status_code=204, headers={"Allow": ", ".join(methods_of(request.app, path))})


def rule_of_other_methods(handler: BaseRouteHandler) -> Who:
    """The rule for a method that the path has no handler for: `unsafe=` where only reading is open to anyone."""
    return cast("Who", handler.opt.get("unsafe") or rule_of(handler))


def sibling(app: Litestar, path: str) -> BaseRouteHandler | None:
    """Return the handler that answers `path` under another method."""
    return next((handler for method in METHODS if (handler := _handler_of(app, path, method))), None)


def methods_of(app: Litestar, path: str) -> list[str]:
    return [*(method for method in METHODS if _handler_of(app, path, method)), "OPTIONS"]


def _handler_of(app: Litestar, path: str, method: Method) -> BaseRouteHandler | None:
    try:
        return app.asgi_router.handle_routing(path=normalize_path(path), method=method)[1]
    except (MethodNotAllowedException, NotFoundException):
        return None
