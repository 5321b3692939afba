"""What `scan` says at its end: what each scan did, what is wrong in the libraries, file by file, and what to do."""

import msgspec

from librephotos.cli.output import complain, say
from librephotos.db.database import Database
from librephotos.kit import json
from librephotos.kit.text import one_line
from librephotos.library.queries.problems import count_problems, first_problems
from librephotos.library.schemas import Problem, ProblemGroup

LISTED_FILES = 50
LISTED_GROUPS = 20
SOME_FAILED = 1
# These are told with the file; a file of another kind is none that is wanted, and is only counted.
LISTED_KINDS = ("failed", "step")


class Running(msgspec.Struct):
    """One queued or finished job as the bar shows it."""

    job_id: str
    state: str
    current: int
    target: int
    step: str | None
    result: str | None
    is_finished: bool


def summary(db: Database, owners: list[int], jobs: list[Running]) -> int:
    """Say how it went; return the status to end with."""
    status = 0
    for one in jobs:
        result = json.loads(one.result) if one.result else {}
        counts = ", ".join(
            f"{value} {name.replace('_', ' ')}" for name, value in _numbers(result).items() if value
        )
        say(f"Scan {one.state}: {counts or f'{one.current} of {one.target} looked at'}.")
        if offline := result.get("offline"):
            complain(offline)
            complain("If the files are gone for good: librephotos scan --accept-losses")
            status = SOME_FAILED
    for owner in owners:
        if _tell_problems(db, owner):
            status = SOME_FAILED
    if any(one.state != "done" for one in jobs):
        complain("Not every scan was completed.")
        status = SOME_FAILED
    return status


def _tell_problems(db: Database, owner: int) -> bool:
    """Tell what is wrong in one library; return whether something failed."""
    with db.snapshot() as tx:
        counts = count_problems(tx, owner)
        problems = first_problems(tx, owner, LISTED_FILES)
    for group in counts.groups[:LISTED_GROUPS]:
        say(_line_of_group(group))
    failed = sum(group.count for group in counts.groups if group.kind in LISTED_KINDS)
    # A line a file, so that it can be searched and cut; in a table a long path would be torn apart.
    for problem in problems:
        say(_line_of(problem))
    if counts.count > LISTED_FILES:
        say(f"… and {counts.count - LISTED_FILES} more.")
    return failed > 0


def _line_of_group(group: ProblemGroup) -> str:
    return f"{group.count} {_what(group.kind, group.step)}: {one_line(group.reason)}"


def _line_of(problem: Problem) -> str:
    what = _what(problem.kind, problem.step)
    return f"{what}  {one_line(problem.path, 4096)}: {one_line(problem.reason)}"


def _what(kind: str, step: str) -> str:
    return f"{step} failed" if kind == "step" else kind


def _numbers(result: dict[str, object]) -> dict[str, int]:
    return {
        name: value
        for name, value in result.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
