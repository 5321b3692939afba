"""Looking into the folders of the caller's Nextcloud, and starting an import from there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from litestar import get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.site_settings import get_site_settings
from librephotos.accounts.viewer import Viewer
from librephotos.errors import BadInput
from librephotos.http.refusals import Errors, Failed
from librephotos.jobs.queries import enqueue_job
from librephotos.jobs.schemas import Started
from librephotos.library.kinds import SCAN_TYPE
from librephotos.library.routes.triggers import require_scan_directory
from librephotos.nextcloud import queries
from librephotos.nextcloud.entered import folder_of, remote_of
from librephotos.nextcloud.kinds import NEXTCLOUD
from librephotos.nextcloud.paths import BAD_PATH, Parts, shown, typed_parts
from librephotos.nextcloud.queries import Account
from librephotos.nextcloud.reaching import Remote
from librephotos.nextcloud.schemas import SWITCHED_OFF, RemoteFolder, Trouble, refused
from librephotos.users.outside import refuse_private_address

BUSY: Final = "The server is busy with other look-ups. Try again in a moment."
LOOK_SECONDS: Final = 15.0
LOOKS_AT_ONCE: Final = 4
REFUSALS: Final[dict[int, Any]] = {400: (Failed, Errors), 403: (Failed, Errors), 503: Failed}
# Threads of their own: a server that takes its time keeps no other request from its thread.
_threads = ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="nextcloud")
_lookers: set[int] = set()


@get("/api/nextcloud/listdir/", scope="account:manage", refusals=REFUSALS)
async def list_remote_folders(server: Server, viewer: Viewer, fpath: str | None = None) -> list[RemoteFolder]:
    """The folders in a folder of the caller's Nextcloud."""
    account = await _account(server, viewer)
    if not fpath or not account.address:
        return []
    folder = typed_parts(fpath)
    if folder is None:
        raise refused(400, BAD_PATH)
    try:
        remote = await asyncio.to_thread(
            remote_of, server.settings, server.vault, viewer.user_id, account, LOOK_SECONDS
        )
        if viewer.user_id in _lookers or len(_lookers) >= LOOKS_AT_ONCE:
            raise refused(503, BUSY)
        _lookers.add(viewer.user_id)
        return await asyncio.get_running_loop().run_in_executor(
            _threads, _look, viewer.user_id, remote, folder
        )
    except Trouble as trouble:
        raise refused(400, trouble.message) from None


def _look(user_id: int, remote: Remote, folder: Parts) -> list[RemoteFolder]:
    try:
        entries = remote.list_folder(folder).entries
    finally:
        remote.close()
        _lookers.discard(user_id)
    names = sorted((each.name for each in entries if each.is_folder), key=str.casefold)
    return [RemoteFolder(shown((*folder, name)), name, []) for name in names]


@post("/api/nextcloud/scanphotos/", scope="library:scan", status_code=200, refusals=REFUSALS)
async def import_from_nextcloud(server: Server, viewer: Viewer) -> Started:
    """Import what is new in the folder that the caller chose."""
    return await _start(server, viewer)


@get("/api/nextcloud/scanphotos/", scope="library:scan", refusals=REFUSALS)
async def import_from_nextcloud_by_get(server: Server, viewer: Viewer) -> Started:
    return await _start(server, viewer)


async def _start(server: Server, viewer: Viewer) -> Started:
    account = await _account(server, viewer)
    try:
        folder_of(account)
        await asyncio.to_thread(remote_of, server.settings, server.vault, viewer.user_id, account)
        await refuse_private_address(server.settings, "nextcloud_server_address", account.address)
    except (Trouble, BadInput) as error:
        raise refused(400, error.message) from None
    await require_scan_directory(server.db, viewer)
    job_id = await server.db.write(enqueue_job, viewer.user_id, SCAN_TYPE, NEXTCLOUD)
    return Started(status=True, job_id=job_id)


async def _account(server: Server, viewer: Viewer) -> Account:
    site = await server.db.read(get_site_settings, server.settings)
    if not site.nextcloud_enabled:
        raise refused(403, SWITCHED_OFF)
    return await server.db.read(queries.get_account, viewer.user_id)


ROUTES: list[BaseRouteHandler] = [
    list_remote_folders,
    import_from_nextcloud,
    import_from_nextcloud_by_get,
]
