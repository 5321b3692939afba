"""Whatever a stranger sends, the parsers of credentials and bodies answer with a published refusal or a value.

First on the functions, many times; then over a socket with raw bytes, where nothing may be answered with a 5xx.
"""

import base64
import json
import socket
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from librephotos.accounts.authenticator import cookie_value
from librephotos.accounts.basic import BasicCredentials, parse_basic
from librephotos.accounts.schemas import ObtainInput, RefreshInput
from librephotos.accounts.tokens import ACCESS, REFRESH, Token, TokenError, TokenSigner
from librephotos.errors import ApiError, BadInput, NotAuthenticated
from librephotos.http.binding import bind, parse_form, parse_json, parse_multipart
from librephotos.http.negotiation import accepts_json
from tests.instance import KEY, Instance

SIGNER = TokenSigner(KEY)
TOKEN_TEXTS = {
    "Token is invalid",
    "Token is expired",
    "Token has no 'exp' claim",
    "Token has no id",
    "Token has no type",
    "Token has wrong type",
}
BASIC_TEXTS = {
    f"Invalid basic header. {reason}"
    for reason in (
        "No credentials provided.",
        "Credentials string should not contain spaces.",
        "Credentials not correctly base64 encoded.",
    )
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**60, 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["access", "refresh", "1", "\0", "\ud800", "9" * 400])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
claims = st.dictionaries(st.text(max_size=8), values, max_size=3).flatmap(
    lambda more: st.fixed_dictionaries(
        {},
        optional={
            name: values | st.just(1)
            for name in ("token_type", "exp", "iat", "nbf", "jti", "sid", "user_id", "aud", "iss", "sub")
        },
    ).map(lambda own: {**more, **own})
)
words = st.text("abcXYZ019-_.=", max_size=12).map(str.encode)
printable = st.binary(max_size=200).map(lambda raw: bytes(b for b in raw if b not in b"\r\n\0"))


def signed(payload: dict[str, Any]) -> str:
    """Return the claims signed with the server's key, past the library's own checks of what is put in."""
    text = json.dumps(payload, default=str)
    return jwt.PyJWS().encode(text.encode("utf-8", "surrogatepass"), KEY, algorithm="HS256")


def dotted(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def only_published(parse: Callable[[], object]) -> object:
    """Return the value, or the refusal if it is one of ours with a 4xx; let anything else fail the test."""
    try:
        return parse()
    except ApiError as refusal:
        assert 400 <= refusal.status < 500
        assert refusal.entries
        assert all(isinstance(part, str) and part for entry in refusal.entries for part in entry)
        return refusal


def check_token(text: str) -> None:
    for kind in (ACCESS, REFRESH):
        try:
            token = SIGNER.verify(text, kind)
        except TokenError as refusal:
            assert refusal.message in TOKEN_TEXTS
        else:
            assert isinstance(token, Token)
            assert token.user_id is None or token.user_id > 0
            assert token.claims["token_type"] == kind


@given(st.text(max_size=300))
@example("a.b.c")
@example("..")
@example("." * 9000)
def test_any_text_as_a_token_is_refused_in_published_words(text: str):
    check_token(text)


@given(claims)
@example({"exp": 1e308, "jti": "a", "token_type": "access"})
@example({"exp": 10**400, "jti": "a", "token_type": "access"})
@example({"exp": float("nan")})
def test_any_claims_under_the_right_signature_are_refused_in_published_words_or_sane(payload: dict[str, Any]):
    check_token(signed(payload))


@given(claims)
def test_claims_that_would_pass_are_read_without_trust_in_the_rest(payload: dict[str, Any]):
    check_token(signed({**payload, "token_type": "access", "exp": 2**39, "iat": 1, "jti": "a" * 32}))


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=40))
@example(b'{"alg":"none"}', b"{}", b"")
@example(b'{"alg":["HS256"]}', b"{}", b"a")
@example(b'{"alg":{}}', b"{}", b"a")
@example(b"[" * 70, b"{}", b"a")
@example(b'"HS256"', b"[]", b"a")
def test_any_three_parts_are_refused_in_published_words(head: bytes, body: bytes, signature: bytes):
    check_token(dotted(head, body, signature))


@given(st.lists(words | printable, max_size=3))
def test_any_words_after_basic_are_credentials_or_refused_in_published_words(given_words: list[bytes]):
    try:
        assert isinstance(parse_basic(given_words), BasicCredentials)
    except NotAuthenticated as refusal:
        assert refusal.message in BASIC_TEXTS


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_was_encoded_is_split_at_its_first_colon(username: bytes, password: bytes):
    name = username.replace(b":", b"")
    found = parse_basic([base64.b64encode(name + b":" + password)])
    sent = name + b":" + password
    assert ":" not in found.username
    assert f"{found.username}:{found.password}" in (sent.decode(errors="replace"), sent.decode("latin-1"))


@given(st.binary(max_size=300))
@example(b";;==;jwt;jwt=;=jwt")
def test_any_cookie_header_gives_a_value_or_none(header: bytes):
    found = cookie_value(header)
    assert found is None or (isinstance(found, bytes) and b";" not in found)


@given(words, st.lists(st.binary(max_size=20).map(lambda raw: raw.replace(b";", b"")), max_size=4))
def test_the_media_cookie_is_found_among_others(value: bytes, others: list[bytes]):
    others = [other for other in others if other.strip().partition(b"=")[0] != b"jwt"]
    assert cookie_value(b"; ".join([*others, b"jwt=" + value])) == value


@given(st.binary(max_size=200))
def test_any_accept_header_is_decided(header: bytes):
    assert accepts_json(header) in (True, False)


@given(st.binary(max_size=400) | values.map(lambda v: json.dumps(v).encode("utf-8", "surrogatepass")))
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
@example(b"1" * 5_000)
@example(b"1e999999")
@example(b"\xef\xbb\xbf{}")
@example(b'"\\ud800"')
@example(b"NaN")
def test_any_json_body_is_bound_or_refused(body: bytes):
    for model in (ObtainInput, RefreshInput):
        found = only_published(lambda model=model: bind(model, parse_json(body)))
        assert isinstance(found, model | BadInput)


@given(st.dictionaries(st.sampled_from(["username", "password", "refresh", "other"]), values))
def test_fields_of_any_kind_are_bound_to_texts_that_can_be_stored_or_refused(fields: dict[str, Any]):
    found = only_published(lambda: bind(ObtainInput, fields))
    if isinstance(found, ObtainInput):
        assert found.username == found.username.strip() != ""
        assert "\0" not in found.username + found.password
        (found.username + found.password).encode()


@given(st.binary(max_size=400) | st.text("%&=;+0Aaé\0", max_size=60).map(str.encode))
@example(b"a=1&" * 5_000)
@example(b"username=%ff")
@example(b"%00=%00")
def test_any_form_body_is_bound_or_refused(body: bytes):
    found = only_published(lambda: bind(ObtainInput, parse_form(body)))
    assert isinstance(found, ObtainInput | BadInput)


PART = b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\nmyuser\r\n'


@given(
    st.sampled_from(["b", "", '"', "b; boundary=c", "é", "b" * 300]),
    st.lists(
        st.sampled_from(
            [
                *(PART, b"--b\r\n", b"--b--\r\n", b"\r\n\r\n", b"Content-Disposition: form-data\r\n"),
                b'Content-Disposition: form-data; name="a"; filename="',
                b"Content-Type: text/plain; charset=none\r\n",
            ]
        )
        | st.binary(max_size=30),
        max_size=6,
    ),
)
@example("b", [PART * 3_000])
@example("b", [b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\n\xff\r\n--b--'])
def test_any_multipart_body_is_bound_or_refused(boundary: str, pieces: list[bytes]):
    header = f"multipart/form-data; boundary={boundary}"
    found = only_published(lambda: bind(ObtainInput, parse_multipart(header, b"".join(pieces))))
    assert isinstance(found, ObtainInput | BadInput)


# Over the socket. The examples are few, because each is a connection.

over_a_socket = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SCHEMES = [b"Bearer ", b"bearer\t", b"Basic ", b"Token ", b"Bearer", b"Basic  ", b", ", b""]
BODY_TYPES = [
    *(b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"),
    *(b"multipart/form-data", b"text/plain", b"application/json; charset=utf-16", b"\xff"),
]


def status_of(instance: Instance, request: bytes) -> int:
    with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while block := connection.recv(65536):
            received += block
    return int(received.split(b" ", 2)[1])


@over_a_socket
@given(st.sampled_from(SCHEMES), printable | claims.map(lambda c: signed(c).encode()))
def test_any_authorization_header_is_answered_401_or_400(instance: Instance, scheme: bytes, rest: bytes):
    head = b"GET /api/rqavailable/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
    assert status_of(instance, head + scheme + rest + b"\r\n\r\n") in (400, 401)


@over_a_socket
@given(
    st.sampled_from([b"jwt=", b"jwt", b"a=b; jwt=", b";jwt="]),
    printable | claims.map(lambda c: signed(c).encode()),
)
def test_any_cookie_for_media_leaves_the_caller_anonymous(instance: Instance, name: bytes, rest: bytes):
    head = b"GET /media/thumbnails_big/0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: "
    assert status_of(instance, head + name + rest + b"\r\n\r\n") in (400, 403)


@over_a_socket
@given(
    st.sampled_from(["obtain", "refresh", "blacklist"]),
    st.sampled_from(BODY_TYPES),
    st.binary(max_size=200) | values.map(lambda v: json.dumps(v).encode("utf-8", "surrogatepass")),
)
def test_any_body_at_the_token_endpoints_is_refused_by_a_4xx(
    instance: Instance, name: str, content_type: bytes, body: bytes
):
    head = b"POST /api/auth/token/%s/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\n" % (
        name.encode(),
        content_type,
    )
    assert status_of(instance, head + b"Content-Length: %d\r\n\r\n" % len(body) + body) in (400, 401, 415)


@pytest.mark.parametrize("path", ["/api/rqavailable/", "/media/thumbnails_big/0"])
def test_two_authorization_headers_are_refused(instance: Instance, path: str):
    headers = b"Authorization: Bearer a\r\nAuthorization: Basic YTpi\r\n"
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
    assert status_of(instance, head + headers + b"\r\n") == 401
