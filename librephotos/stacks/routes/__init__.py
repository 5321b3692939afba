"""The endpoints of stacks and duplicate groups."""

from litestar.handlers import BaseRouteHandler

from librephotos.stacks.routes import duplicates, stacks

ROUTES: list[BaseRouteHandler] = [*stacks.ROUTES, *duplicates.ROUTES]
