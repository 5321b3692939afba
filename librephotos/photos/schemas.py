"""Photos on the wire. Key order and types are the published ones; clients check both.

Structs that come by the hundred are made with `gc=False`: nothing in them leads back to them, and the collector need
not look.
"""

from typing import Any

import msgspec


class SimpleUser(msgspec.Struct, gc=False):
    id: int
    username: str
    first_name: str
    last_name: str


class StackBadge(msgspec.Struct, gc=False):
    """A stack that a photo of a grid belongs to."""

    id: str
    type: str
    photo_count: int
    is_primary: bool


class PigPhoto(
    msgspec.Struct,
    rename={"dominant_color": "dominantColor", "birth_time": "birthTime", "aspect_ratio": "aspectRatio"},
    gc=False,
):
    """A photo in a grid."""

    id: str
    image_hash: str
    dominant_color: str
    url: str
    location: str
    date: str
    birth_time: str
    aspect_ratio: float
    type: str
    video_length: str
    rating: int
    owner: SimpleUser
    exif_gps_lat: float | None
    exif_gps_lon: float | None
    removed: bool
    in_trashcan: bool
    stacks: list[StackBadge] | None
    has_raw_variant: bool
    local_orientation: int
    is_hdr: bool


class DayItem(msgspec.Struct, rename={"number_of_items": "numberOfItems"}):
    """A day; in the day list `items` is always empty, one client appends to it."""

    id: str
    date: str | None
    location: str
    incomplete: bool
    number_of_items: int
    items: list[PigPhoto]


class LayoutDay(msgspec.Struct):
    """A day as a page lays it out: `ratios` are width through height of each photo in hundredths, in order; `colors`
    three hex digits for each, red, green and blue."""

    id: str
    date: str | None
    location: str
    ratios: list[int]
    colors: str


class Layout(msgspec.Struct):
    results: list[LayoutDay]


class Placeholders(msgspec.Struct):
    """ThumbHashes in hex, in the order of a day's page; empty where there is none."""

    results: list[str]


class DayList(msgspec.Struct):
    results: list[DayItem]


class DayDetail(msgspec.Struct):
    results: DayItem


class FaceBox(msgspec.Struct, gc=False):
    """In pixels of the big thumbnail."""

    top: int
    bottom: int
    left: int
    right: int


class PhotoPerson(msgspec.Struct, gc=False):
    """`type` is `user`, `cluster`, `classification` or empty for an unknown face."""

    name: str
    type: str
    probability: float
    location: FaceBox
    face_url: str
    face_id: int


class SimilarPhoto(msgspec.Struct, gc=False):
    image_hash: str
    type: str


class EmbeddedMedia(msgspec.Struct, gc=False):
    id: str
    type: str


class FileVariant(msgspec.Struct, gc=False):
    hash: str
    path: str
    type: str
    type_id: int
    is_main: bool
    filename: str


class StackPhoto(msgspec.Struct):
    id: str
    image_hash: str
    is_primary: bool
    thumbnail_url: str | None
    size: int
    width: int
    height: int


class PhotoStack(msgspec.Struct):
    id: str
    type: str
    type_display: str
    photo_count: int
    is_primary: bool
    photos: list[StackPhoto]


class MetadataSummary(msgspec.Struct, gc=False):
    camera_display: str | None
    lens_display: str | None
    aperture: float | None
    shutter_speed: str | None
    iso: int | None
    focal_length: float | None
    focal_length_35mm: int | None
    resolution: str | None
    megapixels: float | None
    date_taken: str | None
    has_location: bool
    rating: int | None
    source: str
    version: int
    has_edits: bool


class OcrBlock(msgspec.Struct):
    """Corners are fractions of the picture."""

    text: str
    box: list[list[float]]
    confidence: float | None


class Ocr(msgspec.Struct):
    text: str
    blocks: list[OcrBlock]


class PhotoDetail(
    msgspec.Struct,
    rename={
        "focal_length_35": "focalLength35Equivalent",
        "digital_zoom": "digitalZoomRatio",
        "subject_distance": "subjectDistance",
    },
    gc=False,
):
    """Everything about one photo."""

    id: str
    exif_gps_lat: float | None
    exif_gps_lon: float | None
    exif_timestamp: str | None
    captions_json: dict[str, Any]
    search_captions: str
    search_location: str
    big_thumbnail_url: str
    square_thumbnail_url: str
    small_square_thumbnail_url: str
    geolocation_json: dict[str, Any] | None
    exif_json: dict[str, Any] | None
    people: list[PhotoPerson]
    image_hash: str
    image_path: list[str]
    rating: int
    hidden: bool
    public: bool
    removed: bool
    in_trashcan: bool
    shared_to: list[int]
    similar_photos: list[SimilarPhoto]
    video: bool
    owner: SimpleUser
    size: int
    height: int | None
    width: int | None
    focal_length: float | None
    fstop: float | None
    iso: int | None
    shutter_speed: str | None
    lens: str | None
    camera: str | None
    focal_length_35: int | None
    digital_zoom: float | None
    subject_distance: float | None
    embedded_media: list[EmbeddedMedia]
    file_variants: list[FileVariant] | None
    stacks: list[PhotoStack] | None
    metadata: MetadataSummary | None
    ocr: Ocr | None
    local_orientation: int
    is_screenshot: bool
    is_document: bool
    category_source: str
    video_playback_type: str | None


class PhotoSummary(msgspec.Struct):
    """`processing` says that the thumbnails are not ready yet."""

    photo_summary: PigPhoto
    album_date_id: int | None
    processing: bool


class PhotoSuperSimple(msgspec.Struct):
    """A cover."""

    image_hash: str
    rating: int
    hidden: bool
    exif_timestamp: str | None
    public: bool
    video: bool


class SharingOptions(msgspec.Struct):
    """Null inherits the owner's default."""

    share_location: bool | None
    share_camera_info: bool | None
    share_timestamps: bool | None
    share_captions: bool | None
    share_faces: bool | None


class UserAlbumListItem(msgspec.Struct):
    id: int
    cover_photo: PhotoSuperSimple
    created_on: str
    favorited: bool
    locked: bool
    title: str
    shared_to: list[SimpleUser]
    owner: SimpleUser
    photo_count: int
    public: bool
    public_slug: str
    public_expires_at: str | None
    public_sharing_options: SharingOptions | None


class PhotoAlbums(msgspec.Struct):
    results: list[UserAlbumListItem]


class RecentlyAdded(msgspec.Struct):
    """`date` is empty for an empty library."""

    date: str
    results: list[PigPhoto]


class RecentlyAddedPage(msgspec.Struct):
    date: str
    results: list[PigPhoto]
    count: int


class DatePhotosGroup(msgspec.Struct):
    """The photos of one day of an ordered list; `date` is the first one's capture time, null for the undated."""

    date: str | None
    location: str
    items: list[PigPhoto]


class PhotoHash(msgspec.Struct, gc=False):
    """A cover."""

    image_hash: str
    video: bool


class Memory(msgspec.Struct, rename={"number_of_items": "numberOfItems"}):
    """What was photographed around this day, or in this month, of one earlier year."""

    id: str
    type: str
    years_ago: int
    year: int
    date: str
    start_date: str
    end_date: str
    location: str
    number_of_items: int
    cover: PigPhoto
    items: list[PigPhoto]


class Memories(msgspec.Struct):
    date: str
    window_days: int
    results: list[Memory]


class BulkCount(msgspec.Struct):
    """How many photos, or shares of photos, a bulk request changed."""

    status: bool
    count: int


class BulkFlag(msgspec.Struct):
    """What a bulk request changed, by the names that it gave; the last three serve clients of 2024."""

    status: bool
    count: int
    updated_hashes: list[str]
    not_updated_hashes: list[str]
    results: list[PhotoDetail]
    updated: list[PhotoDetail]
    not_updated: list[PhotoDetail]


class BulkCategory(msgspec.Struct):
    status: bool
    count: int
    updated_hashes: list[str]
    not_updated_hashes: list[str]


class BulkDeleted(msgspec.Struct):
    """Names as they were sent; `results` is `deleted` once more."""

    status: bool
    results: list[str]
    deleted: list[str]
    not_deleted: list[str]


class BulkDeletedCount(msgspec.Struct):
    status: bool
    count: int
    failed_count: int


class Status(msgspec.Struct):
    status: bool


class MainFile(msgspec.Struct):
    status: str
    main_file_hash: str


class Turned(msgspec.Struct):
    """`last_modified` has an explicit offset."""

    status: bool
    image_hash: str
    local_orientation: int
    last_modified: str
