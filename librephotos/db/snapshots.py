"""Copies of the whole database, taken before an upgrade so that it can be rolled back. The last three are kept."""

import os
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy.engine import URL

from librephotos.db.statements import SQLITE
from librephotos.errors import LibrePhotosError

log = structlog.get_logger()

KEPT = 3
DUMP_SECONDS = 3600


class SnapshotFailed(LibrePhotosError):
    """No copy could be made; nothing was changed."""

    code = "snapshot_failed"


def take_snapshot(address: URL, folder: Path, label: str) -> Path | None:
    """Copy the database into `folder` and return the copy's path.

    On PostgreSQL that is a dump by `pg_dump`; None when it is not installed or refuses, which the log says. Raises
    SnapshotFailed when a SQLite database cannot be copied.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    is_sqlite = address.get_backend_name() == SQLITE
    target = folder / f"{stamp}-{label}{'.sqlite' if is_sqlite else '.dump'}"
    draft = target.with_name(f".{target.name}.part")
    try:
        if is_sqlite:
            _copy_sqlite(str(address.database), draft)
        elif not _dump_postgresql(address, draft):
            return None
        draft.chmod(0o600)
        _sync(draft)
        draft.rename(target)
        _sync(folder)
    except (sqlite3.Error, OSError) as error:
        raise SnapshotFailed(
            f"No snapshot could be written to {folder} before the upgrade, so nothing was changed: {error}."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    for old in sorted(path for path in folder.iterdir() if path.name[0].isdigit())[:-KEPT]:
        old.unlink()
    log.info("snapshot taken", path=str(target), size_bytes=target.stat().st_size)
    return target


def _copy_sqlite(source: str, target: Path) -> None:
    """Copy page by page what is committed; a writer that holds the lock meanwhile does not matter in WAL mode."""
    reader = sqlite3.connect(source, timeout=20)
    writer = sqlite3.connect(target)
    try:
        reader.backup(writer)
        # One file, without a write-ahead log of its own.
        writer.execute("PRAGMA journal_mode=DELETE")
        verdict = writer.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged, and so is the database: {verdict}")
    finally:
        writer.close()
        reader.close()


def _dump_postgresql(address: URL, target: Path) -> bool:
    program = shutil.which("pg_dump")
    advice = "Back the database up yourself before you upgrade, or install the PostgreSQL client tools."
    if program is None:
        log.warning("no snapshot before the upgrade: pg_dump is not installed", advice=advice)
        return False
    # The password travels in the environment: arguments can be read by every user of the machine.
    environment = {"PATH": os.defpath, "PGPASSWORD": address.password or "", "LC_ALL": "C"}
    bare = address.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={bare}"]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=DUMP_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        log.warning("no snapshot before the upgrade: pg_dump took too long", advice=advice)
        return False
    if done.returncode != 0:
        log.warning(
            "no snapshot before the upgrade: pg_dump failed", reason=done.stderr.strip()[-500:], advice=advice
        )
        return False
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
