"""What the room says of a photo that somebody edits. Key order is the published one."""

from typing import Any

import msgspec


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
