"""The types of account fields in bodies: each trims, checks and refuses with the published text."""

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from librephotos.http.binding import UploadedFile
from librephotos.http.fields import CHECKS, Text
from librephotos.kit.text import normalize_username
from librephotos.kit.zones import is_zone

BAD_USERNAME = (
    "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
)
BAD_EMAIL = "Enter a valid email address."
NOT_A_FILE = "The submitted data was not a file. Check the encoding type on the form."
MAX_RULES_CHARS = 100_000
INT32 = 2**31 - 1
_USERNAME = re.compile(r"[\w.@+-]+")
# RFC 5321 section 4.1.2 without quoted local parts and address literals.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?")


def refuse(text: str) -> PydanticCustomError:
    # A text with braces would be read as a template.
    return PydanticCustomError("refused", "{text}", {"text": text})


def _username(text: str) -> str:
    name = normalize_username(text)
    if not _USERNAME.fullmatch(name):
        raise refuse(BAD_USERNAME)
    if len(name) > 150:
        raise refuse("Ensure this field has no more than 150 characters.")
    return name


def _email(text: str) -> str:
    if not text:
        return text
    local, at, domain = text.rpartition("@")
    labels = domain.split(".")
    is_local = domain.lower() == "localhost"
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise refuse(BAD_EMAIL)
    if not is_local and (len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels)):
        raise refuse(BAD_EMAIL)
    if not is_local and labels[-1].isdigit():
        raise refuse(BAD_EMAIL)
    return text


def _zone(text: str) -> str:
    if not is_zone(text):
        raise refuse(f'"{text}" is not a valid choice.')
    return text


def whole_number(value: object) -> object:
    if isinstance(value, bool):
        raise refuse("A valid integer is required.")
    return value


def _no_bool_number(value: object) -> object:
    if isinstance(value, bool):
        raise refuse("A valid number is required.")
    return value


def _rules_text(value: object) -> object:
    """Keep the text as sent; clients parse it a second time, so it must hold an array."""
    if isinstance(value, list):
        return json.dumps(value)
    if isinstance(value, str):
        _array(value)
    return value


def _array(text: str) -> list[Any]:
    if len(text) > MAX_RULES_CHARS:
        raise refuse(f"Ensure this field has no more than {MAX_RULES_CHARS} characters.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise refuse("Value must be valid JSON.") from None
    if not isinstance(value, list):
        raise refuse("Expected a list of items.")
    return value


def _rules_array(value: object) -> object:
    return _array(value) if isinstance(value, str) else value


def _objects(value: list[Any]) -> list[Any]:
    if not all(isinstance(item, dict) for item in value):
        raise refuse("Expected a list of objects.")
    if len(json.dumps(value)) > MAX_RULES_CHARS:
        raise refuse(f"Ensure this field has no more than {MAX_RULES_CHARS} characters.")
    return value


def _timeline_filter(value: object) -> object:
    """Only the four known keys; nothing else may reach the timeline's query."""
    if not isinstance(value, dict):
        raise refuse("Expected a dictionary of items.")
    for key, given in value.items():
        if key == "media":
            if given not in ("all", "photos", "videos"):
                raise refuse('media must be "all", "photos" or "videos".')
        elif key in ("hide_screenshots", "hide_documents", "favorites"):
            if not isinstance(given, bool):
                raise refuse(f"{key} must be a boolean.")
        else:
            raise refuse("Only media, hide_screenshots, hide_documents and favorites are known.")
    return value


def _avatar(value: object) -> object:
    if value is None or isinstance(value, UploadedFile):
        return value
    raise refuse(NOT_A_FILE)


Username = Annotated[Text, AfterValidator(_username)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), *CHECKS, AfterValidator(_email)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=150), *CHECKS]
PathText = Annotated[str, StringConstraints(max_length=512), *CHECKS]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), *CHECKS]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), *CHECKS]
Prompt = Annotated[str, StringConstraints(max_length=10_000), *CHECKS]
ZoneName = Annotated[Text, AfterValidator(_zone)]
AnyInt = Annotated[int, BeforeValidator(whole_number), Field(ge=-INT32 - 1, le=INT32)]
Count = Annotated[int, BeforeValidator(whole_number), Field(ge=0, le=INT32)]
Number = Annotated[float, BeforeValidator(_no_bool_number), Field(allow_inf_nan=False)]
# As photos are rated: whoever marks a favourite gives it this rating.
StarCount = Annotated[int, BeforeValidator(whole_number), Field(ge=0, le=5)]
Probability = Annotated[Number, Field(ge=0, le=1)]
Distance = Annotated[Number, Field(ge=0)]
SampleCount = Annotated[Count, Field(ge=1)]
DateRules = Annotated[str, BeforeValidator(_rules_text)]
BurstRules = Annotated[list[Any], BeforeValidator(_rules_array), AfterValidator(_objects)]
TimelineFilter = Annotated[dict[str, Any], BeforeValidator(_timeline_filter)]
Avatar = Annotated[object, BeforeValidator(_avatar)]
