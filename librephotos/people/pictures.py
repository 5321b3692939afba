"""Pictures of faces: cut out of thumbnails by a process of its own, and where they lie in the data folder."""

import os
from pathlib import Path
from typing import Final

from librephotos.media.face_cutting_calls import Cut, CutFace
from librephotos.media.pool import Pool
from librephotos.media.thumbnails import write_whole
from librephotos.photos.paths import BIG, derived_path, derived_root, face_path

TASKS: Final = "librephotos.media.face_cutting"
CUT_SECONDS: Final = 30.0


def open_pool() -> Pool:
    """Return a process that cuts faces, started by its first call. It is closed by whoever opened it."""
    return Pool(1, tasks=TASKS, memory_bytes=1024**3)


def cut(pool: Pool, data: Path, image_hash: str, box: CutFace) -> Cut:
    """Cut a face out of a photo's big thumbnail; the path in `box` is filled in. Raises MediaError."""
    box.path = str(derived_path(data, BIG, image_hash))
    return pool.call("cut_face", box, Cut, seconds=CUT_SECONDS)


def picture_path(data: Path, name: str) -> Path:
    """`name` may begin with folders, as it does in rows and addresses."""
    return face_path(derived_root(data), os.path.basename(name))


def write_picture(data: Path, name: str, jpeg: bytes) -> None:
    """Write the picture of a face whole or not at all. Raises CannotStore."""
    write_whole(bytes(picture_path(data, name)), jpeg)


def remove_pictures(data: Path, image_hash: str) -> None:
    """Remove the pictures of all faces of a photo that is forgotten."""
    folder = picture_path(data, image_hash).parent
    for path in folder.glob(f"{image_hash}_*.jpg"):
        path.unlink(missing_ok=True)
