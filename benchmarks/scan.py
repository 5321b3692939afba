"""Prints what a scan reaches against its floor, a rescan's rate, memory, and how long its transactions hold the lock.

The whole path is measured: a real worker with its pool on a data folder of its own. Floor: a bare script that only
decodes, resizes and encodes the same files with the same library on as many processes.
Usage: `python benchmarks/scan.py [photos] [unchanged files]`. Targets: 0.75, 20,000 a second, 600 MiB, 20 ms.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from decode import floor_rate, make_photos
from sqlalchemy import bindparam, insert, text

from librephotos.db.database import Database
from librephotos.db.migrate import migrate
from librephotos.db.statements import Statement, scalar, statement
from librephotos.db.tables import user
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock
from librephotos.library.compare import Difference, Pending
from librephotos.library.kinds import SCAN, SCAN_TYPE
from librephotos.library.queries.walked import record_differences
from librephotos.library.roots import bounds_of
from librephotos.library.walk import Walk

DIFFERENT_PICTURES = 8
FILES_A_FOLDER = 500
# The real worker, which also writes down how long each write transaction held the lock.
WORKER = """
import contextlib, sys, time
from librephotos.db.database import Database
from librephotos.jobs.worker import run_worker
from librephotos.pipeline import PIPELINE
from librephotos.settings import load_settings

held = open(sys.argv[1], "a", buffering=1)
transaction = Database.transaction

@contextlib.contextmanager
def timed(self):
    with transaction(self) as tx:
        started = time.perf_counter()
        yield tx
        held.write(f"{time.perf_counter() - started:.6f}\\n")

Database.transaction = timed
run_worker(load_settings(), PIPELINE)
"""
_INSERT_USER = Statement(
    insert(user)
    .values(
        username=bindparam("name"),
        password_hash="!unset",
        scan_directory=bindparam("folder"),
        joined_at=bindparam("now"),
        tokens_valid_from=bindparam("now"),
    )
    .returning(user.c.id),
    scalar,
)


class Bench:
    """One installation with a running worker, and the highest memory of that worker and its pool."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.data = folder / "data"
        self.library = folder / "library"
        self.held = folder / "held.txt"
        for each in (self.data, self.library):
            each.mkdir()
        url = f"sqlite:///{self.data / 'librephotos.sqlite'}"
        migrate(url, self.data)
        self.db = Database(url)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIBREPHOTOS_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(self.held)],
            env={
                **inherited,
                "LIBREPHOTOS_DATA": str(self.data),
                "LIBREPHOTOS_LIBRARY_ROOTS": str(self.library),
                "LIBREPHOTOS_DATABASE_URL": url,
                "LIBREPHOTOS_SECRET_KEY": secrets.token_urlsafe(40),
                "LIBREPHOTOS_SCAN_PROCESSES": str(processes),
                # Nothing but the scans that are measured, of files that were written just before.
                "LIBREPHOTOS_WATCH": "0",
                "LIBREPHOTOS_RESCAN_MINUTES": "0",
                "LIBREPHOTOS_SETTLE_SECONDS": "0",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.peak_bytes = 0
        self.files = 0
        threading.Thread(target=self._watch_memory, daemon=True).start()

    def add_user(self, folder: Path) -> int:
        folder.mkdir(parents=True, exist_ok=True)
        with self.db.transaction() as tx:
            user_id: int = tx.one(_INSERT_USER, name=folder.name, folder=str(folder), now=clock.now())
        return user_id

    def scan(self, user_id: int) -> float:
        """Scan and return the seconds from the job's start to its end."""
        job_id = self.db.commit(enqueue_job, user_id, SCAN_TYPE, SCAN)
        state = statement(
            text(f"SELECT state, started_at, finished_at, progress_target FROM job WHERE job_id = '{job_id}'")
        )
        while True:
            with self.db.snapshot() as tx:
                name, started_at, finished_at, self.files = tx.all(state)[0]
            if finished_at is not None:
                assert name == "done", name
                return (finished_at - started_at) / clock.SECOND
            time.sleep(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.db.close()

    def _watch_memory(self) -> None:
        worker = psutil.Process(self.process.pid)
        while True:
            try:
                tree = [worker, *worker.children(recursive=True)]
                self.peak_bytes = max(self.peak_bytes, sum(one.memory_info().rss for one in tree))
            except psutil.Error:
                if not worker.is_running():
                    return
            time.sleep(0.1)


def add_copies(sources: list[Path], folder: Path, count: int) -> list[Path]:
    """Write `count` files of different content, made of a few pictures: bytes after the end are nobody's pixels."""
    paths = [folder / f"{number:05}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(sources[number % len(sources)].read_bytes() + number.to_bytes(4, "big"))
    return paths


def add_known_files(bench: Bench, user_id: int, folder: Path, count: int) -> None:
    """Make files on disk and the rows that a former scan would have left of them."""
    for number in range(count):
        path = folder / f"{number // FILES_A_FOLDER:04}" / f"{number:06}.jpg"
        if number % FILES_A_FOLDER == 0:
            path.parent.mkdir()
        path.touch()
    top = os.fsencode(folder)
    walk = Walk(top, bounds_of(top, [], [bench.library], bench.data))
    bench.db.commit(
        record_differences, user_id, [Difference(Pending.NEW, found=file) for file in walk.files()]
    )
    done = f"UPDATE file SET state = 'photo', pending = 0 WHERE owner_id = {user_id}"
    with bench.db.transaction() as tx:
        tx.execute(statement(text(done)))


def main() -> None:
    """Measure floor, scan, floor again, then rescans; print one table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    unchanged = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    processes = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sources").mkdir()
        sources = make_photos(folder / "sources", min(DIFFERENT_PICTURES, count))
        bench = Bench(folder, processes)
        owner_folder, other_folder = bench.library / "photos", bench.library / "unchanged"
        owner, other = bench.add_user(owner_folder), bench.add_user(other_folder)
        (owner_folder / "warm").mkdir()
        add_copies(sources[:1], owner_folder / "warm", 2 * processes)
        bench.scan(owner)
        (owner_folder / "all").mkdir()
        paths = add_copies(sources, owner_folder / "all", count)
        first = floor_rate(paths, processes)
        reached = count / bench.scan(owner)
        floor = max(first, floor_rate(paths, processes))
        photo_peak = bench.peak_bytes
        add_known_files(bench, other, other_folder, unchanged)
        rescan = unchanged / min(bench.scan(other) for _ in range(3))
        assert bench.files == unchanged, bench.files
        bench.close()
        held = sorted(float(line) * 1000 for line in bench.held.read_text().split())
    tail = held[int(len(held) * 0.99)]
    print(f"{count} JPEGs of 12 MP on {processes} processes; {unchanged} unchanged files\n")
    print(f"{'what':34}{'reached':>14}{'target':>12}")
    print(f"{'scan, of the floor':34}{reached / floor:>14.2f}{'0.75':>12}")
    print(f"{'scan, photos a second':34}{reached:>14.1f}{f'floor {floor:.1f}':>12}")
    print(f"{'rescan, files a second':34}{rescan:>14,.0f}{'20,000':>12}")
    print(f"{'peak memory while scanning, MiB':34}{photo_peak / 2**20:>14.0f}{'600':>12}")
    print(f"{'write transactions, 99 %, ms':34}{tail:>14.1f}{'20':>12}")
    print(f"{'write transactions, longest, ms':34}{held[-1]:>14.1f}{'20':>12}")


if __name__ == "__main__":
    main()
