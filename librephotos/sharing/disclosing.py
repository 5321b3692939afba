"""From a row to what visitors see of one photo, by what its owner shares; no I/O."""

import os
from collections.abc import Iterable

import msgspec

from librephotos.albums.masking import SharingSettings
from librephotos.kit import json
from librephotos.photos.details import NO_CAPTIONS, FaceRow, stored_json, thumbnail_urls
from librephotos.photos.grid import BOOLEANS, maker_and_model, wall_time
from librephotos.photos.search_text import SearchWords, compose_search_text
from librephotos.sharing.schemas import LinkedPhoto, PublicName, PublicPerson, PublicPhoto


class PublicRow(msgspec.Struct, frozen=True):
    """One photo with its metadata; flags are the driver's own (0 and 1)."""

    photo_id: int
    image_hash: str
    is_video: int
    aspect_ratio: float | None
    taken_local: str | None
    gps_lat: float | None
    gps_lon: float | None
    location: str
    geolocation: str | None
    camera_make: str | None
    camera_model: str | None
    lens: str | None
    focal_length: float | None
    fstop: float | None
    iso: int | None
    shutter_speed: str | None
    width: int | None
    height: int | None
    captions: str | None


def public_photo(row: PublicRow, faces: Iterable[FaceRow], settings: SharingSettings) -> PublicPhoto:
    """Return the photo as far as it is shared."""
    big, square, small = thumbnail_urls(row.image_hash, row.is_video, is_ready=row.aspect_ratio is not None)
    seen = PublicPhoto(
        image_hash=row.image_hash,
        video=BOOLEANS[row.is_video],
        square_thumbnail_url=square,
        big_thumbnail_url=big,
        small_square_thumbnail_url=small,
        exif_timestamp=None,
        exif_gps_lat=None,
        exif_gps_lon=None,
        geolocation_json=None,
        search_location="",
        camera=None,
        lens=None,
        focal_length=None,
        fstop=None,
        iso=None,
        shutter_speed=None,
        width=0,
        height=0,
        search_captions="",
        captions_json=NO_CAPTIONS,
        people=[],
    )
    # Opened one by one: what is forgotten here stays closed.
    if settings.share_timestamps:
        seen.exif_timestamp = wall_time(row.taken_local)
    if settings.share_location:
        seen.exif_gps_lat, seen.exif_gps_lon = row.gps_lat, row.gps_lon
        seen.geolocation_json, seen.search_location = stored_json(row.geolocation), row.location
    if settings.share_camera_info:
        seen.camera, seen.lens = maker_and_model(row.camera_make, row.camera_model), row.lens or None
        seen.focal_length, seen.fstop, seen.iso = row.focal_length, row.fstop, row.iso
        seen.shutter_speed = row.shutter_speed
        seen.width, seen.height = row.width or 0, row.height or 0
    if settings.share_captions:
        seen.captions_json = stored_json(row.captions) or NO_CAPTIONS
        seen.search_captions = _captions_text(row.captions)
    if settings.share_faces:
        seen.people = [each for face in faces if (each := _person(face)) is not None]
    return seen


def linked_photo(seen: PublicPhoto, slug: str) -> LinkedPhoto:
    """The same behind a link of the photo's own."""
    media = f"/api/public/photo/{slug}/media"
    kept = {name: getattr(seen, name) for name in LinkedPhoto.__struct_fields__ if hasattr(seen, name)}
    return LinkedPhoto(
        **{**kept, "people": [PublicName(person.name) for person in seen.people]},
        thumbnail_url=f"{media}/thumbnail/",
        video_url=f"{media}/video/" if seen.video else None,
    )


def _captions_text(captions: str | None) -> str:
    """Only captions: what a photo is found by also has its files' names, its camera and its people."""
    stored = json.loads(captions) if captions else None
    return compose_search_text(SearchWords(captions=stored), ()) if isinstance(stored, dict) else ""


def _person(face: FaceRow) -> PublicPerson | None:
    name = face.person or face.cluster_person
    if not name:
        return None
    picture = os.path.basename(face.image)
    return PublicPerson(name, f"/media/faces/{picture}" if picture else None, face.face_id)
