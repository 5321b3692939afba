"""The media mount: pictures, clips, faces and avatars by name, for whoever may have them.

A plain ASGI application beside the router, which the edge calls. A name that the caller may not have and one that
does not exist get the same answer: an anonymous caller 403 (their token may just be stale), anybody else 404.
"""

import asyncio
import os
import re
import stat
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec

from librephotos.accounts.authenticator import Authenticator, cookie_value
from librephotos.accounts.guard import refuse_key
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.db.remembered import Remembered
from librephotos.errors import Forbidden, MethodNotAllowed, NotFound
from librephotos.http.disposition import disposition
from librephotos.http.files import Headers, OpenFile, send_file
from librephotos.http.flags import tri_state
from librephotos.http.ranges import Conditions
from librephotos.http.refusals import HELP_LINK
from librephotos.kit.ids import parse_uuid
from librephotos.media.orientation import UPRIGHT
from librephotos.photos import media_types, paths
from librephotos.photos.grants import Granted, choose_granted
from librephotos.photos.keys import find_key
from librephotos.photos.queries.media import (
    find_clip_path,
    get_disclosure,
    is_face_image,
    list_media,
    list_owner_roots,
    wants_transcoding,
)
from librephotos.photos.transcoding.sending import leaving, send_live
from librephotos.photos.transcoding.transcoder import Left, Transcoder
from librephotos.photos.turned import open_shown
from librephotos.settings import Settings

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PREFIX = "/media/"
# Archives under the address that web clients know: `<uuid><user id>`.
DOWNLOADS = "/api/downloads/"
# What an API key needs for the whole mount, and for archives, which hold more than a limited key may see.
SCOPE = "photos:read"
DOWNLOADS_SCOPE = "downloads:read"
THUMBNAILS = frozenset({paths.BIG, paths.SQUARE, paths.SQUARE_SMALL})
VIDEO = "video"
ORIGINALS = frozenset({"photos", VIDEO})
ALWAYS: Headers = [
    # Thumbnails keep their address when a photo is rotated; browsers ask each time whether theirs is current.
    (b"cache-control", b"private, no-cache"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"vary", b"Cookie"),
]
# A conversion under way is not the file that it will be.
LIVE: Headers = [(b"cache-control", b"no-store"), *ALWAYS[1:], (b"content-type", media_types.MP4)]
_ANONYMOUS = (b"x-media-error", b"authentication")
_HELP = (b"link", HELP_LINK.encode())
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}")
_HEAD_BYTES = 16
# What players ask that can do with a file of unknown length; those that cannot begin with a small part.
_EVERYTHING = b"bytes=0-"
# About 2 MB.
KNOWN_GRANTS = 4_096


class _Refused(Exception):  # not an error: the way a name leads to nothing
    """Unknown, or not the caller's."""


class _Found(msgspec.Struct):
    """A file to send. `is_ours` tells derived files from originals, which may lie in a slow folder."""

    file: OpenFile
    headers: Headers
    is_ours: bool


class _ToConvert(msgspec.Struct):
    """A video's original, to be sent in a form that every browser plays."""

    file: OpenFile
    image_hash: str
    mime: str


class _Request(msgspec.Struct):
    authorization: bytes | None
    cookie: bytes | None
    conditions: Conditions


class MediaApp:
    """Serves `/media/<kind>/<name>`. `authenticator` reads header and cookie; a bad header is its 401."""

    def __init__(self, db: Database, settings: Settings, authenticator: Authenticator) -> None:
        self.db = db
        self.authenticator = authenticator
        self.data = settings.data.absolute()
        self.derived = str(paths.derived_root(self.data))
        self.roots = [str(root) for root in settings.roots]
        self.transcoder = Transcoder(settings)
        self._known: Remembered[tuple[int, int, str], Granted] = Remembered(KNOWN_GRANTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # ASGI
        request = _read_headers(scope)
        viewer = await self.authenticator.media(request.authorization, request.cookie, scope)
        if viewer.scopes is not None:
            is_archive = _is_archive(scope["path"])
            refuse_key(viewer, DOWNLOADS_SCOPE if is_archive else SCOPE, narrows=not is_archive)
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(f'Method "{scope["method"]}" not allowed.', headers={"Allow": "GET, HEAD"})
        try:
            found = await self._find(viewer, scope)
        except _Refused:
            await _refuse(send, viewer, scope["path"])
        except (FileNotFoundError, NotADirectoryError):
            if scope["path"].startswith(DOWNLOADS):
                raise NotFound from None
            await _answer(send, 404, [])
        except OSError:
            # Granted, and still not ours to read: the operator's business, see the diagnostics.
            await _answer(send, 403, [_HELP])
        else:
            try:
                if isinstance(found, _ToConvert):
                    await self._convert(scope, receive, send, found, request.conditions)
                    return
                await send_file(
                    scope,
                    send,
                    found.file,
                    request.conditions,
                    found.headers,
                    is_slow=not found.is_ours,
                    receive=receive,
                )
            finally:
                found.file.close()

    async def _find(self, viewer: Viewer, scope: Scope) -> _Found | _ToConvert:
        """Return the open file. Raises _Refused, or OSError for a file that is granted but cannot be opened."""
        kind, name = _kind_and_name(scope["path"], viewer)
        if kind == paths.ARCHIVES:
            return self._archive(viewer, name)
        if kind == paths.AVATARS:
            return self._avatar(viewer, name)
        asked = name.partition(".")[0].partition("_")[0]
        if kind in THUMBNAILS:
            return await self._shown_thumbnail(kind, await self._granted(viewer, asked))
        if kind in ORIGINALS:
            granted = await self._granted(viewer, asked)
            if await self._converts(viewer, granted, kind, scope):
                file = await self._open_original(granted)
                return _ToConvert(file, granted.photo.image_hash, granted.photo.mime or "")
            return await self._original(granted)
        if kind == paths.FACES:
            return await self._face(await self._granted(viewer, asked), name)
        if kind == paths.EMBEDDED:
            return await self._clip(await self._granted(viewer, asked))
        raise _Refused

    async def _granted(self, viewer: Viewer, name: str) -> Granted:
        """Return what the viewer has under a name, read anew unless the database is as it was."""
        known = self._known.at(self.db.version())
        asked = (viewer.user_id, viewer.key_id, name)
        granted = known.get(asked)
        if granted is None:
            key = find_key(name)
            if key is None:
                raise _Refused
            granted = choose_granted(await self.db.read(list_media, viewer, key), viewer.user_id)
            if granted is None:
                raise _Refused
            if not granted.ends_by_itself:
                known[asked] = granted
        return granted

    async def _shown_thumbnail(self, kind: str, granted: Granted) -> _Found:
        """The thumbnail as somebody turned it."""
        row = granted.photo
        if row.is_video and kind != paths.BIG:
            return _ours(paths.derived_name(self.derived, kind, row.image_hash, "mp4"), media_types.MP4)
        if row.is_video or (row.orientation == UPRIGHT and row.content is None):
            return _ours(paths.derived_name(self.derived, kind, row.image_hash, "webp"), media_types.WEBP)
        asked = (self.derived, kind, row.image_hash, row.orientation, row.content)
        if row.orientation == UPRIGHT:
            return _found(*open_shown(*asked), media_types.WEBP)
        return _found(*await asyncio.to_thread(open_shown, *asked), media_types.WEBP)

    async def _original(self, granted: Granted) -> _Found:
        row = granted.photo
        if not granted.is_trusted and not (await self.db.read(get_disclosure, row)).original:
            return await self._shown_thumbnail(paths.BIG, granted)
        file = await self._open_original(granted)
        path = bytes(row.path or b"")
        headers = list(ALWAYS)
        if row.mime in media_types.SHOWN:
            headers.append((b"content-type", row.mime.encode()))
            if granted.role in ("owner", "sharee"):
                headers.append((b"content-disposition", disposition("inline", path)))
        else:
            headers.append((b"content-type", media_types.UNKNOWN))
            headers.append((b"content-disposition", disposition("attachment", path)))
        return _Found(file, headers, is_ours=False)

    async def _open_original(self, granted: Granted) -> OpenFile:
        row = granted.photo
        if row.path is None:
            raise FileNotFoundError
        roots = self.roots or await self.db.read(list_owner_roots, row.owner_id)
        return await asyncio.to_thread(_open_original, bytes(row.path), roots, str(self.data))

    async def _converts(self, viewer: Viewer, granted: Granted, kind: str, scope: Scope) -> bool:
        """Whether this video is to be converted: asked for, or wished by the viewer's settings, never for visitors."""
        if not granted.photo.is_video or not granted.is_trusted or not self.transcoder.is_there:
            return False
        asked = tri_state(parse_qs(scope["query_string"].decode("latin-1")).get("transcode", [""])[-1])
        if asked is None and kind == VIDEO:
            return await self.db.read(wants_transcoding, viewer.user_id)
        return bool(asked)

    async def _convert(
        self, scope: Scope, receive: Receive, send: Send, video: _ToConvert, conditions: Conditions
    ) -> None:
        """Send what was converted before, or what is being converted; for a HEAD nothing is begun."""
        found = self.transcoder.find_finished(video.image_hash)
        if found is None and scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": LIVE})
            await send({"type": "http.response.body", "body": b""})
            return
        if found is not None:
            await _send_converted(scope, send, found, conditions)
            return
        async with leaving(receive) as gone:
            try:
                playing = await self.transcoder.play(
                    video.image_hash,
                    video.mime,
                    video.file.descriptor,
                    gone,
                    needs_whole=conditions.byte_range not in (None, _EVERYTHING),
                )
            except Left:
                return
            if isinstance(playing, OpenFile):
                await _send_converted(scope, send, playing, conditions)
                return
            try:
                await send_live(send, playing, LIVE, gone)
            finally:
                playing.close()

    async def _face(self, granted: Granted, name: str) -> _Found:
        if _FILE_NAME.fullmatch(name) is None:
            raise _Refused
        if not granted.is_trusted and not (await self.db.read(get_disclosure, granted.photo)).faces:
            raise _Refused
        if not await self.db.read(is_face_image, granted.photo.photo_id, name):
            raise _Refused
        return _ours(os.path.join(self.derived, paths.FACES, name[:2], name), media_types.JPEG)

    async def _clip(self, granted: Granted) -> _Found:
        """The motion clip tells what the original tells."""
        if not granted.is_trusted and not (await self.db.read(get_disclosure, granted.photo)).original:
            raise _Refused
        path = await self.db.read(find_clip_path, granted.photo.photo_id)
        if not path:
            raise FileNotFoundError
        descriptor, true_path = paths.open_confined(
            os.fsencode(os.path.join(self.derived, path)), [self.derived], outside=""
        )
        return _Found(
            _checked(descriptor, true_path), [*ALWAYS, (b"content-type", media_types.MP4)], is_ours=True
        )

    def _archive(self, viewer: Viewer, name: str) -> _Found:
        """An archive of the caller's own, until a day after it was made."""
        archive = parse_uuid(name.split(".", 1)[0])
        if viewer.is_anonymous or archive is None:
            raise _Refused
        found = _ours(str(paths.archive_path(self.data, archive, viewer.user_id)), media_types.ZIP)
        if found.file.stat.st_mtime < time.time() - paths.ARCHIVE_SECONDS:
            found.file.close()
            raise FileNotFoundError
        found.headers.append((b"content-disposition", disposition("attachment", b"photos.zip")))
        return found

    def _avatar(self, viewer: Viewer, name: str) -> _Found:
        if viewer.is_anonymous or _FILE_NAME.fullmatch(name) is None:
            raise _Refused
        found = _ours(str(paths.avatar_path(self.data, name)), media_types.UNKNOWN)
        mime = media_types.type_of_picture(os.pread(found.file.descriptor, _HEAD_BYTES, 0))
        if mime is None:
            found.file.close()
            raise FileNotFoundError
        found.headers[-1] = (b"content-type", mime)
        return found


def _read_headers(scope: Scope) -> _Request:
    request = _Request(None, None, Conditions())
    conditions = request.conditions
    for name, value in scope["headers"]:
        if name == b"authorization":
            # Two headers could be read differently by a proxy and by us.
            request.authorization = value if request.authorization is None else b"Bearer"
        elif name == b"cookie":
            if request.cookie is None:
                request.cookie = cookie_value(value)
        elif name == b"range":
            conditions.byte_range = value
        elif name == b"if-range":
            conditions.if_range = value
        elif name == b"if-none-match":
            conditions.if_none_match = value
        elif name == b"if-modified-since":
            conditions.if_modified_since = value
    return request


def _is_archive(path: str) -> bool:
    return path.startswith(DOWNLOADS) or path[len(PREFIX) :].lower().startswith(f"{paths.ARCHIVES}/")


def _kind_and_name(path: str, viewer: Viewer) -> tuple[str, str]:
    """Split the decoded path. Raises _Refused for more or fewer parts and for whatever could lead elsewhere."""
    if path.startswith(DOWNLOADS):
        name = path[len(DOWNLOADS) :].removesuffix("/").removesuffix(".zip")
        # Whose it is must be the caller, who is then asked for again under the mount's own name.
        if not name.endswith(str(viewer.user_id)):
            raise _Refused
        return paths.ARCHIVES, name.removesuffix(str(viewer.user_id))
    kind, _, name = path[len(PREFIX) :].removesuffix("/").partition("/")
    if not kind or not name or "/" in name or "\\" in name or ".." in name or "\x00" in name:
        raise _Refused
    return kind.lower(), name


def _ours(path: str, mime: bytes) -> _Found:
    return _found(paths.open_plain(path), path, mime)


def _found(descriptor: int, path: str, mime: bytes) -> _Found:
    return _Found(_checked(descriptor, os.fsencode(path)), [*ALWAYS, (b"content-type", mime)], is_ours=True)


def _open_original(path: bytes, roots: list[str], data: str) -> OpenFile:
    descriptor, true_path = paths.open_confined(path, roots, outside=data)
    return _checked(descriptor, true_path)


def _checked(descriptor: int, path: bytes) -> OpenFile:
    """Only plain files are sent: a pipe or a device would block or never end."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return OpenFile(descriptor, status, path)


async def _send_converted(scope: Scope, send: Send, file: OpenFile, conditions: Conditions) -> None:
    headers = [*ALWAYS, (b"content-type", media_types.MP4)]
    try:
        await send_file(scope, send, file, conditions, headers, is_slow=False)
    finally:
        file.close()


async def _refuse(send: Send, viewer: Viewer, path: str) -> None:
    if path.startswith(DOWNLOADS):
        # Below /api/ every refusal is JSON.
        if viewer.is_anonymous:
            raise Forbidden(headers={"X-Media-Error": "authentication"})
        raise NotFound
    if viewer.is_anonymous:
        await _answer(send, 403, [_ANONYMOUS, _HELP])
    else:
        await _answer(send, 404, [])


async def _answer(send: Send, status: int, headers: Headers) -> None:
    headers = [*ALWAYS, *headers, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
