"""What a library tells of its files, what went wrong and where its folders are, and of photos that people edit."""

from typing import Any

import msgspec


class FileAccount(msgspec.Struct):
    """One file and what became of it. `state`: `photo`, `skipped`, `failed`, or `found` while it is yet to be read."""

    id: int
    path: str
    kind: str
    state: str
    reason: str
    is_missing: bool
    is_waiting: bool
    photo_id: str | None
    checked_at: str


class StepAccount(msgspec.Struct):
    """What happened to a photo in one step; `state` is `done`, `failed` or `not_applicable`."""

    step: str
    state: str
    reason: str
    finished_at: str


class PhotoProcessing(msgspec.Struct):
    """Everything that was done to a photo, and to each of its files."""

    photo_id: str
    steps: list[StepAccount]
    files: list[FileAccount]


class Problem(msgspec.Struct):
    """`kind`: a file that `failed`, a `step` of a photo that did, a `missing` file, a `skipped` one. `id` is opaque."""

    id: str
    kind: str
    step: str
    reason: str
    path: str
    photo_id: str | None
    at: str


class ProblemGroup(msgspec.Struct):
    kind: str
    step: str
    reason: str
    count: int


class ProblemCounts(msgspec.Struct):
    """How many problems there are, by kind, step and reason, the most frequent first."""

    count: int
    groups: list[ProblemGroup]


class LibraryRoot(msgspec.Struct):
    """A scan directory. `is_online` is null before the first scan; `reason` says what is away, or a part of it.

    `watching`: `watched`, `partly` (some folders cannot be read), `limited` (the system refuses to watch so much),
    `away`, `network` or `off`; in all but the first, new files are found by the periodic scan alone.
    `watching_reason` says what to do.
    """

    path: str
    username: str
    is_online: bool | None
    seen_at: str | None
    offline_since: str | None
    reason: str
    watching: str
    watching_reason: str


class LibraryRoots(msgspec.Struct):
    results: list[LibraryRoot]


class EditedPhoto(msgspec.Struct):
    """A photo as the editor of times and positions sees it; `timestamp` is the time that somebody set."""

    image_hash: str
    hidden: bool
    rating: int
    in_trashcan: bool
    removed: bool
    video: bool
    exif_timestamp: str | None
    timestamp: str | None
    exif_gps_lat: float | None
    exif_gps_lon: float | None
    is_screenshot: bool
    is_document: bool
    category_source: str


class MetadataEdit(msgspec.Struct):
    """One change of one field; values are any JSON."""

    id: str
    field_name: str
    old_value: Any
    new_value: Any
    user: int | None
    user_name: str
    synced_to_file: bool
    synced_at: str | None
    created_at: str


class SidecarFile(msgspec.Struct):
    id: str
    file_type: str
    source: str
    priority: int
    creator_software: str | None
    created_at: str
    updated_at: str


class PhotoMetadata(msgspec.Struct):
    """Everything that is known of a photo, what people typed over what its file says."""

    id: str
    aperture: float | None
    shutter_speed: str | None
    shutter_speed_seconds: float | None
    iso: int | None
    focal_length: float | None
    focal_length_35mm: int | None
    exposure_compensation: float | None
    flash_fired: bool | None
    metering_mode: str | None
    white_balance: str | None
    camera_make: str | None
    camera_model: str | None
    lens_make: str | None
    lens_model: str | None
    serial_number: str | None
    camera_display: str | None
    lens_display: str | None
    width: int | None
    height: int | None
    orientation: int | None
    color_space: str | None
    bit_depth: int | None
    resolution: str | None
    megapixels: float | None
    date_taken: str | None
    date_taken_subsec: str | None
    date_modified: str | None
    timezone_offset: str | None
    gps_latitude: float | None
    gps_longitude: float | None
    gps_altitude: float | None
    location_country: str | None
    location_state: str | None
    location_city: str | None
    location_address: str | None
    has_location: bool
    title: str | None
    caption: str | None
    keywords: list[str] | None
    rating: int | None
    copyright: str | None
    creator: str | None
    source: str
    version: int
    created_at: str
    updated_at: str
    edit_history: list[MetadataEdit]
    sidecar_files: list[SidecarFile]


class EditHistory(msgspec.Struct):
    results: list[MetadataEdit]
    count: int
    page: int
    page_size: int


class ShortMetadata(msgspec.Struct):
    camera: str | None
    lens: str | None
    date_taken: str | None
    has_location: bool
    rating: int | None


class BulkEdited(msgspec.Struct):
    updated_count: int
    message: str


class SavingStarted(msgspec.Struct):
    """`written` counts the photos that will be gone through; what became of them the job tells."""

    status: bool
    written: int
    errors: int
    job_id: str
