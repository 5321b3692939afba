"""Who gets which media of a photo, decided from one row; no I/O.

Grants of the published rules: the photo is in an album of its owner with a working public link; it is the viewer's,
shared with them, or in an album of its owner shared with them; it is public. A hidden or trashed photo is its
owner's alone, and a removed one nobody's.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

Role = Literal["owner", "sharee", "member", "visitor"]

_ORDER: dict[Role, int] = {"owner": 0, "sharee": 1, "member": 2, "visitor": 3}
# What an original tells beside its pixels.
_ORIGINAL_NEEDS = ("share_location", "share_camera_info", "share_timestamps")


class MediaRow(msgspec.Struct, frozen=True):
    """A photo that answers to the name, and how the viewer stands to it (0 and 1)."""

    photo_id: int
    image_hash: str
    owner_id: int
    is_video: int
    is_removed: int
    is_visible: int
    is_public: int
    is_shared: int
    is_member: int
    has_link: int
    path: bytes | None
    mime: str | None
    orientation: int = 1
    # What the file is, of a photo whose thumbnails may have been drawn anew.
    content: str | None = None


class Granted(msgspec.Struct, frozen=True):
    photo: MediaRow
    role: Role

    @property
    def is_trusted(self) -> bool:
        """Gets everything; visitors get what the owner's sharing settings allow."""
        return self.role != "visitor"

    @property
    def ends_by_itself(self) -> bool:
        """Whether it holds by a public link, which may expire while nobody writes anything."""
        return self.role == "visitor" and not self.photo.is_public


def choose_granted(rows: Iterable[MediaRow], viewer_id: int) -> Granted | None:
    """Return the photo that this viewer gets under the name: their own, one shared with them, a public one."""
    granted = (Granted(row, role) for row in rows if (role := _role(row, viewer_id)) is not None)
    return min(granted, key=lambda each: _ORDER[each.role], default=None)


def _role(row: MediaRow, viewer_id: int) -> Role | None:
    if row.is_removed:
        return None
    if row.owner_id == viewer_id:
        return "owner"
    if not row.is_visible:
        return None
    if row.is_shared:
        return "sharee"
    if row.is_member:
        return "member"
    return "visitor" if row.is_public or row.has_link else None


class Disclosure(msgspec.Struct, frozen=True):
    """What visitors may learn of a photo beyond its pixels."""

    original: bool
    faces: bool


def disclosed(defaults: object, links: Iterable[dict[str, Any]], *, is_public: bool) -> Disclosure:
    """Join the owner's defaults with the switches of each working link; a switch that is None inherits."""
    start = defaults if isinstance(defaults, dict) else {}
    ways = [
        {name: start.get(name) if value is None else value for name, value in link.items()} for link in links
    ]
    if is_public:
        ways.append(start)
    return Disclosure(
        original=any(
            all(way.get(name) is True or way.get(name) == 1 for name in _ORIGINAL_NEEDS) for way in ways
        ),
        faces=any(way.get("share_faces") is True or way.get("share_faces") == 1 for way in ways),
    )
