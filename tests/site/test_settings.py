"""Site settings: who reads what, strict types, and models that really run."""

from typing import Any

import httpx
import pytest

from librephotos.accounts.facts import SETTINGS_VERSION, find_fact
from librephotos.accounts.site_settings import (
    get_site_settings,
    seal_stored,
    sealed_changes,
    store_site_settings,
)
from librephotos.accounts.vault import Vault
from librephotos.db.migrate import migrate
from librephotos.settings import Settings
from tests.conftest import NewInstance
from tests.instance import Account, Instance

KEYS = [
    "allow_registration", "allow_upload", "skip_patterns", "heavyweight_process", "map_api_provider", "map_api_key",
    "map_tile_provider", "captioning_model", "llm_model", "tagging_model", "ocr_model", "face_recognition_model",
    "nextcloud_enabled", "auto_create_user_directory", "email_configured",
    "allow_public_links",
    "password_reset",
]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/api/sitesettings", "/api/sitesettings/", "/api/site-settings", "/api/site-settings/"]
)
def test_both_addresses_read_and_write(new_instance: NewInstance, path: str) -> None:
    one = new_instance(skip_patterns="@eaDir", mapbox_api_key="first-key", allow_upload=False)
    root, user = one.add_user("root", is_admin=True), one.add_user("ann")
    with one.client() as client:
        first = client.get(path)
        assert (first.status_code, list(first.json())) == (200, KEYS)
        assert (first.json()["skip_patterns"], first.json()["allow_upload"]) == ("@eaDir", False)
        assert (first.json()["map_api_provider"], first.json()["tagging_model"]) == ("offline", "None")
        changed = client.post(
            path, json={"map_api_key": "k3y", "allow_registration": True}, headers=root.bearer
        )
        assert (changed.status_code, changed.json()["map_api_key"]) == (200, "k3y")
        assert client.get(path, headers=root.bearer).json() == changed.json()
        for headers in ({}, user.bearer):
            assert client.get(path, headers=headers).json() == {**changed.json(), "map_api_key": ""}
        assert client.get(path, headers={"Authorization": "Bearer bad"}).status_code == 401
        assert client.post(path, json={}).status_code == 401
        assert client.post(path, json={}, headers=user.bearer).status_code == 403


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"allow_registration": "yes"}, "allow_registration", "\"yes\" is not of type 'boolean'"),
        ({"allow_upload": 1}, "allow_upload", "1 is not of type 'boolean'"),
        ({"skip_patterns": True}, "skip_patterns", "true is not of type 'string'"),
        ({"map_api_key": None}, "map_api_key", "null is not of type 'string'"),
        ({"heavyweight_process": "2"}, "heavyweight_process", "\"2\" is not of type 'number'"),
        (
            {"tagging_model": "siglip2"},
            "tagging_model",
            '"siglip2" is not installed on this server. Installed: None.',
        ),
        (
            {"llm_model": "mistral"},
            "llm_model",
            '"mistral" is not installed on this server. Installed: None.',
        ),
        ({"map_api_provider": "acme"}, "map_api_provider", '"acme" is not a valid choice.'),
        ({"unknown": 1}, "non_field_errors", "No known setting was sent."),
        ({}, "non_field_errors", "No known setting was sent."),
        ([], "non_field_errors", "Invalid data. Expected a dictionary."),
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes(
    instance: Instance, admin: Account, body: Any, field: str, text: str
) -> None:
    with instance.client(admin.bearer) as client:
        before = client.get("/api/sitesettings").json()
        sent = {**body, "map_tile_provider": "other"} if isinstance(body, dict) and field in body else body
        answer = client.post("/api/sitesettings", json=sent)
        assert (answer.status_code, answer.json()["errors"]) == (400, [{"field": field, "message": text}])
        assert client.get("/api/sitesettings").json() == before


def test_the_whole_object_can_be_sent_back_and_counts_a_version(instance: Instance, admin: Account) -> None:
    def version() -> int:
        with instance.db.snapshot() as tx:
            return int(find_fact(tx, SETTINGS_VERSION) or "0")

    with instance.client(admin.bearer) as client:
        whole = client.get("/api/sitesettings").json()
        before = version()
        assert client.post("/api/sitesettings", json=whole).json() == whole
        assert version() == before + 1
        off = {"ocr_model": "none", "captioning_model": "", "heavyweight_process": 3}
        assert client.post("/api/sitesettings", json=off).json() == whole


def test_a_settings_body_that_is_no_json_is_refused(instance: Instance, admin: Account) -> None:
    with instance.client({**admin.bearer, "Content-Type": "application/json"}) as client:
        answer: httpx.Response = client.post("/api/sitesettings", content=b"{")
        assert answer.status_code == 400


def test_a_key_that_an_older_version_stored_is_sealed_and_still_read(new_instance: NewInstance) -> None:
    one = new_instance(start=False)
    migrate(one.database_url, one.data)
    settings, vault = Settings(data=one.data), Vault(one.data)

    def key(vault: Vault) -> str:
        with one.db.snapshot() as tx:
            return get_site_settings(tx, settings).map_key(vault)

    one.db.commit(store_site_settings, {"map_api_key": "of-old"})
    assert key(vault) == "of-old"
    one.db.commit(seal_stored, vault)
    assert key(vault) == "of-old"
    with one.db.snapshot() as tx:
        rows = tx.connection.execute("SELECT value FROM site_setting").fetchall()
    assert len(rows) == 2
    assert not [value for (value,) in rows if "of-old" in value]
    # Under another key nothing opens: the secret is typed anew, and taken away.
    (one.data / "vault.key").unlink()
    vault = Vault(one.data)
    assert key(vault) == ""
    for typed in ("anew", ""):
        one.db.commit(store_site_settings, sealed_changes(vault, {"map_api_key": typed}))
        assert key(vault) == typed
