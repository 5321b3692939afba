"""Drawing a face: what was asked is checked, the picture is cut in a process of its own, then the row is stored."""

import asyncio
from typing import Any, Final

import structlog

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.media.errors import MediaError
from librephotos.media.face_cutting_calls import Cut, CutFace
from librephotos.people import pictures
from librephotos.people.drawn_boxes import Fractions, is_large_enough, turned_back
from librephotos.people.face_boxes import Box
from librephotos.people.names import NOBODY
from librephotos.people.queries.labelling import draw_face, get_drawn_on
from librephotos.people.schemas import DrawnFace
from librephotos.photos.keys import find_key
from librephotos.settings import Settings

log = structlog.get_logger()

EDGES: Final = ("left", "top", "right", "bottom")
NAME_LENGTH: Final = 128

# Each takes a process for half a second; more at once would only make all of them wait.
_turn = asyncio.Semaphore(2)


async def draw(
    db: Database, settings: Settings, viewer: Viewer, photo: object, name: object, box: object
) -> DrawnFace:
    """Raises refusals in the published shape for whatever is wrong."""
    named, drawn = read_name(name), read_box(box)
    if not isinstance(photo, str) or not photo.strip():
        raise refusal("photo is required")
    key = find_key(photo.strip())
    drawn_on = await db.read(get_drawn_on, viewer, key)
    if not drawn_on.is_ready:
        raise refusal("The photo has no thumbnail yet.")
    upright = turned_back(drawn, drawn_on.orientation)
    asked = CutFace("", upright.left, upright.top, upright.right, upright.bottom)
    async with _turn:
        found = await asyncio.to_thread(_cut, settings, drawn_on.image_hash, asked)
    pixels = Box(found.left, found.top, found.right, found.bottom)
    if not is_large_enough(pixels):
        raise refusal("The box is too small.")
    made = await db.write(draw_face, viewer, key, pixels, named)
    try:
        await asyncio.to_thread(pictures.write_picture, settings.data, made.face_url, found.jpeg)
    except MediaError as error:
        # The face is known; scanning faces cuts its picture again.
        log.warning("face without picture", face=made.face_id, reason=error.reason)
    return made


def _cut(settings: Settings, image_hash: str, asked: CutFace) -> Cut:
    try:
        with pictures.open_pool() as pool:
            return pictures.cut(pool, settings.data, image_hash, asked)
    except MediaError as error:
        raise refusal(error.reason) from error


def read_name(value: object) -> str:
    """Return a person's name. Raises a refusal for what names nobody."""
    name = value.strip() if isinstance(value, str) else ""
    if not name or name == NOBODY:
        raise refusal("person_name is required")
    if len(name) > NAME_LENGTH:
        raise refusal(f"person_name has more than {NAME_LENGTH} characters")
    if "\x00" in name or not _is_encodable(name):
        raise refusal("person_name is not a valid string")
    return name


def read_box(value: object) -> Fractions:
    """Return the box as fractions. Raises a refusal for one that is incomplete, outside or without area."""
    edges = [_edge(value.get(name)) for name in EDGES] if isinstance(value, dict) else [None]
    given = [each for each in edges if each is not None]
    if len(given) != len(EDGES):
        raise refusal("box needs top, right, bottom and left")
    box = Fractions(*given)
    if not box.is_inside:
        raise refusal("box must lie within 0 and 1 and have an area")
    return box


def refusal(text: str, status: int = 400) -> Refusal:
    return Refusal(status, {"status": False, "message": text})


def _edge(value: Any) -> float | None:  # any JSON value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An integer may be too long for a float; all that is not a fraction is refused the same.
    return float(value) if 0 <= value <= 1 else -1.0


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
