"""The routes of albums, a file a kind."""

from litestar.handlers import BaseRouteHandler

from librephotos.albums.routes import (
    events,
    folders,
    persons,
    places,
    tags,
    things,
    user_album_edits,
    user_albums,
)

ROUTES: list[BaseRouteHandler] = [
    *places.ROUTES,
    *things.ROUTES,
    *persons.ROUTES,
    *user_albums.ROUTES,
    *user_album_edits.ROUTES,
    *events.ROUTES,
    *tags.ROUTES,
    *folders.ROUTES,
]
