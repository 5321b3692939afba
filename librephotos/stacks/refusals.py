"""The published refusals of this room: what is unknown, malformed or somebody else's looks the same."""

from typing import Any, Final

from librephotos.errors import Refusal
from librephotos.http.refusals import Errors, Mistake

UNKNOWN: Final[dict[int, Any]] = {404: Mistake}
UNUSABLE: Final[dict[int, Any]] = {400: (Errors, Mistake), 404: Mistake}


def no_stack() -> Refusal:
    return Refusal(404, {"error": "Photo stack not found"})


def no_group() -> Refusal:
    return Refusal(404, {"error": "Duplicate group not found"})


def mistake(text: str) -> Refusal:
    return Refusal(400, {"error": text})
