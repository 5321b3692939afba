"""What a kind of job is, and what its handler gets to work with. The kinds themselves are listed in `pipeline.py`."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

import msgspec

from librephotos.db.database import Database
from librephotos.db.transactions import Tx
from librephotos.media.pool import Pool
from librephotos.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

LISTED_ERRORS = 100
TOLERATED_ERRORS = 10
TOLERATED_SHARE = 0.05


class Stopped(Exception):
    """The job was cancelled, paused or deleted, or its hours are quiet: its work ends at this checkpoint.

    Only the worker catches it.
    """


class Report(msgspec.Struct):
    """How a job ended: `errors` are sentences on items that failed, `result` what it has to tell besides."""

    target: int = 0
    error_count: int = 0
    errors: Sequence[str] = ()
    result: dict[str, Any] = {}

    @property
    def is_failure(self) -> bool:
        return self.error_count > max(TOLERATED_ERRORS, TOLERATED_SHARE * self.target)

    def as_result(self) -> dict[str, Any]:
        """Return the published result; errors are listed once each."""
        if not self.error_count:
            return dict(self.result)
        different = list(dict.fromkeys(self.errors))[:LISTED_ERRORS]
        return {
            "status": "failed" if self.is_failure else "partial_failure",
            "error_count": self.error_count,
            "errors": different,
            "error": different[0] if different else "",
            **self.result,
        }


class Run(Protocol):
    """One running job. `step` runs its work at least once and keeps the answer, which must be plain JSON and small."""

    job_id: str
    user_id: int
    arguments: dict[str, Any]
    db: Database
    settings: Settings

    @property
    def pool(self) -> Pool: ...
    def step(self, name: str, work: Callable[[], T]) -> T: ...
    def commit(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `db.commit`, if the job is still to go on: nothing is stored once it was cancelled. Raises Stopped."""
        ...

    def progress(
        self, current: int | None = None, target: int | None = None, step: str | None = None
    ) -> None:
        """Store how far the work is, which is also a checkpoint. Raises Stopped."""

    def progress_target(self) -> int:
        """Return the target stored last, also by an earlier start of this job."""

    def note(self, result: dict[str, Any]) -> None:
        """Store what there is to tell while the job still runs."""

    def noted(self) -> dict[str, Any]:
        """Return what was noted when this start of the job began: by an earlier one, before a pause for instance."""


Handler = Callable[[Run], Report]
Chore = Callable[[Database, Settings], object]
Companion = Callable[[Database, Settings, threading.Event], None]
"""What runs beside the jobs in each worker, in a thread of its own, until the event is set or the process ends."""


class JobKind(msgspec.Struct, frozen=True):
    """`long` jobs share a queue of their own, so that short ones need not wait for them; in quiet hours they rest."""

    job_type: int
    handler: Handler
    queue: Literal["long", "short"] = "short"
    follow_ups: tuple[str, ...] = ()


class Pipeline(msgspec.Struct, frozen=True):
    """All kinds by name (a format: names are stored), and chores that keep tables and folders small.

    Those `at_start` are done beside the jobs by every worker that starts.
    """

    kinds: dict[str, JobKind]
    hourly: tuple[Chore, ...] = ()
    daily: tuple[Chore, ...] = ()
    at_start: tuple[Chore, ...] = ()
    beside: tuple[Companion, ...] = ()


def chore(query: Callable[[Tx], object]) -> Chore:
    """Return a chore that is one transaction."""

    def run(db: Database, _: Settings) -> None:
        db.commit(query)

    return run
