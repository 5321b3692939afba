"""`GET /api/help`: for anyone, though a header that cannot be used is refused as everywhere."""

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import anyone
from librephotos.accounts.server import Server
from librephotos.http.binding import ApiRequest
from librephotos.site.help import Help, build_help


@get("/api/help", who=anyone, scope="public")
async def get_help(request: ApiRequest, server: Server) -> Help:
    """How to authenticate, with commands to paste.

    Addresses name the server as the caller did.
    """
    return build_help(server.proxies.origin(request.scope).base, debug=server.settings.debug)


ROUTES: list[BaseRouteHandler] = [get_help]
