"""What went wrong in a library: files that failed, were skipped or are missing, and steps of photos that failed."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from librephotos.db.statements import Statement, as_row, id_list, is_in, statement
from librephotos.db.tables import file, photo, photo_step
from librephotos.db.transactions import Tx
from librephotos.http.paging import Page, PageRequest
from librephotos.kit import clock
from librephotos.library.compare import Pending
from librephotos.library.kinds import WRITE_BACK
from librephotos.library.problem_ids import ProblemIds, file_problem, step_problem
from librephotos.library.queries import write_back
from librephotos.library.schemas import Problem, ProblemCounts, ProblemGroup
from librephotos.photos.storing import METADATA, THUMBNAILS

GONE: Final = "The file is gone."
READ: Final = "read"
# In the order of the list.
_RANKS: Final = {"failed": 0, "step": 1, "missing": 2, "skipped": 3}

_OWNER: Final[ColumnElement[Any]] = bindparam("owner")
# Spelled as in the partial indexes.
_IS_MISSING: Final[Any] = literal_column("file.is_missing")
_STEP_FAILED: Final[Any] = literal_column("photo_step.state = 'failed'")
_main = file.alias("main")
_broken = file.alias("broken")
# A photo whose file failed is told of once, by its file.
_IS_TOLD_BY_FILE = and_(
    photo_step.c.step == THUMBNAILS,
    exists(literal(1)).where(_broken.c.photo_id == photo_step.c.photo_id, _broken.c.state == "failed"),
)


def _files(kind: str, condition: ColumnElement[bool], reason: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            literal_column(str(_RANKS[kind]), Integer()).label("rank"),
            literal_column(f"'{kind}'", Text()).label("kind"),
            literal_column(f"'{READ}'", Text()).label("step"),
            reason.label("reason"),
            file.c.path.label("path"),
            file.c.id.label("file_id"),
            photo.c.uuid.label("uuid"),
            file.c.checked_at.label("at"),
        )
        .select_from(file.outerjoin(photo, photo.c.id == file.c.photo_id))
        .where(file.c.owner_id == _OWNER, condition, or_(photo.c.id.is_(None), photo.c.is_removed.is_(False)))
    )


_STEPS = (
    select(
        literal_column(str(_RANKS["step"]), Integer()).label("rank"),
        literal_column("'step'", Text()).label("kind"),
        photo_step.c.step.label("step"),
        photo_step.c.reason.label("reason"),
        func.coalesce(_main.c.path, "").label("path"),
        literal_column("0", Integer()).label("file_id"),
        photo.c.uuid.label("uuid"),
        photo_step.c.finished_at.label("at"),
    )
    .select_from(
        photo_step.join(photo, photo.c.id == photo_step.c.photo_id).outerjoin(
            _main, _main.c.id == photo.c.main_file_id
        )
    )
    .where(photo.c.owner_id == _OWNER, photo.c.is_removed.is_(False), _STEP_FAILED, ~_IS_TOLD_BY_FILE)
)
_IS_THERE = file.c.is_missing.is_(False)
_PROBLEMS = union_all(
    _files("failed", and_(file.c.state == "failed", _IS_THERE), file.c.reason),
    _STEPS,
    _files("missing", _IS_MISSING, literal_column(f"'{GONE}'", Text())),
    _files("skipped", and_(file.c.state == "skipped", _IS_THERE), file.c.reason),
).subquery("problem")


def _is_wanted() -> ColumnElement[bool]:
    """Under the filters given; an empty one lets all through."""
    return and_(
        *(
            or_(bindparam(name, type_=Text()) == "", column == bindparam(name, type_=Text()))
            for name, column in (
                ("kind", _PROBLEMS.c.kind),
                ("step", _PROBLEMS.c.step),
                ("reason", _PROBLEMS.c.reason),
            )
        )
    )


def _problem(
    kind: str, step: str, reason: str, path: str, file_id: int, uuid: str | None, at: int
) -> Problem:
    problem_id = file_problem(file_id) if file_id else step_problem(uuid or "", step)
    return Problem(problem_id, kind, step, reason, path, uuid, clock.iso(at))


_COUNT = func.count()
_LIST = Statement(
    select(
        _PROBLEMS.c.kind,
        _PROBLEMS.c.step,
        _PROBLEMS.c.reason,
        _PROBLEMS.c.path,
        _PROBLEMS.c.file_id,
        _PROBLEMS.c.uuid,
        _PROBLEMS.c.at,
    )
    .where(_is_wanted())
    .order_by(_PROBLEMS.c.rank, _PROBLEMS.c.path, _PROBLEMS.c.step, _PROBLEMS.c.file_id, _PROBLEMS.c.uuid)
    .limit(bindparam("size"))
    .offset(bindparam("offset")),
    _problem,
)
_GROUPS = Statement(
    select(_PROBLEMS.c.kind, _PROBLEMS.c.step, _PROBLEMS.c.reason, _COUNT)
    .where(_is_wanted())
    .group_by(_PROBLEMS.c.rank, _PROBLEMS.c.kind, _PROBLEMS.c.step, _PROBLEMS.c.reason)
    .order_by(_PROBLEMS.c.rank, _COUNT.desc(), _PROBLEMS.c.reason, _PROBLEMS.c.step),
    ProblemGroup,
)


def count_problems(tx: Tx, owner_id: int, filters: dict[str, str] | None = None) -> ProblemCounts:
    """Return how many problems a library has under `filters` (kind, step, reason)."""
    groups = tx.all(_GROUPS, owner=owner_id, **_filters(filters))
    return ProblemCounts(sum(group.count for group in groups), groups)


def list_problems(tx: Tx, owner_id: int, filters: dict[str, str], page: PageRequest) -> Page[Problem]:
    count = count_problems(tx, owner_id, filters).count
    settled = page.settle(count)
    rows = tx.all(_LIST, owner=owner_id, size=settled.size, offset=settled.offset, **_filters(filters))
    return settled.answer(count, rows)


def first_problems(tx: Tx, owner_id: int, size: int) -> list[Problem]:
    return tx.all(_LIST, owner=owner_id, size=size, offset=0, **_filters(None))


def _filters(given: dict[str, str] | None) -> dict[str, str]:
    return {"kind": "", "step": "", "reason": "", **(given or {})}


# --- trying again

_AGAIN = case(
    (and_(file.c.state == "photo", file.c.photo_id.is_not(None)), int(Pending.CHANGED)),
    else_=int(Pending.NEW),
)
_IS_TRIED = (file.c.owner_id == _OWNER, file.c.pending == 0, _IS_THERE)
_RETRY_STATE = statement(
    update(file).where(*_IS_TRIED, file.c.state == bindparam("of_state")).values(pending=_AGAIN)
)
_RETRY_FILES = statement(
    update(file)
    .where(*_IS_TRIED, or_(file.c.state == "failed", file.c.state == "skipped"), is_in(file.c.id, "file_ids"))
    .values(pending=_AGAIN)
)
_RETRY_MAIN = statement(update(file).where(*_IS_TRIED, is_in(file.c.id, "file_ids")).values(pending=_AGAIN))
_FAILED_STEPS = Statement(
    select(photo_step.c.photo_id, photo.c.uuid, photo_step.c.step, photo.c.main_file_id)
    .select_from(photo_step.join(photo, photo.c.id == photo_step.c.photo_id))
    .where(photo.c.owner_id == _OWNER, photo.c.is_removed.is_(False), _STEP_FAILED),
    as_row,
)
_FORGET_STEP = statement(
    delete(photo_step).where(
        photo_step.c.photo_id == bindparam("of_photo"),
        photo_step.c.step == bindparam("of_step"),
        _STEP_FAILED,
    )
)


def retry_files(tx: Tx, owner_id: int, state: str) -> int:
    """Have the next scan read all files of a state (`failed` or `skipped`) again; return how many."""
    return tx.execute(_RETRY_STATE, owner=owner_id, of_state=state)


def retry_steps(tx: Tx, owner_id: int, chosen: Sequence[tuple[str, str]] | None = None) -> int:
    """Have failed steps done again: all, or those of (UUID, step).

    Steps of reading are done with the file; the others are forgotten, so that the jobs which look for what lacks them
    find it.
    """
    wanted = None if chosen is None else set(chosen)
    failed = [row for row in tx.all(_FAILED_STEPS, owner=owner_id) if wanted is None or row[1:3] in wanted]
    files = [main for _, _, step, main in failed if step in (THUMBNAILS, METADATA) and main is not None]
    others = [
        {"of_photo": photo_id, "of_step": step}
        for photo_id, _, step, _ in failed
        if step not in (THUMBNAILS, METADATA)
    ]
    tx.execute(_RETRY_MAIN, owner=owner_id, file_ids=id_list(files))
    tx.execute_many(_FORGET_STEP, others)
    write_back.want(tx, [photo_id for photo_id, _, step, _ in failed if step == WRITE_BACK])
    return len(failed)


def retry_chosen(tx: Tx, owner_id: int, chosen: ProblemIds) -> int:
    """Try the named problems again; those of others and unknown ones are passed over."""
    count = tx.execute(_RETRY_FILES, owner=owner_id, file_ids=id_list(chosen.files)) if chosen.files else 0
    return count + (retry_steps(tx, owner_id, chosen.steps) if chosen.steps else 0)
