"""Completes an upload: its checksum, its type and its name are looked at, then it is in the library, whole or not."""

import asyncio
import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.kit import clock
from librephotos.library.walk import Found
from librephotos.media.formats import HEAD_BYTES, Format, identify
from librephotos.photos.filters import parse_moment
from librephotos.uploads import drafts, placing, queries
from librephotos.uploads.names import safe_name
from librephotos.uploads.queries import Upload
from librephotos.uploads.receiving import get_upload
from librephotos.uploads.schemas import Completed, refused

BOTH_REQUIRED: Final = "Both 'upload_id' and 'md5' are required"
WRONG_MD5: Final = "md5 checksum does not match"
NO_NAME: Final = "The file name cannot be used"
NOT_MEDIA: Final = "File type not allowed"
_MILLISECONDS: Final = re.compile(r"\d{1,14}(?:\.\d{1,6})?")


class Wish(msgspec.Struct, frozen=True):
    """What is asked for: `md5` in lower case, `name` made safe, `modified_at` the device's time of the file or None."""

    upload_id: str
    md5: str
    name: str
    modified_at: int | None


def parse_wish(fields: Mapping[str, object]) -> Wish:
    """Raises Refusal for fields that are missing, and for a name without any character that can be used."""
    upload_id, md5 = _text(fields, "upload_id"), _text(fields, "md5").lower()
    if not upload_id or not md5:
        raise refused(400, BOTH_REQUIRED)
    name = safe_name(_text(fields, "filename"))
    if name is None:
        raise refused(400, NO_NAME)
    modified_at = _moment(_text(fields, "device_modified_at")) or _moment(_text(fields, "device_created_at"))
    return Wish(upload_id, md5, name, modified_at)


async def complete_upload(server: Server, viewer: Viewer, fields: Mapping[str, object]) -> Completed:
    """Raises Refusal; but for a type that is no media the upload then stays as it is, to be completed again."""
    data = server.settings.data
    upload_id = _text(fields, "upload_id")
    if upload_id and _text(fields, "md5"):
        await get_upload(server, viewer, upload_id)
    wish = parse_wish(fields)
    async with drafts.held(drafts.lock_path(data, upload_id)):
        upload = await get_upload(server, viewer, upload_id)
        draft = drafts.draft_path(data, upload_id)
        if await asyncio.to_thread(drafts.md5_of, draft, upload.received_bytes) != wish.md5:
            raise refused(400, WRONG_MD5)
        directories = await server.db.read(queries.get_directories, viewer.user_id)
        folder = await asyncio.to_thread(placing.open_folder, server.settings, directories)
        kind = await asyncio.to_thread(_identify, draft, wish.name)
        if kind is None:
            await server.db.write(queries.delete_upload, viewer, upload_id)
            drafts.discard(data, upload_id)
            raise refused(400, NOT_MEDIA)
        # One owner's files come in one after the other: of two with the same content the second is known then.
        async with drafts.held(drafts.lock_path(data, f"owner-{viewer.user_id}")):
            await _import(server, viewer, upload, wish, folder, kind)
        drafts.discard(data, upload_id)
    return Completed()


async def _import(
    server: Server, viewer: Viewer, upload: Upload, wish: Wish, folder: Path, kind: Format
) -> None:
    content_hash = f"{wish.md5}{viewer.user_id}"
    if await server.db.read(queries.is_known, viewer, content_hash):
        await server.db.write(queries.delete_upload, viewer, upload.upload_id)
        return
    await server.db.read(queries.require_quota, viewer.user_id, upload.received_bytes, server.settings)
    draft = drafts.draft_path(server.settings.data, upload.upload_id)
    found = await asyncio.to_thread(_place, draft, folder, wish, content_hash)
    await server.db.write(queries.finish_upload, viewer, upload.upload_id, found, content_hash, kind.kind)


def _place(draft: Path, folder: Path, wish: Wish, content_hash: str) -> Found:
    if wish.modified_at is not None:
        # A time that the disk cannot keep is not worth losing the file for.
        with contextlib.suppress(OSError, OverflowError):
            os.utime(draft, ns=(wish.modified_at * 1000, wish.modified_at * 1000))
    return placing.place(draft, folder, wish.name, content_hash, placing.SameContent(draft))


def _identify(draft: Path, name: str) -> Format | None:
    """Return what the first bytes say that the file is; only RAW pictures are told by their name as well."""
    return identify(name.encode(), drafts.head_of(draft, HEAD_BYTES))


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _moment(text: str) -> int | None:
    """Read milliseconds since 1970, or an ISO time; None for neither."""
    if _MILLISECONDS.fullmatch(text):
        return int(float(text) * (clock.SECOND // 1000)) or None
    return parse_moment(text)
