"""Field types for request bodies: the published rules of trimming, lengths and texts, as Pydantic types.

In: Pydantic, because it reports every wrong field at once. Out: msgspec. No class does both.
"""

from datetime import datetime
from typing import Annotated, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError


class Input(BaseModel):
    """Base of every request body: unknown keys are ignored, a number is taken for a text as its digits."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("no_nul", "Null characters are not allowed.")
    return text


def _encodable(text: object) -> object:
    """Refuse lone surrogates, which no answer, log or database could hold."""
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise PydanticCustomError("not_text", "Not a valid string.") from None
    return text


def _written_time(value: object) -> object:
    """Read an ISO 8601 text. A number is no time: nobody could tell seconds from milliseconds."""
    try:
        return datetime.fromisoformat(value.strip()) if isinstance(value, str) else _refuse_time()
    except ValueError:
        return _refuse_time()


def _refuse_time() -> NoReturn:
    raise PydanticCustomError("datetime_format", "wrong format")


# The constraints stand next to `str`: behind a validator they would be checked before trimming.
CHECKS = (BeforeValidator(_encodable), AfterValidator(_no_nul))
# Trimmed, not blank.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), *CHECKS]
# Trimmed, may be empty.
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True), *CHECKS]
# As sent, may be blank: passwords are compared before anything is trimmed.
RawText = Annotated[str, *CHECKS]
# With an offset or without one.
Time = Annotated[datetime, BeforeValidator(_written_time)]
