"""Which passwords are accepted: `published` (3 to 128 characters) or `strict` (8 and more, and not easily guessed).

Decisions only; the texts are the published ones. The list of common passwords is offline package data: those of
8 and more characters from the list that Django ships (BSD licence).
"""

import gzip
import re
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

Policy = Literal["published", "strict"]

MIN_PUBLISHED: Final = 3
MIN_STRICT: Final = 8
MAX_CHARS: Final = 128
SIMILAR: Final = 0.7
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
    """What is known of the person whose password it is."""

    username: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""


def list_problems(password: str, policy: Policy, owner: Owner) -> list[str]:
    """Return the published texts of everything wrong with `password`; empty when it is accepted."""
    if not password.strip():
        return [BLANK]
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
    """Whether it stands on the list, or is a word of this place with nothing but digits and signs around it."""
    text = password.strip().lower()
    letters = "".join(char for char in text if char.isalpha())
    return letters in CONTEXT_WORDS or text in _common_passwords()


def _similar_to(password: str, owner: Owner) -> str | None:
    """Return the name of the first attribute that `password` is made from."""
    text = password.lower()
    attributes = (
        ("username", owner.username),
        ("email address", owner.email),
        ("first name", owner.first_name),
        ("last name", owner.last_name),
    )
    for name, value in attributes:
        for part in {value.lower(), *_WORD.findall(value.lower())}:
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
def _common_passwords() -> frozenset[str]:
    packed = files("librephotos.accounts").joinpath("common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())
