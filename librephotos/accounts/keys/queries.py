"""All SQL of API keys. What changes them records itself in the audit log."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import BindParameter, and_, bindparam, exists, func, insert, or_, select, update

from librephotos.accounts.events import Event, Kind, Origin, record
from librephotos.accounts.keys.schemas import ApiKey
from librephotos.accounts.keys.states import State, state_of
from librephotos.accounts.keys.text import PREFIX, KeyText
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, as_row, id_list, is_in, scalar, statement
from librephotos.db.tables import album, album_share, api_key, api_key_album, user
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock

MOST_KEYS = 100
UNKNOWN_KEY = "ApiKey"


class KeyCaller(msgspec.Struct, frozen=True):
    """A key and its owner, as every request with the key needs them."""

    key_id: int
    digest: str
    scopes: str
    is_limited: int
    expires_at: int | None
    revoked_at: int | None
    overlap_ends_at: int | None
    last_used_at: int | None
    user_id: int
    username: str
    is_active: int
    is_staff: int
    is_superuser: int
    favorite_min_rating: int
    list_version: int

    def state(self) -> State:
        return state_of(
            revoked_at=self.revoked_at,
            expires_at=self.expires_at,
            overlap_ends_at=self.overlap_ends_at,
            now=clock.now(),
        )


_CALLER = Statement(
    select(
        api_key.c.id,
        api_key.c.digest,
        api_key.c.scopes,
        api_key.c.is_limited,
        api_key.c.expires_at,
        api_key.c.revoked_at,
        api_key.c.overlap_ends_at,
        api_key.c.last_used_at,
        user.c.id,
        user.c.username,
        user.c.is_active,
        user.c.is_staff,
        user.c.is_superuser,
        user.c.favorite_min_rating,
        user.c.list_version,
    )
    .select_from(api_key.join(user, user.c.id == api_key.c.user_id))
    .where(api_key.c.public_id == bindparam("public_id")),
    KeyCaller,
    raw=True,
)
_TOUCH = statement(
    update(api_key)
    .where(
        api_key.c.id == bindparam("key_id"),
        or_(api_key.c.last_used_at.is_(None), api_key.c.last_used_at < bindparam("now")),
    )
    .values(last_used_at=bindparam("now"), last_address=bindparam("address"))
)


def find_key_caller(tx: Tx, public_id: str) -> KeyCaller | None:
    return tx.first(_CALLER, public_id=public_id)


def touch_key(tx: Tx, key_id: int, address: str) -> None:
    tx.execute(_TOUCH, key_id=key_id, now=clock.now(), address=address)


class KeyRow(msgspec.Struct, frozen=True):
    """A key as it is listed."""

    key_id: int
    public_id: str
    user_id: int
    username: str
    name: str
    scopes: str
    is_limited: bool
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    last_address: str
    revoked_at: int | None
    replaced_by: int | None
    overlap_ends_at: int | None

    def state(self) -> State:
        return state_of(
            revoked_at=self.revoked_at,
            expires_at=self.expires_at,
            overlap_ends_at=self.overlap_ends_at,
            now=clock.now(),
        )


_ROWS = (
    select(
        api_key.c.id,
        api_key.c.public_id,
        user.c.id,
        user.c.username,
        api_key.c.name,
        api_key.c.scopes,
        api_key.c.is_limited,
        api_key.c.created_at,
        api_key.c.expires_at,
        api_key.c.last_used_at,
        api_key.c.last_address,
        api_key.c.revoked_at,
        api_key.c.replaced_by,
        api_key.c.overlap_ends_at,
    )
    .select_from(api_key.join(user, user.c.id == api_key.c.user_id))
    .order_by(api_key.c.id.desc())
)
_IS_THEIRS = api_key.c.user_id == bindparam("owner")
_ONE = Statement(_ROWS.where(_IS_THEIRS, api_key.c.id == bindparam("key_id")), KeyRow)
_PAGE = Statement(_ROWS.where(_IS_THEIRS).limit(bindparam("size")).offset(bindparam("skipped")), KeyRow)
_EVERY = Statement(_ROWS, KeyRow)
_ANYBODYS = Statement(_ROWS.where(api_key.c.id == bindparam("key_id")), KeyRow)
_COUNT = Statement(select(func.count()).select_from(api_key).where(_IS_THEIRS), scalar)
_now: BindParameter[int] = bindparam("now")
_IS_LIVE = and_(
    api_key.c.revoked_at.is_(None),
    or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > _now),
    or_(api_key.c.overlap_ends_at.is_(None), api_key.c.overlap_ends_at > _now),
)
_COUNT_LIVE = Statement(select(func.count()).select_from(api_key).where(_IS_THEIRS, _IS_LIVE), scalar)
_ALBUMS = Statement(
    select(api_key_album.c.key_id, api_key_album.c.album_id)
    .where(is_in(api_key_album.c.key_id, "key_ids"))
    .order_by(api_key_album.c.album_id),
    as_row,
)


def _shown(tx: Tx, rows: Sequence[KeyRow]) -> list[ApiKey]:
    albums: dict[int, list[int]] = {row.key_id: [] for row in rows if row.is_limited}
    for key_id, album_id in tx.all(_ALBUMS, key_ids=id_list(albums)):
        albums[key_id].append(album_id)
    return [
        ApiKey(
            id=row.key_id,
            name=row.name,
            prefix=f"{PREFIX}{row.public_id}",
            scopes=row.scopes.split(),
            albums=albums.get(row.key_id),
            state=row.state(),
            created_at=clock.iso(row.created_at),
            expires_at=clock.iso_or_none(row.expires_at),
            last_used_at=clock.iso_or_none(row.last_used_at),
            last_address=row.last_address,
            replaced_by=row.replaced_by,
            overlap_ends_at=clock.iso_or_none(row.overlap_ends_at),
        )
        for row in rows
    ]


def _get_row(tx: Tx, owner_id: int, key_id: int | None) -> KeyRow:
    row = None if key_id is None else tx.first(_ONE, owner=owner_id, key_id=key_id)
    if row is None:
        raise NotFound.of(UNKNOWN_KEY)
    return row


def get_key(tx: Tx, viewer: Viewer, key_id: int | None) -> ApiKey:
    """Return one of the caller's keys. Raises NotFound, the same for unknown and somebody else's."""
    return _shown(tx, [_get_row(tx, viewer.user_id, key_id)])[0]


def list_keys(tx: Tx, viewer: Viewer, asked: PageRequest) -> Page[ApiKey]:
    """Return the caller's keys, newest first, those that no longer work included."""
    count: int = tx.one(_COUNT, owner=viewer.user_id)
    page = asked.settle(count)
    return page.answer(
        count, _shown(tx, tx.all(_PAGE, owner=viewer.user_id, size=page.size, skipped=page.offset))
    )


def list_rows(tx: Tx) -> list[KeyRow]:
    """Return everybody's keys, newest first; for the command line."""
    return tx.all(_EVERY)


class NewKey(msgspec.Struct, frozen=True):
    """What a key is made with; `album_ids` is None for one that is not limited to albums."""

    name: str
    scopes: Sequence[str]
    album_ids: Sequence[int] | None
    expires_at: int | None


_INSERT = Statement(
    insert(api_key)
    .values(
        public_id=bindparam("public_id"),
        digest=bindparam("digest"),
        user_id=bindparam("owner"),
        name=bindparam("name"),
        scopes=bindparam("scopes"),
        is_limited=bindparam("is_limited"),
        created_at=bindparam("now"),
        expires_at=bindparam("expires_at"),
    )
    .returning(api_key.c.id),
    scalar,
)
_INSERT_ALBUM = statement(
    insert(api_key_album).values(key_id=bindparam("of_key"), album_id=bindparam("of_album"))
)
# Own albums, and those that others share with the owner: a limit never shows more than the account sees.
_SEEN_ALBUMS = Statement(
    select(album.c.id).where(
        is_in(album.c.id, "album_ids"),
        or_(
            album.c.owner_id == bindparam("owner"),
            exists()
            .where(album_share.c.album_id == album.c.id, album_share.c.user_id == bindparam("owner"))
            .correlate(album),
        ),
    ),
    scalar,
)


def create_key(tx: Tx, owner_id: int, new: NewKey, text: KeyText, origin: Origin) -> ApiKey:
    """Insert a key. Raises BadInput for albums that its owner does not see, and when there are too many keys."""
    _refuse_too_many(tx, owner_id)
    if new.album_ids is not None:
        seen = set(tx.all(_SEEN_ALBUMS, album_ids=id_list(new.album_ids), owner=owner_id))
        unseen = [album_id for album_id in new.album_ids if album_id not in seen]
        if unseen:
            raise BadInput.of("albums", f'Invalid pk "{unseen[0]}" - object does not exist.')
    row = _get_row(tx, owner_id, _insert(tx, owner_id, new, text))
    _record(tx, "key_created", row, origin, scopes=row.scopes, is_limited=row.is_limited)
    return _shown(tx, [row])[0]


def _record(tx: Tx, kind: Kind, row: KeyRow, origin: Origin, **detail: object) -> None:
    target = f"key {row.key_id} ({PREFIX}{row.public_id})"
    told = {"name": row.name, **detail}
    record(tx, Event(kind=kind, origin=origin, subject_id=row.user_id, target=target, detail=told))


def _refuse_too_many(tx: Tx, owner_id: int) -> None:
    # Of parallel calls each must count the other's key.
    tx.lock(f"api keys of {owner_id}")
    if tx.one(_COUNT_LIVE, owner=owner_id, now=clock.now()) >= MOST_KEYS:
        raise BadInput.of("detail", f"There are {MOST_KEYS} keys that work; revoke one first.")


def _insert(tx: Tx, owner_id: int, new: NewKey, text: KeyText) -> int:
    key_id: int = tx.one(
        _INSERT,
        public_id=text.public_id,
        digest=text.digest,
        owner=owner_id,
        name=new.name,
        scopes=" ".join(new.scopes),
        is_limited=new.album_ids is not None,
        now=clock.now(),
        expires_at=new.expires_at,
    )
    tx.execute_many(
        _INSERT_ALBUM, [{"of_key": key_id, "of_album": album_id} for album_id in new.album_ids or ()]
    )
    return key_id


_RENAME = statement(
    update(api_key).where(api_key.c.id == bindparam("of_key")).values(name=bindparam("new_name"))
)
_REPLACE = statement(
    update(api_key)
    .where(api_key.c.id == bindparam("of_key"))
    .values(replaced_by=bindparam("successor"), overlap_ends_at=bindparam("ends_at"))
)
_REVOKE = statement(
    update(api_key)
    .where(api_key.c.id == bindparam("of_key"), api_key.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE_ALL = statement(
    update(api_key)
    .where(api_key.c.user_id == bindparam("of_user"), api_key.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)


def rename_key(tx: Tx, viewer: Viewer, key_id: int | None, name: str, origin: Origin) -> ApiKey:
    row = _get_row(tx, viewer.user_id, key_id)
    tx.execute(_RENAME, of_key=row.key_id, new_name=name)
    _record(tx, "key_changed", row, origin, new_name=name)
    return get_key(tx, viewer, row.key_id)


def rotate_key(
    tx: Tx, viewer: Viewer, key_id: int | None, text: KeyText, overlap: int, origin: Origin
) -> ApiKey:
    """Insert a key like the old one, which works `overlap` microseconds more. Raises BadInput if it does not work.

    The new key gets as long a life as the old one was given.
    """
    tx.lock(f"api keys of {viewer.user_id}")
    row = _get_row(tx, viewer.user_id, key_id)
    state = row.state()
    if state != "active":
        raise BadInput.of("detail", f"This key is {state}; only an active one can be rotated.")
    _refuse_too_many(tx, viewer.user_id)
    now = clock.now()
    new = NewKey(
        row.name,
        row.scopes.split(),
        _list_albums(tx, row) if row.is_limited else None,
        None if row.expires_at is None else now + row.expires_at - row.created_at,
    )
    successor = _insert(tx, viewer.user_id, new, text)
    tx.execute(_REPLACE, of_key=row.key_id, successor=successor, ends_at=now + overlap)
    _record(tx, "key_rotated", row, origin, successor=successor, overlap_seconds=overlap // clock.SECOND)
    return get_key(tx, viewer, successor)


def _list_albums(tx: Tx, row: KeyRow) -> list[int]:
    return [album_id for _, album_id in tx.all(_ALBUMS, key_ids=id_list([row.key_id]))]


def revoke_key(tx: Tx, viewer: Viewer, key_id: int | None, origin: Origin) -> None:
    """End a key for good. Raises NotFound for one that is not the caller's."""
    _revoke(tx, _get_row(tx, viewer.user_id, key_id), origin)


def revoke_anybodys(tx: Tx, key_id: int, origin: Origin) -> bool:
    """End any account's key, for the command line; False when there is none that is not revoked yet."""
    row = tx.first(_ANYBODYS, key_id=key_id)
    return row is not None and _revoke(tx, row, origin)


def _revoke(tx: Tx, row: KeyRow, origin: Origin) -> bool:
    if tx.execute(_REVOKE, of_key=row.key_id, at=clock.now()) == 0:
        return False
    _record(tx, "key_revoked", row, origin)
    return True


def revoke_all(tx: Tx, user_id: int, because: str) -> None:
    """End every key of an account."""
    count = tx.execute(_REVOKE_ALL, of_user=user_id, at=clock.now())
    if count:
        detail = {"count": count, "because": because}
        origin = Origin(method="system")
        record(
            tx,
            Event(kind="key_revoked", origin=origin, subject_id=user_id, target="all keys", detail=detail),
        )


def count_live(tx: Tx, user_id: int) -> int:
    """Return how many keys of an account work."""
    count: int = tx.one(_COUNT_LIVE, owner=user_id, now=clock.now())
    return count
