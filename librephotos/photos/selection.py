"""Which photos a bulk request means: those that it names, or everything that a grid shows; no I/O.

A grid is described by a query that the caller sends. It is read into conditions of our own, and whose photos they are
asked of is never the query's to say: `username`, or a public gallery of somebody else, has no meaning here.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from pydantic import Field, StrictBool

from librephotos.errors import BadInput
from librephotos.http.fields import Input, RawText
from librephotos.kit.ids import parse_int
from librephotos.photos.filters import TimelineFilter, parse_filter
from librephotos.photos.keys import PhotoKey, find_key

# Present and not empty is on, whatever the text.
_PRESENCE: Final = ("hidden", "in_trashcan", "public", "show_all_stack_photos")
_TRI_STATE: Final = (
    *("favorite", "video", "photo", "is_screenshot", "is_document"),
    *("hide_screenshots", "hide_documents", "apply_default"),
)
NO_INTEGER: Final = "A valid integer is required."


class SelectionInput(Input):
    """`image_hashes`, or `select_all` with a `query` and what is left out of it; photos by hash or UUID."""

    image_hashes: list[RawText] | None = None
    select_all: StrictBool = False
    query: dict[str, Any] = Field(default_factory=dict)
    excluded_hashes: list[RawText] = Field(default_factory=list)


class Keys(msgspec.Struct, frozen=True):
    """Names of photos, each once."""

    uuids: tuple[str, ...]
    hashes: tuple[str, ...]


class Named(msgspec.Struct, frozen=True):
    """Photos by name, as sent and in that order; what can't name a photo stays in the list and means none."""

    texts: tuple[str, ...]

    @property
    def keys(self) -> Keys:
        return keys_of(self.texts)


class Grid(msgspec.Struct, frozen=True):
    """Everything that a grid of the caller's own photos shows, but `excluded`."""

    wanted: TimelineFilter
    only_public: bool = False
    tag_id: int | None = None
    excluded: Keys = Keys((), ())


Selection = Named | Grid


def parse_selection(data: SelectionInput) -> Selection:
    """Raises BadInput for neither form, and for a query whose values are of no use."""
    if data.select_all:
        return _grid(data.query, data.excluded_hashes)
    if data.image_hashes is None:
        raise BadInput.of("image_hashes", "This field is required.")
    return Named(tuple(dict.fromkeys(data.image_hashes)))


def keys_of(texts: Iterable[str]) -> Keys:
    found = [key for key in map(find_key, texts) if key is not None]
    return Keys(_values(found, is_uuid=True), _values(found, is_uuid=False))


def _values(keys: Iterable[PhotoKey], *, is_uuid: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.value for key in keys if key.is_uuid == is_uuid))


def _grid(query: Mapping[str, Any], excluded: Iterable[str]) -> Grid:
    texts = {name: "true" for name in _PRESENCE if query.get(name) not in (None, False, 0, "")}
    for name in _TRI_STATE:
        texts[name] = _flag(name, query.get(name))
    texts["media"] = _text("media", query.get("media"))
    texts["folder"] = _text("folder", query.get("folder"))
    texts["person"] = _number("person", query.get("person"))
    only_public = texts.pop("public", "") == "true"
    tag = _number("tag", query.get("tag"))
    return Grid(parse_filter(texts), only_public, int(tag) if tag else None, keys_of(excluded))


def _flag(name: str, value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool | int):
        return "true" if value else "false"
    raise BadInput.of(name, "Must be a valid boolean.")


def _text(name: str, value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise BadInput.of(name, "Not a valid string.")


def _number(name: str, value: object) -> str:
    """Return a row id as text, an empty one when none is asked for."""
    if value is None or value == "":
        return ""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if parse_int(text) is None:
        raise BadInput.of(name, NO_INTEGER)
    return text
