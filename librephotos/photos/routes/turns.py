"""Turning a photo; its file stays as it is."""

from typing import Any

from litestar import post
from litestar.handlers import BaseRouteHandler

from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Refusal
from librephotos.http.binding import ApiRequest, bind, read_fields
from librephotos.http.refusals import Errors, Failed
from librephotos.photos.edit_inputs import TurnInput
from librephotos.photos.keys import find_key
from librephotos.photos.queries.turns import Turn, turn_photo
from librephotos.photos.schemas import Turned

QUARTER_DEGREES = 90


@post(
    "/api/photosedit/rotate/",
    scope="photos:write",
    status_code=200,
    body=TurnInput,
    refusals={400: (Failed, Errors), 404: Failed},
)
async def rotate_photo(request: ApiRequest, viewer: Viewer, db: Database) -> Turned:
    """Turn an own photo by multiples of 90 degrees, negative ones counter-clockwise, or mirror it."""
    data = bind(TurnInput, await read_fields(request))
    if not isinstance(data.image_hash, str) or not data.image_hash:
        raise _refusal("image_hash is required")
    angle = _whole(data.angle)
    if angle is None:
        raise _refusal("angle must be an integer")
    if angle % QUARTER_DEGREES:
        raise _refusal("angle must be a multiple of 90 degrees")
    if not isinstance(data.flip_horizontal, bool):
        raise _refusal("flip_horizontal must be a boolean")
    turn = Turn(angle // QUARTER_DEGREES % 4, data.flip_horizontal)
    return await db.write(turn_photo, viewer, find_key(data.image_hash), turn)


def _whole(value: Any) -> int | None:
    """Return the integer that a JSON value or a form's text says."""
    if isinstance(value, str) and len(value) < 20:
        try:
            return int(value)
        except ValueError:
            return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _refusal(text: str) -> Refusal:
    return Refusal(400, {"status": False, "message": text})


ROUTES: list[BaseRouteHandler] = [rotate_photo]
