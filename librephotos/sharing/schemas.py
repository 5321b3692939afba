"""Shares and public links on the wire."""

from typing import Any

import msgspec

from librephotos.albums.masking import SharingSettings
from librephotos.albums.schemas import PublicAlbum
from librephotos.photos.schemas import PigPhoto, SimpleUser, UserAlbumListItem


class SharedPhoto(msgspec.Struct):
    """One photo and one of those it is shared with."""

    user_id: int
    user: SimpleUser
    photo: PigPhoto


class AlbumLinkAnswer(msgspec.Struct):
    status: bool
    album: UserAlbumListItem


class LinkedAlbumAnswer(msgspec.Struct):
    results: PublicAlbum
    sharing_settings: SharingSettings


class PublicPerson(msgspec.Struct):
    name: str
    face_url: str | None
    face_id: int


class PublicName(msgspec.Struct):
    name: str


class PublicPhoto(msgspec.Struct):
    """What visitors of an album's link see of one photo; what is not shared is null, empty or 0."""

    image_hash: str
    video: bool
    square_thumbnail_url: str
    big_thumbnail_url: str
    small_square_thumbnail_url: str
    exif_timestamp: str | None
    exif_gps_lat: float | None
    exif_gps_lon: float | None
    geolocation_json: dict[str, Any] | None
    search_location: str
    camera: str | None
    lens: str | None
    focal_length: float | None
    fstop: float | None
    iso: int | None
    shutter_speed: str | None
    width: int
    height: int
    search_captions: str
    captions_json: dict[str, Any]
    people: list[PublicPerson]


class PublicPhotoAnswer(msgspec.Struct):
    results: PublicPhoto
    sharing_settings: SharingSettings


class LinkedPhoto(msgspec.Struct):
    """A photo by a link of its own: nothing in it leads to other addresses of the photo."""

    video: bool
    exif_timestamp: str | None
    exif_gps_lat: float | None
    exif_gps_lon: float | None
    geolocation_json: dict[str, Any] | None
    search_location: str
    camera: str | None
    lens: str | None
    focal_length: float | None
    fstop: float | None
    iso: int | None
    shutter_speed: str | None
    width: int
    height: int
    search_captions: str
    captions_json: dict[str, Any]
    people: list[PublicName]
    thumbnail_url: str
    video_url: str | None


class LinkedPhotoAnswer(msgspec.Struct):
    results: LinkedPhoto
    sharing_settings: SharingSettings


class PhotoLink(msgspec.Struct):
    """`slug` and `url` are null when the key that they were sealed with is lost: rotate such a link."""

    enabled: bool
    slug: str | None
    url: str | None
    created_at: str


class NoPhotoLink(msgspec.Struct, frozen=True):
    enabled: bool = False
    slug: None = None
    url: None = None


class PhotoLinkAnswer(msgspec.Struct):
    status: bool
    share: PhotoLink


class NoPhotoLinkAnswer(msgspec.Struct):
    status: bool = True
    share: NoPhotoLink = NoPhotoLink()


class ListedPhotoLink(msgspec.Struct):
    enabled: bool
    slug: str | None
    url: str | None
    created_at: str
    photo_id: str
    image_hash: str


class PhotoLinkList(msgspec.Struct):
    results: list[ListedPhotoLink]
