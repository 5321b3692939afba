"""Bearer tokens on default endpoints: every row of the published table."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest
from sqlalchemy import bindparam, update

from librephotos.db.statements import statement
from librephotos.db.tables import session, user
from tests.conftest import NewInstance
from tests.instance import KEY, Account, Instance

PROTECTED = "/api/rqavailable/"
NOT_VALID = "Given token not valid for any token type"
CHALLENGE = 'Bearer realm="api"'


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(entry["field"], entry["message"]) for entry in answer.json()["errors"]]


def ask(client: httpx.Client, authorization: str | bytes, path: str = PROTECTED) -> httpx.Response:
    return client.get(
        path,
        headers=[
            (b"Authorization", authorization.encode() if isinstance(authorization, str) else authorization)
        ],
    )


def signed(account: Account, **changes: object) -> str:
    now = int(time.time())
    claims = {
        "token_type": "access",
        "exp": now + 60,
        "iat": now,
        "jti": "1" * 32,
        "user_id": str(account.user_id),
    }
    claims |= changes
    return jwt.encode({k: v for k, v in claims.items() if v is not ...}, KEY, algorithm="HS256")


def test_an_access_token_opens_a_default_endpoint(anonymous: httpx.Client, user: Account):
    assert ask(anonymous, f"Bearer {user.access}").status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("layout", ["{} {}", "{}   {}", "{}\t{}"])
def test_any_case_of_the_scheme_and_any_blanks_are_fine(
    anonymous: httpx.Client, user: Account, scheme: str, layout: str
):
    assert ask(anonymous, layout.format(scheme, user.access)).status_code == 200


@pytest.mark.parametrize("header", ["", "Token abc", "JWT abc", "Digest abc", "abc", "Bearerabc"])
def test_another_scheme_is_an_anonymous_caller(anonymous: httpx.Client, header: str):
    answer = ask(anonymous, header)
    assert answer.status_code == 401
    assert errors(answer) == [("detail", "Authentication credentials were not provided.")]
    assert answer.headers["www-authenticate"] == CHALLENGE
    assert answer.headers["link"] == '</api/help>; rel="help"'


@pytest.mark.parametrize("header", ["Bearer", "bearer a b", "Bearer a b c"])
def test_a_header_of_the_wrong_number_of_words_says_so(anonymous: httpx.Client, header: str):
    answer = ask(anonymous, header)
    assert answer.status_code == 401
    assert errors(answer) == [
        ("detail", "Authorization header must contain two space-delimited values"),
        ("code", "bad_authorization_header"),
    ]


def test_an_unusable_token_says_why(anonymous: httpx.Client, user: Account):
    now = int(time.time())
    for token, cause in [
        ("rubbish", "Token is invalid"),
        ("a.b.c", "Token is invalid"),
        (user.access[:-4] + "AAAA", "Token is invalid"),
        (user.access + "." + user.access, "Token is invalid"),
        ("x" * 10_000, "Token is invalid"),
        (jwt.encode({"user_id": "1"}, "", algorithm="none"), "Token is invalid"),
        (signed(user, exp=now - 1), "Token is expired"),
        (signed(user, exp=now), "Token is expired"),
        (signed(user, iat=now + 100), "Token is invalid"),
        (signed(user, nbf=now + 100), "Token is invalid"),
        (signed(user, exp="soon"), "Token is invalid"),
        (signed(user, exp=1e300), "Token is invalid"),
        (signed(user, exp=...), "Token has no 'exp' claim"),
        (signed(user, jti=...), "Token has no id"),
        (signed(user, token_type=...), "Token has no type"),
        (signed(user, token_type="sliding"), "Token has wrong type"),
        (user.refresh, "Token has wrong type"),
        (signed(user, sid="never-issued"), "Token is invalid"),
        (signed(user, sid=["list"]), "Token is invalid"),
        (signed(user, sid="nul\0"), "Token is invalid"),
        (signed(user, jti="nul\0"), "Token is invalid"),
        (signed(user, jti=5), "Token is invalid"),
        (signed(user, exp=float("inf")), "Token is invalid"),
    ]:
        answer = ask(anonymous, f"Bearer {token}")
        assert answer.status_code == 401, token
        found = errors(answer)
        assert found[:2] == [("detail", NOT_VALID), ("code", "token_not_valid")], token
        assert found[2] == ("messages", cause), token
        assert answer.headers["www-authenticate"] == CHALLENGE


@pytest.mark.parametrize(
    ("claim", "message", "code"),
    [
        (..., "Token contained no recognizable user identification", "token_not_valid"),
        ("999999999", "User not found", "user_not_found"),
        (999999999, "User not found", "user_not_found"),
        ("alice", "User not found", "user_not_found"),
        ("", "User not found", "user_not_found"),
        (None, "User not found", "user_not_found"),
        (True, "User not found", "user_not_found"),
        (-1, "User not found", "user_not_found"),
        (2**80, "User not found", "user_not_found"),
        ("٣", "User not found", "user_not_found"),
        ([1], "User not found", "user_not_found"),
    ],
)
def test_a_token_must_name_an_existing_user(
    anonymous: httpx.Client, user: Account, claim: object, message: str, code: str
):
    answer = ask(anonymous, f"Bearer {signed(user, user_id=claim)}")
    assert answer.status_code == 401
    assert errors(answer) == [("detail", message), ("code", code)]


def test_an_integer_user_id_and_an_audience_are_accepted(anonymous: httpx.Client, user: Account):
    assert ask(anonymous, f"Bearer {signed(user, user_id=user.user_id, aud='x', iss='y')}").status_code == 200


def test_an_inactive_user_is_told_so(instance: Instance, anonymous: httpx.Client):
    inactive = instance.add_user(is_active=False)
    answer = ask(anonymous, f"Bearer {inactive.access}")
    assert answer.status_code == 401
    assert errors(answer) == [("detail", "User is inactive"), ("code", "user_inactive")]


def test_an_ended_session_ends_its_access_token_at_once(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    assert ask(anonymous, f"Bearer {account.access}").status_code == 200
    end = update(session).where(session.c.sid == bindparam("of")).values(ended_at=1)
    with instance.db.transaction() as tx:
        tx.execute(statement(end), of=account.sid)
    answer = ask(anonymous, f"Bearer {account.access}")
    assert answer.status_code == 401
    assert errors(answer)[2] == ("messages", "Token is blacklisted")


def test_signing_out_holds_at_once_in_every_process(new_instance: NewInstance):
    """Each remembers the token, for as long as nobody has written to the database."""
    one = new_instance(api_processes=2)
    account, other = one.add_user(), one.add_user()

    def call(who: Account) -> int:
        # A connection each, so that every process gets some.
        return httpx.get(f"{one.base_url}{PROTECTED}", headers=who.bearer, timeout=30).status_code

    with ThreadPoolExecutor(4) as threads, one.client() as client:
        for _ in range(2):
            assert set(threads.map(call, [account, other] * 10)) == {200}
        answer = client.post("/api/auth/token/blacklist/", json={"refresh": account.refresh})
        assert answer.status_code == 200
        assert set(threads.map(call, [account] * 20)) == {401}
        assert set(threads.map(call, [other] * 20)) == {200}


def test_a_session_of_somebody_else_does_not_help(instance: Instance, anonymous: httpx.Client):
    one, other = instance.add_user(), instance.add_user()
    assert ask(anonymous, f"Bearer {signed(one, sid=other.sid)}").status_code == 401


def test_tokens_of_no_session_end_when_all_are_ended(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    before = signed(account, iat=int(time.time()) - 10)
    assert ask(anonymous, f"Bearer {before}").status_code == 200
    change = (
        update(user)
        .where(user.c.id == bindparam("of"))
        .values(tokens_valid_from=int(time.time() - 5) * 1_000_000)
    )
    with instance.db.transaction() as tx:
        tx.execute(statement(change), of=account.user_id)
    assert ask(anonymous, f"Bearer {before}").status_code == 401
    assert ask(anonymous, f"Bearer {signed(account)}").status_code == 200


def test_a_token_issued_before_its_account_existed_is_refused(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    answer = ask(anonymous, f"Bearer {signed(account, iat=int(time.time()) - 86400)}")
    assert answer.status_code == 401
    assert errors(answer) == [("detail", "User not found"), ("code", "user_not_found")]


def test_the_database_decides_what_a_user_may_do_not_the_claims(instance: Instance, anonymous: httpx.Client):
    account = instance.add_user()
    forged = signed(account, is_admin=True, is_staff=True, is_superuser=True)
    assert ask(anonymous, f"Bearer {forged}", "/api/manage/user/").status_code == 403


@pytest.mark.parametrize(
    "path", ["/api/sitesettings", "/api/help", "/api/firsttimesetup/", "/api/user/", "/api/nowhere"]
)
def test_a_bad_header_is_a_401_on_open_and_unknown_paths_too(anonymous: httpx.Client, path: str):
    for header in ("Bearer rubbish", "Bearer", "Basic !"):
        assert ask(anonymous, header, path).status_code == 401
    assert anonymous.get(path).status_code == (404 if path == "/api/nowhere" else 200)


def test_the_cookie_does_not_sign_in_to_the_api(anonymous: httpx.Client, user: Account):
    for cookie in (
        f"jwt={user.access}",
        f"access={user.access}",
        "sessionid=abc",
        f"lp_refresh={user.refresh}",
    ):
        answer = anonymous.get(PROTECTED, headers={"Cookie": cookie})
        assert answer.status_code == 401
        assert errors(answer) == [("detail", "Authentication credentials were not provided.")]


def test_a_token_in_the_address_does_not_sign_in(anonymous: httpx.Client, user: Account):
    for name in ("token", "access_token", "jwt", "access"):
        assert anonymous.get(PROTECTED, params={name: user.access}).status_code == 401


def test_two_authorization_headers_are_refused(anonymous: httpx.Client, user: Account, stranger: Account):
    headers = [("Authorization", f"Bearer {user.access}"), ("Authorization", f"Bearer {stranger.access}")]
    assert anonymous.get(PROTECTED, headers=headers).status_code == 401
