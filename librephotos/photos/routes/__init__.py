"""The room's routes, a file a subject."""

from litestar.handlers import BaseRouteHandler

from librephotos.photos.routes import (
    captions,
    classifying,
    deletion,
    flags,
    gatherings,
    timeline,
    turns,
    variants,
)

ROUTES: list[BaseRouteHandler] = [
    *timeline.ROUTES,
    *gatherings.ROUTES,
    *flags.ROUTES,
    *classifying.ROUTES,
    *deletion.ROUTES,
    *captions.ROUTES,
    *variants.ROUTES,
    *turns.ROUTES,
]
