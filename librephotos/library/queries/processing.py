"""What happened to a file, and to a photo: step by step, for its owner."""

from typing import Any, Final

from sqlalchemy import Text, bindparam, func, or_, select

from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, contains, like_pattern, scalar
from librephotos.db.tables import file, photo, photo_step
from librephotos.db.transactions import Tx
from librephotos.errors import NotFound
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock
from librephotos.library.schemas import FileAccount, PhotoProcessing, StepAccount
from librephotos.photos.keys import PhotoKey

KINDS: Final = {1: "image", 2: "video", 3: "sidecar", 4: "raw", 5: "other"}


def _account(*row: Any) -> FileAccount:  # the columns of _FILE_COLUMNS
    file_id, path, kind, state, reason, is_missing, pending, uuid, checked_at = row
    return FileAccount(
        id=file_id,
        path=path,
        kind=KINDS.get(kind, "other"),
        state=state,
        reason=reason,
        is_missing=is_missing,
        is_waiting=pending > 0,
        photo_id=uuid,
        checked_at=clock.iso(checked_at),
    )


_FILE_COLUMNS = (
    file.c.id,
    file.c.path,
    file.c.kind,
    file.c.state,
    file.c.reason,
    file.c.is_missing,
    file.c.pending,
    photo.c.uuid,
    file.c.checked_at,
)
_FROM = file.outerjoin(photo, photo.c.id == file.c.photo_id)
_PHOTO = {
    is_uuid: Statement(
        select(photo.c.id, photo.c.uuid)
        .where(
            (photo.c.uuid if is_uuid else photo.c.image_hash) == bindparam("key"),
            photo.c.owner_id == bindparam("owner"),
        )
        .order_by(photo.c.id)
        .limit(1),
        lambda photo_id, uuid: (photo_id, uuid),
    )
    for is_uuid in (True, False)
}
_STEPS = Statement(
    select(photo_step.c.step, photo_step.c.state, photo_step.c.reason, photo_step.c.finished_at)
    .where(photo_step.c.photo_id == bindparam("photo_id"))
    .order_by(photo_step.c.finished_at, photo_step.c.step),
    lambda step, state, reason, at: StepAccount(step, state, reason, clock.iso(at)),
)
_FILES_OF = Statement(
    select(*_FILE_COLUMNS)
    .select_from(_FROM)
    .where(file.c.photo_id == bindparam("photo_id"))
    .order_by(file.c.path_bytes),
    _account,
)
_IS_WANTED = (
    file.c.owner_id == bindparam("owner"),
    or_(bindparam("state", type_=Text()) == "", file.c.state == bindparam("state", type_=Text())),
    contains(file.c.path, "pattern"),
)
_COUNT = Statement(select(func.count()).select_from(file).where(*_IS_WANTED), scalar)
_LIST = Statement(
    select(*_FILE_COLUMNS)
    .select_from(_FROM)
    .where(*_IS_WANTED)
    .order_by(file.c.path_bytes)
    .limit(bindparam("size"))
    .offset(bindparam("offset")),
    _account,
)


def get_processing(tx: Tx, viewer: Viewer, key: PhotoKey) -> PhotoProcessing:
    """Return what happened to a photo of the viewer's own. Raises NotFound, for those of others too."""
    found = tx.first(_PHOTO[key.is_uuid], key=key.value, owner=viewer.user_id)
    if found is None:
        raise NotFound.of("Photo")
    photo_id, uuid = found
    return PhotoProcessing(uuid, tx.all(_STEPS, photo_id=photo_id), tx.all(_FILES_OF, photo_id=photo_id))


def list_files(tx: Tx, viewer: Viewer, part: str, state: str, page: PageRequest) -> Page[FileAccount]:
    """Return the viewer's known files whose paths contain `part`, of all states when `state` is empty."""
    wanted = {"owner": viewer.user_id, "pattern": like_pattern(part), "state": state}
    count: int = tx.one(_COUNT, **wanted)
    settled = page.settle(count)
    return settled.answer(count, tx.all(_LIST, size=settled.size, offset=settled.offset, **wanted))
