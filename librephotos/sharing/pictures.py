"""Opening the picture or the video behind a photo's link. Blocking: for a thread."""

import os
import stat
from collections.abc import Sequence

from librephotos.http.disposition import disposition
from librephotos.http.files import Headers, OpenFile
from librephotos.photos import media_types, paths
from librephotos.photos.turned import open_shown

ALWAYS: Headers = [
    (b"cache-control", b"private, no-cache"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
]


def open_thumbnail(
    root: str, image_hash: str, orientation: int, content: str | None, *, is_video: bool
) -> tuple[OpenFile, Headers]:
    """Open the big thumbnail below the `root` of derived files, as somebody turned it."""
    if is_video:
        return _ours(paths.derived_name(root, paths.BIG, image_hash, "webp"), media_types.WEBP)
    descriptor, path = open_shown(root, paths.BIG, image_hash, orientation, content)
    return _found(descriptor, path, media_types.WEBP)


def open_preview(root: str, image_hash: str) -> tuple[OpenFile, Headers]:
    """Open the first seconds of a video, silent: made by the server, so that nothing of the original's is in it."""
    return _ours(paths.derived_name(root, paths.SQUARE, image_hash, "mp4"), media_types.MP4)


def open_original(path: bytes, mime: str | None, roots: Sequence[str], data: str) -> tuple[OpenFile, Headers]:
    """Open an original below its owner's folders; its name is not told."""
    descriptor, true_path = paths.open_confined(path, roots, outside=data)
    if mime in media_types.SHOWN:
        return _checked(descriptor, true_path), [*ALWAYS, (b"content-type", mime.encode())]
    headers = [
        (b"content-type", media_types.UNKNOWN),
        (b"content-disposition", disposition("attachment", b"video")),
    ]
    return _checked(descriptor, true_path), [*ALWAYS, *headers]


def _ours(path: str, mime: bytes) -> tuple[OpenFile, Headers]:
    return _found(paths.open_plain(path), path, mime)


def _found(descriptor: int, path: str, mime: bytes) -> tuple[OpenFile, Headers]:
    file = _checked(descriptor, os.fsencode(path))
    return file, [*ALWAYS, (b"content-type", mime)]


def _checked(descriptor: int, path: bytes) -> OpenFile:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return OpenFile(descriptor, status, path)
