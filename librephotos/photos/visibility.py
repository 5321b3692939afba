"""Who may see which photo: the one SQL condition that every query of photos narrows itself with.

Give the parameter `viewer_id` (0 for anonymous) with the conditions that ask about the viewer, and `now` with those
about links. An album only vouches for photos of its own owner.

An API key may be limited to albums. Statements are built twice for that, once for everybody and once, with `narrowed`,
for such keys (`Viewer.is_limited`), whose number is the parameter `key_id`; what was counted for everybody, such as
`day.photo_count`, is nothing for them. A route says `narrows=True` when all that it reads keeps to this.
"""

from typing import cast

from sqlalchemy import ColumnElement, and_, bindparam, exists, literal_column, or_

from librephotos.db.tables import (
    album,
    album_link,
    album_photo,
    album_share,
    api_key_album,
    photo,
    photo_share,
    site_setting,
    user,
)
from librephotos.db.types import BigInteger

VIEWER_ID = bindparam("viewer_id", type_=BigInteger())
NOW = bindparam("now", type_=BigInteger())
KEY_ID = bindparam("key_id", type_=BigInteger())


def has_not(flag: str) -> ColumnElement[bool]:
    """The photo lacks a flag, spelled as the partial indexes spell it: SQLite compares the words.

    Without a type on purpose: of a Boolean, SQLite is sent `NOT photo.is_hidden = 1`, which no index matches.
    """
    return cast("ColumnElement[bool]", literal_column(f"NOT photo.{flag}"))


# Thumbnails exist.
IS_READY: ColumnElement[bool] = photo.c.aspect_ratio.is_not(None)
IS_KEPT: ColumnElement[bool] = has_not("is_removed")
IS_VISIBLE: ColumnElement[bool] = and_(IS_READY, has_not("is_hidden"), has_not("is_trashed"), IS_KEPT)
IS_OWN: ColumnElement[bool] = photo.c.owner_id == VIEWER_ID
# What anybody may see, signed in or not.
IS_PUBLIC: ColumnElement[bool] = and_(photo.c.is_public.is_(True), IS_VISIBLE)

_in_album_of_its_owner = and_(
    album_photo.c.photo_id == photo.c.id,
    album.c.id == album_photo.c.album_id,
    album.c.owner_id == photo.c.owner_id,
)

# The owner shared this photo with the viewer.
IS_SHARED_DIRECTLY: ColumnElement[bool] = (
    exists().where(photo_share.c.photo_id == photo.c.id, photo_share.c.user_id == VIEWER_ID).correlate(photo)
)
# The photo is in an album of its owner that is shared with the viewer.
IS_IN_SHARED_ALBUM: ColumnElement[bool] = (
    exists()
    .where(_in_album_of_its_owner, album_share.c.album_id == album.c.id, album_share.c.user_id == VIEWER_ID)
    .correlate(photo)
)
# An admin may have switched public links off, all at once (accounts/site_settings.py).
LINKS_ARE_ALLOWED: ColumnElement[bool] = ~exists().where(
    site_setting.c.name == "allow_public_links", site_setting.c.value == "false"
)
# What an account shares by links is closed together with the account.
_link_owner = user.alias("link_owner")
_OWNER_IS_ACTIVE: ColumnElement[bool] = (
    exists().where(_link_owner.c.id == album.c.owner_id, _link_owner.c.is_active.is_(True)).correlate(album)
)
# The public link of an album works.
IS_LIVE_LINK: ColumnElement[bool] = and_(
    LINKS_ARE_ALLOWED,
    _OWNER_IS_ACTIVE,
    album_link.c.is_enabled.is_(True),
    or_(album_link.c.expires_at.is_(None), album_link.c.expires_at > NOW),
)
LINKS_OF_PHOTO: ColumnElement[bool] = and_(
    _in_album_of_its_owner, album_link.c.album_id == album.c.id, IS_LIVE_LINK
)
# The photo is in an album of its owner whose public link works.
IS_IN_LIVE_LINK: ColumnElement[bool] = exists().where(LINKS_OF_PHOTO).correlate(photo)

# In grids and lists: visible, and public, own, or shared with the viewer.
IS_VISIBLE_TO_VIEWER: ColumnElement[bool] = and_(
    IS_VISIBLE, or_(photo.c.is_public.is_(True), IS_OWN, IS_SHARED_DIRECTLY, IS_IN_SHARED_ALBUM)
)
# One photo by its id: as above, and for the owner hidden and trashed ones too.
IS_OPENABLE: ColumnElement[bool] = or_(and_(IS_OWN, IS_KEPT, IS_READY), IS_VISIBLE_TO_VIEWER)
# As above, and for the owner those that are still being processed.
IS_OPENABLE_EARLY: ColumnElement[bool] = or_(and_(IS_OWN, IS_KEPT), IS_VISIBLE_TO_VIEWER)

# The photo is in an album that the caller's key is limited to, put there by the photo's and the album's one owner.
IS_WITHIN_KEY: ColumnElement[bool] = (
    exists()
    .where(_in_album_of_its_owner, api_key_album.c.album_id == album.c.id, api_key_album.c.key_id == KEY_ID)
    .correlate(photo)
)
# The album itself is one of them.
IS_ALBUM_OF_KEY: ColumnElement[bool] = (
    exists().where(api_key_album.c.album_id == album.c.id, api_key_album.c.key_id == KEY_ID).correlate(album)
)


def narrowed(condition: ColumnElement[bool], is_limited: bool) -> ColumnElement[bool]:
    """Return `condition` for everybody, or for keys that are limited to albums."""
    return and_(condition, IS_WITHIN_KEY) if is_limited else condition
