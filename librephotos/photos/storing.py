"""The write side of photos: making one from what was read of a file, joining files to it, its day and its search text.

Every caller ends its transaction with `photos_changed` of `changes.py`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, exists, insert, select, update

from librephotos.db.stamps import UNSTAMPED
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement, upsert
from librephotos.db.tables import day, embedded_media, face, file, person, photo, photo_metadata, photo_step
from librephotos.db.transactions import Tx
from librephotos.kit import clock, json
from librephotos.photos.search_text import SearchWords, compose_search_text

# Steps by name, as they stand in the table of steps.
THUMBNAILS: Final = "thumbnails"
METADATA: Final = "metadata"


class StoredPhoto(msgspec.Struct, frozen=True):
    """What decides how a file and a photo fit together."""

    photo_id: int
    image_hash: str
    content_hash: str
    perceptual_hash: str | None
    aspect_ratio: float | None
    day_id: int | None
    is_removed: bool
    is_trashed: bool
    user_taken_local: str | None
    main_file_id: int | None
    category_source: str
    # What somebody said of where it was taken, JSON: [latitude, longitude].
    user_position: str | None = None


STORED = (
    photo.c.id,
    photo.c.image_hash,
    photo.c.content_hash,
    photo.c.perceptual_hash,
    photo.c.aspect_ratio,
    photo.c.day_id,
    photo.c.is_removed,
    photo.c.is_trashed,
    photo.c.user_taken_local,
    photo.c.main_file_id,
    photo.c.category_source,
    photo.c.user_position,
)
_BY_ID = Statement(select(*STORED).where(photo.c.id == bindparam("photo_id")), StoredPhoto)


def get_stored(tx: Tx, photo_id: int) -> StoredPhoto:
    return tx.one(_BY_ID, photo_id=photo_id)


# --- days

_FIND_DAY = Statement(
    select(day.c.id).where(day.c.owner_id == bindparam("owner"), day.c.date == bindparam("on")), scalar
)
_FIND_UNDATED = Statement(
    select(day.c.id).where(day.c.owner_id == bindparam("owner"), day.c.date.is_(None)), scalar
)
_INSERT_DAY = Statement(
    insert(day).values(owner_id=bindparam("owner"), date=bindparam("on")).returning(day.c.id), scalar
)


def get_or_create_day(tx: Tx, owner_id: int, taken_local: str | None) -> int:
    """Return the day album of a capture time, or the one of undated photos."""
    on = taken_local[:10] if taken_local else None
    tx.lock(f"days of {owner_id}")
    found: int | None = (
        tx.first(_FIND_DAY, owner=owner_id, on=on) if on else tx.first(_FIND_UNDATED, owner=owner_id)
    )
    if found is not None:
        return found
    created: int = tx.one(_INSERT_DAY, owner=owner_id, on=on)
    return created


# --- photos

_LOOKS = (
    *("is_video", "video_length", "is_hdr", "size_bytes", "aspect_ratio", "dominant_color", "thumbhash"),
    "perceptual_hash",
)
_PLACE_AND_TIME = ("taken_local", "taken_offset_minutes", "taken_by", "day_id", "gps_lat", "gps_lon")
_CATEGORY = ("is_screenshot",)
# What a photo has before its file is read.
NO_LOOKS: Final[dict[str, Any]] = dict.fromkeys((*_LOOKS, *_PLACE_AND_TIME))
_INSERT = Statement(
    insert(photo)
    .values(
        {
            name: bindparam(name)
            for name in (
                *(
                    "uuid",
                    "image_hash",
                    "content_hash",
                    "owner_id",
                    "main_file_id",
                    "added_at",
                    "modified_at",
                ),
                "rating",
                *_LOOKS,
                *_PLACE_AND_TIME,
                *_CATEGORY,
            )
        }
    )
    .returning(photo.c.id),
    scalar,
)


def _setter(names: Iterable[str]) -> Statement[Any]:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return statement(update(photo).where(photo.c.id == bindparam("photo_id")).values(values))


_SET_LOOKS = _setter(("image_hash", *_LOOKS))
_SET_PLACE_AND_TIME = _setter(_PLACE_AND_TIME)
_SET_USER_TIME = _setter(("taken_local", "taken_offset_minutes", "taken_by", "day_id"))
_SET_CATEGORY = _setter(_CATEGORY)
_SET_IMAGE_HASH = _setter(("image_hash",))
_BUMP_THUMBNAILS = statement(
    update(photo)
    .where(photo.c.id == bindparam("photo_id"))
    .values(thumbnail_version=photo.c.thumbnail_version + 1)
)
_SET_RAW_VARIANT = statement(
    update(photo)
    .where(is_in(photo.c.id, "photo_ids"))
    .values(
        has_raw_variant=exists()
        .where(file.c.photo_id == photo.c.id, file.c.kind == 4, file.c.is_missing.is_(False))
        .correlate(photo)
    )
)
_DROP_CLIPS = statement(delete(embedded_media).where(embedded_media.c.photo_id == bindparam("photo_id")))
_INSERT_CLIP = statement(
    insert(embedded_media).values(
        photo_id=bindparam("photo_id"), hash=bindparam("clip_hash"), path=bindparam("clip_path")
    )
)
_SET_HAS_CLIP = _setter(("has_motion_clip",))
_IS_CLIP = Statement(
    select(embedded_media.c.id)
    .join(photo, photo.c.id == embedded_media.c.photo_id)
    .where(
        embedded_media.c.hash == bindparam("content_hash"),
        photo.c.owner_id == bindparam("owner"),
        photo.c.is_removed.is_(False),
    )
    .limit(1),
    scalar,
)
_REVIVE = statement(
    update(photo).where(photo.c.id == bindparam("photo_id")).values(is_removed=False, is_trashed=False)
)


def create_photo(
    tx: Tx, owner_id: int, image_hash: str, main_file_id: int, *, uuid: str, **values: Any
) -> int:
    """Insert a photo; `values` are the columns of looks, place, time, category and rating."""
    photo_id: int = tx.one(
        _INSERT,
        uuid=uuid,
        image_hash=image_hash,
        content_hash=image_hash,
        owner_id=owner_id,
        main_file_id=main_file_id,
        added_at=clock.now(),
        modified_at=UNSTAMPED,
        **values,
    )
    tx.touch(photo, [photo_id])
    return photo_id


def set_looks(tx: Tx, photo_id: int, **values: Any) -> None:
    tx.execute(_SET_LOOKS, photo_id=photo_id, **{f"new_{name}": value for name, value in values.items()})
    tx.execute(_BUMP_THUMBNAILS, photo_id=photo_id)


def set_image_hash(tx: Tx, photo_id: int, image_hash: str) -> None:
    tx.execute(_SET_IMAGE_HASH, photo_id=photo_id, new_image_hash=image_hash)
    tx.execute(_BUMP_THUMBNAILS, photo_id=photo_id)


def set_place_and_time(tx: Tx, photo_id: int, **values: Any) -> None:
    tx.execute(
        _SET_PLACE_AND_TIME, photo_id=photo_id, **{f"new_{name}": value for name, value in values.items()}
    )


def take_user_time(tx: Tx, owner_id: int, photo_id: int, taken_local: str) -> None:
    """Let a photo have the time that somebody gave it, as the first date rule does."""
    tx.execute(
        _SET_USER_TIME,
        photo_id=photo_id,
        new_taken_local=taken_local,
        new_taken_offset_minutes=None,
        new_taken_by=json.dumps({"rule": 14, "tag": None}),
        new_day_id=get_or_create_day(tx, owner_id, taken_local),
    )


def set_screenshot(tx: Tx, photo_id: int, *, is_screenshot: bool) -> None:
    tx.execute(_SET_CATEGORY, photo_id=photo_id, new_is_screenshot=is_screenshot)


def refresh_variants(tx: Tx, photo_ids: Sequence[int]) -> None:
    """Tell anew of photos whether one of their files is RAW."""
    tx.execute(_SET_RAW_VARIANT, photo_ids=id_list(photo_ids))


def set_clip(tx: Tx, photo_id: int, clip_hash: str | None, clip_path: str) -> None:
    """Store the film that was found inside a photo, or that there is none. The path lies below the derived files."""
    had_one = tx.execute(_DROP_CLIPS, photo_id=photo_id) > 0
    if clip_hash is not None:
        tx.execute(_INSERT_CLIP, photo_id=photo_id, clip_hash=clip_hash, clip_path=clip_path)
    if had_one or clip_hash is not None:
        tx.execute(_SET_HAS_CLIP, photo_id=photo_id, new_has_motion_clip=clip_hash is not None)


def is_clip(tx: Tx, owner_id: int, content_hash: str) -> bool:
    """Tell whether content is the film inside one of the owner's motion photos."""
    return tx.first(_IS_CLIP, owner=owner_id, content_hash=content_hash) is not None


def revive(tx: Tx, photo_id: int) -> None:
    """Bring back a removed photo, because its file is there again."""
    tx.execute(_REVIVE, photo_id=photo_id)


# --- metadata, steps

METADATA_COLUMNS = (
    *("width", "height", "fstop", "focal_length", "focal_length_35", "iso", "shutter_speed", "camera_make"),
    *("camera_model", "lens", "subject_distance", "digital_zoom", "tags", "reader"),
)
_WRITE_METADATA = statement(upsert(photo_metadata, key=["photo_id"], update=METADATA_COLUMNS))
_CAPTIONS = Statement(
    select(photo_metadata.c.captions).where(photo_metadata.c.photo_id == bindparam("photo_id")), scalar
)
_SET_CAPTIONS = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("photo_id"))
    .values(captions=bindparam("new_captions"))
)
_SET_PLAYBACK_TYPE = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("photo_id"))
    .values(video_playback_type=bindparam("new_type"))
)
_WRITE_STEP = statement(
    upsert(photo_step, key=["photo_id", "step"], update=["state", "reason", "finished_at"])
)
_FORGET_DERIVED = tuple(
    statement(delete(table).where(table.c.photo_id == bindparam("photo_id")))
    for table in (photo_step, face, embedded_media)
)


def write_metadata(tx: Tx, photo_id: int, **values: Any) -> None:
    """Store all METADATA_COLUMNS of a photo."""
    tx.execute(_WRITE_METADATA, photo_id=photo_id, **values)


def set_playback_type(tx: Tx, photo_id: int, playback_type: str | None) -> None:
    """Store what a player must be able to play, of a photo whose metadata is stored."""
    tx.execute(_SET_PLAYBACK_TYPE, photo_id=photo_id, new_type=playback_type)


def record_step(tx: Tx, photo_id: int, step: str, state: str, reason: str | None = None) -> None:
    tx.execute(
        _WRITE_STEP, photo_id=photo_id, step=step, state=state, reason=reason or "", finished_at=clock.now()
    )


def forget_derived(tx: Tx, photo_id: int) -> None:
    """Another picture now: what was found in the old one goes, and every step is to be done again.

    The caption that somebody typed stays.
    """
    stored = tx.first(_CAPTIONS, photo_id=photo_id)
    captions = json.loads(stored) if stored else {}
    typed = {name: text for name, text in captions.items() if name == "user_caption"}
    if typed != captions:
        tx.execute(_SET_CAPTIONS, photo_id=photo_id, new_captions=json.dumps(typed))
    for forget in _FORGET_DERIVED:
        tx.execute(forget, photo_id=photo_id)
    tx.execute(_SET_HAS_CLIP, photo_id=photo_id, new_has_motion_clip=False)


# --- search text


def _search_words(
    is_video: bool,
    is_screenshot: bool,
    is_document: bool,
    camera: str | None,
    lens: str | None,
    keywords: str | None,
    captions: str | None,
    edits: str | None,
) -> SearchWords:
    """What people typed comes before what the file says."""
    typed = json.loads(edits) if edits else {}
    found = json.loads(keywords) if keywords else []
    return SearchWords(
        is_video=is_video,
        is_screenshot=is_screenshot,
        is_document=is_document,
        camera=camera,
        lens=lens,
        keywords=found,
        captions=json.loads(captions) if captions else {},
        typed=[typed[name] for name in ("title", "caption") if typed.get(name)],
    )


_WORDS = Statement(
    select(
        photo.c.id,
        photo.c.is_video,
        photo.c.is_screenshot,
        photo.c.is_document,
        photo_metadata.c.camera_model,
        photo_metadata.c.lens,
        photo_metadata.c.keywords,
        photo_metadata.c.captions,
        photo_metadata.c.edits,
    )
    .select_from(photo.join(photo_metadata, photo_metadata.c.photo_id == photo.c.id))
    .where(is_in(photo.c.id, "photo_ids")),
    lambda *row: (row[0], _search_words(*row[1:])),
)
_PATHS = Statement(
    select(file.c.photo_id, file.c.path)
    .select_from(file.join(photo, photo.c.id == file.c.photo_id))
    .where(is_in(file.c.photo_id, "photo_ids"))
    .order_by(file.c.photo_id, (file.c.id != photo.c.main_file_id), file.c.path_bytes),
    lambda photo_id, path: (photo_id, path),
)
_PEOPLE = Statement(
    select(face.c.photo_id, person.c.name)
    .select_from(face.join(person, person.c.id == face.c.person_id))
    .where(is_in(face.c.photo_id, "photo_ids"), face.c.is_deleted.is_(False), person.c.kind == "USER")
    .order_by(face.c.photo_id, face.c.id),
    lambda photo_id, name: (photo_id, name),
)
_SET_SEARCH = statement(
    update(photo_metadata)
    .where(photo_metadata.c.photo_id == bindparam("of_photo"))
    .values(search_captions=bindparam("new_text"))
)


def refresh_search_text(tx: Tx, photo_ids: Sequence[int]) -> None:
    """Write the search text of photos anew from everything searchable that is stored of them."""
    asked = id_list(photo_ids)
    paths: dict[int, list[str]] = {}
    for photo_id, path in tx.all(_PATHS, photo_ids=asked):
        paths.setdefault(photo_id, []).append(path)
    people: dict[int, list[str]] = {}
    for photo_id, name in tx.all(_PEOPLE, photo_ids=asked):
        people.setdefault(photo_id, []).append(name)
    rows = []
    for photo_id, words in tx.all(_WORDS, photo_ids=asked):
        words.people = people.get(photo_id, [])
        text = compose_search_text(words, paths.get(photo_id, []))
        rows.append({"of_photo": photo_id, "new_text": text})
    tx.execute_many(_SET_SEARCH, rows)
