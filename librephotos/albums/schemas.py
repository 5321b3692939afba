"""Albums on the wire. Ids are numbers in lists and texts in details, as clients insist."""

import msgspec

from librephotos.photos.schemas import DatePhotosGroup, PhotoHash


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
