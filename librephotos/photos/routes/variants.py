"""The files of a photo: sending one of them, and choosing the main one."""

import asyncio
import os
import stat
from typing import Any

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.disposition import disposition
from librephotos.http.files import Headers, OpenFile, send_file
from librephotos.http.ranges import Conditions
from librephotos.http.refusals import Errors, Mistake
from librephotos.http.rendering import Ready
from librephotos.photos import media_types, paths
from librephotos.photos.flag_inputs import MainFileInput
from librephotos.photos.keys import find_key
from librephotos.photos.queries.media import list_owner_roots
from librephotos.photos.queries.variants import get_own_id, get_variant, set_main_file
from librephotos.photos.schemas import MainFile

_CONDITIONS = {
    b"range": "byte_range",
    b"if-range": "if_range",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
}


class FileAnswer(Ready):
    """An open file as an answer, with ranges; closed when it is sent."""

    def __init__(self, file: OpenFile, headers: Headers) -> None:
        super().__init__(b"", headers)
        self.file = file

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # ASGI
        conditions = Conditions()
        for name, value in scope["headers"]:
            if name in _CONDITIONS:
                setattr(conditions, _CONDITIONS[name], value)
        try:
            headers = list(self.raw_headers)
            await send_file(scope, send, self.file, conditions, headers, is_slow=True, receive=receive)
        finally:
            self.file.close()


@get(
    "/api/photos/{photo_id:str}/file/{file_hash:str}/",
    scope="photos:read",
    answers={200: "application/octet-stream"},
    refusals={404: Mistake, 500: Mistake},
)
async def get_file(
    viewer: Viewer, db: Database, server: Server, photo_id: str, file_hash: str
) -> Response[bytes]:
    """One file of an own photo, as it lies on disk."""
    variant = await db.read(get_variant, viewer, find_key(photo_id), file_hash)
    settings = server.settings
    roots = [str(root) for root in settings.roots] or await db.read(list_owner_roots, viewer.user_id)
    try:
        file = await asyncio.to_thread(_open, variant.path, roots, str(settings.data.absolute()))
    except (FileNotFoundError, NotADirectoryError):
        raise Refusal(404, {"error": "File not found on disk"}) from None
    except OSError:
        raise Refusal(500, {"error": "The file cannot be read"}) from None
    mime = variant.mime.encode() if variant.mime in media_types.SHOWN else media_types.UNKNOWN
    return FileAnswer(
        file,
        [
            (b"cache-control", b"private, no-cache"),
            (b"content-security-policy", b"default-src 'none'; sandbox"),
            (b"content-type", mime),
            (b"content-disposition", disposition("attachment", variant.path)),
        ],
    )


def _open(path: bytes, roots: list[str], data: str) -> OpenFile:
    descriptor, true_path = paths.open_confined(path, roots, outside=data)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return OpenFile(descriptor, status, true_path)


@post(
    "/api/photos/{photo_id:str}/main-file/",
    scope="photos:write",
    status_code=200,
    body=MainFileInput,
    refusals={400: (Mistake, Errors), 404: Mistake},
)
async def choose_main_file(request: ApiRequest, viewer: Viewer, db: Database, photo_id: str) -> MainFile:
    """Make another file of an own photo the one that is shown and downloaded."""
    key = find_key(photo_id)
    await db.read(get_own_id, viewer, key)
    data = bind(MainFileInput, await read_fields(request))
    if not data.file_hash:
        raise Refusal(400, {"error": "file_hash is required"})
    return MainFile("updated", await db.write(set_main_file, viewer, key, data.file_hash))


ROUTES: list[BaseRouteHandler] = [get_file, choose_main_file]
