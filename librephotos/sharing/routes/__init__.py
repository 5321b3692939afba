"""The routes of shares and links: for those who share, and for visitors."""

from litestar.handlers import BaseRouteHandler

from librephotos.sharing.routes import links, shares, visitors

ROUTES: list[BaseRouteHandler] = [*shares.ROUTES, *links.ROUTES, *visitors.ROUTES]
