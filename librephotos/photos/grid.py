"""From rows to what grids show; no I/O. Rows are the driver's own, so booleans may be 0 and 1."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import truths_of
from librephotos.media.orientation import UPRIGHT, shown_ratio
from librephotos.photos.schemas import PigPhoto, SimpleUser, StackBadge

# Photos without thumbnails are listed to the owner's own sync only; clients require a number.
UNKNOWN_ASPECT_RATIO = 1.0
UNKNOWN_COLOR = "888"
COLOR_LENGTH = len("#70624a")
# By the driver's value; quicker than a call.
BOOLEANS = (False, True)
# The same for the six truths of a row, by their number.
_FLAGS = [truths_of(number, 6) for number in range(1 << 6)]


def pig_photo(row: Sequence[Any], owner: SimpleUser, viewer: Viewer) -> PigPhoto:
    """`row` has the columns of `queries.grid.GRID_COLUMNS`, in order. Stacks are their owner's to see."""
    (
        uuid,
        image_hash,
        dominant_color,
        location,
        taken_local,
        aspect_ratio,
        video_length,
        rating,
        gps_lat,
        gps_lon,
        orientation,
        badges,
        flags,
    ) = row
    is_video, has_clip, is_removed, is_trashed, has_raw, is_hdr = _FLAGS[flags]
    if aspect_ratio is None:
        aspect_ratio = UNKNOWN_ASPECT_RATIO
    elif orientation != UPRIGHT:
        aspect_ratio = shown_ratio(aspect_ratio, orientation)
    return PigPhoto(
        uuid,
        image_hash,
        "" if is_video else dominant_color,
        image_hash,
        location,
        taken_local + "+00:00" if taken_local else "",
        taken_local + "Z" if taken_local else "",
        aspect_ratio,
        "video" if is_video else "motion_photo" if has_clip else "image",
        video_length,
        rating,
        owner,
        gps_lat,
        gps_lon,
        is_removed,
        is_trashed,
        badges_for(viewer, owner.id, badges) if badges else None,
        has_raw,
        orientation,
        is_hdr,
    )


def short_color(dominant_color: str) -> str:
    """Return `#70624a` in three hex digits, grey where no colour is known."""
    return dominant_color[1::2] if len(dominant_color) == COLOR_LENGTH else UNKNOWN_COLOR


def badges_for(viewer: Viewer, owner_id: int, badges: str) -> list[StackBadge] | None:
    """Return the stored badges as they stand, for the owner; a key that is limited to albums sees no stacks."""
    if viewer.user_id != owner_id or viewer.is_limited:
        return None
    return cast("list[StackBadge]", msgspec.Raw(badges))


def wall_time(taken_local: str | None) -> str | None:
    """A capture time as it is sent: wall-clock, labelled as UTC."""
    return f"{taken_local}Z" if taken_local else None


@lru_cache(maxsize=1024)
def maker_and_model(maker: str | None, model: str | None) -> str | None:
    """Return both, the maker left out when the model starts with it."""
    if not maker or not model:
        return model or maker or None
    return model if model.lower().startswith(maker.lower()) else f"{maker} {model}"
