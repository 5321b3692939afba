"""The endpoints of persons and faces."""

from litestar.handlers import BaseRouteHandler

from librephotos.people.routes import faces, persons

ROUTES: list[BaseRouteHandler] = [*persons.ROUTES, *faces.ROUTES]
