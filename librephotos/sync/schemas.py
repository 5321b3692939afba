"""What feeds say. Times are milliseconds since 1970, or null."""

from typing import Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

ItemT = TypeVar("ItemT")


class SyncPage(msgspec.Struct, Generic[ItemT]):
    """A page of a feed. `next_cursor` is null when nothing more has changed; `total` is sent with the first page."""

    v: Literal[1]
    items: list[ItemT]
    tombstones: list[str]
    next_cursor: str | None
    server_time: str
    total: int | UnsetType = UNSET


class SyncPhoto(msgspec.Struct):
    """`timestamp` is the capture time, its wall clock read as UTC."""

    id: str
    image_hash: str
    owner_id: int
    timestamp: int | None
    added_on: int
    last_modified: int
    type: Literal["image", "video", "motion"]
    video_length_ms: int | None
    rating: int
    is_favorite: bool
    hidden: bool
    in_trashcan: bool
    removed: bool
    is_public: bool
    aspect_ratio: float | None
    latitude: float | None
    longitude: float | None
    search_location: str
    dominant_color: str | None


class SyncPerson(msgspec.Struct):
    id: int
    name: str
    kind: str
    face_count: int
    cover_photo_hash: str | None
    last_modified: int


class SyncUserAlbum(msgspec.Struct):
    """`shared` is 1 when somebody has it shared with them; `cover_hash` only that of a chosen cover."""

    id: int
    title: str
    owner_id: int
    favorited: bool
    shared: int
    cover_hash: str | None
    photo_count: int
    created_on: int
    last_modified: int
    photo_ids: list[str]


class SyncEvent(msgspec.Struct):
    id: int
    title: str
    timestamp: int | None
    favorited: bool
    photo_count: int
    cover_hash: str | None
    last_modified: int
    photo_ids: list[str]


class SyncGroup(msgspec.Struct):
    """A thing or a tag."""

    id: int
    title: str
    photo_count: int
    cover_hashes: list[str]
    last_modified: int


class SyncPlace(msgspec.Struct):
    id: int
    title: str
    photo_count: int
    cover_hashes: list[str]
    last_modified: int
    geolocation_level: int | None


class SyncUser(msgspec.Struct):
    """Somebody who shares with the caller, or with whom the caller shares."""

    id: int
    username: str
    first_name: str
    last_name: str
    avatar_url: str | None
    last_modified: int


class SyncCounts(msgspec.Struct):
    """How many rows each feed has, for a copy to compare itself with."""

    photos: int
    persons: int
    user_albums: int
    auto_albums: int
    thing_albums: int
    place_albums: int
    tags: int
    server_time: str
