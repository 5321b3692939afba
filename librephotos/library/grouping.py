"""Which files of one name are one photo: a RAW and its JPEG, the still and the clip of a live photo.

Decides from what is known of each file, looks nothing up. The result does not depend on the order of arrival.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from librephotos.library.file_kinds import IMAGE, RAW, VIDEO
from librephotos.library.sidecars import stem_of

LIVE_SECONDS: Final = 6.0
"""Live photos are about three seconds long, those of other makers up to five. A longer video was filmed."""

SAME_PICTURE_BITS: Final = 10
"""Of 64: how far the looks of a picture and its conversion into another format may differ."""

SAME_ASPECT: Final = 0.02

_PRIORITY: Final = {IMAGE: 0, VIDEO: 1, RAW: 2}


class Member(msgspec.Struct, frozen=True):
    """A file as far as it matters here. `photo_id` is None for one that belongs to no photo (yet).

    `video_seconds`, `aspect_ratio` and `perceptual_hash` are None where they are not known.
    """

    file_id: int
    path: bytes
    kind: int
    photo_id: int | None = None
    content_id: str = ""
    video_seconds: float | None = None
    aspect_ratio: float | None = None
    perceptual_hash: str | None = None


def stem_key(path: bytes) -> int:
    """Return a number of 64 bits, with sign, that is the same for files of one folder and stem, in any case."""
    digest = hashlib.blake2b(folded_stem(path), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def have_one_stem(one: bytes, other: bytes) -> bool:
    return folded_stem(one) == folded_stem(other)


def main_order(member: Member) -> tuple[int, bytes]:
    """Sort by what a photo shows: image before video before RAW before anything else, then by path."""
    return _PRIORITY.get(member.kind, 3), member.path


def group_files(members: Iterable[Member], *, stack_raw_jpeg: bool) -> list[list[Member]]:
    """Return the files of one stem in groups, each one photo, its main file first.

    * Pictures of two formats are one photo when they look the same.
    * A RAW belongs to the picture, if its owner stacks them; of several to the one that it looks like, or the one that
      it is with already, or the first.
    * A video belongs to a picture when both carry the same identifier of a live photo. Where one of them carries
      none, it does when it is as short as a live photo. With a RAW alone it stays a video of its own.
    """
    ordered = sorted(members, key=main_order)
    groups: list[list[Member]] = []
    for picture in (each for each in ordered if each.kind == IMAGE):
        _join(groups, next((group for group in groups if _look_alike(group[0], picture)), None), picture)
    pictures = list(groups)
    for raw in (each for each in ordered if each.kind == RAW):
        _join(groups, _group_of_raw(raw, groups) if stack_raw_jpeg else None, raw)
    for video in (each for each in ordered if each.kind == VIDEO):
        fitting = [group for group in pictures if _is_live_pair(group, video)]
        _join(groups, _own_group(video, fitting) or next(iter(fitting), None), video)
    return [sorted(group, key=main_order) for group in groups]


def _join(groups: list[list[Member]], group: list[Member] | None, member: Member) -> None:
    if group is None:
        groups.append([member])
    else:
        group.append(member)


def _group_of_raw(raw: Member, groups: Sequence[list[Member]]) -> list[Member] | None:
    alike = next((group for group in groups if _look_alike(group[0], raw)), None)
    return alike or _own_group(raw, groups) or next(iter(groups), None)


def _own_group(member: Member, groups: Sequence[list[Member]]) -> list[Member] | None:
    """Return the group that a file is part of already: leaving it for another picture would make one photo of both."""
    if member.photo_id is None:
        return None
    return next((group for group in groups if any(each.photo_id == member.photo_id for each in group)), None)


def _look_alike(one: Member, other: Member) -> bool:
    if not one.perceptual_hash or not other.perceptual_hash or not one.aspect_ratio or not other.aspect_ratio:
        return False
    if abs(one.aspect_ratio / other.aspect_ratio - 1) > SAME_ASPECT:
        return False
    return (int(one.perceptual_hash, 16) ^ int(other.perceptual_hash, 16)).bit_count() <= SAME_PICTURE_BITS


def _is_live_pair(group: Sequence[Member], video: Member) -> bool:
    names = {member.content_id for member in group if member.content_id and member.kind != VIDEO}
    if names and video.content_id:
        return video.content_id in names
    return video.video_seconds is not None and video.video_seconds <= LIVE_SECONDS


def folded_stem(path: bytes) -> bytes:
    """Return the folder and the name without its extension, in lower case."""
    folder, name = os.path.split(stem_of(path))
    folded = os.fsdecode(name).lower().encode("utf-8", "surrogatepass")
    return folder + b"/" + folded
