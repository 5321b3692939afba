"""The work on one file, from its bytes to everything a scan stores: read, sniff, hash, render, read the tags.

Each step says done, failed with a reason, or not applicable; one bad step does not lose the others. Runs in the
processes of `pool.py`; what becomes of the outcome is the scan's business.
"""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, TypeVar

import msgspec

from librephotos.media import formats, hashing, thumbnails
from librephotos.media.errors import (
    CHANGED,
    VIDEOS_OFF,
    CannotStore,
    FileChanged,
    MediaError,
    UnreadableMetadata,
)
from librephotos.media.exiftool import ExifTool, Tags, locate_exiftool
from librephotos.media.face_pictures import FacePicture, cut_faces
from librephotos.media.facts import Facts, Reader, extract_facts, merge_sidecars
from librephotos.media.kept import kept_path, with_kept
from librephotos.media.motion import Clip, describe_clip, find_clip, write_clip
from librephotos.media.plain_jpeg import read_plain_jpeg
from librephotos.media.pool import Pool
from librephotos.media.sidecar_scope import scoped
from librephotos.media.tags import FACT_TAGS, KEPT_TAGS
from librephotos.media.video.facts import VideoFacts
from librephotos.media.xmp import PACKET_BYTES, read_xmp

State = Literal["done", "failed", "not_applicable"]
T = TypeVar("T")

LARGE_DECODE_BYTES: Final = 256 * 1024**2
"""A decode over it (89 megapixels of 8-bit colour) runs while no other such does: all may not take 2 GiB at once."""


BASE_SECONDS: Final = 120.0
VIDEO_SECONDS: Final = 240.0
_SLOWEST_BYTES_PER_SECOND: Final = 4 * 1024**2


class Step(msgspec.Struct):
    """How one step went; `reason` is a sentence for the owner. `is_blameless` says that it is not the file's fault."""

    state: State
    seconds: float = 0.0
    reason: str | None = None
    is_blameless: bool = False


class Request(msgspec.Struct):
    """What to do with the file at `path` (bytes, absolute: names need not be UTF-8).

    `render_to` is the folder of the thumbnail folders, None to leave pixels alone. Thumbnails are called
    `thumbnail_name`, or when that is None the MD5 followed by `name_suffix`. `tags` are those of the user's rules.
    `derived` is the same folder where pixels are left alone too; with `takes_clips` the film of a motion photo is
    written below it. With `leaves_drafts`, thumbnails of stills are left to `publish_drafts`, many files at once.
    `kept` is the folder of sidecars that are kept apart from the library.
    """

    path: bytes
    size_bytes: int = 0
    render_to: bytes | None = None
    thumbnail_name: str | None = None
    name_suffix: str = ""
    read_metadata: bool = True
    sidecars: list[bytes] = []
    tags: list[str] = []
    exiftool: str | None = None
    exiftool_seconds: float = 30.0
    derived: bytes | None = None
    takes_clips: bool = False
    decode_bytes: int = thumbnails.DECODE_BYTES
    reads_videos: bool = True
    leaves_drafts: bool = False
    kept: bytes | None = None


class Outcome(msgspec.Struct):
    """What was found; `format` is None when the file is no media, and `read.reason` says what it is.

    `motion` is done when a film was looked for, whether or not there is one. `faces` are None when they were not cut.
    """

    path: bytes
    read: Step
    pixels: Step
    metadata: Step
    format: formats.Format | None = None
    fingerprint: hashing.Fingerprint | None = None
    thumbnail_name: str | None = None
    looks: thumbnails.Looks | None = None
    facts: Facts | None = None
    motion: Step = msgspec.field(default_factory=lambda: Step("not_applicable"))
    clip: Clip | None = None
    clip_name: str | None = None
    faces: list[FacePicture] | None = None
    video: VideoFacts | None = None
    drafts: list[thumbnails.Draft] = []


def process_files(pool: Pool, requests: Iterable[Request]) -> Iterator[Outcome]:
    """Yield an outcome for each request, in the order of completion."""
    return pool.map_unordered("process_file", requests, Outcome, seconds=deadline_seconds, blame=lost_outcome)


def deadline_seconds(request: Request) -> float:
    """Return how long a file may take: two minutes, more for large files on slow disks and for videos by their name."""
    base = VIDEO_SECONDS if formats.extension_of(request.path) in formats.VIDEO_EXTENSIONS else BASE_SECONDS
    return base + request.size_bytes / _SLOWEST_BYTES_PER_SECOND


def lost_outcome(request: Request, reason: str) -> Outcome:
    """Return the outcome of a file over which a process was lost."""
    failed = Step("failed", reason=reason)
    return Outcome(request.path, read=failed, pixels=failed, metadata=failed)


def process_file(request: Request, *, is_alone: bool = True) -> Outcome:
    """Do all that is asked with one file; never raises for what the file contains.

    Save NeedsTurn, when it is not alone and its pixels take more than LARGE_DECODE_BYTES.
    """
    nothing = Step("not_applicable")
    outcome = Outcome(request.path, read=nothing, pixels=nothing, metadata=nothing)
    content, outcome.read = _step(lambda: _read(request, outcome))
    if content is None or outcome.format is None:
        return outcome
    outcome.fingerprint = content.fingerprint
    if request.render_to is not None:
        outcome.pixels = _process_pixels(request, outcome, content, is_alone=is_alone)
    if request.read_metadata and outcome.format.kind != "sidecar":
        outcome.facts, outcome.metadata = _step(lambda: _read_facts(request, content))
    if request.takes_clips and content.data is not None and outcome.format.kind == "image":
        data = content.data
        outcome.clip, outcome.motion = _step(lambda: _take_clip(request, outcome, data))
    if outcome.facts is not None and outcome.facts.faces:
        outcome.faces, _ = _step(lambda: _cut_faces(request, outcome))
    return outcome


def _read(request: Request, outcome: Outcome) -> hashing.Content | None:
    """Look at the first bytes, and read on only if they are those of media."""
    head = hashing.read_head(request.path, formats.HEAD_BYTES)
    outcome.format = formats.identify(request.path, head)
    if outcome.format is None:
        raise _NotApplicable(formats.reason_not_read(request.path, head))
    content = hashing.read_file(request.path)
    if content.head[: formats.HEAD_BYTES] != head:
        raise FileChanged(CHANGED)
    return content


def _process_pixels(request: Request, outcome: Outcome, content: hashing.Content, *, is_alone: bool) -> Step:
    assert request.render_to is not None
    name = request.thumbnail_name or _content_name(request, content)
    folder = request.render_to
    outcome.looks, step = _step(lambda: _render(request, outcome, content, folder, name, is_alone=is_alone))
    outcome.thumbnail_name = name if outcome.looks else None
    return step


def _render(
    request: Request, outcome: Outcome, content: hashing.Content, folder: bytes, name: str, *, is_alone: bool
) -> thumbnails.Looks:
    """Make the thumbnails of one file, by the decoders of its kind."""
    if reason := formats.reason_not_read(request.path, content.head):
        raise _NotApplicable(reason)
    _prepare_decoder()
    if outcome.format is not None and outcome.format.kind == "video":
        return _render_video(request, outcome, content, folder, name, is_alone=is_alone)
    rendering = _render_still(request, outcome, content, is_alone=is_alone)
    if request.leaves_drafts:
        outcome.drafts = thumbnails.draft_thumbnails(rendering, folder, name)
    else:
        thumbnails.write_thumbnails(rendering, folder, name)
    return rendering.looks


def _name(request: Request, outcome: Outcome) -> str:
    assert outcome.fingerprint is not None
    return request.thumbnail_name or outcome.fingerprint.md5 + request.name_suffix


def _take_clip(request: Request, outcome: Outcome, data: bytes) -> Clip | None:
    clip = find_clip(data)
    if clip is None or request.derived is None:
        return None
    outcome.clip_name = _name(request, outcome)
    write_clip(clip, request.derived, outcome.clip_name)
    return describe_clip(clip)


def _cut_faces(request: Request, outcome: Outcome) -> list[FacePicture]:
    assert outcome.facts is not None
    if request.derived is None:
        raise _NotApplicable(None)
    place = thumbnails.thumbnail_path(request.derived, thumbnails.BIG, _name(request, outcome))
    path = next((draft.path for draft in outcome.drafts if draft.place == place), place)
    try:
        with open(path, "rb") as file:
            thumbnail = file.read()
    except FileNotFoundError:
        raise _NotApplicable(None) from None
    return cut_faces(thumbnail, outcome.facts.faces)


def _render_still(
    request: Request, outcome: Outcome, content: hashing.Content, *, is_alone: bool
) -> thumbnails.Rendering:
    # The decoders are loaded where they run: the processes that only hand out files never need them.
    from librephotos.media.stills.render import render_still
    from librephotos.media.stills.source import Limits

    assert outcome.format is not None
    limits = Limits(request.decode_bytes, request.decode_bytes if is_alone else LARGE_DECODE_BYTES)
    if content.data is not None:
        return render_still(content.data, outcome.format, limits)
    descriptor = os.open(request.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return render_still(descriptor, outcome.format, limits)
    finally:
        os.close(descriptor)


def _render_video(
    request: Request, outcome: Outcome, content: hashing.Content, folder: bytes, name: str, *, is_alone: bool
) -> thumbnails.Looks:
    if not request.reads_videos:
        raise _NotApplicable(VIDEOS_OFF)
    # Loaded with the first video: a process that meets none is spared FFmpeg's 40 MB of libraries.
    from librephotos.media.video.containers import demuxer_of
    from librephotos.media.video.rendering import Source, render_video

    assert outcome.format is not None
    mime = outcome.format.mime
    descriptor = -1 if content.data is not None else os.open(request.path, os.O_RDONLY | os.O_CLOEXEC)
    data = content.data if content.data is not None else descriptor
    try:
        rendered = render_video(
            Source(data, mime, demuxer_of(mime, content.head)),
            folder,
            name,
            decode_bytes=request.decode_bytes,
            beside_bytes=request.decode_bytes if is_alone else LARGE_DECODE_BYTES,
        )
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    outcome.video = rendered.facts
    return rendered.looks


def _sidecars_of(request: Request, content: hashing.Content) -> list[bytes]:
    if request.kept is None:
        return request.sidecars
    return with_kept(request.sidecars, kept_path(request.kept, _content_name(request, content)))


def _content_name(request: Request, content: hashing.Content) -> str:
    return content.fingerprint.md5 + request.name_suffix


def _read_facts(request: Request, content: hashing.Content) -> Facts:
    data = content.data
    wanted = [*FACT_TAGS, *KEPT_TAGS, *request.tags]
    exiftool = exiftool_of(request.exiftool, request.exiftool_seconds)
    reader: Reader = "exiftool" if exiftool else "pillow"
    if exiftool:
        media = _read_plainly(request.path, data, wanted) or exiftool.read(
            os.path.abspath(request.path), wanted
        )
    elif data is not None:
        from librephotos.media.exif_pillow import read_with_pillow  # for want of ExifTool alone

        media = read_with_pillow(data)
    else:
        raise UnreadableMetadata("The metadata of so large a file is not read without ExifTool.")
    kept = None if request.kept is None else kept_path(request.kept, _content_name(request, content))
    sidecars = [
        scoped(request.path, sidecar, _read_sidecar(exiftool, sidecar, wanted), kept=kept)
        for sidecar in _sidecars_of(request, content)
    ]
    return extract_facts(merge_sidecars(media, sidecars), reader=reader, kept=request.tags)


def _read_plainly(path: bytes, data: bytes | None, wanted: list[str]) -> Tags | None:
    return read_plain_jpeg(path, data, wanted) if data is not None else None


def _read_sidecar(exiftool: ExifTool | None, path: bytes, wanted: list[str]) -> Tags:
    """Return a sidecar's tags, none when it cannot be read: the photo's own are still worth having."""
    try:
        if exiftool:
            return exiftool.read(os.path.abspath(path), wanted)
        return read_xmp(hashing.read_head(path, PACKET_BYTES + 1))
    except MediaError:
        return {}


@lru_cache(maxsize=1)
def exiftool_of(configured: str | None, timeout_seconds: float) -> ExifTool | None:
    command = locate_exiftool(configured)
    if command is None:
        return None
    exiftool = ExifTool(command, timeout_seconds=timeout_seconds)
    atexit.register(exiftool.close)
    return exiftool


@lru_cache(maxsize=1)
def _prepare_decoder() -> None:
    from librephotos.media.stills.vips import prepare

    prepare()


class _NotApplicable(MediaError):
    """The step has nothing to do for this kind of file."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(reason or "")


def _step(work: Callable[[], T]) -> tuple[T | None, Step]:
    started = time.perf_counter()
    result: T | None = None
    try:
        result = work()
        step = Step("done")
    except _NotApplicable as nothing:
        step = Step("not_applicable", reason=nothing.reason)
    except CannotStore as error:
        step = Step("failed", reason=error.reason, is_blameless=True)
    except MediaError as error:
        step = Step("failed", reason=error.reason)
    except MemoryError:
        step = Step("failed", reason="The file needs more memory than one file may take.")
    except OSError as error:
        step = Step("failed", reason=f"The result cannot be stored: {os.strerror(error.errno or 0).lower()}.")
    step.seconds = round(time.perf_counter() - started, 6)
    return result, step


def _process_encoded(payload: bytes, is_alone: bool) -> bytes:
    request = msgspec.msgpack.decode(payload, type=Request)
    return msgspec.msgpack.encode(process_file(request, is_alone=is_alone))


TASKS: Final[Mapping[str, Callable[[bytes, bool], bytes]]] = {"process_file": _process_encoded}
