"""Thumbnails of photos that somebody turned. They lie beside the upright ones, which stay, and are made when asked for.

So a turn costs a row and no picture: turning back is exact, and whatever renders the upright ones need not know.

Where a turn goes into the file itself, the upright ones are drawn anew. These fresh ones lie here too, under a name
that holds as soon as the photo's row says that the file is the new one; then they take the place of the old.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import structlog

from librephotos.media.errors import MediaError
from librephotos.media.orientation import UPRIGHT, parts_of
from librephotos.media.turning import fresh_name, turn_webp
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_name, derived_root, open_plain

log = structlog.get_logger()

# As the upright ones: greatest height in pixels, and quality.
_LIMITS = {BIG: (1080, 82), SQUARE: (500, 78), SQUARE_SMALL: (250, 78)}
_FOLDER = "turned"
_CODES = range(2, 9)


def turned_folder(root: str) -> str:
    return f"{root}/{_FOLDER}"


def turned_name(root: str, kind: str, image_hash: str, code: int) -> str:
    return derived_name(turned_folder(root), kind, f"{image_hash}_{code}", "webp")


def open_shown(root: str, kind: str, image_hash: str, code: int, content: str | None) -> tuple[int, str]:
    """Open the thumbnail of a photo below the `root` of derived files as somebody turned it; return where it lies, too.

    `content` is what the photo's file is, None when its thumbnails cannot be drawn anew. A turned one is made now
    unless it is there; one that cannot be made is the upright one. Raises FileNotFoundError when that is not there.
    """
    if code != UPRIGHT:
        # Each size from the big one: an upright small one has too few pixels once height and width change places.
        big, _ = _open_first(_upright_names(root, BIG, image_hash, content))
        try:
            return _open_turned(big, root, kind, image_hash, code)
        except (MediaError, OSError) as error:
            log.warning("thumbnail not turned", image=image_hash, reason=str(error))
        finally:
            os.close(big)
    return _open_first(_upright_names(root, kind, image_hash, content))


def take_place(data: Path, image_hash: str, content: str) -> None:
    """Put fresh thumbnails in the place of a photo's, whose row says that its file is what they were drawn from.

    Whoever asks finds the same picture before and after, in one place or the other.
    """
    root = str(derived_root(data))
    is_done = False
    for kind in _LIMITS:
        with contextlib.suppress(FileNotFoundError):  # Put there already.
            os.replace(
                _fresh_name(root, kind, image_hash, content), derived_name(root, kind, image_hash, "webp")
            )
            is_done = True
    if is_done:
        _remove_turned(root, image_hash)


def forget_fresh(data: Path, image_hash: str, content: str) -> None:
    """Remove fresh thumbnails of a file that did not come to be, or that the photo does not show."""
    for kind in _LIMITS:
        Path(_fresh_name(str(derived_root(data)), kind, image_hash, content)).unlink(missing_ok=True)


def list_fresh(data: Path, *, before: float) -> list[tuple[str, str]]:
    """Return (name of the photo, content) of fresh thumbnails that were drawn before a moment, seconds since 1970."""
    found: set[tuple[str, str]] = set()
    for kind in _LIMITS:
        for path in Path(turned_folder(str(derived_root(data))), kind).glob("??/*t*.webp"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    image_hash, _, content = path.stem.partition("t")
                    found.add((image_hash, content))
    return sorted(found)


def remove_turned(data: Path, image_hash: str) -> None:
    """Remove the turned and fresh thumbnails of a photo that is forgotten."""
    root = str(derived_root(data))
    _remove_turned(root, image_hash)
    for kind in _LIMITS:
        folder = Path(turned_folder(root), kind, image_hash[:2])
        for path in folder.glob(f"{image_hash}t*.webp"):
            path.unlink(missing_ok=True)


def _remove_turned(root: str, image_hash: str) -> None:
    for kind in _LIMITS:
        for code in _CODES:
            Path(turned_name(root, kind, image_hash, code)).unlink(missing_ok=True)


def _upright_names(root: str, kind: str, image_hash: str, content: str | None) -> Iterator[str]:
    """Yield where the upright thumbnail may lie, the newest first: a scan draws by content before it moves them."""
    if content is not None:
        yield _fresh_name(root, kind, image_hash, content)
        if content != image_hash:
            yield derived_name(root, kind, content, "webp")
    yield derived_name(root, kind, image_hash, "webp")


def _fresh_name(root: str, kind: str, image_hash: str, content: str) -> str:
    return derived_name(turned_folder(root), kind, fresh_name(image_hash, content), "webp")


def _open_first(paths: Iterator[str]) -> tuple[int, str]:
    missing = FileNotFoundError()
    for path in paths:
        try:
            return open_plain(path), path
        except FileNotFoundError as error:
            missing = error
    raise missing


def _open_turned(big: int, root: str, kind: str, image_hash: str, code: int) -> tuple[int, str]:
    path = turned_name(root, kind, image_hash, code)
    made_from = os.fstat(big).st_mtime_ns
    with contextlib.suppress(FileNotFoundError):
        descriptor = open_plain(path)
        if os.fstat(descriptor).st_mtime_ns == made_from:
            return descriptor, path
        os.close(descriptor)
    quarters, is_mirrored = parts_of(code)
    height_px, quality = _LIMITS[kind]
    with open(big, "rb", closefd=False) as file:
        data = file.read()
    turned = turn_webp(data, quarters=quarters, is_mirrored=is_mirrored, height_px=height_px, quality=quality)
    _write_whole(path, turned, made_from)
    return open_plain(path), path


def _write_whole(path: str, data: bytes, made_from: int) -> None:
    """Write a turned thumbnail that has the time of the upright one it was made of, by which it is known."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(draft, 0o640)
        os.utime(draft, ns=(made_from, made_from))
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
