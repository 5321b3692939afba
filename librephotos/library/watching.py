"""Watches scan directories and has them scanned when something changed; what cannot be watched is scanned now and then.

Runs beside the jobs in each worker. Several may see one change: the table of jobs keeps them from scanning twice.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import structlog
from watchfiles import Change, watch
from watchfiles._rust_notify import WatchfilesRustInternalError

from librephotos.db.database import Database
from librephotos.errors import LibrePhotosError
from librephotos.kit import clock
from librephotos.kit.mounts import file_system_of, is_network
from librephotos.library.guard import reason_absent
from librephotos.library.queries.watched import (
    WatchState,
    forget_watch_states,
    is_scan_due,
    list_scan_directories,
    remember_watch_state,
    scan_after,
)
from librephotos.library.roots import is_inside, scan_path
from librephotos.library.walk import shown
from librephotos.settings import Settings

log = structlog.get_logger()

LOOK_SECONDS: Final = 0.5
OWNERS_SECONDS: Final = 2.0
DUE_SECONDS: Final = 30.0
AWAY_SECONDS: Final = 2.0
LIMITED_SECONDS: Final = 600.0
# A change is told when nothing more has changed for a second, or half a minute after it.
STEP_SECONDS: Final = 1.0
DEBOUNCE_SECONDS: Final = 30.0
IDENTITY_SECONDS: Final = 2.0
# What can be watched is scanned once a day all the same: for changes that the system did not tell.
WATCHED_INTERVAL: Final = clock.DAY
OFF: Final = WatchState("off")
WATCHED: Final = WatchState("watched")
PARTLY: Final = WatchState(
    "partly", "Some folders cannot be read; what changes in them is found by the periodic scan."
)
DENIED_WORDS: Final = "permission denied"
LIMIT_WORDS: Final = ("limit", "os error 28", "os error 24", "too many open files")
LIMITED: Final = (
    "The system refuses to watch so many folders (fs.inotify.max_user_watches, max_user_instances); raise the limit. "
    "Until then new files are found by the periodic scan."
)


def watch_libraries(db: Database, settings: Settings, stopping: threading.Event) -> None:
    """Watch the scan directories of all users until `stopping` is set or the process ends."""
    if not settings.watch:
        _patiently(lambda: db.commit(forget_watch_states))
        if not settings.rescan_minutes:
            return
    libraries = _Libraries(db, settings)
    while not stopping.wait(LOOK_SECONDS):
        _patiently(libraries.look)
    libraries.end()


def _patiently(work: Callable[[], object]) -> None:
    """A database that is away for a while is waited for."""
    try:
        work()
    except LibrePhotosError as error:
        log.warning("watching waits for the database", reason=error.message)


class _Libraries:
    """The watchers of all scan directories, and what follows from what they see. Only this thread asks the database."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.settings = settings
        self.watchers: dict[tuple[int, bytes], _Watcher] = {}
        self._told: dict[tuple[int, bytes], WatchState] = {}
        self._next_owners = 0.0
        self._next_due = 0.0

    def look(self) -> None:
        now = time.monotonic()
        if now >= self._next_owners:
            self._next_owners = now + OWNERS_SECONDS
            self._keep_watchers()
        for (user_id, top), watcher in self.watchers.items():
            self._tell(user_id, top, watcher.state)
            if (changed_at := watcher.changed_at) is not None:
                self.db.commit(scan_after, user_id, changed_at)
                watcher.forget_change(changed_at)
        if self.settings.rescan_minutes and now >= self._next_due:
            self._next_due = now + DUE_SECONDS
            self._scan_what_is_due()

    def end(self) -> None:
        for watcher in self.watchers.values():
            watcher.stopping.set()

    def _keep_watchers(self) -> None:
        """Start a watcher for each scan directory that has none, and end those of folders that are no longer any."""
        with self.db.snapshot() as tx:
            wanted = {(user_id, scan_path(folder)) for user_id, folder in list_scan_directories(tx)}
        for key in wanted - self.watchers.keys():
            self.watchers[key] = _Watcher(key[1], self.settings.data)
            if self.settings.watch:
                threading.Thread(target=self.watchers[key].run, name="watcher", daemon=True).start()
        for key in self.watchers.keys() - wanted:
            self.watchers.pop(key).stopping.set()

    def _tell(self, user_id: int, top: bytes, state: WatchState) -> None:
        """Remember how a folder is watched now; what a person should see to is logged, once."""
        if self._told.get((user_id, top), OFF) == state:
            return
        self.db.commit(remember_watch_state, shown(top), state)
        self._told[user_id, top] = state
        if state.state == "limited":
            log.warning("a library cannot be watched", folder=shown(top), reason=state.reason)
        else:
            log.info("watching", folder=shown(top), state=state.state)

    def _scan_what_is_due(self) -> None:
        now = clock.now()
        for (user_id, _), watcher in self.watchers.items():
            interval = self.settings.rescan_minutes * clock.MINUTE
            if watcher.state == WATCHED:
                interval = max(interval, WATCHED_INTERVAL)
            with self.db.snapshot() as tx:
                is_due = is_scan_due(tx, user_id, now - interval)
            if is_due and self.db.commit(scan_after, user_id, now - interval):
                log.info("periodic scan", user_id=user_id)


class _Watcher:
    """Watches one folder in a thread of its own. `changed_at` is set when something changed, until it is forgotten."""

    def __init__(self, top: bytes, data: Path) -> None:
        self.top = top
        self.stopping = threading.Event()
        self.state = OFF
        self.changed_at: int | None = None
        self._passes_over_denied = False
        self._data = os.path.realpath(os.fsencode(data))

    def forget_change(self, seen: int) -> None:
        if self.changed_at == seen:
            self.changed_at = None

    def run(self) -> None:
        while not self.stopping.is_set():
            self.state = self._watch()
            self.stopping.wait(LIMITED_SECONDS if self.state.state == "limited" else AWAY_SECONDS)

    def _watch(self) -> WatchState:
        """Watch until it ends, and return why: the folder is away or another one now, or the system refuses."""
        reason = reason_absent(self.top)
        if reason is not None:
            return WatchState("away", reason)
        folder = Path(os.fsdecode(self.top))
        if is_network(folder):
            kind = file_system_of(folder)
            return WatchState(
                "network", f"A network folder ({kind}) tells of no changes; it is scanned now and then."
            )
        identity = self._identity()
        try:
            for is_changed in self._changes(folder):
                if self.state not in (WATCHED, PARTLY):
                    self.state = PARTLY if self._passes_over_denied else WATCHED
                    # What changed while nobody watched.
                    self.changed_at = clock.now()
                elif is_changed:
                    self.changed_at = clock.now() - int(STEP_SECONDS * 0.8 * clock.SECOND)
                if self._identity() != identity:
                    return WatchState("away", "Another folder lies there now.")
        except (OSError, WatchfilesRustInternalError) as error:
            return self._explain(error)
        return OFF

    def _changes(self, folder: Path) -> Iterator[bool]:
        """Yield whether something changed, at least every IDENTITY_SECONDS."""
        for changes in watch(
            folder,
            watch_filter=self._is_ours,
            debounce=int(DEBOUNCE_SECONDS * 1000),
            step=int(STEP_SECONDS * 1000),
            stop_event=self.stopping,
            rust_timeout=int(IDENTITY_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            # With it the library would say nothing of limits either.
            ignore_permission_denied=self._passes_over_denied,
        ):
            yield bool(changes)

    def _is_ours(self, _: Change, path: str) -> bool:
        """Tell whether a scan would look at a path: not at the data folder, nor at names that begin with a dot."""
        raw = os.fsencode(path)
        return b"/." not in raw.removeprefix(self.top) and not is_inside(raw, self._data)

    def _explain(self, error: Exception) -> WatchState:
        text = str(error).lower()
        if any(words in text for words in LIMIT_WORDS):
            return WatchState("limited", LIMITED)
        is_denied = isinstance(error, PermissionError) or DENIED_WORDS in text
        if self.state not in (WATCHED, PARTLY) and (not is_denied or self._passes_over_denied):
            return WatchState("limited", f"The system does not let the folder be watched: {error}.")
        self._passes_over_denied |= is_denied
        # A name that is no UTF-8 for instance cannot be told; that something happened is all that counts.
        self.changed_at = clock.now()
        return WatchState("away", f"Watching broke off ({error}); it is begun anew.")

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.top)
        except OSError:
            return None
        return status.st_dev, status.st_ino
