"""Prints what a scan reaches against its floor, and what it costs those who use the server meanwhile.

The whole path is measured: a real worker with its pool and a real API process on a data folder of their own. Floor: a
bare script that only decodes, resizes and encodes the same files with the same library on as many processes.
Usage: `python benchmarks/scan.py [--photos N] [--mixed N] [--tiny N] [--unchanged N]`; as much as the plan asks for by
default. Of the mixed files six in ten are JPEGs, three HEICs of 12 megapixels and one a video of 1080 lines.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from decode import floor_rate, make_photos
from mixed import MIXED_FLOOR, add_mixed, make_mixed
from opened import OpenedFiles
from sqlalchemy import text
from watching import Tree

from librephotos.db.statements import statement
from librephotos.jobs.queries import enqueue_job
from librephotos.kit import clock
from librephotos.library.compare import Difference, Pending
from librephotos.library.kinds import SCAN, SCAN_TYPE
from librephotos.library.queries.walked import record_differences
from librephotos.library.roots import bounds_of
from librephotos.library.walk import Walk
from tests.instance import Account, Instance
from tests.library.small_pictures import jpeg

DIFFERENT_PICTURES = 8
FILES_A_FOLDER = 500
ASKED_EVERY_SECONDS = 0.01
IDLE_SECONDS = 5
# The real worker, which also writes down how long each write transaction held the lock, commit included.
WORKER = """
import sys, threading, time
from librephotos.db.engines import SqliteEngine
from librephotos.jobs.worker import run_worker
from librephotos.pipeline import PIPELINE
from librephotos.settings import load_settings

held = open(sys.argv[1], "a", buffering=1)
begin_write, commit, begun = SqliteEngine.begin_write, SqliteEngine.commit, threading.local()

def begin(self, connection):
    begin_write(self, connection)
    begun.at = time.perf_counter()

def end(self, connection):
    commit(self, connection)
    held.write(f"{time.perf_counter() - begun.at:.6f}\\n")

SqliteEngine.begin_write, SqliteEngine.commit = begin, end
run_worker(load_settings(), PIPELINE)
"""


class Scan:
    """One finished scan: its seconds, those until the first photo could be seen, and the share of the cores it used."""

    def __init__(self, row: Any, first_seconds: float, cpu_share: float) -> None:
        state, started_at, finished_at, self.files = row
        assert state == "done", state
        self.seconds = (finished_at - started_at) / clock.SECOND
        self.first_seconds = first_seconds
        self.cpu_share = cpu_share


class Bench:
    """One installation with an API process and a worker."""

    def __init__(self, folder: Path, processes: int) -> None:
        data = folder / "data"
        self.processes = processes
        self.instance = Instance(
            data,
            folder / "library",
            f"sqlite:///{data / 'librephotos.sqlite'}",
            {
                "LIBREPHOTOS_SCAN_PROCESSES": str(processes),
                # Nothing but the scans that are measured, of files that were written just before.
                "LIBREPHOTOS_WATCH": "0",
                "LIBREPHOTOS_RESCAN_MINUTES": "0",
                "LIBREPHOTOS_SETTLE_SECONDS": "0",
            },
            whole=True,
        ).start()
        self.library = self.instance.library
        self.db = self.instance.db
        self.held = folder / "held.txt"
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(self.held)],
            env=self.instance.settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.tree = Tree(self.process.pid)

    def add_user(self, folder: Path) -> Account:
        folder.mkdir(parents=True, exist_ok=True)
        return self.instance.add_user(folder.name, scan_directory=str(folder))

    def scan(self, user_id: int) -> Scan:
        job_id = self.db.commit(enqueue_job, user_id, SCAN_TYPE, SCAN)
        before, first = self.count_photos(user_id), 0.0
        cpu = self.tree.cpu_seconds()
        while True:
            row = self.job(job_id)
            if row[1] and not first and self.count_photos(user_id) > before:
                first = time.time() - row[1] / clock.SECOND
            if row[2] is not None:
                spent = self.tree.cpu_seconds() - cpu
                share = spent / ((row[2] - row[1]) / clock.SECOND) / self.processes
                return Scan(row, first, share)
            time.sleep(0.02)

    def job(self, job_id: str) -> Any:
        asked = "SELECT state, started_at, finished_at, progress_target FROM job WHERE job_id"
        with self.db.snapshot() as tx:
            return tx.all(statement(text(f"{asked} = '{job_id}'")))[0]

    def count_photos(self, user_id: int) -> int:
        with self.db.snapshot() as tx:
            return int(
                tx.all(statement(text(f"SELECT count(*) FROM photo WHERE owner_id = {user_id}")))[0][0]
            )

    def stored_order(self, user_id: int) -> list[int]:
        """Return the times of files in the order in which their photos were stored, in steps of sixteen."""
        asked = "SELECT mtime_ns FROM photo JOIN file ON file.id = main_file_id WHERE photo.owner_id"
        with self.db.snapshot() as tx:
            times = [row[0] for row in tx.all(statement(text(f"{asked} = {user_id} ORDER BY photo.id")))]
        return [max(times[start : start + 16]) for start in range(0, len(times), 16)]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.instance.stop()


@contextmanager
def asking(bench: Bench, account: Account, times: list[float]):
    """Have one client ask the API a hundred times a second, and note how many milliseconds each answer took."""
    stop = threading.Event()
    claims = {"user_id": str(account.user_id), "name": account.username, "sid": account.sid}

    def ask() -> None:
        with httpx.Client(base_url=bench.instance.base_url) as client:
            targets = ["/api/rqavailable/", "/api/albums/date/list/", "/api/photos/?page_size=20"]
            while not stop.wait(ASKED_EVERY_SECONDS):
                bearer = {"Authorization": f"Bearer {bench.instance.signer.mint_access(claims).text}"}
                started = time.perf_counter()
                client.get(targets[len(times) % len(targets)], headers=bearer).raise_for_status()
                times.append((time.perf_counter() - started) * 1000)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield
    finally:
        stop.set()
        asker.join()


def share_of(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def add_copies(sources: list[Path], folder: Path, count: int) -> list[Path]:
    """Write `count` files of different content, made of a few pictures: bytes after the end are nobody's pixels.

    The names are in no order of time.
    """
    folder.mkdir()
    paths = [folder / f"{number * 7919 % count:06}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(sources[number % len(sources)].read_bytes() + number.to_bytes(4, "big"))
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    return paths


def add_tiny_files(folder: Path, count: int) -> list[Path]:
    paths = []
    for number in range(count):
        if number % FILES_A_FOLDER == 0:
            (folder / f"{number // FILES_A_FOLDER:04}").mkdir()
        paths.append(folder / f"{number // FILES_A_FOLDER:04}" / f"{number:06}.jpg")
        paths[-1].write_bytes(jpeg(number % 500, version=number))
    return paths


def add_known_files(bench: Bench, user_id: int, folder: Path, count: int) -> list[Path]:
    """Make files on disk and the rows that a former scan would have left of them; return their folders."""
    for number in range(count):
        path = folder / f"{number // FILES_A_FOLDER:04}" / f"{number:06}.jpg"
        if number % FILES_A_FOLDER == 0:
            path.parent.mkdir()
        path.touch()
    top = os.fsencode(folder)
    walk = Walk(top, bounds_of(top, [], [bench.library], bench.instance.data))
    bench.db.commit(
        record_differences, user_id, [Difference(Pending.NEW, found=file) for file in walk.files()]
    )
    done = f"UPDATE file SET state = 'photo', pending = 0 WHERE owner_id = {user_id}"
    with bench.db.transaction() as tx:
        tx.execute(statement(text(done)))
    return [each for each in folder.iterdir() if each.is_dir()]


class Table:
    """Lines of what was reached beside what should be."""

    def __init__(self) -> None:
        print(f"{'what':44}{'reached':>14}{'target':>14}")

    def line(self, what: str, reached: str, target: str = "") -> None:
        print(f"{what:44}{reached:>14}{target:>14}", flush=True)


def measure_scan(bench: Bench, sources: list[Path], count: int, table: Table) -> None:
    folder = bench.library / "photos"
    owner = bench.add_user(folder).user_id
    add_copies(sources[:1], folder / "warm", 2 * bench.processes)
    bench.scan(owner)
    paths = add_copies(sources, folder / "all", count)
    first = floor_rate(paths, bench.processes)
    scan = bench.scan(owner)
    floor = max(first, floor_rate(paths, bench.processes))
    order = bench.stored_order(owner)[1:]
    table.line("scan, of the floor", f"{count / scan.seconds / floor:.2f}", "0.75")
    table.line("scan, photos a second", f"{count / scan.seconds:.1f}", f"floor {floor:.1f}")
    table.line("scan, share of the cores", f"{scan.cpu_share:.2f}", "0.90")
    table.line("first photos after seconds", f"{scan.first_seconds:.1f}", "3.0")
    table.line("newest first", str(order == sorted(order, reverse=True)), "True")
    table.line("peak memory of worker and pool, MiB", f"{bench.tree.peak_bytes / 2**20:.0f}", "600")


def measure_mixed(bench: Bench, sources: list[Path], count: int, table: Table) -> None:
    folder = bench.library / "mixed"
    owner = bench.add_user(folder).user_id
    add_mixed(sources, folder / "warm", 10, start=count)
    bench.scan(owner)
    paths = add_mixed(sources, folder / "all", count)
    first = floor_rate(paths, bench.processes, MIXED_FLOOR)
    before = bench.count_photos(owner)
    scan = bench.scan(owner)
    assert bench.count_photos(owner) == before + count
    floor = max(first, floor_rate(paths, bench.processes, MIXED_FLOOR))
    table.line("JPEG, HEIC, video, of the floor", f"{count / scan.seconds / floor:.2f}", "0.75")
    table.line("JPEG, HEIC, video, files a second", f"{count / scan.seconds:.1f}", f"floor {floor:.1f}")
    table.line("JPEG, HEIC, video, share of the cores", f"{scan.cpu_share:.2f}", "0.90")
    table.line("peak memory by then, MiB", f"{bench.tree.peak_bytes / 2**20:.0f}", "600")


def measure_tiny(bench: Bench, count: int, table: Table) -> None:
    folder = bench.library / "tiny"
    owner = bench.add_user(folder).user_id
    paths = add_tiny_files(folder, count)
    floor = floor_rate(paths[: min(count, 20_000)], bench.processes)
    scan = bench.scan(owner)
    table.line("tiny files, of the floor", f"{count / scan.seconds / floor:.2f}", "0.75")
    table.line("tiny files, photos a second", f"{count / scan.seconds:.0f}", f"floor {floor:.0f}")
    table.line("tiny files, first photos after seconds", f"{scan.first_seconds:.1f}")
    table.line("peak memory by then, MiB", f"{bench.tree.peak_bytes / 2**20:.0f}", "600")


def measure_rescan(bench: Bench, count: int, table: Table) -> None:
    folder = bench.library / "unchanged"
    owner = bench.add_user(folder).user_id
    folders = add_known_files(bench, owner, folder, count)
    with OpenedFiles(folders) as opened:
        scans = [bench.scan(owner) for _ in range(3)]
        assert all(scan.files == count for scan in scans)
        table.line("rescan, files a second", f"{count / min(scan.seconds for scan in scans):,.0f}", "20,000")
        table.line("rescan, files opened", str(opened.count()), "0")


def measure_api(bench: Bench, sources: list[Path], count: int, table: Table) -> None:
    folder = bench.library / "meanwhile"
    owner = bench.add_user(folder)
    add_copies(sources, folder / "first", 2 * bench.processes)
    bench.scan(owner.user_id)
    add_copies(sources[::-1], folder / "then", count)
    idle: list[float] = []
    busy: list[float] = []
    with asking(bench, owner, idle):
        time.sleep(IDLE_SECONDS)
    with asking(bench, owner, busy):
        bench.scan(owner.user_id)
    alone, beside = share_of(idle, 0.99), share_of(busy, 0.99)
    table.line("API p99 beside a scan, of idle", f"{beside / alone:.1f}", "2.0")
    table.line("API p99, ms", f"{beside:.1f}", f"idle {alone:.1f}")


def main() -> None:
    """Measure each part in turn and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--photos", type=int, default=500, help="JPEGs of 12 and 24 megapixels")
    options.add_argument("--mixed", type=int, default=100, help="JPEGs, HEICs and videos")
    options.add_argument("--tiny", type=int, default=200_000, help="JPEGs of 24 x 16 pixels")
    options.add_argument(
        "--unchanged", type=int, default=200_000, help="files that a rescan finds as they were"
    )
    asked = options.parse_args()
    processes = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sources").mkdir()
        sources = make_photos(folder / "sources", min(DIFFERENT_PICTURES, asked.photos))
        bench = Bench(folder, processes)
        print(
            f"{asked.photos} JPEGs of 12 and 24 MP, {asked.mixed} mixed, {asked.tiny} tiny and "
            f"{asked.unchanged} unchanged files, {processes} processes\n"
        )
        table = Table()
        measure_scan(bench, sources, asked.photos, table)
        measure_api(bench, sources, max(8, asked.photos // 4), table)
        if asked.mixed:
            measure_mixed(bench, make_mixed(folder / "sources", sources), asked.mixed, table)
        if asked.tiny:
            measure_tiny(bench, asked.tiny, table)
        if asked.unchanged:
            measure_rescan(bench, asked.unchanged, table)
        bench.close()
        held = [float(line) * 1000 for line in bench.held.read_text().split()]
    table.line("write transactions, 99 %, ms", f"{share_of(held, 0.99):.1f}", "20")
    table.line("write transactions, longest, ms", f"{max(held):.1f}", "20")


if __name__ == "__main__":
    main()
