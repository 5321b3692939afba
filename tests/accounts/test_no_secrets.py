"""After a day of use no value of any table, and no line of the log, is a password or a token."""

import base64
from collections.abc import Iterator

import httpx
from sqlalchemy import select

from librephotos.db.statements import statement
from librephotos.db.tables import metadata
from tests.conftest import NewInstance
from tests.databases import ON_POSTGRESQL
from tests.instance import Instance

PASSWORD = "planted-Right-7f3c"
NEXT_PASSWORD = "planted-Next-91ab"
WRONG = "planted-Wrong-c04d"
TYPED_AS_NAME = "planted-in-the-name-5e5e"
MAP_KEY = "planted-map-key-88aa"
APP_PASSWORD = "planted-app-2d7b"
OBTAIN = "/api/auth/token/obtain/"
REFRESH = "/api/auth/token/refresh/"


def list_values(instance: Instance) -> Iterator[tuple[str, str]]:
    """Every value of every table as a text, with the column's name."""
    with instance.db.snapshot() as tx:
        for table in metadata.sorted_tables:
            names = [f"{table.name}.{column.name}" for column in table.columns]
            for row in tx.all(statement(select(table))):
                for name, value in zip(names, row, strict=True):
                    yield name, value.decode("latin-1") if isinstance(value, bytes) else str(value)


def live_a_day(instance: Instance, client: httpx.Client) -> list[str]:
    """Use every way in; return the tokens that were given out."""
    boss = instance.add_user("boss", is_admin=True)
    anna = instance.add_user("anna", PASSWORD)
    # A browser tells of itself whatever it likes.
    client.headers["User-Agent"] = f"Browser Bearer {boss.access}"
    tokens: list[str] = [boss.access, boss.refresh, anna.access, anna.refresh]

    def obtain(username: str, password: str) -> dict[str, str]:
        answer = client.post(OBTAIN, json={"username": username, "password": password, "remember": True})
        given = dict(answer.json()) if answer.status_code == 200 else {}
        tokens.extend(given.values())
        return given

    for username, password in (
        ("anna", WRONG),
        (TYPED_AS_NAME, PASSWORD),
        (PASSWORD, WRONG),
        ("boss", WRONG),
    ):
        assert obtain(username, password) == {}
    one, two = obtain("anna", PASSWORD), obtain("anna", f" {PASSWORD} ")
    assert one and two
    for token, rotate in ((one["refresh"], True), (one["refresh"], False), (two["refresh"], True)):
        given = client.post(REFRESH, json={"refresh": token, "rotate": rotate}).json()
        tokens.extend(given.values())
    assert client.post(REFRESH, json={"rotate": True}).status_code == 200
    tokens.append(client.cookies["lp_refresh"])
    for password in (PASSWORD, WRONG):
        client.get("/api/photos/", auth=("anna", password))
        tokens.append(base64.b64encode(f"anna:{password}".encode()).decode())
    client.get(f"/api/photos/?token={one['access']}", headers={"Authorization": f"Bearer {one['access']}"})
    client.get("/media/avatars/none.png", headers={"Cookie": f"jwt={one['access']}"})
    foreign = instance.signer.mint_refresh({"user_id": str(anna.user_id)}).text
    tokens += [foreign, *client.post(REFRESH, json={"refresh": foreign}).json().values()]
    as_boss = boss.bearer
    client.post("/api/sitesettings", json={"map_api_key": MAP_KEY}, headers=as_boss)
    made = {"username": "ben", "password": PASSWORD, "email": "b@example.org"}
    assert client.post("/api/manage/user/", json=made, headers=as_boss).status_code == 201
    sessions = client.get("/api/auth/sessions/", headers=anna.bearer).json()["results"]
    other = next(each["id"] for each in sessions if not each["current"])
    assert client.delete(f"/api/auth/sessions/{other}/", headers=anna.bearer).status_code == 204
    body = {"password": NEXT_PASSWORD, "first_name": "Anna", "nextcloud_app_password": APP_PASSWORD}
    path = f"/api/user/{anna.user_id}/"
    assert client.patch(path, json=body, headers=anna.bearer).status_code == 200
    after = obtain("anna", NEXT_PASSWORD)
    assert client.post("/api/auth/token/blacklist/", json={"refresh": after["refresh"]}).status_code == 200
    return tokens


def test_after_a_day_of_use_no_secret_stands_anywhere(new_instance: NewInstance):
    instance = new_instance()
    with instance.client() as client:
        tokens = live_a_day(instance, client)
    assert len(set(tokens)) > 15
    planted = {PASSWORD, NEXT_PASSWORD, WRONG, TYPED_AS_NAME, APP_PASSWORD, MAP_KEY, *tokens}
    # A token is as good as its signature: whoever has that can make the rest up.
    planted |= {token.rpartition(".")[2] for token in tokens if "." in token}
    values = list(list_values(instance))
    # The search itself works: it finds what does stand there.
    assert any("anna" in value for name, value in values if name == "audit_event.target")
    kinds = {value for name, value in values if name == "audit_event.kind"}
    assert {"sign_in", "sign_in_failed", "session_ended", "password_changed", "signed_out"} <= kinds
    found = {(name, secret) for name, value in values for secret in planted if secret in value}
    assert found == set()
    log = instance.log()
    assert '"event": "audit"' in log
    assert {secret for secret in planted if secret in log} == set()
    if not ON_POSTGRESQL:
        pages = b"".join(path.read_bytes() for path in instance.data.glob("librephotos.sqlite*"))
        assert b"anna" in pages
        assert {secret for secret in planted if secret.encode() in pages} == set()
