"""What a timeline request asks for: the parameters of the day list and the day detail, read into one value."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from librephotos.errors import BadInput
from librephotos.http.flags import is_present, tri_state
from librephotos.kit import clock
from librephotos.kit.ids import parse_int
from librephotos.kit.text import normalize_username

PHOTOS = "photos"
VIDEOS = "videos"
_MEDIA = (PHOTOS, VIDEOS)


class TimelineFilter(msgspec.Struct, frozen=True):
    """`media` is `photos`, `videos` or empty for both; None elsewhere is "not asked for".

    `folder` ends with a slash. `shows_stacked` is set where stacks keep no photo out. `overridden` are the keys that
    the request names itself when it starts from the caller's stored filter.
    """

    is_public: bool = False
    username: str | None = None
    is_hidden: bool = False
    is_trashed: bool = False
    person_id: int | None = None
    folder: str | None = None
    modified_since: int | None = None
    media: str = ""
    is_favorite: bool = False
    is_screenshot: bool | None = None
    is_document: bool | None = None
    shows_stacked: bool = False
    uses_default: bool = False
    overridden: frozenset[str] = frozenset()

    @property
    def wants_all_items(self) -> bool:
        """Such day albums come whole when no page is asked for."""
        return self.is_favorite or self.is_hidden or self.is_trashed or self.person_id is not None

    def with_default(self, default: object) -> "TimelineFilter":
        """Return this filter over the caller's stored one; what the request names wins, key by key."""
        if not self.uses_default:
            return self
        changes: dict[str, object] = {"uses_default": False, "overridden": frozenset()}
        if isinstance(default, dict):
            if "media" not in self.overridden and default.get("media") in _MEDIA:
                changes["media"] = default["media"]
            if "favorite" not in self.overridden and default.get("favorites") is True:
                changes["is_favorite"] = True
            for name in ("screenshot", "document"):
                if name not in self.overridden and default.get(f"hide_{name}s") is True:
                    changes[f"is_{name}"] = False
        return msgspec.structs.replace(self, **changes)


EVERYTHING = TimelineFilter()


def parse_filter(query: Mapping[str, str]) -> TimelineFilter:
    """Read the parameters. Raises BadInput for a `person` that is no number, and for NUL in a text."""
    if not query:
        return EVERYTHING
    is_public = is_present(query.get("public"))
    media = _media(query)
    favorite = tri_state(query.get("favorite"))
    screenshot, screenshot_given = _category(query, "screenshot")
    document, document_given = _category(query, "document")
    uses_default = tri_state(query.get("apply_default")) is True
    given = {
        "media": media is not None,
        "favorite": favorite is not None,
        "screenshot": screenshot_given,
        "document": document_given,
    }
    username, folder = _plain(query, "username"), _plain(query, "folder")
    return TimelineFilter(
        is_public=is_public,
        username=normalize_username(username) if is_public and username else None,
        is_hidden=is_present(query.get("hidden")),
        is_trashed=is_present(query.get("in_trashcan")),
        person_id=_person(query.get("person")),
        folder=f"{folder.rstrip('/')}/" if folder else None,
        modified_since=parse_moment(query.get("last_modified")),
        media=media or "",
        is_favorite=favorite is True,
        is_screenshot=screenshot,
        is_document=document,
        shows_stacked=is_present(query.get("show_all_stack_photos")),
        uses_default=uses_default,
        overridden=frozenset(key for key, is_given in given.items() if is_given and uses_default),
    )


def _media(query: Mapping[str, str]) -> str | None:
    """`media` wins over `video`, which wins over `photo`; None when the request names none of them."""
    text = (query.get("media") or "").lower()
    if text in _MEDIA or text == "all":
        return "" if text == "all" else text
    video, still = tri_state(query.get("video")), tri_state(query.get("photo"))
    if video is not None:
        return VIDEOS if video else PHOTOS
    if still is not None:
        return PHOTOS if still else VIDEOS
    return None


def _category(query: Mapping[str, str], name: str) -> tuple[bool | None, bool]:
    """Return whether only these (True), none of these (False) or all (None) are shown, and whether that was said."""
    only, hide = tri_state(query.get(f"is_{name}")), tri_state(query.get(f"hide_{name}s"))
    if only is not None:
        return only, True
    return (False if hide else None), hide is not None


def _person(text: str | None) -> int | None:
    if not text:
        return None
    person_id = parse_int(text)
    if person_id is None:
        raise BadInput.of("person", "A valid integer is required.")
    return person_id


def _plain(query: Mapping[str, str], name: str) -> str | None:
    text = query.get(name)
    if text and "\x00" in text:
        raise BadInput.of(name, "Null characters are not allowed.")
    return text


def parse_moment(text: str | None) -> int | None:
    """Return the instant of a date or time (without an offset in UTC), or None for what is neither."""
    if not text:
        return None
    # A plus sign that the caller did not encode arrives as a blank.
    head, separator, tail = text.strip().rpartition(" ")
    for candidate in (text.strip(), f"{head}+{tail}" if separator else ""):
        try:
            return clock.from_datetime(datetime.fromisoformat(candidate))
        except (ValueError, OverflowError):
            continue
    return None
