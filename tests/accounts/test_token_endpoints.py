"""Obtain, refresh and blacklist: every row of the published tables, over a real socket."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest
from sqlalchemy import bindparam, delete, select, update

from librephotos.accounts.tokens import TokenSigner
from librephotos.db.statements import statement
from librephotos.db.tables import refresh_token, session, user
from tests.instance import KEY, Account, Instance

OBTAIN = "/api/auth/token/obtain/"
REFRESH = "/api/auth/token/refresh/"
BLACKLIST = "/api/auth/token/blacklist/"
CHALLENGE = 'Bearer realm="api"'
REQUIRED = "This field is required."
BLANK = "This field may not be blank."


@pytest.fixture(scope="module")
def person(instance: Instance) -> Account:
    return instance.add_user(password="correct horse")


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(entry["field"], entry["message"]) for entry in answer.json()["errors"]]


def sign_in(client: httpx.Client, person: Account) -> dict[str, str]:
    answer = client.post(OBTAIN, json={"username": person.username, "password": person.password})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_obtain_gives_exactly_a_refresh_and_an_access_token(anonymous: httpx.Client, person: Account):
    before = int(time.time())
    answer = anonymous.post(OBTAIN, json={"username": person.username, "password": person.password})
    assert answer.status_code == 200
    assert list(answer.json()) == ["refresh", "access"]
    for kind, life in (("refresh", 7 * 86400), ("access", 300)):
        token = answer.json()[kind]
        assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
        claims = jwt.decode(token, KEY, algorithms=["HS256"])
        assert list(claims)[:4] == ["token_type", "exp", "iat", "jti"]
        assert claims["token_type"] == kind
        assert claims["exp"] - claims["iat"] == life
        assert before <= claims["iat"] <= time.time()
        assert len(claims["jti"]) == 32
        assert int(claims["jti"], 16) >= 0
        assert claims["user_id"] == str(person.user_id)
        assert claims["name"] == person.username
        assert claims["is_admin"] is False
        assert {
            "first_name": "",
            "last_name": "",
            "scan_directory": "",
            "confidence": 0.1,
        }.items() <= claims.items()
        assert claims["semantic_search_topk"] == 0
        assert "nextcloud_username" not in claims
        assert all(isinstance(value, str | int | float | bool) for value in claims.values())


def test_obtain_sets_the_media_cookie_to_the_access_token(anonymous: httpx.Client, person: Account):
    answer = anonymous.post(OBTAIN, json={"username": person.username, "password": person.password})
    access = answer.json()["access"]
    expected = f"jwt={access}; Path=/; HttpOnly; SameSite=Lax; Max-Age=300"
    media, device = answer.headers.get_list("set-cookie")
    assert media == expected
    token, _, flags = device.removeprefix("lp_device=").partition("; ")
    assert len(token) == 22
    assert flags == f"Path=/api/auth/; HttpOnly; SameSite=Strict; Max-Age={400 * 86400}"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["cache-control"] == "no-store"
    assert len(access) < 4096


@pytest.mark.parametrize("form", ["data", "files"])
def test_obtain_takes_forms_and_multipart(anonymous: httpx.Client, person: Account, form: str):
    fields = {"username": person.username, "password": person.password}
    body = fields if form == "data" else {name: (None, value) for name, value in fields.items()}
    answer = anonymous.post(OBTAIN, **{form: body})
    assert answer.status_code == 200
    assert list(answer.json()) == ["refresh", "access"]


def test_the_user_name_is_trimmed_and_any_case_and_the_password_may_carry_blanks(
    anonymous: httpx.Client, person: Account
):
    for username, password in [
        (person.username.upper(), person.password),
        (f"  {person.username} ", person.password),
        (person.username, f" {person.password}  "),
    ]:
        assert anonymous.post(OBTAIN, json={"username": username, "password": password}).status_code == 200


def test_a_password_with_outer_blanks_is_compared_as_sent(instance: Instance, anonymous: httpx.Client):
    odd = instance.add_user(password="  padded ")
    assert anonymous.post(OBTAIN, json={"username": odd.username, "password": "  padded "}).status_code == 200
    assert anonymous.post(OBTAIN, json={"username": odd.username, "password": "padded"}).status_code == 401


def test_unknown_wrong_and_inactive_are_the_same_401(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    inactive = instance.add_user(password="correct horse", is_active=False)
    answers = [
        anonymous.post(OBTAIN, json={"username": name, "password": password})
        for name, password in [
            ("nobody-at-all", "correct horse"),
            (person.username, "wrong"),
            (inactive.username, "correct horse"),
        ]
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert errors(answer) == [("detail", "No active account found with the given credentials")]
        assert answer.headers["www-authenticate"] == CHALLENGE
        assert answer.headers["link"] == '</api/help>; rel="help"'
        assert "set-cookie" not in answer.headers
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("username", REQUIRED), ("password", REQUIRED)]),
        ({"username": "a"}, [("password", REQUIRED)]),
        ({"password": "a"}, [("username", REQUIRED)]),
        (
            {"username": None, "password": ""},
            [("username", "This field may not be null."), ("password", BLANK)],
        ),
        ({"username": "   ", "password": "  "}, [("username", BLANK), ("password", BLANK)]),
        (
            {"username": [], "password": True},
            [("username", "Not a valid string."), ("password", "Not a valid string.")],
        ),
        ({"username": {}, "password": 1.5}, [("username", "Not a valid string.")]),
        ({"username": "a\x00b", "password": "c"}, [("username", "Null characters are not allowed.")]),
        (
            [],
            [("non_field_errors", "Invalid data. Expected a dictionary, but got list.")],
        ),
        ("text", [("non_field_errors", "Invalid data. Expected a dictionary, but got str.")]),
        (5, [("non_field_errors", "Invalid data. Expected a dictionary, but got int.")]),
        (None, [("non_field_errors", "No data provided")]),
    ],
)
def test_obtain_reports_every_wrong_field_at_once(
    anonymous: httpx.Client, body: object, expected: list[tuple[str, str]]
):
    import json

    answer = anonymous.post(OBTAIN, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert errors(answer) == expected


def test_a_number_is_taken_for_a_text(instance: Instance, anonymous: httpx.Client):
    numeric = instance.add_user(password="12345")
    assert anonymous.post(OBTAIN, json={"username": numeric.username, "password": 12345}).status_code == 200


@pytest.mark.parametrize(
    "body", ["{", "", "nul", '{"a": NaN}', "{'a': 1}", "[" * 100_000, '{"a": 1e999}', "\xff"]
)
def test_invalid_json_is_a_400(anonymous: httpx.Client, body: str):
    answer = anonymous.post(
        OBTAIN, content=body.encode("latin-1"), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    field, message = errors(answer)[0]
    if body:
        assert field == "detail"
        assert message.startswith("JSON parse error - ")
    else:
        assert errors(answer) == [("username", REQUIRED), ("password", REQUIRED)]


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {}])
def test_another_content_type_is_a_415(instance: Instance, headers: dict[str, str]):
    with instance.client() as client:
        request = client.build_request("POST", OBTAIN, content=b"username=a", headers=headers)
        answer = client.send(request)
    assert answer.status_code == 415
    kind = headers.get("Content-Type", "")
    assert errors(answer) == [("detail", f'Unsupported media type "{kind}" in request.')]


@pytest.mark.parametrize("path", [OBTAIN, REFRESH, BLACKLIST])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_only_post_is_allowed(anonymous: httpx.Client, path: str, method: str):
    answer = anonymous.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST, OPTIONS"
    if method != "HEAD":
        assert errors(answer) == [("detail", f'Method "{method}" not allowed.')]


@pytest.mark.parametrize("path", [OBTAIN, REFRESH, BLACKLIST])
def test_a_bad_authorization_header_is_ignored_here(anonymous: httpx.Client, path: str):
    answer = anonymous.post(path, json={}, headers={"Authorization": "Bearer rubbish"})
    assert answer.status_code == 400


def test_unknown_fields_are_ignored_and_the_last_of_equal_keys_wins(anonymous: httpx.Client, person: Account):
    body = (
        f'{{"username": "x", "username": "{person.username}", "password": "{person.password}", "other": [1]}}'
    )
    answer = anonymous.post(OBTAIN, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


def test_both_slash_forms_answer_without_a_redirect(anonymous: httpx.Client, person: Account):
    body = {"username": person.username, "password": person.password}
    assert anonymous.post(OBTAIN.rstrip("/"), json=body).status_code == 200
    assert anonymous.post(OBTAIN, json=body).status_code == 200


def test_refresh_gives_only_an_access_token_and_the_cookie(anonymous: httpx.Client, person: Account):
    pair = sign_in(anonymous, person)
    for _ in range(3):
        answer = anonymous.post(REFRESH, json={"refresh": pair["refresh"]})
        assert answer.status_code == 200
        assert list(answer.json()) == ["access"]
        access = answer.json()["access"]
        assert answer.headers.get_list("set-cookie")[0].startswith(f"jwt={access};")
        old, new = (jwt.decode(token, KEY, algorithms=["HS256"]) for token in (pair["access"], access))
        assert new["jti"] != old["jti"]
        own = {"exp", "iat", "jti"}
        assert {k: v for k, v in new.items() if k not in own} == {
            k: v for k, v in old.items() if k not in own
        }


def test_eleven_parallel_refreshes_all_succeed(anonymous: httpx.Client, person: Account):
    pair = sign_in(anonymous, person)
    with ThreadPoolExecutor(11) as threads:
        answers = list(
            threads.map(lambda _: anonymous.post(REFRESH, json={"refresh": pair["refresh"]}), range(11))
        )
    assert [answer.status_code for answer in answers] == [200] * 11


@pytest.mark.parametrize("path", [REFRESH, BLACKLIST])
def test_an_unusable_refresh_token_says_why(
    instance: Instance, anonymous: httpx.Client, person: Account, path: str
):
    claims = {"user_id": str(person.user_id)}
    now = int(time.time())
    whole = {**claims, "token_type": "refresh", "exp": now + 60, "iat": now, "jti": "j" * 32}
    sign = lambda body, key=KEY, **more: jwt.encode(body, key, algorithm="HS256", **more)  # noqa: E731
    without = lambda name: {k: v for k, v in whole.items() if k != name}  # noqa: E731
    for token, message in [
        ("rubbish", "Token is invalid"),
        ("a.b.c", "Token is invalid"),
        (sign(whole, "another key that is long enough to be one"), "Token is invalid"),
        (jwt.encode(whole, KEY, algorithm="HS512"), "Token is invalid"),
        (jwt.encode(whole, "", algorithm="none"), "Token is invalid"),
        (sign(whole, headers={"kid": "1"}), "Token is invalid"),
        (sign({**whole, "iat": now + 600}), "Token is invalid"),
        (sign({**whole, "nbf": now + 600}), "Token is invalid"),
        (sign({**whole, "exp": now - 1}), "Token is expired"),
        (sign(without("exp")), "Token has no 'exp' claim"),
        (sign(without("jti")), "Token has no id"),
        (sign(without("token_type")), "Token has no type"),
        (person.access, "Token has wrong type"),
    ]:
        answer = anonymous.post(path, json={"refresh": token})
        assert answer.status_code == 401, (token, answer.text)
        assert errors(answer) == [("detail", message), ("code", "token_not_valid")]
        assert answer.headers["www-authenticate"] == CHALLENGE
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", [REFRESH, BLACKLIST])
@pytest.mark.parametrize(
    ("body", "message"),
    [({}, REQUIRED), ({"refresh": None}, "This field may not be null."), ({"refresh": " "}, BLANK)],
)
def test_a_missing_refresh_token_is_a_400(
    anonymous: httpx.Client, path: str, body: dict[str, object], message: str
):
    answer = anonymous.post(path, json=body)
    assert answer.status_code == 400
    assert errors(answer) == [("refresh", message)]


def test_a_token_with_an_audience_is_accepted(instance: Instance, anonymous: httpx.Client, person: Account):
    claims = instance.signer.mint_refresh({"user_id": str(person.user_id), "aud": "somebody"})
    assert anonymous.post(REFRESH, json={"refresh": claims.text}).status_code == 200


def test_refresh_for_a_user_who_is_gone_or_nobody_is_a_401(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    change(
        instance,
        update(user).where(user.c.id == bindparam("row_id")).values(is_active=False),
        account.user_id,
    )
    answers = [anonymous.post(REFRESH, json={"refresh": account.refresh})]
    for claims in ({"user_id": "999999999"}, {"user_id": "x"}, {"user_id": True}, {"user_id": None}, {}):
        token = instance.signer.mint_refresh(claims).text
        answers.append(anonymous.post(REFRESH, json={"refresh": token}))
    for answer in answers:
        assert answer.status_code == 401
        assert errors(answer) == [("detail", "No active account found for the given token.")]


def change(instance: Instance, clause: object, row_id: int) -> None:
    with instance.db.transaction() as tx:
        tx.execute(statement(clause), row_id=row_id)  # type: ignore[arg-type]


def test_blacklisting_ends_the_session_and_its_access_token_at_once(anonymous: httpx.Client, person: Account):
    pair = sign_in(anonymous, person)
    bearer = {"Authorization": f"Bearer {pair['access']}"}
    assert anonymous.get("/api/nothing-here", headers=bearer).status_code == 404
    answer = anonymous.post(BLACKLIST, json={"refresh": pair["refresh"]})
    assert answer.status_code == 200
    assert answer.content == b"{}"
    assert answer.headers.get_list("set-cookie")[0] == "jwt=; Path=/; Max-Age=0"
    for path in (REFRESH, BLACKLIST):
        again = anonymous.post(path, json={"refresh": pair["refresh"]})
        assert again.status_code == 401
        assert errors(again) == [("detail", "Token is blacklisted"), ("code", "token_not_valid")]
    refused = anonymous.get("/api/nothing-here", headers=bearer)
    assert refused.status_code == 401
    assert errors(refused)[2] == ("messages", "Token is blacklisted")


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://evil.example"}])
def test_a_page_of_another_site_cannot_make_a_browser_forget_its_login(
    anonymous: httpx.Client, person: Account, origin: dict[str, str]
):
    """With a token of its own, which any account of this server can have."""
    own = sign_in(anonymous, person)
    answer = anonymous.post(
        BLACKLIST, data={"refresh": own["refresh"]}, headers={"Sec-Fetch-Site": "cross-site", **origin}
    )
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert "set-cookie" not in answer.headers


def test_a_refresh_token_of_a_gone_or_inactive_user_can_be_blacklisted(
    instance: Instance, anonymous: httpx.Client
):
    inactive = instance.add_user(is_active=False)
    gone = instance.signer.mint_refresh({"user_id": "987654321"}).text
    for token in (inactive.refresh, gone):
        assert anonymous.post(BLACKLIST, json={"refresh": token}).status_code == 200
        assert anonymous.post(BLACKLIST, json={"refresh": token}).status_code == 401


def test_a_token_minted_elsewhere_is_recorded_at_first_use_and_can_be_ended(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    foreign = instance.signer.mint_refresh({"user_id": str(person.user_id)})
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda _: anonymous.post(REFRESH, json={"refresh": foreign.text}), range(8))
        )
    assert [answer.status_code for answer in answers] == [200] * 8
    with instance.db.snapshot() as tx:
        find = statement(select(refresh_token.c.session_id).where(refresh_token.c.jti == bindparam("jti")))
        assert len(tx.all(find, jti=foreign.jti)) == 1
    bearer = {"Authorization": f"Bearer {answers[0].json()['access']}"}
    assert anonymous.get("/api/nothing-here", headers=bearer).status_code == 404
    assert anonymous.post(BLACKLIST, json={"refresh": foreign.text}).status_code == 200
    assert anonymous.get("/api/nothing-here", headers=bearer).status_code == 401


def test_a_token_older_than_its_account_is_refused(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    claims = {
        "token_type": "refresh",
        "exp": int(time.time()) + 60,
        "iat": int(time.time()) - 86400,
        "jti": "a" * 32,
    }
    old = jwt.encode({**claims, "user_id": str(account.user_id)}, KEY, algorithm="HS256")
    assert anonymous.post(REFRESH, json={"refresh": old}).status_code == 401


def test_nothing_that_could_be_replayed_is_stored(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    pair = sign_in(anonymous, person)
    with instance.db.snapshot() as tx:
        rows = [row for table in (refresh_token, session, user) for row in tx.all(statement(select(table)))]
    stored = repr(rows)
    for secret in (pair["refresh"], pair["access"], pair["refresh"].split(".")[2], person.password):
        assert secret not in stored


def test_remember_keeps_the_refresh_token_in_a_cookie_for_the_token_endpoints_only(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    body = {"username": person.username, "password": person.password, "remember": True}
    answer = anonymous.post(OBTAIN, json=body)
    cookie = answer.headers.get_list("set-cookie")[1]
    refresh = answer.json()["refresh"]
    assert cookie.startswith(
        f"lp_refresh={refresh}; Path=/api/auth/token/; HttpOnly; SameSite=Strict; Max-Age="
    )
    with instance.client() as other:
        header = {"Cookie": f"lp_refresh={refresh}"}
        assert other.post(REFRESH, json={}, headers=header).status_code == 200
        # How the page asks whether somebody is signed in: nobody is no error.
        asking = {"if_remembered": True}
        assert other.post(REFRESH, json=asking, headers=header).json().keys() == {"access"}
        nobody = other.post(REFRESH, json=asking)
        assert (nobody.status_code, nobody.content, nobody.headers.get_list("set-cookie")) == (204, b"", [])
        assert other.post(REFRESH, json={"if_remembered": "true"}).status_code == 400
        assert other.post(REFRESH, json={"refresh": "rubbish"}, headers=header).status_code == 401
        assert other.post(BLACKLIST, headers=header).status_code == 200
        assert other.post(REFRESH, json={}, headers=header).status_code == 401


def test_a_page_of_another_site_cannot_plant_its_login(anonymous: httpx.Client, person: Account):
    body = {"username": person.username, "password": person.password}
    answer = anonymous.post(
        OBTAIN, data=body, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    )
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_a_claim_of_2024_is_sent_when_the_setting_says_so_and_read_always(
    new_instance, instance: Instance, person: Account
):
    older = new_instance(jwt_user_id="int", cookie_parity="1")
    account = older.add_user(password="correct horse")
    with older.client() as client:
        answer = client.post(OBTAIN, json={"username": account.username, "password": account.password})
        claims = jwt.decode(answer.json()["access"], KEY, algorithms=["HS256"])
        assert claims["user_id"] == account.user_id
        assert answer.headers.get_list("set-cookie") == [f"jwt={answer.json()['access']}; Path=/"]
        bearer = {"Authorization": f"Bearer {answer.json()['access']}"}
        assert client.get("/api/nothing-here", headers=bearer).status_code == 404


def test_after_a_change_of_key_old_tokens_count_while_the_previous_key_is_given(new_instance):
    old_key = "Xp2mWq8-vR5tLs9KzYb3JcNh6FdGa4eUo7iV1TyBw"
    changed = new_instance(secret_key_previous=old_key)
    account = changed.add_user()
    old = TokenSigner(old_key).mint_refresh({"user_id": str(account.user_id)}).text
    with changed.client() as client:
        answer = client.post(REFRESH, json={"refresh": old})
        assert answer.status_code == 200
        jwt.decode(answer.json()["access"], KEY, algorithms=["HS256"])


def test_deleting_the_row_of_a_session_ends_it(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    change(instance, delete(session).where(session.c.user_id == bindparam("row_id")), account.user_id)
    assert anonymous.get("/api/nothing-here", headers=account.bearer).status_code == 401
    assert anonymous.post(REFRESH, json={"refresh": account.refresh}).status_code == 401
