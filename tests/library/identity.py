"""What a scan must make of a folder, told in sets: the identity of photos, without order, rows or steps.

A photo is known by what its files hold, then by where they lie, then by what they show. `expect` says for each path
which known photos it may belong to; `NEW` stands for one that is not known yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

NEW = 0


class Shown(NamedTuple):
    """The content of a file: its picture, the day in its metadata (0 for none) and a number that only changes bytes."""

    picture: int
    day: int
    version: int


@dataclass
class Known:
    """A photo as the last scan left it.

    `contents` are what its files held when they were last there, `lay_at` the paths at which nothing else lies since.
    """

    photo_id: int
    first: Shown
    contents: set[Shown]
    paths: dict[str, Shown]
    lay_at: set[str]


def expect(disk: Mapping[str, Shown], photos: Mapping[int, Known]) -> dict[str, set[int]]:
    """Return the photos that each path may belong to after a scan; more than one where the rules leave it open."""
    expected: dict[str, set[int]] = {}
    _by_content(disk, photos, expected)
    _by_path(disk, photos, expected)
    _by_picture(disk, photos, expected)
    _by_edit(disk, photos, expected)
    for path in disk:
        expected.setdefault(path, {NEW})
    return expected


def name_of(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _by_content(
    disk: Mapping[str, Shown], photos: Mapping[int, Known], expected: dict[str, set[int]]
) -> None:
    """Content that a photo's files hold or held when last seen, or with which it began, is that photo's."""
    for path, shown in disk.items():
        held = {photo.photo_id for photo in photos.values() if shown in photo.contents}
        began = {photo.photo_id for photo in photos.values() if shown == photo.first}
        if held or began:
            expected[path] = held or began


def _by_path(disk: Mapping[str, Shown], photos: Mapping[int, Known], expected: dict[str, set[int]]) -> None:
    """The same picture under the same path stays the same photo, whatever its metadata; equal files go with it."""
    stay: dict[Shown, set[int]] = {}
    for path, shown in disk.items():
        for photo in photos.values():
            if path not in expected and path in photo.paths and photo.paths[path].picture == shown.picture:
                stay.setdefault(shown, set()).add(photo.photo_id)
    for path, shown in disk.items():
        if path not in expected and shown in stay:
            expected[path] = stay[shown]


def _by_picture(
    disk: Mapping[str, Shown], photos: Mapping[int, Known], expected: dict[str, set[int]]
) -> None:
    """The picture of a photo that lies nowhere any more is that photo: of the same moment, or of the same name."""
    placed = set().union(*expected.values())
    candidates: dict[Shown, set[int]] = {}
    for path, shown in disk.items():
        for photo in photos.values():
            if path in expected or photo.photo_id in placed:
                continue
            days = {content.day for content in photo.contents if content.picture == shown.picture}
            if days and (shown.day in days - {0} or name_of(path) in map(name_of, photo.lay_at)):
                candidates.setdefault(shown, set()).add(photo.photo_id)
    for path, shown in disk.items():
        if path in expected or shown not in candidates:
            continue
        rivals = any(candidates[other] & candidates[shown] for other in candidates if other != shown)
        owners = {photo.photo_id for photo in photos.values() if path in photo.paths}
        is_open = len(candidates[shown]) > 1 or rivals or owners
        expected[path] = {*candidates[shown], *owners, NEW} if is_open else candidates[shown]


def _by_edit(disk: Mapping[str, Shown], photos: Mapping[int, Known], expected: dict[str, set[int]]) -> None:
    """Another picture under the only path of a photo is that photo, edited; equal files go with it."""
    surely = {next(iter(found)) for found in expected.values() if len(found) == 1}
    maybe = set().union(*expected.values())
    edited: dict[Shown, set[int]] = {}
    for photo in photos.values():
        if photo.photo_id in surely:
            continue
        changed = {disk[path] for path in photo.paths if path in disk and path not in expected}
        is_open = len(changed) > 1 or photo.photo_id in maybe
        for shown in changed:
            edited.setdefault(shown, set()).update({photo.photo_id, NEW} if is_open else {photo.photo_id})
    for path, shown in disk.items():
        if path not in expected and shown in edited:
            expected[path] = edited[shown]
