"""Making, renewing and ending the links of single photos, and the list of one's own."""

from typing import Literal

import msgspec
from sqlalchemy import bindparam, delete, select

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row, Statement, as_row, statement, upsert
from librephotos.db.tables import photo, photo_link
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.kit import clock
from librephotos.photos.keys import PhotoKey
from librephotos.photos.visibility import IS_KEPT, IS_OWN, VIEWER_ID
from librephotos.sharing.queries.album_links import require_allowed
from librephotos.sharing.slugs import PhotoSlug

Action = Literal["enable", "rotate", "disable"]


class StoredLink(msgspec.Struct, frozen=True):
    photo_id: int
    uuid: str
    image_hash: str
    slug: PhotoSlug
    created_at: int


def _own(is_uuid: bool) -> Statement[Row]:
    key = photo.c.uuid if is_uuid else photo.c.image_hash
    return Statement(
        select(photo.c.id, photo.c.uuid)
        .where(key == bindparam("key"), IS_OWN, IS_KEPT)
        .order_by(photo.c.id)
        .limit(1),
        as_row,
    )


_OWN = {is_uuid: _own(is_uuid) for is_uuid in (True, False)}
_LINKS = (
    select(
        photo.c.id,
        photo.c.uuid,
        photo.c.image_hash,
        photo_link.c.digest,
        photo_link.c.sealed,
        photo_link.c.created_at,
    )
    .select_from(photo_link.join(photo, photo.c.id == photo_link.c.photo_id))
    .where(photo.c.owner_id == VIEWER_ID, IS_KEPT)
)


def _stored(
    photo_id: int, uuid: str, image_hash: str, digest: str, sealed: str, created_at: int
) -> StoredLink:
    return StoredLink(photo_id, uuid, image_hash, PhotoSlug(digest, sealed), created_at)


_OF_PHOTO = Statement(_LINKS.where(photo.c.id == bindparam("photo_id")), _stored)
_LIST = Statement(_LINKS.order_by(photo_link.c.created_at.desc(), photo.c.id.desc()), _stored)
_SAVE = statement(upsert(photo_link, key=["photo_id"], update=["digest", "sealed", "created_at"]))
_DELETE = statement(delete(photo_link).where(photo_link.c.photo_id == bindparam("photo_id")))


def list_links(tx: Tx, viewer: Viewer) -> list[StoredLink]:
    """Return the viewer's links, the newest first."""
    return tx.all(_LIST, viewer_id=viewer.user_id)


def change_link(
    tx: Tx, viewer: Viewer, key: PhotoKey | None, action: Action, fresh: PhotoSlug, origin: Origin
) -> StoredLink | None:
    """Return the link of an own photo, None when it has none any more. `fresh` is for a new one. Raises Refusal."""
    found = tx.first(_OWN[key.is_uuid], key=key.value, viewer_id=viewer.user_id) if key else None
    if found is None:
        raise Refusal(404, {"status": False, "message": "No such photo"})
    photo_id, uuid = found
    if action == "disable":
        if tx.execute(_DELETE, photo_id=photo_id):
            _tell(tx, origin, uuid, "disabled")
        return None
    require_allowed(tx)
    known = tx.first(_OF_PHOTO, photo_id=photo_id, viewer_id=viewer.user_id)
    if known is not None and action == "enable":
        return known
    tx.execute(_SAVE, photo_id=photo_id, digest=fresh.digest, sealed=fresh.sealed, created_at=clock.now())
    _tell(tx, origin, uuid, "enabled" if known is None else "rotated")
    return tx.one(_OF_PHOTO, photo_id=photo_id, viewer_id=viewer.user_id)


def _tell(tx: Tx, origin: Origin, uuid: str, link: str) -> None:
    """Never with the slug, which opens the photo."""
    record(
        tx,
        Event(
            kind="share_changed",
            origin=origin,
            subject_id=origin.actor_id,
            target=f"photo {uuid}",
            detail={"link": link},
        ),
    )
