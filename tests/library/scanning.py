"""A library under test: a folder with generated pictures, its owner, and a real worker process that scans it."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import text

from librephotos.db.statements import Row, statement
from tests import ready
from tests.databases import ON_POSTGRESQL
from tests.instance import Account, Instance
from tests.ready import Process

WORK = (
    "import librephotos.kit.logs; "  # first, as in the product
    "from librephotos.settings import load_settings; from librephotos.jobs.worker import run_worker; "
    "from librephotos.pipeline import PIPELINE; run_worker(load_settings(), PIPELINE)"
)
# Root may read everything, which would hide that a right was lost: the worker goes without that power.
UNPRIVILEGED = f"""
import ctypes, os
if os.geteuid() == 0:
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; 24 is PR_CAPBSET_DROP
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv({sys.executable!r}, [{sys.executable!r}, "-c", {WORK!r}])
"""
# Then it does not reach PostgreSQL's socket either, when that lies in a folder of another user.
IS_SHUT_OUT = ON_POSTGRESQL and os.geteuid() == 0
# Reading is done at the lowest priority, so that other tests may keep it waiting.
JOB_SECONDS = 100


def draw(
    path: Path | bytes, seed: int, *, size: tuple[int, int] = (96, 64), taken: str = "", **options: Any
) -> None:
    """Write a picture that differs from that of any other seed, also to the eye."""
    image = Image.new("RGB", size, ((seed * 53) % 256, (seed * 97) % 256, (seed * 151) % 256))
    pen = ImageDraw.Draw(image)
    for step in range(6):
        x, y = (seed * 37 + step * 29) % size[0], (seed * 61 + step * 17) % size[1]
        pen.rectangle(
            [x, y, x + 20 + seed % 11, y + 14],
            fill=((seed * 7 + step * 40) % 256, step * 40, 255 - step * 30),
        )
    exif = Image.Exif()
    if taken:
        exif[0x8769] = {0x9003: taken}
    name = os.fsdecode(path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    image.save(name, format="JPEG", exif=exif, **options)


@dataclass
class Worker:
    """A worker process of an instance. `program` are the words of Python that it runs."""

    instance: Instance
    process: Process | None = None
    name: str = "test-worker.log"
    program: str = WORK

    def start(self) -> None:
        log = self.instance.data / self.name
        if self.program == WORK:
            self.process = ready.start(ready.WORKER, self.instance.settings, log)
            return
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", self.program],
                env=self.instance.settings,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self, number: int = signal.SIGTERM) -> float:
        """End it by a signal and return how many seconds that took."""
        started = time.monotonic()
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(15)
            self.process = None
        return time.monotonic() - started


@dataclass
class Library:
    """One user's library on an instance."""

    instance: Instance
    owner: Account
    folder: Path
    last_job: str = ""

    @classmethod
    def make(cls, instance: Instance) -> "Library":
        folder = instance.library / f"library-{secrets.token_hex(4)}"
        folder.mkdir()
        return cls(instance, instance.add_user(scan_directory=str(folder)), folder)

    def trigger(self, path: str = "/api/scanphotos/") -> str:
        with self.instance.client(self.owner.bearer) as client:
            answer = client.post(path)
        assert answer.status_code == 200, answer.text
        self.last_job = answer.json()["job_id"]
        return self.last_job

    def job(self, job_id: str = "") -> dict[str, Any]:
        wanted = job_id or self.last_job
        with self.instance.client(self.owner.bearer) as client:
            rows = client.get("/api/jobs/").json()["results"]
        return next(row for row in rows if row["job_id"] == wanted)

    def wait(self, job_id: str = "", seconds: float = JOB_SECONDS) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.job(job_id)
            if job["finished"]:
                return job
            time.sleep(0.05)
        raise AssertionError(f"the job did not finish: {self.job(job_id)}\n{self.log()}")

    def scan(self, path: str = "/api/scanphotos/") -> dict[str, Any]:
        """Scan and wait; a worker must run."""
        return self.wait(self.trigger(path))

    def rows(self, sql: str, **values: Any) -> Sequence[Row]:
        with self.instance.db.snapshot() as tx:
            return tx.all(statement(text(sql)), **values)

    def photos(self) -> list[dict[str, Any]]:
        """The owner's photos by id, each with its paths."""
        columns = "id, uuid, image_hash, taken_local, rating, is_removed, aspect_ratio, day_id, main_file_id"
        found = self.rows(f"SELECT {columns} FROM photo WHERE owner_id = {self.owner.user_id} ORDER BY id")
        paths = self.rows(
            "SELECT photo_id, path, is_missing, state FROM file "
            f"WHERE owner_id = {self.owner.user_id} AND photo_id IS NOT NULL ORDER BY path_bytes"
        )
        photos = [dict(zip(columns.split(", "), row, strict=True)) for row in found]
        for photo in photos:
            photo["paths"] = [
                path for photo_id, path, is_missing, _ in paths if photo_id == photo["id"] and not is_missing
            ]
            photo["missing"] = [
                path for photo_id, path, is_missing, _ in paths if photo_id == photo["id"] and is_missing
            ]
        return sorted(photos, key=lambda photo: [*photo["paths"], *photo["missing"]])

    def files(self) -> dict[str, tuple[str, str]]:
        """Every known path below the library with its state and reason."""
        rows = self.rows(f"SELECT path, state, reason FROM file WHERE owner_id = {self.owner.user_id}")
        top = f"{self.folder}/"
        return {path.removeprefix(top): (state, reason) for path, state, reason in rows}

    def log(self) -> str:
        return (self.instance.data / "test-worker.log").read_text(errors="replace")
