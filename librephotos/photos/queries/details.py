"""One photo in full or in short, and the list of the caller's own photos in full."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, and_, bindparam, case, exists, func, or_, select, tuple_

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import (
    Row,
    Statement,
    as_row,
    contains,
    id_list,
    in_bits,
    in_utf8,
    is_in,
    like_pattern,
    scalar,
)
from librephotos.db.tables import embedded_media, face, file, person, photo, photo_metadata, photo_share, user
from librephotos.db.transactions import Tx
from librephotos.db.types import BigInteger
from librephotos.errors import NotFound, Refusal
from librephotos.http.bookmarks import Place
from librephotos.photos.details import (
    HAS_CLIPS,
    HAS_FACES,
    HAS_FILES,
    HAS_MORE,
    HAS_SHARES,
    HAS_STACKS,
    NOTHING,
    Belongings,
    FaceRow,
    FileRow,
    photo_detail,
)
from librephotos.photos.grid import pig_photo
from librephotos.photos.keys import PhotoKey
from librephotos.photos.queries.grid import GRID_COLUMNS, USER_COLUMNS
from librephotos.photos.queries.stacked import list_stacks_of
from librephotos.photos.schemas import EmbeddedMedia, PhotoDetail, PhotoSummary, SimpleUser
from librephotos.photos.visibility import IS_OPENABLE, IS_OPENABLE_EARLY, IS_OWN, IS_VISIBLE, narrowed

UNKNOWN_PHOTO = "Photo"

_CLUSTER_PERSON = person.alias("cluster_person")
_CLASSIFIED_PERSON = person.alias("classified_person")

_FILES = file.alias("files")
# The main file comes with the row, if it is the photo's.
_IS_NOT_MAIN = _FILES.c.id.is_distinct_from(photo.c.main_file_id)
# In the order of `details.photo_detail`. A column of a hundred rows costs as much as a statement, so that all truths
# are one of them, in the order of its flags.
DETAIL_COLUMNS: tuple[Any, ...] = (
    photo.c.id,
    photo.c.owner_id,
    photo.c.uuid,
    photo.c.image_hash,
    photo.c.taken_local,
    photo.c.gps_lat,
    photo.c.gps_lon,
    photo.c.location,
    photo.c.rating,
    photo.c.size_bytes,
    photo.c.local_orientation,
    photo.c.category_source,
    photo_metadata.c.width,
    photo_metadata.c.height,
    photo_metadata.c.fstop,
    photo_metadata.c.focal_length,
    photo_metadata.c.focal_length_35,
    photo_metadata.c.iso,
    photo_metadata.c.shutter_speed,
    photo_metadata.c.camera_make,
    photo_metadata.c.camera_model,
    photo_metadata.c.lens,
    photo_metadata.c.subject_distance,
    photo_metadata.c.digital_zoom,
    in_utf8(photo_metadata.c.captions),
    photo_metadata.c.search_captions,
    in_utf8(photo_metadata.c.geolocation),
    photo_metadata.c.source,
    photo_metadata.c.version,
    photo_metadata.c.video_playback_type,
    file.c.path,
    in_bits(
        photo.c.is_hidden,
        photo.c.is_public,
        photo.c.is_removed,
        photo.c.is_trashed,
        photo.c.is_video,
        photo.c.is_screenshot,
        photo.c.is_document,
        photo.c.aspect_ratio.is_not(None),
        photo_metadata.c.photo_id.is_not(None),
        exists().where(_FILES.c.photo_id == photo.c.id, _IS_NOT_MAIN).correlate(photo),
        exists().where(face.c.photo_id == photo.c.id, face.c.is_deleted.is_(False)).correlate(photo),
        exists().where(embedded_media.c.photo_id == photo.c.id).correlate(photo),
        exists().where(photo_share.c.photo_id == photo.c.id).correlate(photo),
        photo.c.stack_badges.is_not(None),
    ),
)
_ID, _OWNER, _FLAGS = 0, 1, -1
_FROM = photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id).outerjoin(
    file, and_(file.c.id == photo.c.main_file_id, file.c.photo_id == photo.c.id)
)
# A column of a hundred rows costs more than a statement.
_OWNERS = Statement(select(*USER_COLUMNS).where(is_in(user.c.id, "user_ids")), SimpleUser)


def _by_key(is_uuid: bool) -> ColumnElement[bool]:
    return photo.c.uuid == bindparam("key") if is_uuid else photo.c.image_hash == bindparam("key")


def _with_owner(*values: Any) -> tuple[SimpleUser, Row]:
    count = len(USER_COLUMNS)
    return SimpleUser(*values[:count]), values[count:]


def _detail(is_uuid: bool, is_limited: bool) -> Statement[tuple[SimpleUser, Row]]:
    # Several photos may share one hash: the caller's own comes first.
    return Statement(
        select(*USER_COLUMNS, *DETAIL_COLUMNS)
        # Every photo has an owner; as an inner join, SQLite would begin with all users.
        .select_from(_FROM.outerjoin(user, user.c.id == photo.c.owner_id))
        .where(_by_key(is_uuid), narrowed(IS_OPENABLE, is_limited))
        .order_by(IS_OWN.desc(), photo.c.id)
        .limit(1),
        _with_owner,
        raw=True,
    )


_DETAIL = {
    (is_uuid, is_limited): _detail(is_uuid, is_limited)
    for is_uuid in (True, False)
    for is_limited in (True, False)
}

_IS_MAIN = case((photo.c.main_file_id == file.c.id, 1), else_=0)
_FILE_ROWS = Statement(
    select(file.c.photo_id, _IS_MAIN, file.c.hash, file.c.path, file.c.kind)
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(is_in(file.c.photo_id, "photo_ids"))
    .order_by(file.c.id),
    FileRow,
)
FACE_ROWS = Statement(
    select(
        face.c.photo_id,
        face.c.id,
        face.c.image,
        face.c.location_top,
        face.c.location_right,
        face.c.location_bottom,
        face.c.location_left,
        person.c.name,
        _CLUSTER_PERSON.c.name,
        face.c.cluster_probability,
        _CLASSIFIED_PERSON.c.name,
        face.c.classification_probability,
    )
    .select_from(
        face.outerjoin(person, and_(person.c.id == face.c.person_id, person.c.kind == "USER"))
        .outerjoin(_CLUSTER_PERSON, _CLUSTER_PERSON.c.id == face.c.cluster_person_id)
        .outerjoin(_CLASSIFIED_PERSON, _CLASSIFIED_PERSON.c.id == face.c.classification_person_id)
    )
    .where(is_in(face.c.photo_id, "photo_ids"), face.c.is_deleted.is_(False))
    .order_by(face.c.id),
    FaceRow,
)
_CLIP_ROWS = Statement(
    select(embedded_media.c.photo_id, embedded_media.c.hash, embedded_media.c.is_video)
    .where(is_in(embedded_media.c.photo_id, "photo_ids"))
    .order_by(embedded_media.c.id),
    as_row,
)
_SHARE_ROWS = Statement(
    select(photo_share.c.photo_id, photo_share.c.user_id)
    .where(is_in(photo_share.c.photo_id, "photo_ids"))
    .order_by(photo_share.c.user_id),
    as_row,
)


def _list_owners(tx: Tx, rows: Sequence[Row]) -> dict[int, SimpleUser]:
    owner_ids = {row[_OWNER] for row in rows}
    return {owner.id: owner for owner in tx.all(_OWNERS, user_ids=id_list(owner_ids))}


def _filled(tx: Tx, viewer: Viewer, rows: Sequence[Row], owners: dict[int, SimpleUser]) -> list[PhotoDetail]:
    """Add what belongs to the photos, in at most one statement a kind."""
    all_of = _belongings(tx, viewer, [row for row in rows if row[_FLAGS] & HAS_MORE])
    own = viewer.user_id
    return [
        photo_detail(row, owners[row[_OWNER]], all_of.get(row[_ID], NOTHING), is_own=row[_OWNER] == own)
        for row in rows
    ]


def _belongings(tx: Tx, viewer: Viewer, rows: list[Row]) -> dict[int, Belongings]:
    """Return what the photos of these rows have, by their ids."""

    def holders(flag: int) -> list[int]:
        return [row[_ID] for row in rows if row[_FLAGS] & flag]

    owned = {row[_ID] for row in rows if row[_OWNER] == viewer.user_id}
    all_of = {row[_ID]: Belongings([], [], [], []) for row in rows}
    if with_files := holders(HAS_FILES):
        for each in tx.all(_FILE_ROWS, photo_ids=id_list(with_files)):
            all_of[each.photo_id].files.append(each)
    if with_faces := holders(HAS_FACES):
        for found in tx.all(FACE_ROWS, photo_ids=id_list(with_faces)):
            all_of[found.photo_id].faces.append(found)
    if with_clips := holders(HAS_CLIPS):
        for photo_id, clip_hash, is_video in tx.all(_CLIP_ROWS, photo_ids=id_list(with_clips)):
            all_of[photo_id].clips.append(EmbeddedMedia(clip_hash, "video" if is_video else "image"))
    if with_shares := holders(HAS_SHARES):
        for photo_id, user_id in tx.all(_SHARE_ROWS, photo_ids=id_list(with_shares)):
            # With whom else a photo is shared is its owner's business.
            if photo_id in owned or user_id == viewer.user_id:
                all_of[photo_id].shared_to.append(user_id)
    with_stacks = [photo_id for photo_id in holders(HAS_STACKS) if photo_id in owned]
    if with_stacks and not viewer.is_limited:
        for photo_id, stacks in list_stacks_of(tx, with_stacks).items():
            all_of[photo_id].stacks = stacks
    return all_of


def get_detail(tx: Tx, viewer: Viewer, key: PhotoKey) -> PhotoDetail:
    """Raises NotFound for a photo that is unknown or not the viewer's to see."""
    statement = _DETAIL[key.is_uuid, viewer.is_limited]
    found = tx.first(statement, key=key.value, viewer_id=viewer.user_id, key_id=viewer.key_id)
    if found is None:
        raise NotFound.of(UNKNOWN_PHOTO)
    owner, row = found
    return _filled(tx, viewer, [row], {owner.id: owner})[0]


def _summary(is_uuid: bool, is_limited: bool) -> Statement[Row]:
    return Statement(
        select(photo.c.day_id, *USER_COLUMNS, *GRID_COLUMNS)
        .select_from(photo.join(user, user.c.id == photo.c.owner_id))
        .where(_by_key(is_uuid), narrowed(IS_OPENABLE_EARLY, is_limited))
        .order_by(IS_OWN.desc(), photo.c.id)
        .limit(1),
        as_row,
        raw=True,
    )


_SUMMARY = {
    (is_uuid, is_limited): _summary(is_uuid, is_limited)
    for is_uuid in (True, False)
    for is_limited in (True, False)
}


def get_summary(tx: Tx, viewer: Viewer, key: PhotoKey | None) -> PhotoSummary:
    """Raises an empty 404 for a photo that is unknown or not the viewer's to see."""
    if key is None:
        raise Refusal(404)
    statement = _SUMMARY[key.is_uuid, viewer.is_limited]
    row = tx.first(statement, key=key.value, viewer_id=viewer.user_id, key_id=viewer.key_id)
    if row is None:
        raise Refusal(404)
    day_id, user_id, username, first_name, last_name, *columns = row
    owner = SimpleUser(user_id, username, first_name, last_name)
    is_processing = columns[GRID_COLUMNS.index(photo.c.aspect_ratio)] is None
    return PhotoSummary(pig_photo(columns, owner, viewer), day_id, is_processing)


class OwnPage(msgspec.Struct, frozen=True):
    """A page of the caller's photos; every term must be found somewhere in a photo.

    `after` is an offset at or before the page's, and the photo right before it, where one is known: skipping thousands
    takes longer than all the rest.
    """

    terms: tuple[str, ...]
    size: int
    skipped: int
    after: tuple[int, Place] | None = None


_DETAIL_ROWS = Statement(
    select(*DETAIL_COLUMNS).select_from(_FROM).where(is_in(photo.c.id, "photo_ids")), as_row, raw=True
)


class _OwnPhotos(msgspec.Struct, frozen=True):
    """The pages give places alone, out of an index: sorting whole rows costs more than looking them up afterwards."""

    count: Statement[int]
    page: Statement[Row]
    following: Statement[Row]


@lru_cache(maxsize=32)
def _own_photos(term_count: int, is_limited: bool) -> _OwnPhotos:
    terms = (_matches(f"term_{number}") for number in range(term_count))
    condition = narrowed(and_(IS_OWN, IS_VISIBLE, *terms), is_limited)
    page = (
        select(photo.c.taken_local, photo.c.id)
        .select_from(photo.outerjoin(photo_metadata) if term_count else photo)
        .where(condition)
        .order_by(photo.c.taken_local.desc().nulls_last(), photo.c.id.desc())
        .limit(bindparam("size"))
    )
    # Of the undated, which come last, it finds none.
    is_following = tuple_(photo.c.taken_local, photo.c.id) < tuple_(
        bindparam("after_time", type_=Text()), bindparam("after_id", type_=BigInteger())
    )
    with_metadata = photo.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
    return _OwnPhotos(
        Statement(
            select(func.count()).select_from(with_metadata if term_count else photo).where(condition), scalar
        ),
        Statement(page.offset(bindparam("skipped")), as_row),
        Statement(page.where(is_following).offset(bindparam("skipped")), as_row),
    )


def _matches(parameter: str) -> ColumnElement[bool]:
    named = exists().where(
        face.c.photo_id == photo.c.id,
        face.c.is_deleted.is_(False),
        person.c.id == face.c.person_id,
        contains(person.c.name, parameter),
    )
    lying = exists().where(_FILES.c.photo_id == photo.c.id, contains(_FILES.c.path, parameter))
    return or_(
        contains(photo_metadata.c.search_captions, parameter),
        contains(photo_metadata.c.captions, parameter),
        contains(photo_metadata.c.tags, parameter),
        contains(photo_metadata.c.keywords, parameter),
        contains(photo.c.location, parameter),
        contains(photo.c.taken_local, parameter),
        named.correlate(photo),
        lying.correlate(photo),
    )


def _terms(terms: tuple[str, ...]) -> dict[str, str]:
    return {f"term_{number}": like_pattern(term) for number, term in enumerate(terms)}


def count_own(tx: Tx, viewer: Viewer, terms: tuple[str, ...]) -> int:
    count: int = tx.one(
        _own_photos(len(terms), viewer.is_limited).count,
        viewer_id=viewer.user_id,
        key_id=viewer.key_id,
        **_terms(terms),
    )
    return count


def list_own(tx: Tx, viewer: Viewer, page: OwnPage) -> list[PhotoDetail]:
    """Return a page of the caller's visible photos in full, newest first, the undated last."""
    return list_own_page(tx, viewer, page)[0]


def list_own_page(tx: Tx, viewer: Viewer, page: OwnPage) -> tuple[list[PhotoDetail], Place | None]:
    """As `list_own`, with the place of the last one, by which the next page is found at once, if it has a time."""
    places = _places(tx, viewer, page)
    photos = list_details(tx, viewer, [photo_id for _, photo_id in places])
    last = places[-1] if places and places[-1][0] is not None else None
    return photos, last


def _places(tx: Tx, viewer: Viewer, page: OwnPage) -> list[Row]:
    statements = _own_photos(len(page.terms), viewer.is_limited)
    values = {
        "viewer_id": viewer.user_id,
        "key_id": viewer.key_id,
        "size": page.size,
        **_terms(page.terms),
    }
    if page.after is not None:
        begin, (time, photo_id) = page.after
        skipped = page.skipped - begin
        places = tx.all(statements.following, **values, after_time=time, after_id=photo_id, skipped=skipped)
        if len(places) == page.size:
            return places
    return tx.all(statements.page, **values, skipped=page.skipped)


def list_details(tx: Tx, viewer: Viewer, photo_ids: Sequence[int]) -> list[PhotoDetail]:
    """Return these photos in full, in this order, whatever their state; which may be shown is the caller's care."""
    by_id = {row[_ID]: row for row in tx.all(_DETAIL_ROWS, photo_ids=id_list(photo_ids))}
    rows = [by_id[photo_id] for photo_id in photo_ids if photo_id in by_id]
    return _filled(tx, viewer, rows, _list_owners(tx, rows))
