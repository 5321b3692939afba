"""The bodies of the key endpoints."""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from librephotos.accounts.keys.states import State
from librephotos.accounts.scopes import GRANTABLE, SCOPES, sorted_scopes
from librephotos.http.fields import CHECKS, Input, RawText, Time
from librephotos.kit import clock
from librephotos.kit.ids import MAX_ID

MAX_NAME_CHARS = 100
MAX_ALBUMS = 100
MAX_LIFE = 100 * 366 * clock.DAY
DAY_SECONDS = 86_400
_SEPARATOR = re.compile(r"[\s,]+")


def _refuse(text: str) -> PydanticCustomError:
    # A text with braces would be read as a template.
    return PydanticCustomError("refused", "{text}", {"text": text})


def _parts(value: object) -> object:
    """A form sends a list as one text, its members parted by blanks or commas."""
    return [part for part in _SEPARATOR.split(value) if part] if isinstance(value, str) else value


def check_scopes(names: list[str]) -> list[str]:
    """Return the scopes in their order, each once. Raises for one that a key cannot have."""
    for name in names:
        if name not in SCOPES:
            raise _refuse(f'"{name}" is not a valid choice.')
        if name not in GRANTABLE:
            raise _refuse(f'"{name}" is not for API keys.')
    if not names:
        raise _refuse("This list may not be empty.")
    return sorted_scopes(set(names))


def _check_albums(album_ids: list[int]) -> list[int]:
    if not album_ids:
        raise _refuse("This list may not be empty.")
    if len(album_ids) > MAX_ALBUMS:
        raise _refuse(f"Ensure this field has no more than {MAX_ALBUMS} elements.")
    return sorted(set(album_ids))


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise _refuse("A valid integer is required.")
    return value


def _end(moment: datetime) -> datetime:
    life = clock.from_datetime(moment) - clock.now()
    if life <= 0:
        raise _refuse("Ensure this time is in the future.")
    if life > MAX_LIFE:
        raise _refuse("Ensure this time is within 100 years, or leave it out.")
    return moment


def _fixed(value: object) -> object:
    raise _refuse("This cannot be changed; make another key.")


KeyName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_CHARS), *CHECKS
]
ScopeName = Annotated[str, Field(json_schema_extra={"enum": sorted_scopes(GRANTABLE)})]
AlbumId = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=MAX_ID)]
Fixed = Annotated[object, BeforeValidator(_fixed)]


class KeyInput(Input):
    """A new key. Without `albums` it reaches all albums, without `expires_at` it has no end.

    `current_password` is asked for where the strict password policy is in force and the login is not fresh.
    """

    name: KeyName
    scopes: Annotated[list[ScopeName], BeforeValidator(_parts), AfterValidator(check_scopes)]
    albums: Annotated[list[AlbumId], BeforeValidator(_parts), AfterValidator(_check_albums)] | None = None
    expires_at: Annotated[Time, AfterValidator(_end)] | None = None
    current_password: RawText = ""


class RenameInput(Input):
    """Only the name can change: a key that works somewhere must not come to mean something else."""

    name: KeyName
    scopes: Fixed = None
    albums: Fixed = None
    expires_at: Fixed = None


class RotateInput(Input):
    """How long the old key goes on working beside the new one."""

    overlap_seconds: Annotated[int, BeforeValidator(_no_bool), Field(ge=0, le=7 * DAY_SECONDS)] = DAY_SECONDS
    current_password: RawText = ""


class ApiKey(msgspec.Struct):
    """A key as its owner sees it, without its secret. `albums` is null for a key that is not limited to any.

    `replaced_by` is the key that came of its rotation.
    """

    id: int
    name: str
    prefix: str
    scopes: list[str]
    albums: list[int] | None
    state: State
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    last_address: str
    replaced_by: int | None
    overlap_ends_at: str | None


class NewApiKey(ApiKey):
    """The only answer that ever holds the key itself."""

    key: str


def with_text(made: ApiKey, text: str) -> NewApiKey:
    fields: dict[str, Any] = msgspec.structs.asdict(made)
    return NewApiKey(**fields, key=text)
