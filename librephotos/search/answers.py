"""The two shapes of a search's answer, whole or written piece by piece; no I/O."""

from collections.abc import Iterator, Sequence
from typing import Final

from librephotos.kit import json
from librephotos.photos.groups import group_by_day
from librephotos.photos.schemas import DatePhotosGroup, PigPhoto
from librephotos.search.schemas import FoundByDayPage, FoundPage

UNDATED: Final = "No timestamp"
_DAY_CHARACTERS: Final = 10


def grouped(photos: Sequence[PigPhoto]) -> list[DatePhotosGroup]:
    groups = group_by_day(photos)
    for group in groups:
        group.date = group.date or UNDATED
    return groups


def page_bytes(photos: list[PigPhoto], count: int, *, is_flat: bool) -> bytes:
    return json.dump_bytes(FoundPage(photos, count) if is_flat else FoundByDayPage(grouped(photos), count))


class Writer:
    """Writes `{"results":[…]}` from photos that come in pieces, in order; holds nothing but the day that is open."""

    def __init__(self, *, is_flat: bool) -> None:
        self._is_flat = is_flat
        self._open_day: str | None = None
        self._is_begun = False

    def write(self, photos: Sequence[PigPhoto]) -> bytes:
        return b"".join(self._flat(photos) if self._is_flat else self._grouped(photos))

    def close(self) -> bytes:
        head = b"" if self._is_begun else b'{"results":['
        return head + (b"]}" if self._open_day is not None else b"") + b"]}"

    def _separator(self) -> bytes:
        if self._is_begun:
            return b","
        self._is_begun = True
        return b'{"results":['

    def _flat(self, photos: Sequence[PigPhoto]) -> Iterator[bytes]:
        for photo in photos:
            yield self._separator()
            yield json.dump_bytes(photo)

    def _grouped(self, photos: Sequence[PigPhoto]) -> Iterator[bytes]:
        for photo in photos:
            day = photo.birth_time[:_DAY_CHARACTERS]
            if day == self._open_day:
                yield b","
            else:
                if self._open_day is not None:
                    yield b"]}"
                yield self._separator()
                date = json.dump_bytes(photo.birth_time or UNDATED)
                yield b'{"date":' + date + b',"location":"","items":['
                self._open_day = day
            yield json.dump_bytes(photo)
