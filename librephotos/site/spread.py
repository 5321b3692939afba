"""How the sizes of albums are spread; no I/O. Zero is published as null, save for a count and a median."""

import statistics
from collections.abc import Sequence

from librephotos.site.schemas import Spread, SpreadWithVideos

_Numbers = tuple[int | None, int | None, float | None, float | None]


def spread_of(sizes: Sequence[int]) -> Spread:
    return Spread(len(sizes), *_numbers(sizes))


def spread_with_videos(sizes: Sequence[tuple[int, int]]) -> SpreadWithVideos:
    """`sizes` are (photos, videos among them) of each album."""
    photos = _numbers([count for count, _ in sizes])
    return SpreadWithVideos(len(sizes), *photos, *_numbers([videos for _, videos in sizes]))


def _numbers(sizes: Sequence[int]) -> _Numbers:
    """Return minimum, maximum, mean and median."""
    if not sizes:
        return None, None, None, None
    return min(sizes) or None, max(sizes) or None, statistics.fmean(sizes) or None, statistics.median(sizes)
