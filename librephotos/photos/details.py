"""From rows to the full detail of a photo; no I/O."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import msgspec

from librephotos.db.statements import truths_of
from librephotos.photos.grid import maker_and_model
from librephotos.photos.schemas import (
    EmbeddedMedia,
    FaceBox,
    FileVariant,
    MetadataSummary,
    PhotoDetail,
    PhotoPerson,
    PhotoStack,
    SimpleUser,
)

FILE_TYPES = {1: "image", 2: "video", 3: "metadata", 4: "raw", 5: "unknown"}
NO_CAPTIONS: dict[str, Any] = {"im2txt": ""}
MEGA = 1_000_000
FIRST_VERSION = 1
_NOTHING_STORED = frozenset(("{}", "null", b"{}", b"null"))


# What a row says in one number (`queries/details.py`), lowest bit first: seven truths that are shown, then these.
IS_READY, IS_READ, HAS_FILES, HAS_FACES, HAS_CLIPS, HAS_SHARES, HAS_STACKS = (
    1 << bit for bit in range(7, 14)
)
_SHOWN_FLAGS = [truths_of(number, 7) for number in range(1 << 7)]
_SHOWN = len(_SHOWN_FLAGS) - 1
# What belongs to a photo beside its own row, its metadata and its main file.
HAS_MORE = HAS_FILES | HAS_FACES | HAS_CLIPS | HAS_SHARES | HAS_STACKS


class FileRow(msgspec.Struct, frozen=True):
    photo_id: int
    is_main: int
    hash: str
    path: str
    kind: int


class FaceRow(msgspec.Struct, frozen=True):
    photo_id: int
    face_id: int
    image: str
    top: int
    right: int
    bottom: int
    left: int
    person: str | None
    cluster_person: str | None
    cluster_probability: float
    classified_person: str | None
    classified_probability: float


class Belongings(msgspec.Struct):
    """What belongs to one photo beside its own row."""

    files: list[FileRow] = []
    faces: list[FaceRow] = []
    clips: list[EmbeddedMedia] = []
    shared_to: list[int] = []
    stacks: list[PhotoStack] | None = None


NOTHING = Belongings()


def photo_detail(
    row: Sequence[Any], owner: SimpleUser, belongings: Belongings, *, is_own: bool
) -> PhotoDetail:
    """`row` has the columns of `queries.details.DETAIL_COLUMNS`, in order.

    Whoever is not the owner gets names of files only: in which folders they lie is the owner's business. The fields
    stand in the struct's order, without their names: naming them would take as long as all the rest.
    """
    (
        _,
        _,
        uuid,
        image_hash,
        taken_local,
        gps_lat,
        gps_lon,
        location,
        rating,
        size_bytes,
        orientation,
        category_source,
        width,
        height,
        fstop,
        focal_length,
        focal_length_35,
        iso,
        shutter_speed,
        camera_make,
        camera_model,
        lens,
        subject_distance,
        digital_zoom,
        captions,
        search_captions,
        geolocation,
        source,
        version,
        playback_type,
        main_path,
        flags,
    ) = row
    hidden, public, removed, trashed, is_video, screenshot, document = _SHOWN_FLAGS[flags & _SHOWN]
    big, square, small = thumbnail_urls(image_hash, is_video, is_ready=flags & IS_READY)
    taken = f"{taken_local}Z" if taken_local else None
    camera = maker_and_model(camera_make, camera_model)
    files = belongings.files
    paths = [file.path for file in files] if files else [] if main_path is None else [main_path]
    found_by = search_captions or ""
    if not is_own:
        found_by = _without_folders(found_by, paths)
        paths = [os.path.basename(path) for path in paths]
    summary = None
    if flags & IS_READ:
        resolution, megapixels = _resolution(width, height)
        version = version or FIRST_VERSION
        summary = MetadataSummary(
            camera,
            lens or None,
            fstop,
            shutter_speed,
            iso,
            focal_length,
            focal_length_35,
            resolution,
            megapixels,
            taken,
            gps_lat is not None and gps_lon is not None,
            rating,
            source or "embedded",
            version,
            source == "user_edit" or version > FIRST_VERSION,
        )
    else:
        width = height = 0
    return PhotoDetail(
        uuid,
        gps_lat,
        gps_lon,
        taken,
        stored_json(captions) or NO_CAPTIONS,
        found_by,
        location,
        big,
        square,
        small,
        stored_json(geolocation),
        None,
        [_person(face) for face in belongings.faces],
        image_hash,
        paths,
        rating,
        hidden,
        public,
        removed,
        trashed,
        belongings.shared_to,
        [],
        is_video,
        owner,
        size_bytes,
        height,
        width,
        focal_length,
        fstop,
        iso,
        shutter_speed,
        lens,
        camera,
        focal_length_35,
        digital_zoom,
        subject_distance,
        belongings.clips,
        _variants(files, is_own=is_own),
        belongings.stacks,
        summary,
        None,
        orientation,
        screenshot,
        document,
        category_source,
        playback_type,
    )


def stored_json(text: str | bytes | None) -> dict[str, Any] | None:
    """A stored object is sent as it stands, without being read; an empty one counts as nothing."""
    if not text or text in _NOTHING_STORED:
        return None
    return cast("dict[str, Any]", msgspec.Raw(text))


def thumbnail_urls(image_hash: str, is_video: int, *, is_ready: int) -> tuple[str, str, str]:
    """Return the addresses of the big, the square and the small square rendition; empty before there are any."""
    if not is_ready:
        return "", "", ""
    square = f"{image_hash}.mp4" if is_video else f"{image_hash}.webp"
    return (
        f"/media/thumbnails_big/{image_hash}.webp",
        f"/media/square_thumbnails/{square}",
        f"/media/square_thumbnails_small/{square}",
    )


def _without_folders(text: str, paths: list[str]) -> str:
    """The text that a photo is found by, in which paths stand too."""
    for path in sorted(paths, key=len, reverse=True):
        text = text.replace(path, os.path.basename(path))
    return text


def _variants(files: list[FileRow], *, is_own: bool) -> list[FileVariant] | None:
    if len(files) < 2:  # one file is no choice
        return None
    return [
        FileVariant(
            hash=file.hash,
            path=file.path if is_own else os.path.basename(file.path),
            type=FILE_TYPES.get(file.kind, "unknown"),
            type_id=file.kind,
            is_main=bool(file.is_main),
            filename=os.path.basename(file.path),
        )
        for file in files
    ]


def _person(face: FaceRow) -> PhotoPerson:
    name, kind, probability = _label(face)
    file_name = os.path.basename(face.image)
    return PhotoPerson(
        name=name,
        type=kind,
        probability=probability,
        location=FaceBox(top=face.top, bottom=face.bottom, left=face.left, right=face.right),
        face_url=f"/media/faces/{file_name}" if file_name else "",
        face_id=face.face_id,
    )


def _label(face: FaceRow) -> tuple[str, str, float]:
    """A label by people is certain; of the two suggestions the likelier one is shown."""
    if face.person:
        return face.person, "user", 1
    clustered = face.cluster_probability if face.cluster_person else -1.0
    classified = face.classified_probability if face.classified_person else -1.0
    if face.cluster_person and clustered >= classified:
        return face.cluster_person, "cluster", clustered
    if face.classified_person:
        return face.classified_person, "classification", classified
    return "", "", 0


@lru_cache(maxsize=256)
def _resolution(width: int | None, height: int | None) -> tuple[str | None, float | None]:
    """Return both in words, and the megapixels; cameras have few sizes."""
    if not width or not height:
        return None, None
    return f"{width}x{height}", round(width * height / MEGA, 1)
