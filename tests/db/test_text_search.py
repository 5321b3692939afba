"""The index of texts: what it gives, and that its absence is noticed."""

import pytest
from sqlalchemy import bindparam, select

from librephotos.db.statements import SQLITE, Statement, scalar
from librephotos.db.tables import photo_search
from librephotos.db.text_search import find_candidates, has_text_index, holds, is_text_index
from tests.builders import Builder, add_row
from tests.instance import Instance

HELD = Statement(
    select(photo_search.c.photo_id).where(
        photo_search.c.photo_id == bindparam("photo_id"), holds(photo_search.c.text, "sought")
    ),
    scalar,
)


class Undone(Exception):
    """Ends a transaction whose changes are not to stay."""


def test_candidates_hold_all_texts_unless_they_are_too_many(instance: Instance) -> None:
    builder, user = Builder(instance), instance.add_user()
    photos = [builder.add_photo(user, with_files=False).photo_id for _ in range(3)]
    texts = ('xyzzy "plover" plugh', "xyzzy only, a much longer text than pieces are taken of: ende", "plugh")
    with pytest.raises(Undone), instance.db.transaction() as tx:
        for photo_id, text in zip(photos, texts, strict=True):
            add_row(tx, photo_search, photo_id=photo_id, owner_id=user.user_id, is_shown=True, text=text)
        assert sorted(find_candidates(tx, ["xyzzy"], 2) or []) == photos[:2]
        assert find_candidates(tx, ["xyzzy"], 1) is None
        assert find_candidates(tx, ["xyzzy", "plugh"], 9) == photos[:1]
        assert find_candidates(tx, ['"plover"', "xy"], 9) == photos[:1]
        assert find_candidates(tx, [texts[1]], 9) == photos[1:2]
        assert find_candidates(tx, ["xy", ""], 9) is None
        raise Undone


def test_signs_of_patterns_are_letters_like_others(instance: Instance) -> None:
    builder, user = Builder(instance), instance.add_user()
    photo_id = builder.add_photo(user, with_files=False).photo_id
    text = "a*b?c [x-z] 100% under_score back\\slash ^caret straße \U0001f9ed"
    held = (
        "a*b",
        "*",
        "?c",
        "[x-z]",
        "[",
        "]",
        "x-z]",
        "100%",
        "_s",
        "k\\s",
        "[x-z] 100% under",
        "^c",
        "ße \U0001f9ed",
        text,
    )
    others = (
        "a**b",
        "a?b",
        "ab",
        "[xyz]",
        "y",
        "[!a]",
        "[^a]",
        "1%0",
        "b_c",
        "A*B",
        "[*]",
        "[[]",
        f"{text} ",
    )
    with pytest.raises(Undone), instance.db.transaction() as tx:
        add_row(tx, photo_search, photo_id=photo_id, owner_id=user.user_id, is_shown=True, text=text)
        assert [each for each in held if tx.first(HELD, photo_id=photo_id, sought=each) is None] == []
        assert [each for each in others if tx.first(HELD, photo_id=photo_id, sought=each) is not None] == []
        raise Undone


def test_a_missing_index_is_noticed(instance: Instance) -> None:
    with pytest.raises(Undone), instance.db.transaction() as tx:
        assert has_text_index(tx)
        drop = "DROP TABLE search_index" if tx.dialect == SQLITE else "DROP INDEX ix_photo_search_text"
        tx.connection.execute(drop)
        assert not has_text_index(tx)
        raise Undone
    assert is_text_index("search_index_data")
    assert not is_text_index("photo_search")
