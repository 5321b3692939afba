"""How callers name a problem: a file by its number, a step by its photo and its name. To them it is one opaque text."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from librephotos.errors import BadInput
from librephotos.kit.ids import parse_int, parse_uuid

_STEP: Final = re.compile(r"[a-z0-9_]{1,40}")


class ProblemIds(msgspec.Struct):
    """Files by number, and steps as (UUID of the photo, name)."""

    files: list[int] = []
    steps: list[tuple[str, str]] = []


def file_problem(file_id: int) -> str:
    return f"file:{file_id}"


def step_problem(photo_uuid: str, step: str) -> str:
    return f"step:{photo_uuid}:{step}"


def parse_problem_ids(texts: Sequence[str]) -> ProblemIds:
    """Raises BadInput for a text that names no problem."""
    found = ProblemIds()
    for text in texts:
        match text.split(":"):
            case ["file", number] if (file_id := parse_int(number)) is not None:
                found.files.append(file_id)
            case ["step", uuid, step] if (known := parse_uuid(uuid)) and _STEP.fullmatch(step):
                found.steps.append((known, step))
            case _:
                raise BadInput.of("ids", f'"{text[:60]}" is not the id of a problem.')
    return found
