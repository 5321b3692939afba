"""Albums on the wire. Ids are numbers in lists and texts in details, as clients insist."""

import msgspec

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
