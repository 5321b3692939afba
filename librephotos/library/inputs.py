"""Bodies of the room's routes."""

from typing import Annotated, Literal

from pydantic import Field

from librephotos.http.fields import Input, Text

MOST_IDS = 1000


class RetryInput(Input):
    """Which problems to try again: those named, or all of one kind, or all."""

    ids: Annotated[list[Text], Field(max_length=MOST_IDS)] | None = None
    kind: Literal["failed", "step", "skipped"] | None = None


class RemovalInput(Input):
    accept_losses: bool = False
