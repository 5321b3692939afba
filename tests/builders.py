"""Rows and files for tests: photos with real thumbnails, days, albums, links, shares, persons and faces."""

import hashlib
import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Table, bindparam, delete, func, insert, literal_column, select, update

from librephotos.albums.hashtags import HASHTAG_TYPE
from librephotos.albums.queries.event_making import add_photos
from librephotos.albums.queries.kinds import THINGS
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import (
    album,
    album_link,
    album_photo,
    album_share,
    day,
    embedded_media,
    event_album,
    face,
    file,
    person,
    photo,
    photo_link,
    photo_metadata,
    photo_share,
    photo_tag,
    tag,
    thing_album,
    user,
)
from librephotos.db.transactions import Tx
from librephotos.kit import clock, ids, json
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_path
from librephotos.sharing.slugs import digest_of
from tests.instance import Account, Instance

ORIGINAL = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Photo:
    photo_id: int
    uuid: str
    image_hash: str
    day_id: int
    file_id: int
    path: Path


@lru_cache(maxsize=64)
def _insert(table: Table, names: tuple[str, ...], *, returns_id: bool) -> Statement[Any]:
    build = insert(table).values({name: bindparam(f"v_{name}") for name in names})
    return Statement(build.returning(table.c.id), scalar) if returns_id else statement(build)


def add_row(tx: Tx, table: Table, **columns: Any) -> int:
    """Insert a row and return its id, 0 for tables without one."""
    has_id = "id" in table.c
    made = _insert(table, tuple(columns), returns_id=has_id)
    values = {f"v_{name}": value for name, value in columns.items()}
    if not has_id:
        tx.execute(made, **values)
        return 0
    row_id: int = tx.one(made, **values)
    return row_id


def change_row(tx: Tx, table: Table, row_id: int, **columns: Any) -> None:
    values = {name: bindparam(f"v_{name}") for name in columns}
    change = statement(update(table).where(table.c.id == bindparam("row_id")).values(values))
    tx.execute(change, row_id=row_id, **{f"v_{name}": value for name, value in columns.items()})


def bump_lists(tx: Tx, user_id: int) -> None:
    """Count this user's days anew and say that what their lists show has changed, as every writer does."""
    tx.execute(_RECOUNT, owner_id=user_id)
    bump = update(user).where(user.c.id == bindparam("row_id")).values(list_version=user.c.list_version + 1)
    tx.execute(statement(bump), row_id=user_id)


_VISIBLE = literal_column(
    "aspect_ratio IS NOT NULL AND NOT is_hidden AND NOT is_trashed AND NOT is_removed", Boolean()
)
_RECOUNT = statement(
    update(day)
    .where(day.c.owner_id == bindparam("owner_id"))
    .values(
        photo_count=select(func.count())
        .select_from(photo)
        .where(photo.c.day_id == day.c.id, _VISIBLE)
        .correlate(day)
        .scalar_subquery()
    )
)

_UNLINK = statement(delete(photo_link).where(photo_link.c.photo_id == bindparam("photo_id")))


def webp(text: str) -> bytes:
    """Bytes that begin as a WebP does and differ by `text`."""
    body = b"VP8L" + text.encode() * 20
    return b"RIFF" + len(body).to_bytes(4, "little") + b"WEBP" + body


class Builder:
    """Adds to one instance. Every method commits and bumps the owner's list version."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def day_of(self, tx: Tx, owner_id: int, date: str | None, location: str = "") -> int:
        same = day.c.date.is_(None) if date is None else day.c.date == bindparam("date")
        find = Statement(select(day.c.id).where(day.c.owner_id == bindparam("owner_id"), same), scalar)
        found = tx.first(find, owner_id=owner_id, date=date)
        return found or add_row(tx, day, owner_id=owner_id, date=date, location=location)

    def add_photo(
        self,
        owner: Account,
        *,
        taken_local: str | None = "2023-07-01T14:05:09",
        name: str = "",
        content: bytes = ORIGINAL,
        with_files: bool = True,
        metadata: dict[str, Any] | None = None,
        **columns: Any,
    ) -> Photo:
        """Insert a visible photo with its day, main file and thumbnails; `columns` are those of the photo table."""
        number = next(_numbers)
        path = self.instance.library / owner.username / (name or f"IMG_{number:05}.jpg")
        digest = hashlib.md5(f"{owner.user_id}/{number}".encode(), usedforsecurity=False).hexdigest()
        image_hash = columns.pop("image_hash", f"{digest}{owner.user_id}")
        if with_files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            self.write_thumbnails(image_hash)
        now = clock.now()
        mime = columns.pop("mime", "image/jpeg")
        with self.instance.db.transaction() as tx:
            day_id = self.day_of(tx, owner.user_id, taken_local[:10] if taken_local else None)
            row: dict[str, Any] = {
                "uuid": ids.new_uuid(),
                "image_hash": image_hash,
                "owner_id": owner.user_id,
                "day_id": day_id,
                "added_at": now,
                "modified_at": now,
                "taken_local": taken_local,
                "size_bytes": len(content),
                "aspect_ratio": 1.5,
                "dominant_color": "#4a5a3c",
                **columns,
            }
            photo_id = add_row(tx, photo, **row)
            file_id = self._add_file(
                tx, owner.user_id, photo_id, path, mime=mime, hash=image_hash, size_bytes=len(content)
            )
            change_row(tx, photo, photo_id, main_file_id=file_id)
            if metadata is not None:
                add_row(tx, photo_metadata, photo_id=photo_id, **metadata)
            bump_lists(tx, owner.user_id)
        return Photo(photo_id, row["uuid"], image_hash, day_id, file_id, path)

    def _add_file(self, tx: Tx, owner_id: int, photo_id: int, path: Path, **columns: Any) -> int:
        now = clock.now()
        raw = bytes(path)
        row = {
            "kind": 1,
            "added_at": now,
            "checked_at": now,
            "path": raw.decode("utf-8", "replace"),
            **columns,
        }
        return add_row(tx, file, owner_id=owner_id, photo_id=photo_id, path_bytes=raw, **row)

    def add_file(self, owner: Account, of: Photo, path: Path, **columns: Any) -> int:
        with self.instance.db.transaction() as tx:
            bump_lists(tx, owner.user_id)
            return self._add_file(tx, owner.user_id, of.photo_id, path, **columns)

    def write_thumbnails(self, image_hash: str, extension: str = "webp") -> None:
        for kind in (BIG, SQUARE, SQUARE_SMALL):
            path = self.thumbnail(kind, image_hash, extension)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(webp(f"{kind} {image_hash}"))

    def thumbnail(self, kind: str, image_hash: str, extension: str = "webp") -> Path:
        return derived_path(self.instance.data, kind, image_hash, extension)

    def change_photo(self, owner: Account, of: Photo, **columns: Any) -> None:
        with self.instance.db.transaction() as tx:
            change_row(tx, photo, of.photo_id, **columns)
            bump_lists(tx, owner.user_id)

    def change_user(self, account: Account, **columns: Any) -> None:
        with self.instance.db.transaction() as tx:
            change_row(tx, user, account.user_id, **columns)
            bump_lists(tx, account.user_id)

    def share_photo(self, of: Photo, viewer: Account) -> None:
        with self.instance.db.transaction() as tx:
            add_row(tx, photo_share, photo_id=of.photo_id, user_id=viewer.user_id)

    def add_album(self, owner: Account, *photos: Photo, title: str = "", **columns: Any) -> int:
        with self.instance.db.transaction() as tx:
            name = title or f"Album {next(_numbers)}"
            album_id = add_row(tx, album, owner_id=owner.user_id, title=name, saved_at=clock.now(), **columns)
            for each in photos:
                add_row(tx, album_photo, album_id=album_id, photo_id=each.photo_id)
            bump_lists(tx, owner.user_id)
        return album_id

    def share_album(self, album_id: int, viewer: Account) -> None:
        with self.instance.db.transaction() as tx:
            add_row(tx, album_share, album_id=album_id, user_id=viewer.user_id)

    def link_album(self, album_id: int, **columns: Any) -> None:
        with self.instance.db.transaction() as tx:
            add_row(
                tx, album_link, album_id=album_id, **{"is_enabled": True, "slug": ids.new_token(), **columns}
            )

    def link_photo(self, of: Photo) -> str:
        """Give a photo a link, instead of the one that it has; return its slug."""
        slug = ids.new_token()
        with self.instance.db.transaction() as tx:
            tx.execute(_UNLINK, photo_id=of.photo_id)
            add_row(tx, photo_link, photo_id=of.photo_id, digest=digest_of(slug), created_at=clock.now())
        return slug

    def change_link(self, album_id: int, **columns: Any) -> None:
        values = {name: bindparam(f"v_{name}") for name in columns}
        change = update(album_link).where(album_link.c.album_id == bindparam("row_id")).values(values)
        with self.instance.db.transaction() as tx:
            tx.execute(
                statement(change), row_id=album_id, **{f"v_{name}": value for name, value in columns.items()}
            )

    def add_event(self, owner: Account, *photos: Photo, **columns: Any) -> int:
        """Insert an event with its photos; by default it happened on a day of its own."""
        number = next(_numbers)
        row = {
            "happened_local": f"{date(1900, 1, 1) + timedelta(days=number)}T00:00:00",
            "title": f"Event {number}",
            "created_at": clock.now(),
            "modified_at": clock.now(),
            **columns,
        }
        with self.instance.db.transaction() as tx:
            album_id = add_row(tx, event_album, owner_id=owner.user_id, **row)
            add_photos(tx, owner.user_id, album_id, [each.photo_id for each in photos])
        return album_id

    def add_tag(self, owner: Account, *photos: Photo, name: str = "") -> int:
        with self.instance.db.transaction() as tx:
            row = {"name": name or f"tag {next(_numbers)}", "modified_at": clock.now()}
            tag_id = add_row(tx, tag, owner_id=owner.user_id, **row)
            for each in photos:
                add_row(tx, photo_tag, tag_id=tag_id, photo_id=each.photo_id)
            bump_lists(tx, owner.user_id)
        return tag_id

    def add_thing(self, owner: Account, *photos: Photo, title: str = "", **columns: Any) -> int:
        """Insert a hashtag's album with its photos."""
        with self.instance.db.transaction() as tx:
            row = {"title": title or f"#{next(_numbers)}", "thing_type": HASHTAG_TYPE, **columns}
            album_id = add_row(tx, thing_album, owner_id=owner.user_id, modified_at=clock.now(), **row)
            photo_ids = [each.photo_id for each in photos]
            THINGS.put(tx, [(album_id, photo_id) for photo_id in photo_ids])
            THINGS.changed(tx, owner.user_id, photo_ids)
            bump_lists(tx, owner.user_id)
        return album_id

    def add_person(self, owner: Account, name: str, kind: str = "USER") -> int:
        with self.instance.db.transaction() as tx:
            return add_row(tx, person, owner_id=owner.user_id, name=name, kind=kind, modified_at=clock.now())

    def add_face(self, of: Photo, *, with_file: bool = False, **columns: Any) -> int:
        number = next(_numbers)
        image = f"{of.image_hash}_{number}.jpg"
        if with_file:
            path = self.instance.data / "derived" / "faces" / image[:2] / image
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(ORIGINAL)
        box = {"location_top": 120, "location_bottom": 260, "location_left": 300, "location_right": 420}
        columns = {**box, **columns}
        with self.instance.db.transaction() as tx:
            return add_row(tx, face, photo_id=of.photo_id, image=image, **columns)

    def add_clip(self, of: Photo, content: bytes = b"\x00\x00\x00\x18ftypmp42") -> Path:
        name = f"embedded_media/{of.image_hash[:2]}/{of.image_hash}.mp4"
        path = self.instance.data / "derived" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        with self.instance.db.transaction() as tx:
            add_row(tx, embedded_media, photo_id=of.photo_id, hash=of.image_hash, path=name)
            change_row(tx, photo, of.photo_id, has_motion_clip=True)
        return path


def stored(value: object) -> str:
    """A value as JSON columns hold it."""
    return json.dumps(value)
