"""The language of searches, read into values."""

import pytest

from librephotos.errors import BadInput
from librephotos.search.dates import parse_dates
from librephotos.search.language import Term, parse_language


def texts(search: str) -> list[list[str]]:
    return [
        [("-" if term.is_negated else "") + f"{term.field}:{term.text}" for term in group]
        for group in parse_language(search).groups
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (None, []),
        (' ,, "" \'\' " " ', []),
        ("a,b a", [["text:a"], ["text:b"]]),
        ("\"a b\" 'c, d'", [["text:a b"], ["text:c, d"]]),
        ("don't \"unbalanced", [["text:don't"], ['text:"unbalanced']]),
        ("- -- -a --b", [["text:-"], ["-text:-"], ["-text:a"], ["-text:-b"]]),
        ("-\"a b\" -'c'", [["-text:a b"], ["-text:c"]]),
        ("a or b or c d", [["text:a", "text:b", "text:c"], ["text:d"]]),
        ("or a OR -b", [["text:or"], ["text:a", "-text:b"]]),
        ('a "or" b', [["text:a"], ["text:or"], ["text:b"]]),
        (
            "camera: c:\\x http://y 14:05",
            [["text:camera:"], ["text:c:\\x"], ["text:http://y"], ["text:14:05"]],
        ),
        ("CAMERA:X5 -lens:'A b' tag:\"c\"", [["camera:x5"], ["-lens:a b"], ["tag:c"]]),
        ('"camera:x"', [["text:camera:x"]]),
    ],
)
def test_terms_are_read(search, expected):
    assert texts(search) == expected


@pytest.mark.parametrize(
    ("asked", "low", "high"),
    [("3", 3, 3), (">3", 4, 5), (">=3", 3, 5), ("<3", 0, 2), ("<=3", 0, 3), ("2..4", 2, 4), ("2..", 2, 5)],
)
def test_ratings_are_ranges(asked, low, high):
    assert parse_language(f"rating:{asked}").groups == ((Term("rating", low=low, high=high),),)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2019", ("2019-01-01", "2020-01-01")),
        ("2019-2", ("2019-02-01", "2019-03-01")),
        ("2020-02-29", ("2020-02-29", "2020-03-01")),
        ("2019-12", ("2019-12-01", "2020-01-01")),
        ("2019..2021-06", ("2019-01-01", "2021-07-01")),
        ("..2019-12-31", ("0000", "2020-01-01")),
        ("2019..", ("2019-01-01", "9999-99")),
        ("9999", ("9999-01-01", "9999-99")),
    ],
)
def test_dates_are_spans(asked, expected):
    assert parse_dates(asked) == expected


@pytest.mark.parametrize(
    "search",
    [
        *("date:..", "date:2021..2019", "date:0000", "date:2019-02-30", "date:2019-1-1-1", "date:٢٠١٩"),
        *("rating:..", "rating:6", "rating:-1", "rating:>", "has:luck", "missing:luck", "type:x", "-type:x"),
        *("a or type:x", "\x00"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_place(search):
    with pytest.raises(BadInput) as refused:
        parse_language(search)
    ((field, message),) = refused.value.entries
    assert field == "search"
    place = search.rfind(" ") + 2
    assert "\x00" in search or message.startswith(f"At character {place}: ")
