"""Changing accounts: who may change whose, what a change ends, and what must stay true for the installation."""

import asyncio
from typing import Any, Final

from librephotos.accounts import queries as account_queries
from librephotos.accounts.events import Event, Origin, record
from librephotos.accounts.keys import queries as key_queries
from librephotos.accounts.open_sessions import refuse_ended
from librephotos.accounts.password_policy import Owner, host_names
from librephotos.accounts.server import Server
from librephotos.accounts.viewer import Viewer
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, Conflict, Forbidden
from librephotos.http.binding import UploadedFile
from librephotos.jobs.queries import enqueue_job
from librephotos.search.kinds import EMBED_PICTURES, EMBED_PICTURES_TYPE
from librephotos.users import avatars, directories, queries
from librephotos.users.app_password import app_password_columns
from librephotos.users.creation import lock_directories, refuse_overlap
from librephotos.users.credentials import hash_new_password, store_password
from librephotos.users.inputs import ManageInput, ProfileInput
from librephotos.users.outside import refuse_private_address
from librephotos.users.profile import to_columns
from librephotos.users.rows import UserRow
from librephotos.users.rule_tags import FIELD, refuse_bad_tags

FLAGS: Final = ("is_active", "is_staff", "is_superuser")
LAST_SUPERUSER: Final = "The last active superuser can't be disabled or demoted."


def refuse_stranger(viewer: Viewer, row: UserRow) -> None:
    """Raise Forbidden unless the account is the caller's own, or the caller an admin who may change it."""
    if viewer.user_id == row.id or viewer.is_superuser:
        return
    if not viewer.is_staff or row.is_superuser:
        raise Forbidden


def get_editable(tx: Tx, viewer: Viewer, user_id: int) -> UserRow:
    """Return an account to change. Raises NotFound for one that can't be seen, Forbidden for somebody else's."""
    row = queries.find_visible(tx, viewer, user_id)
    refuse_stranger(viewer, row)
    return row


async def change_profile(
    server: Server, viewer: Viewer, row: UserRow, data: ProfileInput, origin: Origin
) -> None:
    """Store what was sent. A new picture is on the disk before its row, the old one goes after."""
    columns = to_columns(data)
    columns |= await asyncio.to_thread(app_password_columns, server.vault, row, data)
    address = columns.get("nextcloud_server_address")
    if address and address != row.nextcloud_server_address:
        await refuse_private_address(server.settings, "nextcloud_server_address", address)
    rules = columns.get(FIELD)
    # Clients send everything back as it was.
    if rules is not None and rules != row.datetime_rules:
        refuse_bad_tags(rules)
    owner = _owner(server, row, columns)
    stored = await hash_new_password(server, viewer, origin, row, owner, data.password, data.current_password)
    picture: str | None = None
    if isinstance(data.avatar, UploadedFile):
        picture = await asyncio.to_thread(
            avatars.store_avatar, server.settings.data, row.id, data.avatar.content
        )
    if "avatar" in data.model_fields_set:
        columns["avatar"] = picture
    try:
        before = await server.db.write(_store_profile, viewer, row.id, columns, stored, origin)
    except BaseException:
        avatars.remove_avatar(server.settings.data, picture)
        raise
    if "avatar" in columns:
        avatars.remove_avatar(server.settings.data, before.avatar)


def _store_profile(  # what was sent, by whom, and from where
    tx: Tx, viewer: Viewer, user_id: int, columns: dict[str, Any], stored: str | None, origin: Origin
) -> UserRow:
    row = get_editable(tx, viewer, user_id)
    queries.update_columns(tx, user_id, columns)
    _record_change(tx, row, columns, origin)
    if not row.semantic_search_topk and columns.get("semantic_search_topk"):
        # As published: whoever switches it on has pictures prepared, or is told why not.
        enqueue_job(tx, user_id, EMBED_PICTURES_TYPE, EMBED_PICTURES)
    if stored is not None:
        store_password(tx, viewer, user_id, row.username, stored, origin)
    return row


def _record_change(tx: Tx, row: UserRow, columns: dict[str, Any], origin: Origin) -> None:
    """Clients send whole rows back: what counts is what differs. Of values only the rights are told."""
    changed = sorted(name for name, value in columns.items() if value != getattr(row, name, None))
    if not changed:
        return
    rights: dict[str, Any] = {name: columns[name] for name in FLAGS if name in changed}
    detail: dict[str, Any] = {"fields": changed, **rights}
    record(
        tx, Event(kind="user_changed", origin=origin, subject_id=row.id, target=row.username, detail=detail)
    )


async def change_managed(
    server: Server, viewer: Viewer, row: UserRow, data: ManageInput, origin: Origin
) -> None:
    """Store what an admin set. An empty scan directory or password leaves the old one."""
    columns = to_columns(data)
    _drop_unchanged_flags(viewer, row, columns)
    if columns.get("is_superuser"):
        columns["is_staff"] = True
    if not columns.get("scan_directory") or columns["scan_directory"] == directories.NONE_YET:
        columns.pop("scan_directory", None)
    for name, resolve in (
        ("scan_directory", directories.resolve_scan_directory),
        ("upload_directory", directories.resolve_upload_directory),
    ):
        if columns.get(name):
            columns[name] = await asyncio.to_thread(resolve, server.settings, columns[name])
    owner = _owner(server, row, columns)
    stored = await hash_new_password(server, viewer, origin, row, owner, data.password, data.current_password)
    try:
        await server.db.write(_store_managed, viewer, row.id, columns, stored, origin)
    except Conflict:
        raise BadInput.of("username", queries.TAKEN) from None


def _drop_unchanged_flags(viewer: Viewer, row: UserRow, columns: dict[str, Any]) -> None:
    """Clients send whole rows back; a flag as it was changes nothing, another needs a superuser."""
    for name in FLAGS:
        if name in columns and columns[name] == getattr(row, name):
            del columns[name]
        elif name in columns and not viewer.is_superuser:
            raise Forbidden


def _store_managed(  # what was sent, by whom, and from where
    tx: Tx, viewer: Viewer, user_id: int, columns: dict[str, Any], stored: str | None, origin: Origin
) -> None:
    lock_directories(tx)
    queries.lock_superusers(tx)
    refuse_ended(tx, viewer)
    row = queries.get_managed(tx, user_id)
    refuse_stranger(viewer, row)
    if "username" in columns and queries.is_taken(tx, columns["username"], but=user_id):
        raise BadInput.of("username", queries.TAKEN)
    refuse_overlap(tx, columns, but=user_id)
    _refuse_last_superuser(tx, row, columns)
    queries.update_columns(tx, user_id, columns)
    _record_change(tx, row, columns, origin)
    if stored is not None:
        store_password(tx, viewer, user_id, row.username, stored, origin)
    if columns.get("is_active") is False:
        account_queries.end_sessions(tx, user_id)
        key_queries.revoke_all(tx, user_id, "the account was disabled")


def _refuse_last_superuser(tx: Tx, row: UserRow, columns: dict[str, Any]) -> None:
    if not (row.is_superuser and row.is_active):
        return
    for name in ("is_active", "is_superuser"):
        if columns.get(name) is False and queries.is_last_superuser(tx, row.id):
            raise BadInput.of(name, LAST_SUPERUSER)


def _owner(server: Server, row: UserRow, columns: dict[str, Any]) -> Owner:
    names = ("username", "email", "first_name", "last_name")
    told = {name: columns.get(name, getattr(row, name)) for name in names}
    return Owner(**told, hosts=host_names(server.settings))
