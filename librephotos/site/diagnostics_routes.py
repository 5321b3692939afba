"""Why a photo's file cannot be served, for admins."""

import asyncio

from litestar import get
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.guard import admin
from librephotos.accounts.scopes import SERVER_READ
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.photos.keys import find_key
from librephotos.site.diagnostics import diagnose, nothing_to_read
from librephotos.site.queries.files import find_main_file
from librephotos.site.schemas import Diagnosis, NoPhoto


@get("/api/media/diagnostics/{photo_id:str}/", who=admin, scope=SERVER_READ, refusals={404: NoPhoto})
async def get_media_diagnosis(db: Database, photo_id: str) -> Diagnosis:
    """Whether the server can read a photo's main file, what keeps it from that, and what may help."""
    key = find_key(photo_id)
    main = None if key is None else await db.read(find_main_file, key)
    if main is None:
        raise Refusal(404, {"detail": "No photo matches that identifier."})
    if main.path is None:
        return nothing_to_read()
    # In a thread: a network folder may take its time.
    return await asyncio.to_thread(diagnose, main.path)


ROUTES: list[BaseRouteHandler] = [get_media_diagnosis]
