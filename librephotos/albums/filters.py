"""What the parameters of an album's detail narrow: videos or stills, screenshots, documents."""

from collections.abc import Mapping

import msgspec

from librephotos.http.flags import is_present, tri_state


class MediaFilter(msgspec.Struct, frozen=True):
    """`is_video` is None for both videos and stills."""

    is_video: bool | None = None
    is_screenshot: bool = False
    is_document: bool = False


def parse_media(query: Mapping[str, str]) -> MediaFilter:
    """Read the parameters: `video` wins over `photo`, and both are on whatever their text."""
    is_video = True if is_present(query.get("video")) else False if is_present(query.get("photo")) else None
    return MediaFilter(
        is_video,
        tri_state(query.get("is_screenshot")) is True,
        tri_state(query.get("is_document")) is True,
    )
