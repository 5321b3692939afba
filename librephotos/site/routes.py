"""The routes of the site room."""

from litestar.handlers import BaseRouteHandler

from librephotos.site.health import ROUTES as HEALTH_ROUTES

ROUTES: list[BaseRouteHandler] = [*HEALTH_ROUTES]
