"""A request whose body comes long after its head counts as of its body: whoever lost the right meanwhile is refused."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from librephotos.accounts.events import Origin
from librephotos.accounts.hashing import HashingPool
from librephotos.accounts.limiter import Limiter
from librephotos.accounts.open_sessions import refuse_ended
from librephotos.accounts.queries import end_session, end_sessions, find_caller
from librephotos.accounts.sessions import Sessions
from librephotos.accounts.viewer import Viewer
from librephotos.db.database import Database
from librephotos.errors import Forbidden, InvalidToken, NotAuthenticated
from librephotos.users.credentials import store_password
from tests.builders import Builder
from tests.instance import Account, Instance
from tests.keys import add_key
from tests.photos.rows import read_all

# Longer than a body may take before the caller is looked at anew.
LATE_SECONDS = 0.6


class Held:
    """A request that the server has begun to read: its head, and of its body the first byte."""

    def __init__(
        self, instance: Instance, method: str, path: str, headers: dict[str, str], body: Any
    ) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.rest = content[1:]
        lines = {"Host": "x", "Content-Type": "application/json", "Connection": "close", **headers}
        lines["Content-Length"] = str(len(content))
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines.items()
        )
        self.line = socket.create_connection(("127.0.0.1", instance.port), timeout=60)
        self.line.sendall(head.encode() + b"\r\n" + content[:1])

    def finish(self) -> int:
        with self.line:
            self.line.sendall(self.rest)
            received = b""
            while block := self.line.recv(65536):
                received += block
        return int(received.split()[1])


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


def attempts(instance: Instance, account: Account, headers: dict[str, str], album: int) -> list[Held]:
    """Everything that would outlive the loss: a password, a key, an address, shares, links and what is gone."""
    own = f"/api/user/{account.user_id}/"
    photo = read_all(instance, f"SELECT uuid FROM photo WHERE owner_id = {account.user_id}")[0][0]
    wanted: list[tuple[str, str, Any]] = [
        ("PATCH", own, {"password": "an intruder's own", "email": "intruder@example.org"}),
        ("POST", "/api/auth/keys/", {"name": "kept", "scopes": ["photos:read"]}),
        ("POST", "/api/useralbum/makepublic", {"album_id": album, "val_public": True}),
        ("POST", "/api/photo/share", {"photo_id": photo}),
        ("POST", "/api/photosedit/setdeleted", {"image_hashes": [photo], "deleted": True}),
    ]
    return [Held(instance, method, path, headers, body) for method, path, body in wanted]


def rows(instance: Instance, account: Account) -> list[Any]:
    of_user = f"= {account.user_id}"
    return [
        read_all(instance, f'SELECT email, password_hash FROM "user" WHERE id {of_user}'),
        read_all(instance, f"SELECT id FROM api_key WHERE user_id {of_user}"),
        read_all(instance, f"SELECT is_trashed FROM photo WHERE owner_id {of_user}"),
        read_all(
            instance,
            "SELECT photo_id FROM photo_link WHERE photo_id IN "
            f"(SELECT id FROM photo WHERE owner_id {of_user})",
        ),
        read_all(
            instance,
            f"SELECT slug FROM album_link WHERE album_id IN (SELECT id FROM album WHERE owner_id {of_user})",
        ),
    ]


def sign_out(instance: Instance, owner: Account, thief: Account, admin: Account) -> None:
    with instance.client() as client:
        body = {"refresh": thief.refresh}
        assert client.post("/api/auth/token/blacklist/", json=body).status_code == 200


def end_all(instance: Instance, owner: Account, thief: Account, admin: Account) -> None:
    with instance.client(owner.bearer) as client:
        assert client.delete("/api/auth/sessions/").status_code == 204


def new_password(instance: Instance, owner: Account, thief: Account, admin: Account) -> None:
    with instance.client(owner.bearer) as client:
        body = {"password": "the owner's newer one"}
        assert client.patch(f"/api/user/{owner.user_id}/", json=body).status_code == 200


def disable(instance: Instance, owner: Account, thief: Account, admin: Account) -> None:
    with instance.client(admin.bearer) as client:
        path = f"/api/manage/user/{owner.user_id}/"
        assert client.patch(path, json={"is_active": False}).status_code == 200


@pytest.mark.parametrize(
    ("way", "end"),
    [
        ("bearer", sign_out),
        ("bearer", end_all),
        ("bearer", new_password),
        ("bearer", disable),
        ("basic", new_password),
        ("basic", disable),
    ],
)
def test_what_an_ended_session_began_is_refused(
    instance: Instance, admin: Account, way: str, end: Callable[..., None]
) -> None:
    owner = instance.add_user(password="the owner's")
    builder = Builder(instance)
    album = builder.add_album(owner, builder.add_photo(owner, with_files=False))
    thief = instance.open_session(owner)
    headers = thief.bearer if way == "bearer" else basic(instance, owner)
    held = attempts(instance, owner, headers, album)
    time.sleep(LATE_SECONDS)
    end(instance, owner, thief, admin)
    before = rows(instance, owner)
    # Or, where a head was waited for so long itself, the account is not there any more.
    assert {each.finish() for each in held} <= ({401, 404} if end is disable else {401})
    assert rows(instance, owner) == before


def basic(instance: Instance, owner: Account) -> dict[str, str]:
    request = instance.client().build_request("GET", "/")
    header: str = next(owner.basic.sync_auth_flow(request)).headers["Authorization"]
    return {"Authorization": header}


def test_so_is_what_a_revoked_key_and_an_admin_of_before_began(instance: Instance, admin: Account) -> None:
    owner, former = instance.add_user(), instance.add_user(is_admin=True)
    photo = Builder(instance).add_photo(owner, with_files=False)
    key = add_key(instance, owner, "photos:write")
    body = {"image_hashes": [photo.uuid], "deleted": True}
    by_key = Held(instance, "POST", "/api/photosedit/setdeleted/", key.bearer, body)
    target = f"/api/manage/user/{owner.user_id}/"
    by_admin = Held(instance, "PATCH", target, former.bearer, {"is_superuser": True})
    time.sleep(LATE_SECONDS)
    with instance.client(owner.bearer) as client:
        assert client.delete(f"/api/auth/keys/{key.key_id}/").status_code == 204
    with instance.client(admin.bearer) as client:
        path = f"/api/manage/user/{former.user_id}/"
        assert client.patch(path, json={"is_superuser": False, "is_staff": False}).status_code == 200
    assert (by_key.finish(), by_admin.finish()) == (401, 403)
    assert read_all(instance, f"SELECT is_trashed FROM photo WHERE id = {photo.photo_id}") == [(0,)]
    assert read_all(instance, f'SELECT is_superuser FROM "user" WHERE id = {owner.user_id}') == [(0,)]


CHUNK = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n\r\n'
    + b"x" * 5000
    + b"\r\n--b--\r\n"
)


def test_nor_is_anything_uploaded_by_an_account_that_is_gone(instance: Instance, admin: Account) -> None:
    owner = instance.add_user()
    form = {"Content-Type": "multipart/form-data; boundary=b", **owner.bearer}
    chunk = Held(instance, "POST", "/api/upload/", form, CHUNK)
    fields = {"upload_id": "0" * 32, "md5": "0" * 32, "filename": "a.jpg"}
    whole = Held(instance, "POST", "/api/upload/complete/", owner.bearer, fields)
    time.sleep(LATE_SECONDS)
    with instance.client(admin.bearer) as client:
        assert client.delete(f"/api/delete/user/{owner.user_id}/").status_code == 204
    # In the words of uploads.
    assert (chunk.finish(), whole.finish()) == (403, 403)
    assert read_all(instance, f"SELECT id FROM upload WHERE owner_id = {owner.user_id}") == []
    assert "request failed" not in instance.log()


def test_a_slow_line_is_no_reason(instance: Instance, user: Account) -> None:
    held = Held(instance, "PATCH", f"/api/user/{user.user_id}/", user.bearer, {"first_name": "Slow"})
    nobody = Held(instance, "POST", "/api/auth/token/refresh/", {}, {"refresh": user.refresh})
    time.sleep(LATE_SECONDS)
    assert (held.finish(), nobody.finish()) == (200, 200)


@pytest.mark.parametrize("end", ["session", "password", "account"])
def test_no_credential_is_made_behind_the_end_of_a_login(instance: Instance, end: str) -> None:
    """As when a request waited for a hash while its login ended."""
    owner = instance.add_user()
    with instance.db.snapshot() as tx:
        caller = find_caller(tx, owner.user_id, owner.sid)
    assert caller is not None and caller.session_id is not None
    by_session = Viewer(user_id=owner.user_id, session_id=caller.session_id, method="bearer")
    by_password = Viewer(user_id=owner.user_id, valid_from=caller.tokens_valid_from, method="basic")
    for viewer in (by_session, by_password):
        instance.db.commit(refuse_ended, viewer)
    if end == "session":
        instance.db.commit(lambda tx: end_session(tx, by_session.session_id or 0))
        instance.db.commit(refuse_ended, by_password)
    elif end == "password":
        instance.db.commit(lambda tx: end_sessions(tx, owner.user_id))
    else:
        Builder(instance).change_user(owner, is_active=False)
    ended = [by_session] if end == "session" else [by_session, by_password]
    stored = rows(instance, owner)
    for viewer in ended:
        with pytest.raises(NotAuthenticated):
            instance.db.commit(store_password, viewer, owner.user_id, owner.username, "!x", Origin())
    assert rows(instance, owner) == stored


def test_nor_is_an_account_made_or_changed_by_whoever_is_no_admin_any_more(instance: Instance) -> None:
    former = instance.add_user()
    with instance.db.snapshot() as tx:
        caller = find_caller(tx, former.user_id, former.sid)
    assert caller is not None
    as_before = {"is_staff": True, "is_superuser": True}
    for viewer in (
        Viewer(user_id=former.user_id, session_id=caller.session_id, **as_before),
        Viewer(user_id=former.user_id, valid_from=caller.tokens_valid_from, is_staff=True),
    ):
        with pytest.raises(Forbidden):
            instance.db.commit(refuse_ended, viewer)


class Meanwhile(Database):
    """A database in which all sessions of an account end just before each write."""

    account: Account

    async def write(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        self.commit(end_sessions, self.account.user_id)
        return await super().write(query, *args, **kwargs)


def test_no_session_begins_behind_the_end_of_all(instance: Instance, user: Account) -> None:
    """A token of no session becomes one when it is first refreshed, unless the password has changed by then."""
    db = Meanwhile(instance.database_url)
    db.account = user
    limiter = Limiter(db)
    sessions = Sessions(db, instance.signer, HashingPool(lambda: 0), limiter)
    foreign = instance.signer.mint_refresh({"user_id": str(user.user_id)})
    before = read_all(instance, f"SELECT id FROM session WHERE user_id = {user.user_id}")
    try:
        with pytest.raises(InvalidToken):
            asyncio.run(sessions.refresh(foreign.text, Origin()))
    finally:
        sessions.pool.close()
        db.close()
    assert read_all(instance, f"SELECT id FROM session WHERE user_id = {user.user_id}") == before
