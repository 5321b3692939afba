"""The language of searches, read into values; `docs/search.md` tells it to people. No I/O.

A search is terms, all of which must be found; `or` between two terms makes alternatives of them. A term is a text, or
the name of a field, a colon and what is asked of it. Whatever is not of the language is text, as it was published.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from librephotos.errors import BadInput
from librephotos.http.search import check_search
from librephotos.search.dates import parse_dates
from librephotos.search.texts import fold

TEXT: Final = "text"
# Fields that hold a text which must contain the given one.
CAMERA, LENS, PERSON, PLACE, TAG, ALBUM, FILE = "camera", "lens", "person", "place", "tag", "album", "file"
TYPE, HAS, RATING, DATE = "type", "has", "rating", "date"
MISSING: Final = "missing"
TYPES: Final = ("photo", "video", "motion", "raw", "hdr", "screenshot", "document")
FACTS: Final = (
    *("gps", "place", "date", "rating", "caption", "tag", "person", "face", "album", "camera", "lens"),
)
# Other words for the same.
_SAME: Final = {"image": "photo", "images": "photo", "photos": "photo", "videos": "video", "tags": "tag"}
_SAME_FACTS: Final = {
    "tags": "tag",
    "people": "person",
    "faces": "face",
    "albums": "album",
    "location": "gps",
}
MOST_TERMS: Final = 100
HIGHEST_RATING: Final = 5


class Term(msgspec.Struct, frozen=True):
    """What a photo must have, or must not. `choice` is a word of the language, `low` to `high` a range, ends included.

    Texts are folded (`fold`) for TEXT and in small letters elsewhere. Dates are the beginnings of capture times: from
    `low` on, before `high`.
    """

    field: str
    text: str = ""
    choice: str = ""
    low: str | int = ""
    high: str | int = ""
    is_negated: bool = False


class Search(msgspec.Struct, frozen=True):
    """All groups must be met; a group is met by any of its terms."""

    groups: tuple[tuple[Term, ...], ...] = ()

    @property
    def required_texts(self) -> tuple[str, ...]:
        """The texts that every photo found has."""
        return tuple(
            group[0].text
            for group in self.groups
            if len(group) == 1 and group[0].field == TEXT and not group[0].is_negated
        )

    def narrowed(self, *choices: str) -> "Search":
        """Return this search with types that are asked for besides."""
        return Search((*self.groups, *((Term(TYPE, choice=choice),) for choice in choices)))


class _Word(NamedTuple):
    """A term as it is written: `start` counts characters from 1, `value` is without quotes."""

    start: int
    field: str
    value: str
    is_negated: bool
    is_quoted: bool


_FIELDS: Final = (CAMERA, LENS, PERSON, PLACE, TAG, ALBUM, FILE, TYPE, HAS, MISSING, RATING, DATE)
_WORD = re.compile(
    rf"(?P<minus>-?)(?P<field>(?:{'|'.join(_FIELDS)}):)?(?:\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)')"
    r"|\"\"|''|(?P<bare>[^\s,]+)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(-?)(?:({'|'.join(_FIELDS)}):)?(.+)", re.IGNORECASE | re.DOTALL)


def parse_language(text: str | None) -> Search:
    """Read a search. Raises BadInput of `search` that says where what is wrong."""
    if not text:
        return Search()
    check_search(text)
    words = [word for match in _WORD.finditer(text) if (word := _read(match)) is not None]
    if len(words) > MOST_TERMS:
        raise BadInput.of("search", f"Ensure this search has no more than {MOST_TERMS} terms.")
    groups: list[tuple[Term, ...]] = []
    is_alternative = False
    for number, word in enumerate(words):
        if _is_or(word) and 0 < number < len(words) - 1 and not is_alternative:
            is_alternative = True
            continue
        term = _term(word)
        if is_alternative:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        is_alternative = False
    return Search(tuple(dict.fromkeys(groups)))


def _read(match: re.Match[str]) -> _Word | None:
    start = match.start() + 1
    quoted = match["double"] or match["single"]
    if quoted is not None:
        field = (match["field"] or "").removesuffix(":").lower()
        return _Word(start, field, quoted, match["minus"] == "-", True) if quoted.strip() else None
    if match["bare"] is None:
        return None
    minus, field, value = _BARE.fullmatch(match["bare"]).groups()  # type: ignore[union-attr]  # something stands there
    return _Word(start, (field or "").lower(), value, minus == "-", False)


def _is_or(word: _Word) -> bool:
    return not (word.field or word.is_negated or word.is_quoted) and word.value.lower() == "or"


def _term(word: _Word) -> Term:
    if not word.field:
        return Term(TEXT, fold(word.value), is_negated=word.is_negated)
    reader = _READERS.get(word.field)
    if reader is None:
        return Term(word.field, word.value.lower(), is_negated=word.is_negated)
    try:
        term = reader(word.value.lower())
    except _Unclear as unclear:
        raise BadInput.of("search", f"At character {word.start}: {unclear}") from None
    return msgspec.structs.replace(term, is_negated=term.is_negated != word.is_negated)


class _Unclear(Exception):
    """What cannot be asked of a field; the text goes to the caller."""


def _one_of(value: str, known: tuple[str, ...], same: dict[str, str], field: str) -> str:
    word = same.get(value, value)
    if word not in known:
        raise _Unclear(f'"{value}" is no {field}. Known are {", ".join(known)}.')
    return word


def _type(value: str) -> Term:
    return Term(TYPE, choice=_one_of(value, TYPES, _SAME, "type"))


def _has(value: str) -> Term:
    return Term(HAS, choice=_one_of(value, FACTS, _SAME_FACTS, "thing that photos have"))


def _missing(value: str) -> Term:
    return Term(HAS, choice=_one_of(value, FACTS, _SAME_FACTS, "thing that photos have"), is_negated=True)


_RATING = re.compile(r"(?:(>=|<=|>|<)?([0-5])|([0-5])?\.\.([0-5])?)")


def _rating(value: str) -> Term:
    match = _RATING.fullmatch(value)
    if match is None or value == "..":
        raise _Unclear(f'"{value}" is no rating from 0 to 5, such as 4, >3, <=2 or 2..4.')
    sign, number, low, high = match.groups()
    if number is None:
        return Term(RATING, low=int(low or 0), high=int(high or HIGHEST_RATING))
    rating = int(number)
    lowest = {">": rating + 1, ">=": rating, "<": 0, "<=": 0}
    highest = {">": HIGHEST_RATING, ">=": HIGHEST_RATING, "<": rating - 1, "<=": rating}
    return Term(RATING, low=lowest.get(sign, rating), high=highest.get(sign, rating))


def _date(value: str) -> Term:
    try:
        low, high = parse_dates(value)
    except ValueError as error:
        raise _Unclear(str(error)) from None
    return Term(DATE, low=low, high=high)


_READERS: Final[dict[str, Callable[[str], Term]]] = {
    TYPE: _type,
    HAS: _has,
    MISSING: _missing,
    RATING: _rating,
    DATE: _date,
}
