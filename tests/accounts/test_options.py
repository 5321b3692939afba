"""OPTIONS without preflight headers is authorized like any other method and names what a path can do."""

import httpx

from tests.instance import Account, Instance


def test_every_method_of_a_path_is_named(anonymous: httpx.Client):
    answer = anonymous.options("/api/auth/token/obtain/")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "POST, OPTIONS", b"")
    assert anonymous.options("/api/help").headers["allow"] == "GET, OPTIONS"


def test_methods_registered_apart_are_named_together(instance: Instance, user: Account):
    with instance.client(user.bearer) as client:
        assert client.options("/api/jobs/1/").headers["allow"] == "GET, DELETE, OPTIONS"


def test_a_closed_path_asks_for_credentials_first(anonymous: httpx.Client):
    assert anonymous.options("/api/jobs/1/").status_code == 401
