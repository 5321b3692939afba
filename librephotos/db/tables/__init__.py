"""Every table of the schema, by name."""

from librephotos.db.tables.accounts import api_key, refresh_token, session, user
from librephotos.db.tables.albums import (
    album,
    album_link,
    album_photo,
    album_share,
    api_key_album,
    photo_link,
    photo_share,
)
from librephotos.db.tables.attempts import known_device, login_attempt
from librephotos.db.tables.audit import audit_event
from librephotos.db.tables.base import metadata
from librephotos.db.tables.collections import (
    deletion_log,
    event_album,
    event_photo,
    photo_tag,
    place_album,
    place_photo,
    tag,
    thing_album,
    thing_photo,
)
from librephotos.db.tables.copies import change_clock, sight
from librephotos.db.tables.people import face, person
from librephotos.db.tables.photos import (
    day,
    embedded_media,
    file,
    library_root,
    metadata_edit,
    photo,
    photo_metadata,
    photo_search,
    photo_step,
    write_back,
)
from librephotos.db.tables.server import fact, job, site_setting, worker
from librephotos.db.tables.stacks import detection, duplicate_group, duplicate_photo, photo_stack, stack_photo
from librephotos.db.tables.uploads import upload

__all__ = [
    "album",
    "album_link",
    "album_photo",
    "album_share",
    "api_key",
    "api_key_album",
    "audit_event",
    "change_clock",
    "day",
    "deletion_log",
    "detection",
    "duplicate_group",
    "duplicate_photo",
    "embedded_media",
    "event_album",
    "event_photo",
    "face",
    "fact",
    "file",
    "job",
    "known_device",
    "library_root",
    "login_attempt",
    "metadata",
    "metadata_edit",
    "person",
    "photo",
    "photo_link",
    "photo_metadata",
    "photo_search",
    "photo_share",
    "photo_stack",
    "photo_step",
    "photo_tag",
    "place_album",
    "place_photo",
    "refresh_token",
    "session",
    "sight",
    "site_setting",
    "stack_photo",
    "tag",
    "thing_album",
    "thing_photo",
    "upload",
    "user",
    "worker",
    "write_back",
]
