"""The password of somebody's Nextcloud: stored sealed, answered nowhere, and bound to the address it was given for."""

from typing import Any

import httpx
from sqlalchemy import bindparam, select

from librephotos.accounts.vault import Vault
from librephotos.db.statements import Statement, scalar
from librephotos.db.tables import user as user_table
from librephotos.users.app_password import open_app_password
from tests.conftest import NewInstance
from tests.instance import Account, Instance

PASSWORD = "abcde-fGhIj-12345"
ADDRESS = "https://192.0.2.1"

_STORED = Statement(
    select(user_table.c.nextcloud_app_password).where(user_table.c.id == bindparam("user_id")), scalar
)


def stored(instance: Instance, user_id: int) -> str | None:
    with instance.db.snapshot() as tx:
        return tx.first(_STORED, user_id=user_id)


def opened(instance: Instance, user_id: int) -> str | None:
    text = stored(instance, user_id)
    return None if text is None else open_app_password(Vault(instance.data), user_id, text)


def change(client: httpx.Client, account: Account, **fields: Any) -> Any:  # JSON
    answer = client.patch(f"/api/user/{account.user_id}/", json=fields)
    assert answer.status_code == 200, answer.text
    assert PASSWORD not in answer.text
    assert "nextcloud_app_password" not in answer.json()
    return answer.json()


def test_it_is_kept_sealed_and_never_sent(instance: Instance, user: Account, client: httpx.Client):
    change(client, user, nextcloud_app_password=f" {PASSWORD} ", nextcloud_username="anna")
    assert opened(instance, user.user_id) == PASSWORD
    assert PASSWORD not in (stored(instance, user.user_id) or "")
    assert PASSWORD not in client.get(f"/api/user/{user.user_id}/").text
    assert PASSWORD not in instance.log()


def test_what_does_not_name_it_leaves_it_and_an_empty_one_takes_it_away(
    instance: Instance, user: Account, client: httpx.Client
):
    for empty in ("", None):
        whole = change(client, user, nextcloud_app_password=PASSWORD)
        # Clients send the whole row back.
        change(client, user, **{name: whole[name] for name in whole if name.startswith("nextcloud_")})
        assert opened(instance, user.user_id) == PASSWORD
        change(client, user, nextcloud_app_password=empty)
        assert stored(instance, user.user_id) is None


def test_another_address_forgets_it_unless_it_comes_along(new_instance: NewInstance):
    instance = new_instance(private_hosts="192.0.2.1,192.0.2.2")
    user, admin = instance.add_user(), instance.add_user(is_admin=True)
    with instance.client(user.bearer) as client, instance.client(admin.bearer) as by_admin:
        change(client, user, nextcloud_server_address=ADDRESS, nextcloud_app_password=PASSWORD)
        change(client, user, nextcloud_server_address=ADDRESS)
        assert opened(instance, user.user_id) == PASSWORD
        change(by_admin, user, nextcloud_server_address="https://192.0.2.2")
        assert stored(instance, user.user_id) is None
        change(client, user, nextcloud_server_address=ADDRESS, nextcloud_app_password=PASSWORD)
        assert opened(instance, user.user_id) == PASSWORD


def test_an_admin_may_give_it_with_a_new_account(instance: Instance, admin: Account):
    body = {"username": "with-nextcloud", "password": "a fair password", "nextcloud_app_password": PASSWORD}
    with instance.client(admin.bearer) as client:
        answer = client.post("/api/user/", json=body)
    assert answer.status_code == 201, answer.text
    assert PASSWORD not in answer.text
    assert opened(instance, answer.json()["id"]) == PASSWORD
