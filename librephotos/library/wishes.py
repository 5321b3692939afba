"""What a photo's file is to say: what people said of the photo that the file does not say yet; no I/O."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from librephotos.kit import json
from librephotos.media.facts import own_orientation
from librephotos.media.orientation import UPRIGHT
from librephotos.media.saying import Wishes
from librephotos.media.writing_calls import Face
from librephotos.photos.provenance import Told

Type = Literal["ratings", "captions", "keywords", "dates", "positions", "turns", "face_tags"]
TYPES: Final[tuple[Type, ...]] = (
    *("ratings", "captions", "keywords", "dates", "positions", "turns", "face_tags"),
)
FIELDS: Final[Mapping[Type, tuple[str, ...]]] = {
    "ratings": ("rating",),
    "captions": ("caption", "title", "copyright", "creator"),
    "keywords": ("keywords",),
    "dates": ("date_taken",),
    "positions": ("gps_latitude", "gps_longitude"),
    "turns": (),
    "face_tags": (),
}
"""The fields of structured metadata, in the words of its log, that each type writes."""

TURNS: Final = "turns"
"""By what name `own` has the turns that may have gone into the file since its photo's row was stored."""

_TEXTS: Final = ("title", "copyright", "creator")


class Saying(msgspec.Struct, frozen=True):
    """What is known of a photo, and what its files said when they were last read."""

    rating: int
    captions: str | None
    keywords: str | None
    from_file: str | None
    edits: str | None
    tags: str | None
    user_taken_local: str | None
    user_position: str | None
    written: str | None
    own: str | None
    turn: int


class NamedBox(msgspec.Struct, frozen=True):
    """A face that is not deleted: its box on the big thumbnail, its person's name, and the name its region has."""

    left: int
    top: int
    right: int
    bottom: int
    person_name: str | None
    region_name: str


class Wanted(msgspec.Struct):
    """What to write; and when that is done, what is then remembered as written, and as the file's own before."""

    wishes: Wishes
    faces: list[Face]
    written: dict[str, Any]
    own: dict[str, Any]

    def __bool__(self) -> bool:
        return bool(self.wishes or self.faces)


def wanted_of(
    saying: Saying, boxes: Sequence[NamedBox], types: Sequence[Type], *, is_asked: bool = False
) -> Wanted:
    """Return what to write. Somebody who asked gets all that is stored, whether or not files were told of it before."""
    before = msgspec.convert(_loaded(saying.from_file), Told) if saying.from_file else Told()
    edits: dict[str, Any] = _loaded(saying.edits)
    wishes = Wishes()
    written: dict[str, Any] = _loaded(saying.written)
    own: dict[str, Any] = _loaded(saying.own)
    if "ratings" in types and (is_asked or saying.rating != (before.rating or 0)):
        wishes.rating = saying.rating
    if "captions" in types:
        wishes.caption = _caption(saying, before, edits, is_asked=is_asked)
        for name in _TEXTS:
            if name in edits and (is_asked or written.get(name) != edits[name]):
                setattr(wishes, name, edits[name] or "")
                written[name] = edits[name]
    if "keywords" in types:
        words = _loaded(saying.keywords) if saying.keywords else []
        wishes.keywords_added = sorted(set(words) - (set() if is_asked else set(before.keywords)))
        wishes.keywords_removed = sorted(set(before.keywords) - set(words))
    if "dates" in types:
        wishes.taken_local = _time(saying, written, own, is_asked=is_asked)
    if "positions" in types:
        wishes.position = _position(saying, before, written, own, is_asked=is_asked)
    if "turns" in types:
        wishes.turn = _turn(saying, before, own, is_asked=is_asked)
    faces = _faces(boxes, is_asked=is_asked) if "face_tags" in types else []
    return Wanted(wishes, faces, written, own)


def _caption(saying: Saying, before: Told, edits: Mapping[str, Any], *, is_asked: bool) -> str | None:
    """The caption that everybody sees comes before the one of the structured metadata."""
    shown = _loaded(saying.captions).get("user_caption")
    if shown is not None and (is_asked or shown != (before.caption or "")):
        return str(shown)
    if "caption" in edits and (is_asked or (edits["caption"] or "") != (before.caption or "")):
        return edits["caption"] or ""
    return None


def _time(saying: Saying, written: dict[str, Any], own: dict[str, Any], *, is_asked: bool) -> str | None:
    typed = saying.user_taken_local
    if typed is not None:
        if not is_asked and written.get("taken") == typed:
            return None
        if "taken" not in written:
            # Noted before an attempt that was cut short, it is what the file said before that.
            own.setdefault("taken", _stated_time(saying))
        written["taken"] = typed
        return typed
    if "taken" not in written:
        return None
    del written["taken"]
    return str(own.pop("taken", ""))


def _stated_time(saying: Saying) -> str:
    """Return what a person, not a camera, stated in the file before: XMP:DateCreated, as wall-clock text."""
    date, _, time = str(_loaded(saying.tags).get("XMP:DateCreated", "")).partition(" ")
    return f"{date.replace(':', '-')}T{time[:8]}" if date and time else ""


def _position(
    saying: Saying, before: Told, written: dict[str, Any], own: dict[str, Any], *, is_asked: bool
) -> list[float] | None:
    if saying.user_position is not None:
        typed = [number for number in _loaded(saying.user_position) if number is not None]
        if not is_asked and written.get("position") == typed:
            return None
        if "position" not in written:
            own.setdefault("position", list(before.position or ()))
        written["position"] = typed
        return typed
    if "position" not in written:
        return None
    del written["position"]
    return list(own.pop("position", ()))


def _turn(saying: Saying, before: Told, own: dict[str, Any], *, is_asked: bool) -> int | None:
    """Return the turn. While turns are noted, files may say one of them, and the row not yet that they do."""
    is_said = saying.turn == (before.turn or UPRIGHT) and TURNS not in own
    if is_said and not (is_asked and saying.turn != UPRIGHT):
        return None
    # Noted before an attempt that may be cut short: the file may say it then, and the photo's row not yet.
    own[TURNS] = sorted({*own.get(TURNS, []), saying.turn})
    return saying.turn


def _faces(boxes: Sequence[NamedBox], *, is_asked: bool) -> list[Face]:
    return [
        Face(box.left, box.top, box.right, box.bottom, box.person_name or "")
        for box in boxes
        if (box.person_name or "") != box.region_name or (is_asked and box.person_name)
    ]


def _loaded(text: str | None) -> Any:  # JSON
    return json.loads(text) if text else {}


def orientation_known(saying: Saying) -> int:
    """Return the orientation that a photo's file has, as far as it was read."""
    return own_orientation(_loaded(saying.tags))
