"""Which file a photo shows and sends: set by a rule of `library/`, or chosen by a person, whose choice lasts.

A choice is remembered by the content and by the row of its file. Content finds it again where the file was moved, came
back, or lies in a photo that was joined; the row, where the file got other tags or was edited.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, exists, or_, select, update

from librephotos.db.statements import id_list, is_in, statement
from librephotos.db.tables import file, photo
from librephotos.db.transactions import Tx

# Numbers of `library/compare.py`, as the table of files lists them.
_CHANGED, _METADATA, _REPLACED = 2, 4, 6

_NEW_FILE: Final[Any] = bindparam("new_file_id")
_NEW_HASH: Final[Any] = bindparam("new_hash")

MAIN_FILE: Final = {
    "main_file_id": _NEW_FILE,
    "content_hash": _NEW_HASH,
    # What was chosen lies there now.
    "chosen_file_id": case((photo.c.chosen_hash == _NEW_HASH, _NEW_FILE), else_=photo.c.chosen_file_id),
}
"""What a photo stores of its main file: `new_file_id`, `new_hash`."""

CHOICE_ORDER: Final[Any] = case(
    (file.c.hash == photo.c.chosen_hash, 0), (file.c.id == photo.c.chosen_file_id, 1), else_=2
)
"""Sorts the files of a photo: those that hold what a person chose come first."""

_SET_MAIN_FILE = statement(update(photo).where(photo.c.id == bindparam("of_photo")).values(MAIN_FILE))
_FORGET_MAIN_FILE = statement(
    update(photo).where(photo.c.id == bindparam("of_photo")).values(main_file_id=None)
)
_CHOOSE = statement(
    update(photo)
    .where(photo.c.id == bindparam("of_photo"))
    .values(
        main_file_id=_NEW_FILE,
        content_hash=_NEW_HASH,
        chosen_hash=_NEW_HASH,
        chosen_file_id=_NEW_FILE,
        size_bytes=bindparam("new_size"),
    )
)
_READ_METADATA = statement(
    update(file)
    .where(
        file.c.id == bindparam("file_id"),
        file.c.pending == 0,
        file.c.is_missing.is_(False),
        ~exists(select(photo.c.id).where(photo.c.main_file_id == file.c.id).correlate(file)),
    )
    .values(pending=_METADATA)
)

_chosen, _rival = file.alias("chosen"), file.alias("rival")
_CHOSEN_NOW = (
    select(_chosen.c.hash)
    .where(
        _chosen.c.id == photo.c.chosen_file_id,
        _chosen.c.photo_id == photo.c.id,
        _chosen.c.pending == 0,
        _chosen.c.is_missing.is_(False),
    )
    .correlate(photo)
)
# Another file holds what was chosen, or may turn out to do so.
_IS_ELSEWHERE = exists(
    select(_rival.c.id)
    .where(
        _rival.c.photo_id == photo.c.id,
        _rival.c.id != photo.c.chosen_file_id,
        _rival.c.is_missing.is_(False),
        or_(
            and_(
                _rival.c.hash == photo.c.chosen_hash,
                or_(_rival.c.pending == 0, _rival.c.pending == _METADATA),
            ),
            _rival.c.pending == _CHANGED,
            _rival.c.pending == _REPLACED,
        ),
    )
    .correlate(photo)
)
_FOLLOW = statement(
    update(photo)
    .where(
        is_in(photo.c.id, "photo_ids"),
        photo.c.chosen_file_id.is_not(None),
        exists(_CHOSEN_NOW),
        ~_IS_ELSEWHERE,
    )
    .values(chosen_hash=_CHOSEN_NOW.scalar_subquery())
)


def set_main_file(tx: Tx, photo_id: int, file_id: int, content_hash: str) -> None:
    tx.execute(_SET_MAIN_FILE, of_photo=photo_id, new_file_id=file_id, new_hash=content_hash)


def forget_main_file(tx: Tx, photo_id: int) -> None:
    """The photo has no path left; by what its file held it is known again."""
    tx.execute(_FORGET_MAIN_FILE, of_photo=photo_id)


def choose_main_file(tx: Tx, photo_id: int, file_id: int, content_hash: str, size_bytes: int) -> None:
    """Store what a person chose. Thumbnails stay; what the file says is read by the next scan."""
    tx.execute(_READ_METADATA, file_id=file_id)
    tx.execute(_CHOOSE, of_photo=photo_id, new_file_id=file_id, new_hash=content_hash, new_size=size_bytes)


def follow_choices(tx: Tx, photo_ids: Sequence[int]) -> None:
    """A chosen file that holds something else now stays the chosen one, unless another holds what was chosen."""
    tx.execute(_FOLLOW, photo_ids=id_list(photo_ids))
