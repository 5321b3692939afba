"""Reviewing duplicate groups: keeping one photo, taking that back, dismissing and dropping a group.

Nothing is deleted: whatever is not kept goes to the trash, and reverting brings it back.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Boolean, bindparam, delete, select, update

from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Statement, id_list, is_in, scalar, statement
from librephotos.db.tables import duplicate_group, photo
from librephotos.db.transactions import Tx
from librephotos.errors import Refusal
from librephotos.jobs.queries import enqueue_job
from librephotos.photos.changes import photos_changed
from librephotos.photos.keys import find_key
from librephotos.photos.queries.selections import lock_photos
from librephotos.photos.visibility import VIEWER_ID
from librephotos.stacks.choosing import Member
from librephotos.stacks.kinds import DISMISSED, PENDING, RESOLVED
from librephotos.stacks.queries.duplicate_settling import COLUMNS, Group, store_group, weighed
from librephotos.stacks.queries.members import members_of_groups
from librephotos.stacks.queries.merging import merge_into, resolution_text
from librephotos.stacks.queries.taking_back import Resolution, take_back
from librephotos.stacks.refusals import no_group

NOT_IN_GROUP = "Photo not found in this duplicate group"
ONLY_RESOLVED = "Can only revert resolved duplicates"
# Of the job that cuts the pictures of faces which have none yet (people/kinds.py, which stands below this room).
CUT_FACES, CUT_FACES_TYPE = "scan_faces", 7

_OWN = Statement(
    select(*COLUMNS).where(
        duplicate_group.c.uuid == bindparam("sought"), duplicate_group.c.owner_id == VIEWER_ID
    ),
    Group,
)
_NAMES = Statement(
    select(photo.c.id).where(
        is_in(photo.c.id, "photo_ids"),
        (photo.c.uuid == bindparam("uuid")) | (photo.c.image_hash == bindparam("image_hash")),
    ),
    scalar,
)
_SET_TRASHED = statement(
    update(photo)
    .where(is_in(photo.c.id, "photo_ids"))
    .values(is_trashed=bindparam("new_trashed", type_=Boolean()))
)
_STILL_TRASHED = Statement(
    select(photo.c.id)
    .where(is_in(photo.c.id, "photo_ids"), photo.c.is_trashed.is_(True), photo.c.is_removed.is_(False))
    .order_by(photo.c.id),
    scalar,
)
_DELETE = statement(delete(duplicate_group).where(duplicate_group.c.id == bindparam("row_id")))


def require_group(tx: Tx, viewer: Viewer, uuid: str | None) -> Group:
    """Return an own group. Raises the published refusal for any other."""
    found = tx.first(_OWN, sought=uuid, viewer_id=viewer.user_id) if uuid else None
    if found is None:
        raise no_group()
    return found


def resolve(
    tx: Tx, viewer: Viewer, uuid: str | None, kept: str, origin: Origin, *, trash_others: bool
) -> int:
    """Keep one photo of a group; return how many went to the trash. What was resolved otherwise before is undone first.

    Raises Refusal for a photo that is not in the group, or not to be seen.
    """
    lock_photos(tx, viewer.user_id)
    stored = require_group(tx, viewer, uuid)
    group, touched, _ = _reopen(tx, stored)
    members = _members(tx, group)
    kept_id = _named(tx, kept, members)
    others = [each.photo_id for each in members if each.is_live and each.photo_id != kept_id]
    done = Resolution(kept=kept_id)
    if trash_others and others:
        done = msgspec.structs.replace(merge_into(tx, viewer.user_id, kept_id, others), trashed=others)
        tx.execute(_SET_TRASHED, photo_ids=id_list(others), new_trashed=True)
        if done.faces:
            enqueue_job(tx, viewer.user_id, CUT_FACES_TYPE, CUT_FACES)
    else:
        others = []
    resolved = msgspec.structs.replace(
        group, review_status=RESOLVED, kept_photo_id=kept_id, resolution=resolution_text(done)
    )
    store_group(tx, stored, weighed(resolved, _members(tx, resolved)))
    photos_changed(tx, viewer.user_id, sorted({*touched, kept_id, *others}))
    _tell(tx, origin, "resolved", trashed=len(others), **_widened(done))
    return len(others)


def revert(tx: Tx, viewer: Viewer, uuid: str | None, origin: Origin) -> int:
    """Undo a resolve; return how many photos came back from the trash. Raises Refusal unless it is resolved."""
    lock_photos(tx, viewer.user_id)
    stored = require_group(tx, viewer, uuid)
    if stored.review_status != RESOLVED:
        raise Refusal(400, {"error": ONLY_RESOLVED})
    group, touched, restored = _reopen(tx, stored)
    store_group(tx, stored, weighed(group, _members(tx, group)))
    photos_changed(tx, viewer.user_id, touched)
    _tell(tx, origin, "reverted", restored=restored)
    return restored


def dismiss(tx: Tx, viewer: Viewer, uuid: str | None, origin: Origin) -> None:
    """Say that these are no duplicates: no two of them are found again. What resolving did is undone."""
    lock_photos(tx, viewer.user_id)
    stored = require_group(tx, viewer, uuid)
    group, touched, _ = _reopen(tx, stored)
    dismissed = msgspec.structs.replace(group, review_status=DISMISSED)
    store_group(tx, stored, weighed(dismissed, _members(tx, dismissed)))
    photos_changed(tx, viewer.user_id, touched)
    _tell(tx, origin, "dismissed")


def drop(tx: Tx, viewer: Viewer, uuid: str | None, origin: Origin) -> int:
    """Forget a group; return of how many photos. What resolving did stays, and so does what is in the trash."""
    lock_photos(tx, viewer.user_id)
    group = require_group(tx, viewer, uuid)
    count = sum(1 for each in _members(tx, group) if not each.is_gone)
    tx.execute(_DELETE, row_id=group.group_id)
    _tell(tx, origin, "deleted")
    return count


def _reopen(tx: Tx, group: Group) -> tuple[Group, list[int], int]:
    """Take back what resolving did; return the group as pending, the photos touched, and how many were restored."""
    if group.review_status != RESOLVED:
        pending = msgspec.structs.replace(group, review_status=PENDING, kept_photo_id=None, resolution=None)
        return pending, [], 0
    touched = take_back(tx, group.undo)
    restored = tx.all(_STILL_TRASHED, photo_ids=id_list(group.undo.trashed))
    tx.execute(_SET_TRASHED, photo_ids=id_list(restored), new_trashed=False)
    pending = msgspec.structs.replace(group, review_status=PENDING, kept_photo_id=None, resolution=None)
    return pending, [*touched, *restored], len(restored)


def _members(tx: Tx, group: Group) -> Sequence[Member]:
    return members_of_groups(tx, [group.group_id]).get(group.group_id, [])


def _named(tx: Tx, text: str, members: Sequence[Member]) -> int:
    key = find_key(text)
    asked = id_list(each.photo_id for each in members if each.is_live)
    found: list[int] = []
    if key is not None:
        uuid, image_hash = (key.value, "") if key.is_uuid else ("", key.value)
        found = tx.all(_NAMES, photo_ids=asked, uuid=uuid, image_hash=image_hash)
    if not found:
        raise Refusal(400, {"error": NOT_IN_GROUP})
    return found[0]


def _widened(done: Resolution) -> dict[str, object]:
    """Say by what more people may see the kept photo than before."""
    told: dict[str, object] = {"albums": len(done.albums)} if done.albums else {}
    if done.shares:
        told["shares"] = len(done.shares)
    if done.after.is_public and not done.before.is_public:
        told["public"] = True
    return told


def _tell(tx: Tx, origin: Origin, action: str, **detail: object) -> None:
    event = Event(
        kind="duplicates_reviewed",
        origin=origin,
        subject_id=origin.actor_id,
        target=action,
        detail=detail,
    )
    record(tx, event)
