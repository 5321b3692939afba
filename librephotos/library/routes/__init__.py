"""The room's routes: triggers, what happened to files, what went wrong, scan directories, and rules for editors."""

from litestar.handlers import BaseRouteHandler

from librephotos.library.routes import problems, processing, roots, triggers, writing

ROUTES: list[BaseRouteHandler] = [
    *triggers.ROUTES,
    *processing.ROUTES,
    *problems.ROUTES,
    *roots.ROUTES,
    *writing.ROUTES,
]
