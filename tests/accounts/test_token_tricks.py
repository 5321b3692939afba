"""The known tricks with tokens, one by one: signed as well as attackers could, refused without a look elsewhere."""

import base64
import hashlib
import hmac
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from librephotos.accounts.tokens import ACCESS, MAX_TOKEN_CHARS, REFRESH, TokenError, TokenSigner
from tests.instance import KEY, Account, Instance

PROTECTED = "/api/rqavailable/"
REFRESHING = "/api/auth/token/refresh/"


def encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def sign(header: object, payload: object, *, key: bytes = KEY.encode(), digest: str = "sha256") -> str:
    """Return a token with a real signature; header and payload are JSON values, or bytes as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = ".".join(map(encode, parts))
    return f"{signed}.{encode(hmac.new(key, signed.encode(), digest).digest())}"


def claims(account: Account | None = None, kind: str = ACCESS, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    own = {"token_type": kind, "exp": now + 200, "iat": now, "jti": "a" * 32}
    return {**own, "user_id": str(account.user_id if account else 1), **more}


class RsaKey:
    """A small RSA key with PKCS #1 v1.5 signatures (RFC 8017 section 8.2.1): what RS256 of a token is made with."""

    EXPONENT = 65537
    # DER of the digest's algorithm: SHA-256.
    DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

    def __init__(self) -> None:
        chance = random.Random(20)
        p, q = _prime(chance), _prime(chance)
        self.modulus = p * q
        self.secret = pow(self.EXPONENT, -1, (p - 1) * (q - 1))
        self.size = (self.modulus.bit_length() + 7) // 8

    def sign(self, header: dict[str, Any], payload: object) -> str:
        signed = ".".join(encode(json.dumps(part).encode()) for part in (header, payload))
        digest = self.DIGEST_INFO + hashlib.sha256(signed.encode()).digest()
        padded = b"\0\1" + b"\xff" * (self.size - len(digest) - 3) + b"\0" + digest
        made = pow(int.from_bytes(padded, "big"), self.secret, self.modulus)
        return f"{signed}.{encode(made.to_bytes(self.size, 'big'))}"

    @property
    def jwk(self) -> dict[str, str]:
        modulus = encode(self.modulus.to_bytes(self.size, "big"))
        return {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "a"}

    @property
    def pem(self) -> str:
        """The public key as people have it in a file: a SubjectPublicKeyInfo (RFC 5280 section 4.1)."""
        numbers = _der(0x02, b"\0" + self.modulus.to_bytes(self.size, "big")) + _der(0x02, b"\1\0\1")
        algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
        whole = _der(0x30, algorithm + _der(0x03, b"\0" + _der(0x30, numbers)))
        text = base64.b64encode(whole).decode()
        lines = [text[at : at + 64] for at in range(0, len(text), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(size)]) + size + content


def _prime(chance: random.Random) -> int:
    """Return a prime of 512 bits, by Fermat's test, which suffices for numbers that nobody chose to fool it."""
    while True:
        number = chance.getrandbits(512) | 1 << 511 | 1
        if all(pow(base, number - 1, number) == 1 for base in (2, 3, 5)) and number % RsaKey.EXPONENT != 1:
            return number


HEADER = {"alg": "HS256", "typ": "JWT"}


def refused(instance: Instance, anonymous: httpx.Client, token: str) -> bool:
    """Whether a token opens none of the doors: header, cookie, refresh; and for the reason that it is invalid."""
    bearer = anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {token}"})
    cookie = anonymous.get("/media/zip/none", headers={"Cookie": f"jwt={token}"})
    refresh = anonymous.post(REFRESHING, json={"refresh": token})
    return (bearer.status_code, cookie.status_code, refresh.status_code) == (401, 403, 401) and (
        refresh.json()["errors"][0]["message"] == "Token is invalid"
    )


@pytest.fixture(scope="module")
def rsa_key() -> RsaKey:
    return RsaKey()


@pytest.fixture(scope="module")
def person(instance: Instance) -> Account:
    return instance.add_user()


@contextmanager
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A local web server that offers whoever asks the attacker's key, and notes that somebody did."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    seen.append(connection.recv(1000))

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", seen
        finally:
            time.sleep(0.5)
            stop.set()
            thread.join()


def test_the_same_claims_with_the_right_header_open_the_door(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    """What the refusals below are measured against: nothing but the trick is wrong with those tokens."""
    for header in (HEADER, {"alg": "HS256"}, {"typ": "JWT", "alg": "HS256"}):
        token = sign(header, claims(person))
        assert anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None, "null"])
@pytest.mark.parametrize("signature", ["", "right"])
def test_no_algorithm(
    instance: Instance, anonymous: httpx.Client, person: Account, name: str | None, signature: str
):
    header = {"alg": name, "typ": "JWT"}
    payload = claims(person, REFRESH)
    token = sign(header, payload)
    if not signature:
        token = token.rpartition(".")[0] + "."
    assert refused(instance, anonymous, token)


@pytest.mark.parametrize(
    ("name", "digest"),
    [("HS512", "sha512"), ("HS384", "sha384"), ("hs256", "sha256"), ("HS256 ", "sha256"), ("HS1", "sha1")],
)
@pytest.mark.parametrize("kind", [ACCESS, REFRESH])
def test_another_hmac_under_the_right_key(
    instance: Instance, anonymous: httpx.Client, person: Account, name: str, digest: str, kind: str
):
    token = sign({"alg": name, "typ": "JWT"}, claims(person, kind), digest=digest)
    assert refused(instance, anonymous, token)


@pytest.mark.parametrize("name", ["RS256", "PS256", "RS512"])
def test_an_rsa_signature(
    instance: Instance, anonymous: httpx.Client, person: Account, rsa_key: RsaKey, name: str
):
    assert refused(instance, anonymous, rsa_key.sign({"alg": name, "typ": "JWT"}, claims(person, REFRESH)))
    # The signature of the server's own HMAC, under a header that claims RSA.
    assert refused(instance, anonymous, sign({"alg": name, "typ": "JWT"}, claims(person, REFRESH)))


def test_a_public_key_as_hmac_secret_neither_way(rsa_key: RsaKey):
    """A server that is given an RSA key as its secret takes HMAC under it (it is the secret), and still no RSA."""
    public = rsa_key.pem
    confused = TokenSigner(public)
    with pytest.raises(TokenError, match="Token is invalid"):
        confused.verify(rsa_key.sign({"alg": "RS256", "typ": "JWT"}, claims()), ACCESS)
    # And under the ordinary secret a token signed with the public key's text is a wrong signature.
    with pytest.raises(TokenError, match="Token is invalid"):
        TokenSigner(KEY).verify(sign(HEADER, claims(), key=public.encode()), ACCESS)


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c", "kid", "all"])
@pytest.mark.parametrize("signed_with", ["the server's key", "the attacker's key"])
def test_a_header_that_says_where_the_key_is(
    instance: Instance,
    anonymous: httpx.Client,
    person: Account,
    rsa_key: RsaKey,
    name: str,
    signed_with: str,
):
    with listener() as (address, seen):
        names: dict[str, Any] = {
            "jku": f"{address}/jwks.json",
            "x5u": f"{address}/chain.pem",
            "jwk": rsa_key.jwk,
            "x5c": [base64.b64encode(b"no certificate").decode()],
            "kid": f"{address}/key",
        }
        extra = names if name == "all" else {name: names[name]}
        for kind in (ACCESS, REFRESH):
            if signed_with == "the server's key":
                token = sign({**HEADER, **extra}, claims(person, kind))
            else:
                token = rsa_key.sign({"alg": "RS256", "typ": "JWT", **extra}, claims(person, kind))
            assert refused(instance, anonymous, token)
    assert seen == []


def test_the_listener_would_see_a_request():
    with listener() as (address, seen), pytest.raises(httpx.TransportError):
        httpx.get(address, timeout=1)
    assert len(seen) == 1


@pytest.mark.parametrize(
    "kid",
    [
        "1",
        "../../../../../dev/null",
        "/dev/null",
        "/proc/sys/kernel/randomize_va_space",
        "a' UNION SELECT 'key' --",
        "|id",
        "",
        None,
        0,
        [],
        {},
    ],
)
def test_a_header_that_names_the_key(
    instance: Instance, anonymous: httpx.Client, person: Account, kid: object
):
    header = {**HEADER, "kid": kid}
    assert refused(instance, anonymous, sign(header, claims(person, REFRESH)))
    # With the key that it would name: the contents of an empty file, or what the query gives.
    for key in (b"", b"key", b"\0"):
        assert refused(instance, anonymous, sign(header, claims(person, REFRESH), key=key))


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"crit": ["http://example.org/unknown"], "http://example.org/unknown": 1},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"cty": "JWT"},
        {"typ": "JWE"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"typ": ["JWT"]},
        {"x5t": "a"},
        {"x5t#S256": "a"},
        {"url": "a"},
        {"nonce": "a"},
        {"": ""},
    ],
)
def test_a_header_with_anything_else(
    instance: Instance, anonymous: httpx.Client, person: Account, more: dict[str, Any]
):
    assert refused(instance, anonymous, sign({**HEADER, **more}, claims(person, REFRESH)))


def test_a_token_in_a_token(instance: Instance, anonymous: httpx.Client, person: Account):
    inner = sign(HEADER, claims(person, REFRESH)).encode()
    assert refused(instance, anonymous, sign({**HEADER, "cty": "JWT"}, inner))
    assert refused(instance, anonymous, sign(HEADER, inner))
    assert refused(instance, anonymous, sign(HEADER, json.dumps(inner.decode()).encode()))


def test_an_encrypted_token(instance: Instance, anonymous: httpx.Client, person: Account):
    header = encode(json.dumps({"alg": "dir", "enc": "A256GCM", "typ": "JWT"}).encode())
    assert refused(
        instance, anonymous, f"{header}..{encode(b'i' * 12)}.{encode(b'c' * 80)}.{encode(b't' * 16)}"
    )
    signed = sign(HEADER, claims(person, REFRESH))
    head, payload, signature = signed.split(".")
    # Five parts whose first and last are those of a good token, and five parts under a right signature.
    assert refused(instance, anonymous, f"{head}.a.b.{payload}.{signature}")
    text = f"{head}.{payload}..{payload}"
    mac = encode(hmac.new(KEY.encode(), text.encode(), "sha256").digest())
    assert refused(instance, anonymous, f"{text}.{mac}")


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6, 1000])
def test_other_numbers_of_parts(instance: Instance, anonymous: httpx.Client, person: Account, count: int):
    head, payload, signature = sign(HEADER, claims(person, REFRESH)).split(".")
    parts = [head, payload, *["a"] * 1000][:count]
    parts[-1] = signature
    assert refused(instance, anonymous, ".".join(parts))


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("char", [".", "=", "!", "~", "%20", "+", "/"])
def test_one_token_has_one_text(
    instance: Instance, anonymous: httpx.Client, person: Account, place: int, char: str
):
    """Decoders of base64 skip what they do not know, also inside what is signed."""
    parts = sign(HEADER, claims(person, REFRESH)).split(".")
    parts[place] = parts[place][:5] + char + parts[place][5:]
    assert refused(instance, anonymous, ".".join(parts))
    signed = ".".join(parts[:2])
    mac = hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).digest()
    assert place == 2 or refused(instance, anonymous, f"{signed}.{encode(mac)}")


@pytest.mark.parametrize("size", [MAX_TOKEN_CHARS + 1, 60_000])
def test_a_giant_token_under_the_right_signature(
    instance: Instance, anonymous: httpx.Client, person: Account, size: int
):
    token = sign(HEADER, claims(person, REFRESH, filler="x" * size))
    assert len(token) > MAX_TOKEN_CHARS
    bearer = anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {token}"})
    # Beyond the server's limit of heads it is not even read.
    assert bearer.status_code in (401, 431)
    refresh = anonymous.post(REFRESHING, json={"refresh": token})
    assert (refresh.status_code, refresh.json()["errors"][0]["message"]) == (401, "Token is invalid")


def test_a_token_of_megabytes_is_refused_before_anything_is_decoded(
    instance: Instance, anonymous: httpx.Client, person: Account
):
    signer = TokenSigner(KEY)
    token = sign(HEADER, claims(person, REFRESH, filler="x" * 20_000_000))
    began = time.process_time()
    with pytest.raises(TokenError):
        signer.verify(token, REFRESH)
    assert time.process_time() - began < 0.01
    assert anonymous.post(REFRESHING, json={"refresh": token}).status_code == 401


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("where", ["header", "payload"])
def test_deep_json_under_the_right_signature(
    instance: Instance, anonymous: httpx.Client, opening: bytes, where: str
):
    closing = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[opening]
    depth = 4_000 // len(opening + closing)
    deep = opening * depth + b"1" + closing * depth
    whole = b'{"alg":"HS256","typ":"JWT","exp":9999999999,"token_type":"refresh","jti":"a","x":' + deep + b"}"
    for value in (deep, whole):
        token = sign(value, claims(kind=REFRESH)) if where == "header" else sign(HEADER, value)
        assert len(token) < MAX_TOKEN_CHARS
        answer = anonymous.post(REFRESHING, json={"refresh": token})
        assert answer.status_code == 401, answer.text


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","alg":"HS256","typ":"JWT"}',
        b'{"alg":"HS256","typ":"JWT","alg":"HS256"}',
        b'{"alg":"HS256","typ":"JWT","typ":"JWT"}',
        b'{"\\u0061lg":"none","alg":"HS256"}',
    ],
)
def test_a_name_that_stands_twice_in_the_header(
    instance: Instance, anonymous: httpx.Client, person: Account, header: bytes
):
    assert refused(instance, anonymous, sign(header, claims(person, REFRESH)))


@pytest.mark.parametrize("name", ["user_id", "token_type", "exp", "jti", "scope"])
def test_a_name_that_stands_twice_in_the_claims(
    instance: Instance, anonymous: httpx.Client, person: Account, name: str
):
    text = json.dumps(claims(person, REFRESH, scope="a"))
    value = json.dumps(claims(person, REFRESH, scope="a")[name])
    assert refused(instance, anonymous, sign(HEADER, f'{text[:-1]},"{name}":{value}}}'.encode()))


WRONG = [None, True, False, [], {}, ["1"], {"a": 1}, "", " ", "x", "1e3", "99999999999", "0x10"]
NUMBERS = [-1, -(2**63), 2**40, 2**63, 2**64, 10**300, -0.5, 1e308]


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [*WRONG, *NUMBERS])
def test_times_of_other_types_and_beyond_all_measure(name: str, value: object):
    signer = TokenSigner(KEY)
    for kind in (ACCESS, REFRESH):
        with pytest.raises(TokenError, match=r"Token is (invalid|expired)"):
            signer.verify(sign(HEADER, claims(kind=kind, **{name: value})), kind)


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1" * 4_000])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_times_that_are_no_numbers_of_json(name: str, value: bytes):
    payload = claims(kind=REFRESH)
    payload.pop(name, None)
    text = json.dumps(payload).encode()[:-1] + b',"' + name.encode() + b'":' + value + b"}"
    with pytest.raises(TokenError, match=r"Token is (invalid|expired)"):
        TokenSigner(KEY).verify(sign(HEADER, text), REFRESH)


def test_times_that_have_not_come_or_are_over():
    signer, now = TokenSigner(KEY), int(time.time())
    for more, text in (
        ({"iat": now + 60}, "Token is invalid"),
        ({"nbf": now + 60}, "Token is invalid"),
        ({"exp": now}, "Token is expired"),
        ({"exp": 0}, "Token is expired"),
    ):
        with pytest.raises(TokenError, match=text):
            signer.verify(sign(HEADER, claims(**more)), ACCESS)
    assert signer.verify(sign(HEADER, claims(nbf=now - 60, iat=now - 60)), ACCESS).jti


@pytest.mark.parametrize("value", [*WRONG[:7], 0, -1, 1.5, "-1", "١", "1 ", "+1", "1_0", 2**63, "9" * 400])
def test_users_that_no_account_can_be(
    instance: Instance, anonymous: httpx.Client, person: Account, value: object
):
    access = sign(HEADER, claims(user_id=value))
    answer = anonymous.get(PROTECTED, headers={"Authorization": f"Bearer {access}"})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (401, "User not found")
    refresh = anonymous.post(REFRESHING, json={"refresh": sign(HEADER, claims(kind=REFRESH, user_id=value))})
    assert refresh.status_code == 401


@pytest.mark.parametrize("name", ["jti", "sid"])
@pytest.mark.parametrize("value", [True, 5, [], {}, "", "a" * 256, "\0", "ä", "\ud800", "a\nb"])
def test_identifiers_that_no_row_can_hold(
    instance: Instance, anonymous: httpx.Client, person: Account, name: str, value: object
):
    assert refused(instance, anonymous, sign(HEADER, claims(person, REFRESH, **{name: value})))


@pytest.mark.parametrize("value", [*WRONG, 5])
def test_kinds_that_there_are_not(value: object):
    for kind in (ACCESS, REFRESH):
        with pytest.raises(TokenError, match="Token has wrong type"):
            TokenSigner(KEY).verify(sign(HEADER, claims(token_type=value)), kind)


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b'"text"', b"5", b"\xff\xfe", b"{", b'{"a":1}x'])
def test_claims_that_are_no_object(instance: Instance, anonymous: httpx.Client, payload: bytes):
    assert refused(instance, anonymous, sign(HEADER, payload))
    assert refused(instance, anonymous, sign(payload, claims(kind=REFRESH)))
