"""Thumbnails of photos that somebody turned. They lie beside the upright ones, which stay, and are made when asked for.

So a turn costs a row and no picture: turning back is exact, and whatever renders the upright ones need not know.
"""

import contextlib
import os
import tempfile
from pathlib import Path

import structlog

from librephotos.media.errors import MediaError
from librephotos.media.turning import turn_webp
from librephotos.photos.orientation import parts_of
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_name, derived_root

log = structlog.get_logger()

# As the upright ones: greatest height in pixels, and quality.
_LIMITS = {BIG: (1080, 82), SQUARE: (500, 78), SQUARE_SMALL: (250, 78)}
_FOLDER = "turned"
_CODES = range(2, 9)


def turned_name(root: str, kind: str, image_hash: str, code: int) -> str:
    return derived_name(f"{root}/{_FOLDER}", kind, f"{image_hash}_{code}", "webp")


def find_turned(root: str, kind: str, image_hash: str, code: int) -> str:
    """Return the path of a turned thumbnail below the `root` of derived files, made now unless it is there.

    One that cannot be made is the upright one. Raises FileNotFoundError when that is not there.
    """
    upright = derived_name(root, kind, image_hash, "webp")
    path = turned_name(root, kind, image_hash, code)
    made_from = os.stat(derived_name(root, BIG, image_hash, "webp")).st_mtime_ns
    with contextlib.suppress(FileNotFoundError):
        if os.stat(path).st_mtime_ns > made_from:
            return path
    quarters, is_mirrored = parts_of(code)
    height_px, quality = _LIMITS[kind]
    try:
        # Each size from the big one: an upright small one has too few pixels once height and width change places.
        data = Path(derived_name(root, BIG, image_hash, "webp")).read_bytes()
        turned = turn_webp(
            data, quarters=quarters, is_mirrored=is_mirrored, height_px=height_px, quality=quality
        )
        _write_whole(path, turned)
    except (MediaError, OSError) as error:
        log.warning("thumbnail not turned", image=image_hash, reason=str(error))
        return upright
    return path


def remove_turned(data: Path, image_hash: str) -> None:
    """Remove the turned thumbnails of a photo that is forgotten."""
    root = str(derived_root(data))
    for kind in _LIMITS:
        for code in _CODES:
            Path(turned_name(root, kind, image_hash, code)).unlink(missing_ok=True)


def _write_whole(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(draft, 0o640)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
