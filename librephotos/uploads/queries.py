"""The uploads under way, always the caller's own; and what becomes of one that is whole."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import upload, user
from librephotos.db.transactions import Tx
from librephotos.kit import clock
from librephotos.library.queries import owners
from librephotos.library.queries.uploaded import add_uploaded, has_content, sum_sizes
from librephotos.library.walk import Found
from librephotos.settings import Settings
from librephotos.uploads.placing import Directories
from librephotos.uploads.schemas import refused

LIFE: Final = clock.DAY
TOO_MANY: Final = "Too many uploads are open. Finish some of them first."
RETRY_SECONDS: Final = 60
NO_QUOTA: Final = "Your library may not grow any further on this server."


class Upload(msgspec.Struct, frozen=True):
    """`most_bytes` is what the owner's quota left when it began, None without one."""

    upload_id: str
    owner_id: int
    received_bytes: int
    most_bytes: int | None
    created_at: int

    @property
    def expires_at(self) -> int:
        return self.created_at + LIFE

    @property
    def is_expired(self) -> bool:
        return clock.now() >= self.expires_at


_OWN = (upload.c.upload_id == bindparam("sought"), upload.c.owner_id == bindparam("owner"))
_FIND = Statement(
    select(
        upload.c.upload_id,
        upload.c.owner_id,
        upload.c.received_bytes,
        upload.c.most_bytes,
        upload.c.created_at,
    ).where(*_OWN),
    Upload,
)
_OPEN = Statement(
    select(func.count(), func.coalesce(func.sum(upload.c.received_bytes), 0)).where(
        upload.c.owner_id == bindparam("owner"), upload.c.created_at > bindparam("since")
    ),
    lambda count, total: (int(count), int(total)),
)
_INSERT = statement(
    insert(upload).values(
        upload_id=bindparam("upload_id"),
        owner_id=bindparam("owner"),
        received_bytes=bindparam("received_bytes"),
        most_bytes=bindparam("most_bytes"),
        created_at=bindparam("created_at"),
    )
)
_ADVANCE = statement(update(upload).where(*_OWN).values(received_bytes=bindparam("new_received_bytes")))
_DELETE = statement(delete(upload).where(*_OWN))
_EXPIRED = Statement(
    select(upload.c.upload_id, upload.c.owner_id).where(upload.c.created_at < bindparam("before")),
    lambda upload_id, owner_id: (upload_id, owner_id),
)
_IDS = Statement(select(upload.c.upload_id), scalar)
_DIRECTORIES = Statement(
    select(user.c.scan_directory, user.c.upload_directory).where(user.c.id == bindparam("owner")),
    lambda scan, uploads: (scan, uploads),
)


def is_known(tx: Tx, viewer: Viewer, content_hash: str) -> bool:
    """Tell whether the caller's library has a file with this content; a hash of somebody else's is not known."""
    return has_content(tx, viewer.user_id, content_hash)


def find_upload(tx: Tx, viewer: Viewer, upload_id: str) -> Upload | None:
    return tx.first(_FIND, sought=upload_id, owner=viewer.user_id)


def begin_upload(tx: Tx, viewer: Viewer, upload_id: str, received_bytes: int, settings: Settings) -> Upload:
    """Raises Refusal when too many are open, and when the quota does not leave so much."""
    tx.lock(f"uploads of {viewer.user_id}")
    now = clock.now()
    count, open_bytes = tx.one(_OPEN, owner=viewer.user_id, since=now - LIFE)
    if count >= settings.open_uploads:
        refusal = refused(429, TOO_MANY)
        refusal.headers["Retry-After"] = str(RETRY_SECONDS)
        raise refusal
    most_bytes = None
    if settings.upload_quota_bytes:
        used = sum_sizes(tx, viewer.user_id) + open_bytes
        most_bytes = max(0, settings.upload_quota_bytes - used)
        if received_bytes > most_bytes:
            raise refused(507, NO_QUOTA)
    begun = Upload(upload_id, viewer.user_id, received_bytes, most_bytes, now)
    tx.execute(
        _INSERT,
        upload_id=upload_id,
        owner=viewer.user_id,
        received_bytes=received_bytes,
        most_bytes=most_bytes,
        created_at=now,
    )
    return begun


def require_quota(tx: Tx, owner_id: int, size_bytes: int, settings: Settings) -> None:
    """Raise Refusal when a whole file of this size would take the library beyond its quota."""
    if settings.upload_quota_bytes and (sum_sizes(tx, owner_id) + size_bytes > settings.upload_quota_bytes):
        raise refused(507, NO_QUOTA)


def advance_upload(tx: Tx, viewer: Viewer, upload_id: str, received_bytes: int) -> None:
    tx.execute(_ADVANCE, sought=upload_id, owner=viewer.user_id, new_received_bytes=received_bytes)


def delete_upload(tx: Tx, viewer: Viewer, upload_id: str) -> None:
    tx.execute(_DELETE, sought=upload_id, owner=viewer.user_id)


def finish_upload(tx: Tx, viewer: Viewer, upload_id: str, found: Found, content_hash: str, kind: str) -> None:
    """Make the file known that was put into the library, and forget the upload: both or neither."""
    delete_upload(tx, viewer, upload_id)
    add_uploaded(tx, viewer.user_id, found, content_hash, kind)


def get_directories(tx: Tx, owner_id: int) -> Directories:
    scan, uploads = tx.one(_DIRECTORIES, owner=owner_id)
    return Directories(scan, uploads, tuple(owners.list_other_scan_directories(tx, owner_id)))


def list_upload_ids(tx: Tx) -> list[str]:
    return tx.all(_IDS)


def delete_expired(tx: Tx, before: int) -> list[str]:
    """Forget what nobody finished; return their ids."""
    expired = tx.all(_EXPIRED, before=before)
    for upload_id, owner_id in expired:
        tx.execute(_DELETE, sought=upload_id, owner=owner_id)
    return [upload_id for upload_id, _ in expired]
