"""An ordered list of photos as days; no I/O."""

from collections.abc import Iterable
from itertools import groupby

from librephotos.photos.schemas import DatePhotosGroup, PigPhoto

_DAY_CHARACTERS = 10


def group_by_day(photos: Iterable[PigPhoto]) -> list[DatePhotosGroup]:
    """Start a group whenever the calendar day changes; photos without a date make one of their own."""
    groups = []
    for _, members in groupby(photos, key=lambda photo: photo.birth_time[:_DAY_CHARACTERS]):
        items = list(members)
        groups.append(DatePhotosGroup(items[0].birth_time or None, "", items))
    return groups
