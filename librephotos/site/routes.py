"""Site settings, the directory picker, storage and version. Health and help have files of their own."""

import asyncio
import time
from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from librephotos import __version__
from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.facts import SETTINGS_VERSION, find_fact
from librephotos.accounts.guard import admin, anyone
from librephotos.accounts.mail_settings import MailSettings, get_mail_settings
from librephotos.accounts.server import Server, origin_of, server_of, viewer_of
from librephotos.accounts.site_settings import (
    SiteSettings,
    get_site_settings,
    sealed_changes,
    store_site_settings,
)
from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.http.binding import ApiRequest, read_fields
from librephotos.http.refusals import Errors, Message
from librephotos.http.rendering import json_bytes
from librephotos.kit import json
from librephotos.kit.revision import revision
from librephotos.site import directories
from librephotos.site.machine import measure_storage
from librephotos.site.schemas import Directory, ImageTag, SiteSettingsAnswer, Storage
from librephotos.site.settings_form import SETTINGS_SCHEMA, parse_changes, site_settings_answer, told_changes

# Every client asks on every screen.
STORAGE_SECONDS = 5
SETTINGS_PATHS = ["/api/sitesettings", "/api/site-settings"]


@get(SETTINGS_PATHS, who=anyone, unsafe=admin, scope="public", direct=True)
async def read_site_settings(request: ApiRequest) -> Response[SiteSettingsAnswer]:
    """What holds on this server; the key of the map service is shown to admins only."""
    viewer, server = viewer_of(request), server_of(request)
    is_admin = viewer.is_staff or viewer.is_superuser
    # Every writer counts the version, so the bytes hold as long as it does.
    key = ("site settings", await server.db.read_known(find_fact, SETTINGS_VERSION), is_admin)
    body = server.lists.find(key)
    if body is None:
        site = await server.db.read(get_site_settings, server.settings)
        map_key = await asyncio.to_thread(site.map_key, server.vault) if is_admin else ""
        mail = await server.db.read(get_mail_settings)
        body = json.dump_bytes(_answer(server, site, map_key, mail))
        server.lists.keep(key, body)
    return json_bytes(body)


@post(SETTINGS_PATHS, who=admin, scope="server:manage", status_code=200, body=SETTINGS_SCHEMA)
async def update_site_settings(request: ApiRequest, db: Database, server: Server) -> SiteSettingsAnswer:
    """Change one setting or more; every wrong one is named."""
    changes = parse_changes(await read_fields(request))
    stored = await asyncio.to_thread(sealed_changes, server.vault, changes)
    await db.write(_store, changes, stored, origin_of(request))
    site = await db.read(get_site_settings, server.settings)
    mail = await db.read(get_mail_settings)
    map_key = await asyncio.to_thread(site.map_key, server.vault)
    return _answer(server, site, map_key, mail)


def _answer(server: Server, site: SiteSettings, map_key: str, mail: MailSettings) -> SiteSettingsAnswer:
    can_reset = server.reset_mailer.is_offered(mail)
    return site_settings_answer(site, map_key, can_mail=mail.is_configured, can_reset=can_reset)


def _store(tx: Tx, changes: Mapping[str, Any], stored: Mapping[str, Any], origin: Origin) -> None:
    store_site_settings(tx, stored)
    record(tx, Event(kind="settings_changed", origin=origin, detail=told_changes(changes)))


@get("/api/dirtree/", who=admin, scope="server:read", refusals={403: (Errors, Message)})
async def list_dirtree(
    server: Server, folder: Annotated[str | None, QueryParameter(name="path")] = None
) -> list[Directory]:
    """Two levels of folders below `path`, or below every library root."""
    return await asyncio.to_thread(directories.list_directories, server.settings, folder)


@get("/api/storagestats/", scope="stats:read", direct=True)
async def get_storage(request: ApiRequest) -> Response[Storage]:
    """Bytes of the disk with the library, as of the last few seconds."""
    server = server_of(request)

    async def make() -> bytes:
        return json.dump_bytes(await asyncio.to_thread(measure_storage, server.settings))

    return json_bytes(await server.lists.get(("storage", time.monotonic() // STORAGE_SECONDS), make))


@get("/api/imagetag/", scope="stats:read")
async def get_image_tag() -> ImageTag:
    """The version that the footer shows, and the commit where it is known."""
    return ImageTag(image_tag=__version__, git_hash=revision())


ROUTES: list[BaseRouteHandler] = [
    read_site_settings,
    update_site_settings,
    list_dirtree,
    get_storage,
    get_image_tag,
]
