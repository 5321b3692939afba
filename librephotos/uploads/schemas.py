"""The published shapes of uploads, and their refusals."""

from typing import Any, Final

import msgspec

from librephotos.errors import Refusal
from librephotos.http.refusals import HELP_LINK

FORBIDDEN: Final = 403
BUSY_SECONDS: Final = 2


class Exists(msgspec.Struct):
    exists: bool


class Received(msgspec.Struct):
    """`offset` is how many bytes are here; the next chunk begins there. `expires` ends in milliseconds and `Z`."""

    upload_id: str
    offset: int
    expires: str


class Completed(msgspec.Struct):
    """Empty: what became of the file is told by the photo's summary."""


class Detail(msgspec.Struct):
    """`{"detail": …}`, the shape of all refusals of the upload endpoints."""

    detail: str


class WrongOffset(msgspec.Struct):
    """As `Detail`, with how many bytes are here."""

    detail: str
    offset: int


def refused(status: int, text: str, **more: Any) -> Refusal:  # any JSON value
    """Return the refusal in the shape that uploading clients read."""
    headers = {"Link": HELP_LINK} if status == FORBIDDEN else {}
    return Refusal(status, {"detail": text, **more}, headers)


def busy() -> Refusal:
    """Return the refusal of a request that came while another one was at work on the same thing."""
    return Refusal(
        503,
        {"detail": "The server is busy. Try again in a moment."},
        {"Retry-After": str(BUSY_SECONDS)},
    )


# Of both upload endpoints.
REFUSALS: Final[dict[int, Any]] = {
    400: (WrongOffset, Detail),
    403: Detail,
    404: Detail,
    410: Detail,
    413: Detail,
    415: Detail,
    429: Detail,
    503: Detail,
    507: Detail,
}
