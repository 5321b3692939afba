"""Writes what people said of a photo into its file or a sidecar: into a draft beside it, verified, then in its place.

A draft is read back before it counts: all must be said in it, no other tag may be gone, and the picture must be the
same, in ExifTool's eyes and in our own. Runs in the processes of `pool.py`. The draft's name is given, so that whoever
finds one after a kill knows whose it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from librephotos.media import formats, hashing, process
from librephotos.media.drafts import (
    Denied,
    is_same,
    open_draft,
    put_new,
    remove_drafts,
    sentence,
    sync,
    sync_folder,
    take_over,
)
from librephotos.media.errors import CHANGED, CannotStore, FileChanged, MediaError, UnwritableMetadata
from librephotos.media.exiftool import Tags
from librephotos.media.facts import merge_sidecars
from librephotos.media.kept import kept_path, with_kept
from librephotos.media.orientation import UPRIGHT
from librephotos.media.regions import NamedFace
from librephotos.media.sameness import is_same_picture
from librephotos.media.saying import FILE_ORIENTATION, SIDECAR_ORIENTATION, Assignments, Wishes, assignments
from librephotos.media.sidecar_scope import scoped, speaks_of_one
from librephotos.media.thumbnails import write_whole
from librephotos.media.writing_calls import Face
from librephotos.media.writing_tools import WANTED, Tools, is_meant, tools_of
from librephotos.media.writing_turns import Turned, Turning, combined, draw

Place = Literal["file", "sidecar", "kept"]

WRITABLE: Final = frozenset({formats.JPEG.name, formats.PNG.name, formats.WEBP.name, formats.TIFF.name})
"""Whose pictures stay byte for byte where tags are written, and whose readers all look for them there.

RAW files are negatives that nobody writes to; films and HEIC are containers in which everything moves.
"""

NO_EXIFTOOL: Final = "ExifTool or Perl is missing; without it nothing is written into files."
NOT_SAID: Final = "What was written could not be read back, so the file was left as it is."
LOST: Final = "Other tags of the file would have been lost, so it was left as it is."
OTHER_PICTURE: Final = "The picture would have changed, so the file was left as it is."
NOT_KNOWN: Final = (
    "The file has changed since it was last scanned, so it was left as it is until the next scan."
)
DAMAGED_SIDECAR: Final = "The sidecar beside this file is not well formed and was left as it is."


class WriteRequest(msgspec.Struct):
    """What the file at `path` (true and absolute) is to say.

    `sidecar` is what may be written beside it, None when none may; `kept` the folder in which a sidecar is kept when
    nothing may be written beside the file, below a name made of the content. `reading` tells how to read it again;
    `known_path` is the path that the library knows, `known` the content (MD5 and owner's id): of any other nobody knows
    yet what it shows. Without `is_there` nothing but the kept sidecar is written.
    With a turn among the wishes, `turning` tells where what it looks like is drawn.
    """

    path: bytes
    known_path: bytes
    known: str
    draft: str
    wishes: Wishes
    reading: process.Request
    kept: bytes
    into_file: bool = False
    is_there: bool = True
    sidecar: bytes | None = None
    faces: list[Face] = []
    thumbnail: bytes | None = None
    turning: Turning | None = None


class Written(msgspec.Struct):
    """What came of it, under the path that the library knows.

    `reason` says why not, `is_passing` that trying again later may help. `outcome` is the file as it is now, `sidecar`
    the one beside it, both read after writing. `turn` is the code of the turn that went into the file itself.
    """

    path: bytes
    places: list[Place] = []
    reason: str = ""
    is_passing: bool = False
    outcome: process.Outcome | None = None
    sidecar: process.Outcome | None = None
    turn: int = UPRIGHT


def write_tags(request: WriteRequest, *, is_alone: bool = True) -> Written:
    """Make a file say what is wished. Never raises for what the file contains, save NeedsTurn when it is not alone."""
    written = Written(request.known_path)
    try:
        _write(request, written, is_alone=is_alone)
    except (FileChanged, CannotStore) as error:
        written.reason, written.is_passing = error.reason, True
    except MediaError as error:
        written.reason = error.reason
    except OSError as error:
        written.reason, written.is_passing = sentence(error), True
    return written


def _write(request: WriteRequest, written: Written, *, is_alone: bool) -> None:
    tools = tools_of(request.reading.exiftool, request.reading.exiftool_seconds)
    if tools is None:
        raise CannotStore(NO_EXIFTOOL)
    wishes = _with_faces(request)
    if not request.is_there:
        wishes = combined(wishes, _tags_known(request))
        if _write_kept(request, tools, _tags_known(request), wishes, request.known):
            written.places.append("kept")
        return
    for folder in {os.path.dirname(path) for path in (request.path, request.sidecar) if path is not None}:
        remove_drafts(folder, request.draft)
    head = hashing.read_head(request.path, formats.HEAD_BYTES)
    found = formats.identify(request.path, head)
    content = hashing.read_file(request.path)
    name = content.fingerprint.md5 + request.reading.name_suffix
    if found is None or name != request.known:
        raise FileChanged(NOT_KNOWN)
    tags: Tags = tools.reader.read(request.path, WANTED)
    wishes = combined(wishes, tags)
    turned: Turned | None = None
    try:
        if request.into_file and found.name in WRITABLE:
            # Where it cannot be done safely, or must not be done, a sidecar says it.
            with contextlib.suppress(UnwritableMetadata, Denied):
                new, turned = _write_into_file(
                    request, tools, found, content, tags, wishes, is_alone=is_alone
                )
                if new:
                    written.places.append("file")
                    written.turn = wishes.turn or UPRIGHT if turned else UPRIGHT
                    name = _follow_content(request, name, new)
                    tags = tools.reader.read(request.path, WANTED)
        written.places += _write_beside(request, tools, tags, wishes, name)
    finally:
        if written.places:
            _read_again(request, written, name, turned)


def _tags_known(request: WriteRequest) -> Tags:
    """Return what the library knows of a file that cannot be asked."""
    return {} if request.turning is None else {"EXIF:Orientation": str(request.turning.orientation)}


def _write_beside(request: WriteRequest, tools: Tools, tags: Tags, wishes: Wishes, name: str) -> list[Place]:
    try:
        return ["sidecar"] if _write_sidecar(request, tools, tags, wishes, name) else []
    except Denied:
        return ["kept"] if _write_kept(request, tools, tags, wishes, name) else []


def _with_faces(request: WriteRequest) -> Wishes:
    """Return the wishes with the faces as shares of the picture, by the thumbnail on which they were found."""
    if not request.faces or request.thumbnail is None:
        return request.wishes
    from PIL import Image

    try:
        with Image.open(os.fsdecode(request.thumbnail), formats=["WEBP"]) as image:
            across, down = image.size
    except (OSError, ValueError, SyntaxError):
        # Without its thumbnail nobody knows where the faces are.
        return request.wishes
    faces = [
        NamedFace(each.left / across, each.top / down, each.right / across, each.bottom / down, each.name)
        for each in request.faces
    ]
    return msgspec.structs.replace(request.wishes, faces=faces)


# --- into the file


def _write_into_file(
    request: WriteRequest,
    tools: Tools,
    found: formats.Format,
    content: hashing.Content,
    tags: Tags,
    wishes: Wishes,
    *,
    is_alone: bool,
) -> tuple[str, Turned | None]:
    """Return the name of the new content, "" when there was nothing to write, and how it looks if it was turned."""
    wanted = assignments(wishes, tags, "file")
    if not wanted:
        return "", None
    path = request.path
    before = os.stat(path)
    if not _is_as_read(before, content):
        raise FileChanged(CHANGED)
    with open_draft(path, request.draft, found.extension, before.st_size) as draft:
        tools.writer.write(
            path, draft, values=wanted.values, cleared=wanted.cleared, extension=found.extension
        )
        now = _verify(tools, path, draft, content, wanted, wishes)
        name = now.fingerprint.md5 + request.reading.name_suffix
        turned: Turned | None = None
        if FILE_ORIENTATION in wanted.values and request.turning is not None:
            orientation = wishes.orientation or UPRIGHT
            turned = draw(request.turning, draft, now, name, orientation, is_alone=is_alone)
        take_over(before, path, draft, keeps_time=True)
        if not is_same(before, os.stat(path)):
            raise FileChanged(CHANGED)
        os.rename(draft, path)
    sync_folder(path)
    return name, turned


def _is_as_read(status: os.stat_result, content: hashing.Content) -> bool:
    known = content.fingerprint
    return (status.st_size, status.st_mtime_ns, status.st_ino) == (
        known.size_bytes,
        known.modified_ns,
        known.inode,
    )


def _verify(
    tools: Tools,
    path: bytes,
    draft: bytes,
    content: hashing.Content,
    wanted: Assignments,
    wishes: Wishes,
) -> hashing.Content:
    """Return the draft's content. Raises UnwritableMetadata unless it says what is wished and all else is the same."""
    if assignments(wishes, tools.reader.read(draft, WANTED), "file"):
        raise UnwritableMetadata(NOT_SAID)
    lost = tools.reader.stored_names(path) - tools.reader.stored_names(draft)
    if any(not is_meant(name, wanted) for name in lost):
        raise UnwritableMetadata(LOST)
    now = hashing.read_file(draft)
    hashes = (tools.reader.image_data_hash(path), tools.reader.image_data_hash(draft))
    if not is_same_picture(content, now, hashes):
        raise UnwritableMetadata(OTHER_PICTURE)
    return now


# --- beside the file


def _write_sidecar(request: WriteRequest, tools: Tools, tags: Tags, wishes: Wishes, name: str) -> bool:
    """Write what is not said yet into the sidecar that counts most: the one that is there, or a new one."""
    wanted = assignments(wishes, _merged(request, tools, tags, name), "sidecar")
    if not _is_sayable(wanted, request.sidecar):
        return False
    if request.sidecar is None or os.path.exists(kept_path(request.kept, name)):
        # The kept one counts before those beside the file, so that it would go on saying what it does.
        raise Denied("")
    if SIDECAR_ORIENTATION in wanted.values and not speaks_of_one(request.known_path, request.sidecar):
        # Other files of the shot may lie otherwise.
        raise Denied("")
    _amend(request, tools, request.sidecar, tags, wishes, name)
    return True


def _is_sayable(wanted: Assignments, sidecar: bytes | None) -> bool:
    """Tell whether a sidecar can say it: it can take away only what it says itself."""
    return bool(wanted.values) or (bool(wanted) and sidecar is not None and os.path.exists(sidecar))


def _write_kept(request: WriteRequest, tools: Tools, tags: Tags, wishes: Wishes, name: str) -> bool:
    target = kept_path(request.kept, name)
    wanted = assignments(wishes, _merged(request, tools, tags, name), "sidecar")
    if not _is_sayable(wanted, target):
        return False
    os.makedirs(os.path.dirname(target), mode=0o750, exist_ok=True)
    _amend(request, tools, target, tags, wishes, name)
    return True


def _merged(
    request: WriteRequest, tools: Tools, tags: Tags, name: str, *, target: bytes = b"", draft: bytes = b""
) -> Tags:
    """Return what the file says with its sidecars; with `draft` in the place of the sidecar `target`."""
    beside = [path for path in request.reading.sidecars if os.path.lexists(path)]
    own = request.sidecar
    if own is not None and own not in beside and (target == own or os.path.lexists(own)):
        beside.insert(0, own)
    kept = kept_path(request.kept, name)
    paths = [kept, *beside] if target == kept else with_kept(beside, kept)
    said = ((path, tools.tags(draft if path == target else path)) for path in paths)
    return merge_sidecars(tags, (scoped(request.known_path, path, each, kept=kept) for path, each in said))


def _amend(request: WriteRequest, tools: Tools, target: bytes, tags: Tags, wishes: Wishes, name: str) -> None:
    """Have the sidecar at `target`, a new one unless it is there, say what is wished. All else in it stays as it is."""
    wanted = assignments(wishes, _merged(request, tools, tags, name), "sidecar")
    try:
        before: os.stat_result | None = os.stat(target)
    except FileNotFoundError:
        before = None
    with open_draft(target, request.draft, "xmp", before.st_size if before else 0) as draft:
        names = set() if before is None else _sidecar_names(tools, target)
        source = None if before is None else target
        tools.writer.write(source, draft, values=wanted.values, cleared=wanted.cleared, extension="xmp")
        if any(not is_meant(each, wanted) for each in names - tools.reader.stored_names(draft)):
            raise UnwritableMetadata(LOST)
        now = _merged(request, tools, tags, name, target=target, draft=draft)
        if assignments(wishes, now, "sidecar").values:
            raise UnwritableMetadata(NOT_SAID)
        if before is None:
            sync(draft)
            put_new(draft, target)
        else:
            take_over(before, target, draft, keeps_time=False)
            if not is_same(before, os.stat(target)):
                raise FileChanged(CHANGED)
            os.rename(draft, target)
    sync_folder(target)


def _sidecar_names(tools: Tools, path: bytes) -> set[str]:
    """Raises UnwritableMetadata for a sidecar that cannot be read: it may be half written, or another program's own."""
    try:
        tools.reader.read(path, WANTED)
        return tools.reader.stored_names(path)
    except MediaError as error:
        raise UnwritableMetadata(DAMAGED_SIDECAR) from error


def _follow_content(request: WriteRequest, old: str, new: str) -> str:
    """Have a kept sidecar go on with the new content. The old one stays: copies of the file may still be there."""
    old_path, new_path = kept_path(request.kept, old), kept_path(request.kept, new)
    if new != old and os.path.exists(old_path):
        with open(old_path, "rb") as file:
            write_whole(new_path, file.read())
        shutil.copystat(old_path, new_path)
    return new


# --- afterwards


def _read_again(request: WriteRequest, written: Written, name: str, turned: Turned | None) -> None:
    reading = request.reading
    if turned is not None and request.turning is not None:
        # Faces are cut out of the new thumbnail, in whose pixels they are told.
        reading = msgspec.structs.replace(
            reading, derived=request.turning.folder, thumbnail_name=turned.thumbnail_name
        )
    sidecars = list(reading.sidecars)
    if "sidecar" in written.places and request.sidecar is not None:
        if request.sidecar not in sidecars:
            sidecars.insert(0, request.sidecar)
        written.sidecar = process.process_file(
            process.Request(path=request.sidecar, name_suffix=reading.name_suffix, read_metadata=False)
        )
    outcome = process.process_file(msgspec.structs.replace(reading, sidecars=sidecars))
    # Somebody may have been quicker; then a scan tells what it is.
    if outcome.fingerprint is not None and outcome.fingerprint.md5 + reading.name_suffix == name:
        written.outcome = outcome
        if turned is not None:
            outcome.looks, outcome.thumbnail_name = turned.looks, turned.thumbnail_name


def lost_writing(request: WriteRequest, reason: str) -> Written:
    """Return what came of a file over which a process was lost."""
    return Written(request.known_path, reason=reason)


def _write_encoded(payload: bytes, is_alone: bool) -> bytes:
    request = msgspec.msgpack.decode(payload, type=WriteRequest)
    return msgspec.msgpack.encode(write_tags(request, is_alone=is_alone))


TASKS: Final[dict[str, Callable[[bytes, bool], bytes]]] = {"write_tags": _write_encoded}
