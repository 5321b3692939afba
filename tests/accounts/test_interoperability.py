"""Tokens and the reference's token library, given the same key, understand each other."""

import datetime

import httpx
import pytest
from django.conf import settings as django_settings

from tests.instance import KEY, Account, Instance

PROTECTED = "/api/rqavailable/"


@pytest.fixture(scope="module")
def simplejwt():
    if not django_settings.configured:
        django_settings.configure(
            SECRET_KEY=KEY,
            USE_TZ=True,
            INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
            SIMPLE_JWT={
                "ACCESS_TOKEN_LIFETIME": datetime.timedelta(minutes=5),
                "REFRESH_TOKEN_LIFETIME": datetime.timedelta(days=7),
            },
        )
        import django

        django.setup()
    from rest_framework_simplejwt import tokens

    return tokens


def test_tokens_signed_there_are_accepted_here(
    simplejwt, instance: Instance, anonymous: httpx.Client, user: Account
):
    refresh = simplejwt.RefreshToken()
    refresh["user_id"] = str(user.user_id)
    access = str(refresh.access_token)
    assert anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {access}"}).status_code == 200
    answer = anonymous.post("/api/auth/token/refresh/", json={"refresh": str(refresh)})
    assert answer.status_code == 200
    assert (
        anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {answer.json()['access']}"}).status_code
        == 200
    )


def test_tokens_signed_here_are_accepted_there(simplejwt, instance: Instance, anonymous: httpx.Client):
    account = instance.add_user(password="correct horse")
    answer = anonymous.post(
        "/api/auth/token/obtain/", json={"username": account.username, "password": account.password}
    )
    refresh = simplejwt.RefreshToken(answer.json()["refresh"])
    access = simplejwt.AccessToken(answer.json()["access"])
    assert refresh["user_id"] == access["user_id"] == str(account.user_id)
    assert access["name"] == account.username
    minted_there = str(refresh.access_token)
    assert anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {minted_there}"}).status_code == 200


def test_they_refuse_each_others_tokens_under_another_key(simplejwt, instance: Instance, user: Account):
    from librephotos.accounts.tokens import TokenSigner

    foreign = TokenSigner("another-key-of-at-least-32-characters-0123").mint_access(
        {"user_id": str(user.user_id)}
    )
    with pytest.raises(simplejwt.TokenError):
        simplejwt.AccessToken(foreign.text)
