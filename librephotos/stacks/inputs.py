"""The request bodies of stacks and duplicate groups. Photos are named by hash or UUID."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from librephotos.http.fields import Input, RawText
from librephotos.stacks.kinds import MAX_THRESHOLD, NORMAL_THRESHOLD

MIN_BATCH: Final = 100
MAX_BATCH: Final = 50_000


def _integer(value: object) -> object:
    """Take whole numbers and their digits only, as JSON's `true` is no number and 1.5 is none either."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise PydanticCustomError("no_integer", "A valid integer is required.")
    if isinstance(value, str):
        text = value.strip()
        digits = text[1:] if text[:1] in "+-" else text
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            raise PydanticCustomError("no_integer", "A valid integer is required.")
    elif not isinstance(value, int | float):
        raise PydanticCustomError("no_integer", "A valid integer is required.")
    return int(value)


Whole = Annotated[int, BeforeValidator(_integer)]


class PhotoInput(Input):
    """The photo that grids are to show."""

    photo_hash: RawText | None = None


class PhotosInput(Input):
    photo_hashes: list[RawText] | None = None


class BurstsInput(Input):
    """Other kinds of detection that clients name are ignored."""

    detect_bursts: bool = True


class ResolveInput(Input):
    keep_photo_hash: RawText | None = None
    trash_others: bool = True


class DuplicatesInput(Input):
    """`visual_threshold` is clipped to 0…20 bits of 64, `batch_size` to 100…50000 pictures held at once."""

    detect_exact_copies: bool = True
    detect_visual_duplicates: bool = True
    visual_threshold: Whole = NORMAL_THRESHOLD
    clear_pending: bool = False
    batch_size: Whole = Field(default=10_000)

    def options(self) -> dict[str, Any]:
        """Return all five values as they are used."""
        return {
            "detect_exact_copies": self.detect_exact_copies,
            "detect_visual_duplicates": self.detect_visual_duplicates,
            "visual_threshold": min(MAX_THRESHOLD, max(0, self.visual_threshold)),
            "clear_pending": self.clear_pending,
            "batch_size": min(MAX_BATCH, max(MIN_BATCH, self.batch_size)),
        }
