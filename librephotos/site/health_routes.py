"""Health of the server."""

import msgspec
from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import anyone


class Status(msgspec.Struct):
    status: str


@get("/api/healthz", who=anyone, scope="public", credentials="ignored")
async def get_health() -> Status:
    """Liveness: answers as soon as the server does, without touching the database."""
    return Status(status="ok")


ROUTES: list[BaseRouteHandler] = [get_health]
