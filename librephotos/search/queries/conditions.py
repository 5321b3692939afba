"""What a search asks, as SQL. Statements are built once per form of search: its fields, not their values."""

from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, true

from librephotos.db.statements import contains, like_pattern
from librephotos.db.tables import (
    album,
    album_photo,
    face,
    file,
    person,
    photo,
    photo_metadata,
    photo_search,
    photo_tag,
    tag,
)
from librephotos.db.text_search import holds
from librephotos.photos.visibility import IS_ALBUM_OF_KEY, VIEWER_ID
from librephotos.search import language
from librephotos.search.language import Search, Term

Condition = ColumnElement[bool]
_METADATA_FIELDS: Final = frozenset({language.CAMERA, language.LENS})
_METADATA_FACTS: Final = frozenset({"caption", "camera", "lens"})


def form_of(search: Search) -> Search:
    """Return the search without the values that are given as parameters."""
    return Search(tuple(tuple(_form(term) for term in group) for group in search.groups))


def _form(term: Term) -> Term:
    return msgspec.structs.replace(term, text="", low="", high="")


def values_of(search: Search) -> dict[str, Any]:
    """Return the parameters of a search, named by the place of their term."""
    values: dict[str, Any] = {}
    for name, term in _named(search):
        if term.field == language.TEXT:
            values[name] = term.text
        elif term.field in (language.RATING, language.DATE):
            values |= {f"{name}_low": term.low, f"{name}_high": term.high}
        elif not term.choice:
            values[name] = like_pattern(term.text)
    return values


def _named(search: Search) -> list[tuple[str, Term]]:
    terms = [term for group in search.groups for term in group]
    return [(f"term_{number}", term) for number, term in enumerate(terms)]


def source_of(search: Search) -> Any:  # a FROM clause
    """Return the photos, joined with what the search reads besides."""
    terms = [term for _, term in _named(search)]
    source: Any = photo
    if any(term.field == language.TEXT for term in terms):
        source = source.outerjoin(photo_search, photo_search.c.photo_id == photo.c.id)
    if any(term.field in _METADATA_FIELDS or term.choice in _METADATA_FACTS for term in terms):
        source = source.outerjoin(photo_metadata, photo_metadata.c.photo_id == photo.c.id)
    return source


def condition_of(search: Search, *, is_limited: bool) -> Condition:
    """Return what photos must meet. A key that is limited to albums knows of no others."""
    names = iter(_named(search))
    groups = []
    for group in search.groups:
        members = [next(names) for _ in group]
        groups.append(or_(*(_signed(name, term, is_limited) for name, term in members)))
    return and_(true(), *groups)


def is_text_alone(search: Search) -> bool:
    """Whether everything that is asked stands in the texts."""
    return all(term.field == language.TEXT for group in search.groups for term in group)


def _signed(name: str, term: Term, is_limited: bool) -> Condition:
    condition = _condition(name, term, is_limited)
    # What is not known is not what was asked, so that its contrary holds.
    return condition.is_not(true()) if term.is_negated else condition


def _condition(name: str, term: Term, is_limited: bool) -> Condition:
    if term.field == language.TEXT:
        return holds(photo_search.c.text, name)
    if term.field == language.TYPE:
        return _TYPES[term.choice]
    if term.field == language.HAS:
        return _in_album(true(), is_limited) if term.choice == "album" else _FACTS[term.choice]
    if term.field == language.RATING:
        return photo.c.rating.between(bindparam(f"{name}_low"), bindparam(f"{name}_high"))
    if term.field == language.DATE:
        return and_(
            photo.c.taken_local >= bindparam(f"{name}_low"), photo.c.taken_local < bindparam(f"{name}_high")
        )
    if term.field == language.ALBUM:
        return _in_album(contains(album.c.title, name), is_limited)
    return _named_field(name, term.field)


def _named_field(name: str, field: str) -> Condition:
    if field == language.CAMERA:
        return or_(
            contains(photo_metadata.c.camera_model, name),
            contains(photo_metadata.c.camera_make, name),
            contains(photo_metadata.c.camera_make + " " + photo_metadata.c.camera_model, name),
        )
    if field == language.LENS:
        return contains(photo_metadata.c.lens, name)
    if field == language.PLACE:
        return contains(photo.c.location, name)
    if field == language.TAG:
        return _with_tag(contains(tag.c.name, name))
    if field == language.PERSON:
        return _with_person(contains(person.c.name, name))
    return photo.c.id.in_(
        select(file.c.photo_id).where(file.c.owner_id == VIEWER_ID, contains(file.c.path, name))
    )


def _in_album(condition: Condition, is_limited: bool) -> Condition:
    members = (
        select(album_photo.c.photo_id)
        .select_from(album_photo.join(album, album.c.id == album_photo.c.album_id))
        .where(album.c.owner_id == VIEWER_ID, condition)
    )
    return photo.c.id.in_(members.where(IS_ALBUM_OF_KEY) if is_limited else members)


def _with_tag(condition: Condition) -> Condition:
    return photo.c.id.in_(
        select(photo_tag.c.photo_id)
        .select_from(photo_tag.join(tag, tag.c.id == photo_tag.c.tag_id))
        .where(tag.c.owner_id == VIEWER_ID, condition)
    )


def _with_person(condition: Condition) -> Condition:
    return photo.c.id.in_(
        select(face.c.photo_id)
        .select_from(face.join(person, person.c.id == face.c.person_id))
        .where(person.c.owner_id == VIEWER_ID, face.c.is_deleted.is_(False), condition)
    )


_TYPES: Final[dict[str, Condition]] = {
    "photo": photo.c.is_video.is_(False),
    "video": photo.c.is_video.is_(True),
    "motion": and_(photo.c.has_motion_clip.is_(True), photo.c.is_video.is_(False)),
    "raw": photo.c.has_raw_variant.is_(True),
    "hdr": photo.c.is_hdr.is_(True),
    "screenshot": photo.c.is_screenshot.is_(True),
    "document": photo.c.is_document.is_(True),
}


def _says(column: ColumnElement[Any], key: str) -> Condition:
    """A JSON object of our own writing has a text under a key, and not an empty one."""
    name = key.replace("_", "\\_")
    something, nothing = f'%"{name}":"_%', f'%"{name}":""%'
    return and_(column.like(something, escape="\\"), column.not_like(nothing, escape="\\"))


_CAPTIONED: Final = or_(
    _says(photo_metadata.c.captions, "user_caption"),
    _says(photo_metadata.c.captions, "im2txt"),
    _says(photo_metadata.c.edits, "caption"),
)
_FACTS: Final[dict[str, Condition]] = {
    "gps": and_(photo.c.gps_lat.is_not(None), photo.c.gps_lon.is_not(None)),
    "place": photo.c.location != "",
    "date": photo.c.taken_local.is_not(None),
    "rating": photo.c.rating > 0,
    "caption": _CAPTIONED,
    "tag": _with_tag(true()),
    "person": _with_person(true()),
    "face": exists().where(face.c.photo_id == photo.c.id, face.c.is_deleted.is_(False)).correlate(photo),
    "camera": func.coalesce(photo_metadata.c.camera_model, photo_metadata.c.camera_make, "") != "",
    "lens": func.coalesce(photo_metadata.c.lens, "") != "",
}
