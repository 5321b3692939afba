"""From rows to the full detail of a photo; no I/O. Flags of rows are the driver's own (0 and 1 on SQLite)."""

import os
from typing import Any, cast

import msgspec

from librephotos.photos.grid import BOOLEANS, maker_and_model, wall_time
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


class DetailRow(msgspec.Struct, frozen=True):
    """One photo with its metadata, owner and main file; `metadata_photo_id` is None when nothing was read."""

    photo_id: int
    uuid: str
    image_hash: str
    owner_id: int
    main_file_id: int | None
    taken_local: str | None
    gps_lat: float | None
    gps_lon: float | None
    location: str
    rating: int
    is_hidden: int
    is_public: int
    is_removed: int
    is_trashed: int
    is_video: int
    size_bytes: int
    aspect_ratio: float | None
    local_orientation: int
    is_screenshot: int
    is_document: int
    category_source: str
    metadata_photo_id: int | None
    width: int | None
    height: int | None
    fstop: float | None
    focal_length: float | None
    focal_length_35: int | None
    iso: int | None
    shutter_speed: str | None
    camera_make: str | None
    camera_model: str | None
    lens: str | None
    subject_distance: float | None
    digital_zoom: float | None
    captions: str | None
    search_captions: str | None
    geolocation: str | None
    source: str | None
    version: int | None
    video_playback_type: str | None
    main_file_path: str | None
    file_count: int
    has_faces: int
    has_clips: int
    has_shares: int
    has_stacks: int

    @property
    def needs_files(self) -> bool:
        """Whether there are files beside the main one, which comes with the row."""
        return self.file_count != (0 if self.main_file_path is None else 1)


class FileRow(msgspec.Struct, frozen=True):
    photo_id: int
    file_id: int
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


def photo_detail(row: DetailRow, owner: SimpleUser, belongings: Belongings, *, is_own: bool) -> PhotoDetail:
    """Whoever is not the owner gets names of files only: in which folders they lie is the owner's business.

    The fields stand in the struct's order, without their names: naming them would take as long as all the rest.
    """
    is_read = row.metadata_photo_id is not None
    big, square, small = thumbnail_urls(row.image_hash, row.is_video, row.aspect_ratio)
    taken, camera = wall_time(row.taken_local), maker_and_model(row.camera_make, row.camera_model)
    return PhotoDetail(
        row.uuid,
        row.gps_lat,
        row.gps_lon,
        taken,
        stored_json(row.captions) or NO_CAPTIONS,
        _found_by(row, belongings.files, is_own=is_own),
        row.location,
        big,
        square,
        small,
        stored_json(row.geolocation),
        None,
        [_person(face) for face in belongings.faces] if belongings.faces else [],
        row.image_hash,
        _paths(row, belongings.files, is_own=is_own),
        row.rating,
        BOOLEANS[row.is_hidden],
        BOOLEANS[row.is_public],
        BOOLEANS[row.is_removed],
        BOOLEANS[row.is_trashed],
        belongings.shared_to,
        [],
        BOOLEANS[row.is_video],
        owner,
        row.size_bytes,
        row.height if is_read else 0,
        row.width if is_read else 0,
        row.focal_length,
        row.fstop,
        row.iso,
        row.shutter_speed,
        row.lens,
        camera,
        row.focal_length_35,
        row.digital_zoom,
        row.subject_distance,
        belongings.clips,
        _variants(row, belongings.files, is_own=is_own) if belongings.files else None,
        belongings.stacks,
        _summary(row, taken, camera) if is_read else None,
        None,
        row.local_orientation,
        BOOLEANS[row.is_screenshot],
        BOOLEANS[row.is_document],
        row.category_source,
        row.video_playback_type,
    )


def stored_json(text: str | None) -> dict[str, Any] | None:
    """A stored object is sent as it stands, without being read; an empty one counts as nothing."""
    if not text or text in ("{}", "null"):
        return None
    return cast("dict[str, Any]", msgspec.Raw(text))


def thumbnail_urls(image_hash: str, is_video: int, aspect_ratio: float | None) -> tuple[str, str, str]:
    """Return the addresses of the big, the square and the small square rendition; empty before there are any."""
    if aspect_ratio is None:
        return "", "", ""
    square = f"{image_hash}.mp4" if is_video else f"{image_hash}.webp"
    return (
        f"/media/thumbnails_big/{image_hash}.webp",
        f"/media/square_thumbnails/{square}",
        f"/media/square_thumbnails_small/{square}",
    )


def _paths(row: DetailRow, files: list[FileRow], *, is_own: bool) -> list[str]:
    paths = [file.path for file in files]
    if not files and row.main_file_path is not None and row.file_count:
        paths = [row.main_file_path]
    return paths if is_own else [os.path.basename(path) for path in paths]


def _found_by(row: DetailRow, files: list[FileRow], *, is_own: bool) -> str:
    """The text that the photo is found by, in which paths stand too."""
    text = row.search_captions or ""
    if not is_own:
        for path in sorted(_paths(row, files, is_own=True), key=len, reverse=True):
            text = text.replace(path, os.path.basename(path))
    return text


def _variants(row: DetailRow, files: list[FileRow], *, is_own: bool) -> list[FileVariant] | None:
    if len(files) < 2:  # one file is no choice
        return None
    return [
        FileVariant(
            hash=file.hash,
            path=file.path if is_own else os.path.basename(file.path),
            type=FILE_TYPES.get(file.kind, "unknown"),
            type_id=file.kind,
            is_main=file.file_id == row.main_file_id,
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


def _summary(row: DetailRow, taken: str | None, camera: str | None) -> MetadataSummary:
    width, height = row.width or 0, row.height or 0
    has_size = bool(width and height)
    version = row.version or FIRST_VERSION
    return MetadataSummary(
        camera,
        row.lens or None,
        row.fstop,
        row.shutter_speed,
        row.iso,
        row.focal_length,
        row.focal_length_35,
        f"{width}x{height}" if has_size else None,
        round(width * height / MEGA, 1) if has_size else None,
        taken,
        row.gps_lat is not None and row.gps_lon is not None,
        row.rating,
        row.source or "embedded",
        version,
        row.source == "user_edit" or version > FIRST_VERSION,
    )
