"""Which passwords are accepted: `published` (3 to 128 characters) or `strict` (8 and more, and not easily guessed).

Decisions only; the texts are the published ones. Characters are code points of NFC, and blanks count like any other.
The list of common passwords is offline package data (tools/pack_common_passwords.py), read when `strict` first asks.
"""

import gzip
import re
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from librephotos.accounts.passwords import MAX_CHARS, MAX_SENT_CHARS, normalize_password
from librephotos.settings import Settings

Policy = Literal["published", "strict"]

MIN_PUBLISHED: Final = 3
MIN_STRICT: Final = 8
SIMILAR: Final = 0.7
MIN_LISTED_CHARS: Final = 5
# A year or "123!" behind a common password is what everybody tries next.
MAX_TAIL_CHARS: Final = 4
BLANK = "This field may not be blank."
TOO_COMMON = "This password is too common."
NUMERIC = "This password is entirely numeric."
TOO_LONG = f"Ensure this field has no more than {MAX_CHARS} characters."
TOO_SHORT = f"Ensure this field has at least {MIN_PUBLISHED} characters."
TOO_SHORT_STRICT = f"This password is too short. It must contain at least {MIN_STRICT} characters."
# Words that stand for this place: alone, or with digits and signs around them, anybody would try them.
CONTEXT_WORDS: Final = (
    "librephotos",
    "photos",
    "photo",
    "password",
    "passwort",
    "admin",
    "administrator",
    "welcome",
)
_WORD = re.compile(r"[^\W_]+")


class Owner(msgspec.Struct, frozen=True):
    """What is known of the person whose password it is, and the host names that the server goes by."""

    username: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    hosts: tuple[str, ...] = ()


def host_names(settings: Settings) -> tuple[str, ...]:
    """Return the names by which people call the server, as far as settings tell."""
    host = urlsplit(settings.public_url).hostname
    return tuple(sorted({*settings.hosts, *([host] if host else [])}))


def list_problems(password: str, policy: Policy, owner: Owner) -> list[str]:
    """Return the published texts of everything wrong with `password`; empty when it is accepted."""
    if not password.strip():
        return [BLANK]
    if len(password) > MAX_SENT_CHARS:
        return [TOO_LONG]
    password = normalize_password(password)
    if len(password) > MAX_CHARS:
        return [TOO_LONG]
    if policy == "published":
        return [TOO_SHORT] if len(password) < MIN_PUBLISHED else []
    problems = [TOO_SHORT_STRICT] if len(password) < MIN_STRICT else []
    similar = _similar_to(password, owner)
    if similar:
        problems.append(f"The password is too similar to the {similar}.")
    if is_common(password):
        problems.append(TOO_COMMON)
    if password.strip().isdigit():
        problems.append(NUMERIC)
    return problems


def is_common(password: str) -> bool:
    """Whether it is listed, with a short tail or without, or a word of this place with digits and signs around it."""
    text = fold(password)
    letters = "".join(char for char in text if char.isalpha())
    return letters in CONTEXT_WORDS or any(_is_listed(each) for each in _without_tails(text))


def fold(password: str) -> str:
    """Return the form in which passwords are looked up: no case, no outer blanks."""
    return normalize_password(normalize_password(password).strip().casefold())


def _without_tails(text: str) -> list[str]:
    """Return `text`, and what is left of it without one to four digits and signs at its end."""
    tail = 0
    while tail < min(MAX_TAIL_CHARS, len(text)) and not text[-tail - 1].isalpha():
        tail += 1
    return [text[: len(text) - cut] for cut in range(tail + 1)]


def _is_listed(text: str) -> bool:
    return len(text) >= MIN_LISTED_CHARS and f"\n{text}\n".encode() in _listed()


def _similar_to(password: str, owner: Owner) -> str | None:
    """Return the name of the first attribute that `password` is made from."""
    text = fold(password)
    attributes = (
        ("username", owner.username),
        ("email address", owner.email),
        ("first name", owner.first_name),
        ("last name", owner.last_name),
        *(("name of this server", host) for host in owner.hosts),
    )
    for name, value in attributes:
        for part in {fold(value), *_WORD.findall(fold(value))}:
            if _is_similar(text, part):
                return name
    return None


def _is_similar(text: str, part: str) -> bool:
    # A short name inside a long password is no weakness; one that fills most of it is.
    if len(part) < MIN_PUBLISHED or len(text) > 10 * len(part):
        return False
    if part in text and len(part) * 2 >= len(text):
        return True
    return SequenceMatcher(a=text, b=part).ratio() >= SIMILAR


@lru_cache(maxsize=1)
def _listed() -> bytes:
    """Return one block of lines: half a megabyte, a tenth of what a set of texts would take, and searched in 1 ms."""
    packed = files("librephotos.accounts").joinpath("common_passwords.txt.gz").read_bytes()
    return b"\n" + gzip.decompress(packed)
