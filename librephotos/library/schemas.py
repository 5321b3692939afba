"""What the room says of a photo that somebody edits. Key order is the published one."""

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
