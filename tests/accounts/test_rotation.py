"""Refresh tokens that are exchanged on request: parallel use is forgiven for a minute, later use ends the session."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, select, update

from librephotos.accounts.limits import GRACE
from librephotos.db.statements import statement
from librephotos.db.tables import audit_event, refresh_token, session
from librephotos.kit import clock
from tests.instance import Account, Instance

OBTAIN = "/api/auth/token/obtain/"
REFRESH = "/api/auth/token/refresh/"
_REUSED = statement(
    select(audit_event.c.kind, audit_event.c.result, audit_event.c.detail).where(
        audit_event.c.subject_id == bindparam("user_id"), audit_event.c.kind == "refresh_reused"
    )
)
_SESSION = statement(
    select(session.c.id, session.c.expires_at, session.c.ended_at).where(session.c.sid == bindparam("sid"))
)
_AGE = statement(
    update(refresh_token)
    .where(refresh_token.c.jti == bindparam("of_jti"))
    .values(rotated_at=refresh_token.c.rotated_at - bindparam("by"))
)


def refresh(client: httpx.Client, token: str, **more: Any) -> httpx.Response:
    return client.post(REFRESH, json={"refresh": token, **more})


def rotate(client: httpx.Client, token: str) -> dict[str, str]:
    answer = refresh(client, token, rotate=True)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def grow_old(instance: Instance, token: str, by: int) -> None:
    """As if the token had been exchanged so long ago."""
    with instance.db.transaction() as tx:
        assert tx.execute(_AGE, of_jti=instance.signer.verify(token, "refresh").jti, by=by) == 1


def reuses(instance: Instance, account: Account) -> list[Any]:
    with instance.db.snapshot() as tx:
        return tx.all(_REUSED, user_id=account.user_id)


def test_without_rotate_the_answer_and_the_token_stay_as_they_were(anonymous: httpx.Client, user: Account):
    for body in ({}, {"rotate": False}, {"rotate": "true"}, {"rotate": 1}, {"rotate": None}):
        answer = anonymous.post(REFRESH, json={"refresh": user.refresh, **body})
        assert answer.status_code == 200
        assert list(answer.json()) == ["access"]


def test_with_rotate_the_answer_has_a_new_refresh_token_of_the_same_session(
    instance: Instance, anonymous: httpx.Client, user: Account
):
    answer = refresh(anonymous, user.refresh, rotate=True)
    assert list(answer.json()) == ["access", "refresh"]
    assert answer.headers["cache-control"] == "no-store"
    # The token itself is set as no cookie: who sent it in the body keeps it.
    assert [text.split("=")[0] for text in answer.headers.get_list("set-cookie")] == ["jwt"]
    new, old = (instance.signer.verify(text, "refresh") for text in (answer.json()["refresh"], user.refresh))
    assert new.sid == old.sid == user.sid
    assert new.jti != old.jti
    assert new.claims["name"] == user.username
    headers = {"Authorization": f"Bearer {answer.json()['access']}"}
    assert anonymous.get("/api/photos/", headers=headers).status_code == 200
    again = rotate(anonymous, answer.json()["refresh"])
    assert refresh(anonymous, again["refresh"]).status_code == 200


def test_a_rotated_session_lives_as_long_as_its_newest_token(
    instance: Instance, anonymous: httpx.Client, user: Account
):
    change = update(session).where(session.c.sid == bindparam("of_sid"))
    soon = clock.now() + clock.HOUR
    with instance.db.transaction() as tx:
        tx.execute(statement(change.values(expires_at=soon)), of_sid=user.sid)
    tokens = rotate(anonymous, user.refresh)
    with instance.db.snapshot() as tx:
        _, expires_at, _ = tx.one(_SESSION, sid=user.sid)
    life = instance.signer.verify(tokens["refresh"], "refresh").expires_at_seconds
    assert expires_at == life * clock.SECOND
    assert expires_at > soon


def test_parallel_refreshes_with_the_old_token_succeed(
    instance: Instance, anonymous: httpx.Client, user: Account
):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: refresh(anonymous, user.refresh, rotate=True), range(16)))
    assert [answer.status_code for answer in answers] == [200] * 16
    fresh = {answer.json()["refresh"] for answer in answers}
    assert len(fresh) == 16
    for token in fresh:
        assert refresh(anonymous, token).status_code == 200
    assert refresh(anonymous, user.refresh).status_code == 200
    assert reuses(instance, user) == []


@pytest.mark.parametrize("asks_again", [True, False])
def test_reuse_after_the_grace_ends_the_session_and_is_recorded(
    instance: Instance, anonymous: httpx.Client, user: Account, asks_again: bool
):
    tokens = rotate(anonymous, user.refresh)
    grow_old(instance, user.refresh, GRACE - 10 * clock.SECOND)
    assert refresh(anonymous, user.refresh).status_code == 200
    grow_old(instance, user.refresh, 11 * clock.SECOND)
    refused = refresh(anonymous, user.refresh, rotate=asks_again)
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["message"] == "Token is blacklisted"
    # The thief's tokens and the owner's alike: nobody can tell which is which.
    assert refresh(anonymous, tokens["refresh"]).status_code == 401
    assert refresh(anonymous, user.refresh).status_code == 401
    for access in (tokens["access"], user.access):
        headers = {"Authorization": f"Bearer {access}"}
        assert anonymous.get("/api/photos/", headers=headers).status_code == 401
    with instance.db.snapshot() as tx:
        session_id, _, ended_at = tx.one(_SESSION, sid=user.sid)
    assert ended_at is not None
    ((kind, result, detail),) = reuses(instance, user)
    assert (kind, result, json.loads(detail)) == ("refresh_reused", "refused", {"session": session_id})


def test_the_grace_begins_with_the_first_exchange(instance: Instance, anonymous: httpx.Client, user: Account):
    rotate(anonymous, user.refresh)
    grow_old(instance, user.refresh, GRACE - 10 * clock.SECOND)
    rotate(anonymous, user.refresh)
    grow_old(instance, user.refresh, 11 * clock.SECOND)
    assert refresh(anonymous, user.refresh).status_code == 401


def test_a_token_minted_elsewhere_is_adopted_and_exchanged(
    instance: Instance, anonymous: httpx.Client, user: Account
):
    foreign = instance.signer.mint_refresh({"user_id": str(user.user_id)}).text
    tokens = rotate(anonymous, foreign)
    assert instance.signer.verify(tokens["refresh"], "refresh").sid is not None
    assert refresh(anonymous, tokens["refresh"]).status_code == 200
    grow_old(instance, foreign, 2 * GRACE)
    assert refresh(anonymous, foreign).status_code == 401
    assert refresh(anonymous, tokens["refresh"]).status_code == 401


def test_the_pages_token_is_exchanged_within_its_cookie(instance: Instance):
    person = instance.add_user(password="correct horse")
    with instance.client() as browser:
        body = {"username": person.username, "password": person.password, "remember": True}
        first = browser.post(OBTAIN, json=body).json()["refresh"]
        answer = browser.post(REFRESH, json={"rotate": True})
        assert answer.status_code == 200
        assert list(answer.json()) == ["access"]
        (cookie,) = (text for text in answer.headers.get_list("set-cookie") if text.startswith("lp_refresh="))
        assert "HttpOnly; SameSite=Strict" in cookie
        assert first not in cookie
        assert browser.cookies["lp_refresh"] != first
        assert browser.post(REFRESH, json={}).status_code == 200
        # A page of another site may set no cookies, so it can't use up the token either.
        before = browser.cookies["lp_refresh"]
        foreign = browser.post(REFRESH, json={"rotate": True}, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 200
        assert "set-cookie" not in foreign.headers
        grow = instance.signer.verify(before, "refresh").jti
        check = statement(
            select(refresh_token.c.rotated_at).where(refresh_token.c.jti == bindparam("of_jti"))
        )
        with instance.db.snapshot() as tx:
            assert tx.one(check, of_jti=grow) == (None,)


def test_signing_out_with_either_token_ends_both(instance: Instance, anonymous: httpx.Client, user: Account):
    tokens = rotate(anonymous, user.refresh)
    answer = anonymous.post("/api/auth/token/blacklist/", json={"refresh": user.refresh})
    assert answer.status_code == 200
    assert refresh(anonymous, tokens["refresh"]).status_code == 401
