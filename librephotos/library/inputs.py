"""Bodies of the room's routes."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from librephotos.http.fields import Input, Text

MOST_IDS = 1000


class RetryInput(Input):
    """Which problems to try again: those named, or all of one kind, or all."""

    ids: Annotated[list[Text], Field(max_length=MOST_IDS)] | None = None
    kind: Literal["failed", "step", "skipped"] | None = None


Type = Literal["ratings", "captions", "keywords", "dates", "positions", "face_tags"]
RATINGS: tuple[Type, ...] = ("ratings",)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class SavingInput(Input):
    """What of the photos is to stand in their files: several words, or one."""

    types: Annotated[list[Type], BeforeValidator(_listed)] = Field(
        default_factory=lambda: list(RATINGS), min_length=1
    )


class RemovalInput(Input):
    accept_losses: bool = False
