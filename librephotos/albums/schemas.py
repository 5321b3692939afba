"""Albums on the wire. Ids are numbers in lists and texts in details, as clients insist."""

from typing import Any

import msgspec

from librephotos.people.schemas import Person
from librephotos.photos.schemas import DatePhotosGroup, PhotoHash, SharingOptions, SimpleUser


class PlaceItem(msgspec.Struct):
    """`geolocation_level` counts from the most general, 1."""

    id: int
    geolocation_level: int
    cover_photos: list[PhotoHash]
    title: str
    photo_count: int


class ThingItem(msgspec.Struct):
    id: int
    cover_photos: list[PhotoHash]
    title: str
    photo_count: int
    thing_type: str | None


class GroupedAlbum(msgspec.Struct):
    id: str
    title: str
    grouped_photos: list[DatePhotosGroup]


class GroupedAlbumDetail(msgspec.Struct):
    results: GroupedAlbum


class GroupedAlbums(msgspec.Struct):
    results: list[GroupedAlbum]


class GroupedPerson(msgspec.Struct):
    id: str
    name: str
    grouped_photos: list[DatePhotosGroup]


class GroupedPersonDetail(msgspec.Struct):
    results: GroupedPerson


class UserAlbum(msgspec.Struct):
    """One album of a person with its photos; `date` and `location` are empty texts where unknown."""

    id: str
    title: str
    locked: bool
    owner: SimpleUser
    shared_to: list[SimpleUser]
    date: str
    location: str
    grouped_photos: list[DatePhotosGroup]
    public: bool
    public_slug: str
    public_expires_at: str | None
    public_sharing_options: SharingOptions | None


class PublicAlbum(msgspec.Struct):
    """What visitors see of an album behind its link."""

    id: str
    title: str
    owner: SimpleUser
    date: str
    location: str
    grouped_photos: list[DatePhotosGroup]


class EditedAlbum(msgspec.Struct):
    """An album by the UUIDs of its photos."""

    id: int
    title: str
    photos: list[str]
    created_on: str
    favorited: bool
    locked: bool
    cover_photo: str | None


class EventItem(msgspec.Struct):
    """`timestamp` is the beginning of the event's window, `start` the capture time of its first photo."""

    id: int
    title: str
    timestamp: str
    start: str
    photos: PhotoHash
    photo_count: int
    favorited: bool


class EventPhoto(
    msgspec.Struct, rename={"aspect_ratio": "aspectRatio", "dominant_color": "dominantColor"}, gc=False
):
    id: str
    square_thumbnail: str
    image_hash: str
    exif_timestamp: str
    exif_gps_lat: float | None
    exif_gps_lon: float | None
    rating: int
    geolocation_json: dict[str, Any] | None
    public: bool
    video: bool
    aspect_ratio: float
    dominant_color: str
    video_length: str
    is_hdr: bool


class Event(msgspec.Struct):
    id: int
    title: str
    favorited: bool
    timestamp: str
    created_on: str
    gps_lat: float | None
    people: list[Person]
    gps_lon: float | None
    photos: list[EventPhoto]


class TagItem(msgspec.Struct):
    id: int
    name: str
    photo_count: int
    cover_photos: list[PhotoHash]


class Tag(msgspec.Struct):
    id: int
    name: str
    photo_count: int


class GroupedTag(msgspec.Struct):
    """The id is a number here, unlike those of other albums."""

    id: int
    name: str
    grouped_photos: list[DatePhotosGroup]


class TagDetail(msgspec.Struct):
    results: GroupedTag


class Subfolder(msgspec.Struct):
    """`modified` in seconds since 1970."""

    name: str
    path: str
    photo_count: int
    modified: float


class FolderPages(msgspec.Struct):
    page: int
    page_size: int
    total_folders: int
    total_pages: int
    has_next: bool
    has_previous: bool


class Subfolders(msgspec.Struct):
    current_path: str
    parent_path: str | None
    subfolders: list[Subfolder]
    pagination: FolderPages
