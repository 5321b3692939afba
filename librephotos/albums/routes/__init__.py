"""The routes of albums, a file a kind."""

from litestar.handlers import BaseRouteHandler

from librephotos.albums.routes import places

ROUTES: list[BaseRouteHandler] = [*places.ROUTES]
