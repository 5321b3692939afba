"""Bodies of the requests that edit one photo."""

from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from librephotos.http.fields import Input, RawText

CAPTION_CHARS = 100_000


def _storable(value: object) -> object:
    """Anything may be sent, as published; of texts only those that can be stored."""
    if isinstance(value, str):
        if "\x00" in value:
            raise PydanticCustomError("no_nul", "Null characters are not allowed.")
        if len(value) > CAPTION_CHARS:
            raise PydanticCustomError(
                "too_long", f"Ensure this field has no more than {CAPTION_CHARS} characters."
            )
        try:
            value.encode()
        except UnicodeEncodeError:
            raise PydanticCustomError("not_text", "Not a valid string.") from None
    return value


class CaptionInput(Input):
    image_hash: RawText
    caption: Annotated[Any, AfterValidator(_storable)]


class PhotoNameInput(Input):
    image_hash: RawText


class TurnInput(Input):
    """Wrong values are refused in a shape of its own, so that any are taken here."""

    image_hash: Any = None
    angle: Any = 0
    flip_horizontal: Any = False
