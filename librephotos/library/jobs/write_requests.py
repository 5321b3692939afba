"""What is asked of whoever writes into files: which file, which sidecar, and how to read both again."""

import os
from collections.abc import Sequence
from typing import Final

import msgspec

from librephotos.db.transactions import Tx
from librephotos.jobs.registry import Run
from librephotos.library.date_rules import DateRule, tags_needed
from librephotos.library.queries import files
from librephotos.library.queries.owners import Owner
from librephotos.library.queries.write_back import Copy, Task
from librephotos.library.roots import Bounds
from librephotos.library.sidecars import sidecar_names, sidecars_of
from librephotos.library.wishes import Type, Wanted, orientation_known
from librephotos.media.process import Request
from librephotos.media.thumbnails import BIG, thumbnail_path
from librephotos.media.writing import WriteRequest
from librephotos.media.writing_turns import Turning
from librephotos.photos.paths import derived_root, kept_root
from librephotos.photos.turned import turned_folder

OUTSIDE: Final = "The file does not lie in the library, so nothing is written into it."


class Context(msgspec.Struct, frozen=True):
    """What holds for all files of one batch."""

    owner: Owner
    rules: Sequence[DateRule]
    bounds: Bounds
    is_there: bool
    into_file: bool
    types: tuple[Type, ...]
    is_asked: bool


class Work(msgspec.Struct, frozen=True):
    """One photo, what is to be written, and the files that hold it."""

    task: Task
    wanted: Wanted
    copies: tuple[Copy, ...]


def request_of(run: Run, context: Context, work: Work, copy: Copy) -> tuple[WriteRequest | None, str]:
    true_path = os.path.realpath(copy.path)
    if context.is_there and context.bounds.refusal(true_path) is not None:
        return None, OUTSIDE
    derived = os.fsencode(derived_root(run.settings.data.absolute()))
    kept = os.fsencode(kept_root(run.settings.data.absolute()))
    with run.db.snapshot() as tx:
        of_photo = files.list_sidecars_of(tx, [work.task.photo_id]).get(work.task.photo_id, [])
        sidecar = _sidecar(tx, context.owner.user_id, work.task.photo_id, copy.path)
    request = WriteRequest(
        path=true_path,
        known_path=copy.path,
        known=copy.hash,
        draft=token_of(work.task.photo_id),
        wishes=work.wanted.wishes,
        faces=work.wanted.faces,
        thumbnail=thumbnail_path(derived, BIG, work.task.image_hash),
        into_file=context.into_file,
        is_there=context.is_there,
        sidecar=sidecar,
        kept=kept,
        turning=_turning(run, work),
        reading=Request(
            path=copy.path,
            size_bytes=copy.size_bytes,
            thumbnail_name=work.task.image_hash,
            name_suffix=str(context.owner.user_id),
            sidecars=sidecars_of(copy.path, of_photo),
            tags=tags_needed(context.rules),
            derived=derived,
            reads_videos=run.settings.feature_video,
            kept=kept,
        ),
    )
    return request, ""


def _turning(run: Run, work: Work) -> Turning | None:
    if work.wanted.wishes.turn is None:
        return None
    folder = os.fsencode(turned_folder(str(derived_root(run.settings.data.absolute()))))
    return Turning(folder, work.task.image_hash, orientation_known(work.task.saying))


def token_of(photo_id: int) -> str:
    """Return what the drafts of a photo are called by."""
    return f"write-{photo_id}"


def _sidecar(tx: Tx, owner_id: int, photo_id: int, path: bytes) -> bytes | None:
    """Return the sidecar to write: the one that counts most, or a new one that is this file's alone.

    None when the one that is there may not be written: it is a link, or describes another photo as well.
    """
    present = next((name for name in sidecar_names(path) if os.path.lexists(name)), None)
    if present is None:
        return path + b".xmp"
    if os.path.islink(present) or not os.path.isfile(present):
        return None
    beside = files.list_media_beside(tx, owner_id, present)
    others = [each for _, media, each in beside if each != photo_id and present in sidecar_names(media)]
    return None if others else present
