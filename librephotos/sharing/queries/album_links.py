"""Making, changing and ending the public link of an album."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, literal, or_, select

from librephotos.accounts.events import Origin
from librephotos.accounts.viewer import Viewer
from librephotos.albums.queries.user_album_edits import tell_share
from librephotos.db.statements import Row, Statement, as_row, scalar, statement, upsert
from librephotos.db.tables import album, album_link
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, Refusal
from librephotos.kit import ids
from librephotos.kit.clock import iso_or_none
from librephotos.photos.changes import lists_changed
from librephotos.photos.queries.albums import IS_SHARED_WITH_VIEWER
from librephotos.photos.visibility import LINKS_ARE_ALLOWED, VIEWER_ID

SLUG_TAKEN = "This address is already in use."
SWITCHES = ("share_location", "share_camera_info", "share_timestamps", "share_captions", "share_faces")


class LinkChange(msgspec.Struct, frozen=True):
    """What to change; of options and end only what was sent. Without a `slug` the old one stays or one is made."""

    is_enabled: bool
    slug: str = ""
    changes_end: bool = False
    expires_at: int | None = None
    options: dict[str, bool | None] = {}


class _Link(msgspec.Struct, frozen=True):
    is_enabled: bool = False
    slug: str | None = None
    is_chosen: bool = False
    expires_at: int | None = None
    share_location: bool | None = None
    share_camera_info: bool | None = None
    share_timestamps: bool | None = None
    share_captions: bool | None = None
    share_faces: bool | None = None


_KNOWN: Statement[Row] = Statement(
    select(album.c.owner_id).where(
        album.c.id == bindparam("album_id"), or_(album.c.owner_id == VIEWER_ID, IS_SHARED_WITH_VIEWER)
    ),
    as_row,
)
_LINK = Statement(
    select(*(album_link.c[name] for name in _Link.__struct_fields__)).where(
        album_link.c.album_id == bindparam("album_id")
    ),
    _Link,
)
_BY_SLUG = Statement(select(album_link.c.album_id).where(album_link.c.slug == bindparam("wanted")), scalar)
_ALLOWED = Statement(select(literal(1)).where(LINKS_ARE_ALLOWED), scalar)
_SAVE = statement(upsert(album_link, key=["album_id"], update=_Link.__struct_fields__))


def change_link(tx: Tx, viewer: Viewer, album_id: int, change: LinkChange, origin: Origin) -> None:
    """Enable, change or disable the link of an own album. Raises Refusal with the published messages, BadInput."""
    tx.lock("album links")
    known = tx.first(_KNOWN, album_id=album_id, viewer_id=viewer.user_id)
    if known is None:
        raise _refused(404, "No such album")
    if known[0] != viewer.user_id:
        raise _refused(403, "You are not the owner of this album")
    if change.is_enabled:
        require_allowed(tx)
    old = tx.first(_LINK, album_id=album_id) or _Link()
    new = _changed(old, change)
    if new.slug is not None and tx.first(_BY_SLUG, wanted=new.slug) not in (None, album_id):
        raise BadInput.of("slug", SLUG_TAKEN)
    tx.execute(_SAVE, album_id=album_id, **msgspec.structs.asdict(new))
    lists_changed(tx, viewer.user_id)
    if old != new:
        tell_share(tx, origin, album_id, **_told(old, new))


def require_allowed(tx: Tx) -> None:
    """Raises Refusal where an admin has switched public links off."""
    if tx.first(_ALLOWED) is None:
        raise _refused(403, "Public links are switched off on this server")


def _changed(old: _Link, change: LinkChange) -> _Link:
    slug, is_chosen = None, False
    if change.is_enabled:
        slug, is_chosen = old.slug, old.is_chosen
        if change.slug and change.slug != old.slug:
            slug, is_chosen = change.slug, True
        slug = slug or ids.new_token()
    return msgspec.structs.replace(
        old,
        is_enabled=change.is_enabled,
        # What was switched off never comes back by itself.
        slug=slug,
        is_chosen=is_chosen,
        expires_at=change.expires_at if change.changes_end else old.expires_at,
        **change.options,
    )


def _told(old: _Link, new: _Link) -> dict[str, Any]:
    """What the log says: never the slug, which opens the album."""
    link = "disabled"
    if new.is_enabled:
        link = "enabled" if not old.is_enabled else "moved" if old.slug != new.slug else "changed"
    shared = [name for name in SWITCHES if getattr(new, name)]
    return {"link": link, "expires_at": iso_or_none(new.expires_at), "shared": shared}


def _refused(status: int, message: str) -> Refusal:
    return Refusal(status, {"status": False, "message": message})
