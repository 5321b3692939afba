"""Bodies of the room's routes."""

from typing import Annotated, Literal

from pydantic import Field

from librephotos.http.fields import Input, Text

MOST_IDS = 1000


class RetryInput(Input):
    """Which problems to try again: those named, or all of one kind, or all."""

    ids: Annotated[list[Text], Field(max_length=MOST_IDS)] | None = None
    kind: Literal["failed", "step", "skipped"] | None = None


Type = Literal["ratings", "captions", "keywords", "dates", "positions", "face_tags"]


class SavingInput(Input):
    """What of the photos is to stand in their files: one word, or several."""

    types: Type | Annotated[list[Type], Field(min_length=1)] = "ratings"

    @property
    def wanted(self) -> list[str]:
        return [self.types] if isinstance(self.types, str) else list(self.types)


class RemovalInput(Input):
    accept_losses: bool = False
