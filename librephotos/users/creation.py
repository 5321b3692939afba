"""Making accounts: sign-up, the first admin among them, and accounts made by admins.

Of parallel first sign-ups exactly one becomes the admin: the question and the answer are one locked transaction.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from pydantic import BaseModel

from librephotos.accounts import setup
from librephotos.accounts.confirmation import policy_in_force
from librephotos.accounts.events import Event, Origin, failed_sign_in, record
from librephotos.accounts.open_sessions import refuse_ended
from librephotos.accounts.password_policy import Owner, host_names, list_problems
from librephotos.accounts.server import Server
from librephotos.accounts.site_settings import SiteSettings, get_site_settings, store_site_settings
from librephotos.accounts.vault import Vault
from librephotos.accounts.viewer import Viewer
from librephotos.db.statements import Row
from librephotos.db.transactions import Tx
from librephotos.errors import BadInput, Conflict, Forbidden, NotAuthenticated
from librephotos.http.binding import bind
from librephotos.jobs import queries as job_queries
from librephotos.kit.text import normalize_username
from librephotos.settings import Settings
from librephotos.users import directories, queries
from librephotos.users.app_password import COLUMN, seal_app_password
from librephotos.users.inputs import NewUserInput, SignUpInput
from librephotos.users.outside import refuse_private_address
from librephotos.users.profile import to_columns
from librephotos.users.rule_tags import refuse_bad_tags

SCAN_JOB_TYPE: Final = 1
SCAN_JOB_KIND: Final = "scan"
STRICT: Final = "strict"


def refuse_sign_up(tx: Tx, viewer: Viewer, settings: Settings) -> None:
    """Raise NotAuthenticated or Forbidden unless set-up or registration is open, or an admin asks."""
    if setup.is_first_run(tx) or viewer.is_staff or viewer.is_superuser:
        return
    if get_site_settings(tx, settings).allow_registration:
        return
    raise NotAuthenticated if viewer.is_anonymous else Forbidden


async def sign_up(server: Server, viewer: Viewer, fields: object, origin: Origin) -> SignUpInput:
    """Create an account from a sign-up body and return that body. Raises every field's error at once.

    Trying out which names are taken, or set-up tokens, is guessing like any other: TooManyRequests.
    """
    if viewer.is_staff or viewer.is_superuser:
        return await _sign_up(server, viewer, fields, origin)
    attempt = await server.limiter.begin(msgspec.structs.replace(origin, method="sign-up"))
    async with server.limiter.turn(attempt):
        try:
            return await _sign_up(server, viewer, fields, origin)
        except (BadInput, Forbidden) as error:
            reason = _wrong_guess(error)
            if reason is not None:
                await server.limiter.failed(attempt, failed_sign_in(attempt.origin, None, "", reason=reason))
            raise


def _wrong_guess(error: BadInput | Forbidden) -> str | None:
    """Return what a refusal gave away, None where nothing could be guessed."""
    if ("username", queries.TAKEN) in error.entries:
        return "name taken"
    return "set-up token" if error.message == setup.CLOSED else None


async def _sign_up(server: Server, viewer: Viewer, fields: object, origin: Origin) -> SignUpInput:
    data: SignUpInput = await _checked(server, SignUpInput, fields)
    await server.db.read(_gate, viewer, server.settings, data.setup_token)
    stored = await server.pool.hash(data.password)
    site, others = await server.db.read(_surroundings, server.settings)
    folder = await _own_folder(server, site, others, data.username, may_exist=viewer.is_staff)
    columns = {
        "username": data.username,
        "password_hash": stored,
        "email": data.email,
        "first_name": data.first_name,
        "last_name": data.last_name,
        "favorite_min_rating": server.settings.default_favorite_min_rating,
    }
    root = await asyncio.to_thread(directories.first_root, server.settings)
    gate = (viewer, server.settings, data)
    await _written(server, _insert_sign_up, gate, columns, folder, root, origin)
    return data


async def create_account(server: Server, viewer: Viewer, fields: object, origin: Origin) -> int:
    """Create an account from an admin's body, any setting with it; return its id."""
    data: NewUserInput = await _checked(server, NewUserInput, fields)
    if (data.is_superuser or data.is_staff) and not viewer.is_superuser:
        raise Forbidden
    refuse_bad_tags(data.datetime_rules)
    if data.nextcloud_server_address:
        await refuse_private_address(
            server.settings, "nextcloud_server_address", data.nextcloud_server_address
        )
    columns = {
        "favorite_min_rating": server.settings.default_favorite_min_rating,
        **to_columns(data),
        "password_hash": await server.pool.hash(data.password),
        "is_staff": data.is_staff or data.is_superuser,
    }
    wanted = data.scan_directory
    site, others = await server.db.read(_surroundings, server.settings)
    if wanted in ("", directories.NONE_YET):
        columns["scan_directory"] = await _own_folder(server, site, others, data.username, may_exist=True)
    else:
        columns["scan_directory"] = await asyncio.to_thread(
            directories.resolve_scan_directory, server.settings, wanted
        )
    if data.upload_directory:
        columns["upload_directory"] = await asyncio.to_thread(
            directories.resolve_upload_directory, server.settings, data.upload_directory
        )
    user_id: int = await _written(
        server, _insert_account, viewer, columns, server.vault, data.nextcloud_app_password, origin
    )
    return user_id


async def _checked(server: Server, model: type[Any], fields: object) -> Any:  # the model's instance
    """Bind a body and add what only the database and the policy know, so that all errors come together."""
    entries: dict[str, str] = {}
    data: BaseModel | None = None
    try:
        data = bind(model, fields)
    except BadInput as error:
        entries = dict(error.entries)
        if not isinstance(fields, Mapping):
            raise
    given = fields if isinstance(fields, Mapping) else {}
    username, password = given.get("username"), given.get("password")
    name = normalize_username(username.strip()) if isinstance(username, str) else ""
    if name and "username" not in entries and await server.db.read(queries.is_taken, name):
        entries["username"] = queries.TAKEN
    if "password" not in entries and password is not None:
        policy = STRICT if given.get("password_policy") == STRICT else await policy_in_force(server)
        problems = list_problems(str(password), policy, _owner(server, given, name))
        if problems:
            entries["password"] = " ".join(problems)
    if entries:
        order = [
            "username",
            "password",
            *(name for name in model.model_fields if name not in ("username", "password")),
        ]
        known = [(field, entries[field]) for field in order if field in entries]
        raise BadInput(entries=known or list(entries.items()))
    return data


def _owner(server: Server, given: Mapping[str, object], username: str) -> Owner:
    texts = {
        name: value
        for name in ("email", "first_name", "last_name")
        if isinstance(value := given.get(name), str)
    }
    return Owner(username=username, hosts=host_names(server.settings), **texts)


def _gate(tx: Tx, viewer: Viewer, settings: Settings, token: str) -> None:
    refuse_sign_up(tx, viewer, settings)
    if setup.is_first_run(tx):
        setup.refuse_closed_setup(tx, token)


def _surroundings(tx: Tx, settings: Settings) -> tuple[SiteSettings, list[Row]]:
    return get_site_settings(tx, settings), queries.list_directories(tx)


async def _own_folder(
    server: Server, site: SiteSettings, others: list[Row], username: str, *, may_exist: bool
) -> str:
    if not site.auto_create_user_directory:
        return ""
    return await asyncio.to_thread(
        directories.create_user_directory, server.settings, username, others, may_exist=may_exist
    )


async def _written(server: Server, query: Any, *args: Any) -> Any:  # a query and its arguments
    try:
        return await server.db.write(query, *args)
    except Conflict:
        # Somebody took the name between the question and the insert.
        raise BadInput.of("username", queries.TAKEN) from None


def _insert_sign_up(  # one sign-up
    tx: Tx,
    gate: tuple[Viewer, Settings, SignUpInput],
    columns: dict[str, Any],
    folder: str,
    root: str,
    origin: Origin,
) -> None:
    setup.lock_first_run(tx)
    is_first = setup.is_first_run(tx)
    viewer, settings, data = gate
    _gate(tx, viewer, settings, data.setup_token)
    if is_first and data.password_policy == STRICT:
        changes = {"password_policy": STRICT}
        store_site_settings(tx, changes)
        record(tx, Event(kind="settings_changed", origin=origin, detail=changes))
    if is_first:
        columns = {**columns, "is_staff": True, "is_superuser": True}
    lock_directories(tx)
    directory = root if is_first else folder
    if directory and not directories.overlapping(directory, queries.list_directories(tx)):
        columns = {**columns, "scan_directory": directory}
    user_id = queries.create_user(tx, columns)
    _record_creation(tx, user_id, columns, origin, "set-up" if is_first else "sign-up")
    if is_first and "scan_directory" in columns:
        job_queries.enqueue_job(tx, user_id, SCAN_JOB_TYPE, SCAN_JOB_KIND)


def _insert_account(  # by whom, and what was sent, the secret in it apart
    tx: Tx,
    viewer: Viewer,
    columns: dict[str, Any],
    vault: Vault,
    app_password: str | None,
    origin: Origin,
) -> int:
    refuse_ended(tx, viewer)
    lock_directories(tx)
    refuse_overlap(tx, columns, but=0)
    user_id = queries.create_user(tx, columns)
    if app_password:
        queries.update_columns(tx, user_id, {COLUMN: seal_app_password(vault, user_id, app_password)})
    _record_creation(tx, user_id, columns, origin, "admin")
    return user_id


def _record_creation(tx: Tx, user_id: int, columns: dict[str, Any], origin: Origin, by: str) -> None:
    rights = {name: bool(columns.get(name)) for name in ("is_staff", "is_superuser")}
    event = Event(
        kind="user_created",
        origin=origin,
        subject_id=user_id,
        target=columns["username"],
        detail={"by": by, **rights},
    )
    record(tx, event)


def lock_directories(tx: Tx) -> None:
    """Let one transaction at a time compare directories and store one."""
    tx.lock("scan directories")


def refuse_overlap(tx: Tx, columns: Mapping[str, Any], *, but: int) -> None:
    """Raise BadInput when a directory in `columns` meets another account's; callers hold the lock."""
    others = queries.list_directories(tx, but=but)
    for name, what in (("scan_directory", "Scan directory"), ("upload_directory", "Upload directory")):
        refusal = directories.overlapping(columns[name], others, what) if columns.get(name) else None
        if refusal:
            raise BadInput.of(directories.FIELD, refusal)
