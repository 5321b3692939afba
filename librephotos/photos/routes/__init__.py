"""The room's routes, a file a subject."""

from litestar.handlers import BaseRouteHandler

from librephotos.photos.routes import flags, gatherings, timeline

ROUTES: list[BaseRouteHandler] = [*timeline.ROUTES, *gatherings.ROUTES, *flags.ROUTES]
