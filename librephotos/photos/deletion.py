"""Deletes photos in the trash for good: their files from disk first, then what is known of them.

A photo with a file that stays goes back to the trash, and the deletion can be asked for again. Of several identical
files of a photo that stays, one can be deleted as well.
"""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from librephotos.accounts.events import Origin
from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.errors import Refusal
from librephotos.media.kept import kept_path
from librephotos.photos.keys import PhotoKey
from librephotos.photos.originals import Grounds, NotRemoved, grounds_of, remove_original
from librephotos.photos.paths import kept_root
from librephotos.photos.queries.copies import Claim, claim_copy, forget_copy, release_copy
from librephotos.photos.queries.deletion import OriginalFile, claim, finish, list_directories
from librephotos.photos.queries.selections import list_selected
from librephotos.photos.selection import Grid, Named, Selection
from librephotos.photos.transcoding.transcoder import forget_transcoded

log = structlog.get_logger()

AT_ONCE: Final = 100


class Deletion(msgspec.Struct, frozen=True):
    """Names as the request gave them, in its order, and how many photos are gone and how many stay."""

    deleted: list[str]
    not_deleted: list[str]
    gone_count: int
    left_count: int


async def delete_photos(server: Server, viewer: Viewer, selection: Selection, origin: Origin) -> Deletion:
    """Delete the caller's photos that are in the trash; any others stay, and so do unknown ones."""
    if isinstance(selection, Grid):
        wanted = msgspec.structs.replace(selection.wanted, is_trashed=True)
        selection = msgspec.structs.replace(selection, wanted=wanted)
    choices = await server.db.write(list_selected, viewer, selection)
    trashed = [each.photo.photo_id for each in choices if each.photo.is_trashed]
    gone: set[int] = set()
    for start in range(0, len(trashed), AT_ONCE):
        batch = trashed[start : start + AT_ONCE]
        # Whoever asked may be gone before the end; what was begun is ended all the same.
        gone |= await asyncio.shield(_delete_some(server, viewer.user_id, batch, origin))
    hashes = [each.photo.image_hash for each in choices if each.photo.photo_id in gone]
    await asyncio.to_thread(_forget_conversions, server.settings.data, hashes)
    names: dict[str, bool] = {}
    for each in choices:
        names[each.text] = names.get(each.text, True) and each.photo.photo_id in gone
    texts = selection.texts if isinstance(selection, Named) else ()
    return Deletion(
        deleted=[text for text in texts if names.get(text, False)],
        not_deleted=[text for text in texts if not names.get(text, False)],
        gone_count=len(gone),
        left_count=len(choices) - len(gone),
    )


async def _delete_some(server: Server, owner_id: int, photo_ids: Sequence[int], origin: Origin) -> set[int]:
    """Return the photos that are gone."""
    directories = await server.db.read(list_directories, owner_id)
    settings = server.settings
    claimed, files = await server.db.write(claim, owner_id, photo_ids)
    grounds = await asyncio.to_thread(grounds_of, directories, settings.roots, settings.data.absolute())
    left = await asyncio.to_thread(_remove_files, files, grounds)
    gone = [photo_id for photo_id in claimed if photo_id not in left]
    await asyncio.to_thread(
        _forget_kept, settings.data, [file for file in files if file.photo_id not in left]
    )
    await server.db.write(finish, owner_id, gone, sorted(left), origin)
    return set(gone)


async def delete_copy(
    server: Server, viewer: Viewer, key: PhotoKey | None, path: str, origin: Origin
) -> None:
    """Delete one of several identical files of an own photo. Raises empty refusals when it may not or does not go."""
    claim = await server.db.write(claim_copy, viewer, key, path)
    await asyncio.shield(_delete_claimed(server, viewer.user_id, claim, origin))


async def _delete_claimed(server: Server, owner_id: int, claim: Claim, origin: Origin) -> None:
    settings = server.settings
    directories = await server.db.read(list_directories, owner_id)
    grounds = await asyncio.to_thread(grounds_of, directories, settings.roots, settings.data.absolute())
    try:
        await asyncio.to_thread(_remove_copy, claim, grounds)
    except NotRemoved as reason:
        await server.db.write(release_copy, claim)
        log.warning("copy not deleted", photo=claim.copy.photo_id, reason=str(reason))
        raise Refusal(400) from None
    await server.db.write(forget_copy, owner_id, claim, origin)


def _remove_copy(claim: Claim, grounds: Grounds) -> None:
    """Raises NotRemoved, also when the file that shall stay is not what it was."""
    copy, twin = claim.copy.known, claim.twin.known
    try:
        status = os.stat(twin.path)
        # Two paths of one file, by a link between folders: without the one the other is gone too.
        is_same = os.path.samestat(status, os.lstat(copy.path)) and status.st_nlink < 2
    except OSError:
        raise NotRemoved("It or the file that would stay is not there.") from None
    if is_same:
        raise NotRemoved("Both paths lead to the same file.")
    if twin.mtime_ns and (status.st_mtime_ns, status.st_size) != (twin.mtime_ns, twin.size_bytes):
        raise NotRemoved("The file that would stay changed since it was scanned; scan again first.")
    remove_original(copy, grounds)


def _forget_conversions(data: Path, hashes: Sequence[str]) -> None:
    for image_hash in hashes:
        forget_transcoded(data, image_hash)


def _forget_kept(data: Path, files: Sequence[OriginalFile]) -> None:
    """Remove the sidecars that were kept of files that are gone."""
    folder = os.fsencode(kept_root(data.absolute()))
    for file in files:
        if file.content_hash:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(kept_path(folder, file.content_hash))


def _remove_files(files: Sequence[OriginalFile], grounds: Grounds) -> set[int]:
    """Delete files, a photo's main one last; return the photos that have one left."""
    left: set[int] = set()
    for file in sorted(files, key=lambda each: (each.photo_id, each.is_main)):
        if file.is_shared or file.photo_id in left:
            continue
        try:
            remove_original(file.known, grounds)
        except NotRemoved as reason:
            left.add(file.photo_id)
            log.warning("original not deleted", photo=file.photo_id, reason=str(reason))
    return left
