"""Fetches one file: into the data folder, checked there, then into the library, whole and under a name of its own."""

import contextlib
import hashlib
import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from librephotos.errors import LibrePhotosError
from librephotos.jobs.registry import Run
from librephotos.kit.file_locks import take_lock
from librephotos.library.queries.uploaded import has_content
from librephotos.media.formats import HEAD_BYTES, Format, identify
from librephotos.nextcloud import queries
from librephotos.nextcloud.listing import Entry
from librephotos.nextcloud.paths import Parts, shown
from librephotos.nextcloud.reaching import Remote, Target
from librephotos.nextcloud.schemas import Trouble
from librephotos.uploads import drafts, placing
from librephotos.uploads.names import safe_name
from librephotos.uploads.placing import Directories, SameContent
from librephotos.uploads.queries import require_quota

FOLDER: Final = "nextcloud"
LOOK_SECONDS: Final = 3.0
LOCK_SECONDS: Final = 120.0
NO_SIZE: Final = "The server does not say how long '{}' is."
NO_NAME: Final = "The name of '{}' cannot be used."
LEADS_OUTSIDE: Final = "The folder for '{}' leads elsewhere by a link."
BUSY: Final = "The library is busy with another upload."

Outcome = Literal["imported", "here_already", "no_media"]


class Item(msgspec.Struct, frozen=True):
    path: Parts
    entry: Entry


class Importer:
    """One run's way of bringing files in. `folder` is where they go, in folders as on the server."""

    def __init__(self, run: Run, remote: Remote, folder: Path, directories: Directories) -> None:
        self._run = run
        self._remote = remote
        self._folder = folder
        self._directories = directories
        # One name a job: what a killed start left is replaced by the next, and cleared with other drafts.
        self._draft = drafts.draft_path(run.settings.data, f"{run.job_id}.import")

    def bring(self, item: Item) -> Outcome:
        """Raises Trouble for a file that cannot be had, Refusal for one that cannot be stored, Stopped."""
        path, entry = item.path, item.entry
        if entry.size_bytes is None:
            raise Trouble(NO_SIZE.format(shown(path)))
        name = safe_name(path[-1])
        if name is None:
            raise Trouble(NO_NAME.format(shown(path)))
        self._require_room(entry.size_bytes)
        try:
            told = self._fetch(path, name, entry.size_bytes)
            if told is None:
                self._run.db.commit(queries.remember, *self._of(item), None)
                return "no_media"
            kind, md5 = told
            with self._owner_alone():
                return self._store(item, name, kind, f"{md5}{self._run.user_id}")
        finally:
            self._draft.unlink(missing_ok=True)

    def _of(self, item: Item) -> tuple[int, Target, Parts, Entry]:
        return self._run.user_id, self._remote.target, item.path, item.entry

    def _require_room(self, size_bytes: int) -> None:
        if size_bytes > drafts.left_bytes(self._run.settings, self._directories.folders):
            raise drafts.no_space()
        with self._run.db.snapshot() as tx:
            require_quota(tx, self._run.user_id, size_bytes, self._run.settings)

    def _fetch(self, path: Parts, name: str, size_bytes: int) -> tuple[Format, str] | None:
        """Write the draft; return its format and MD5, or None for what is no media, which is not fetched further."""
        # Unlinked, never emptied: a killed start may have left it as a name of a file in the library.
        self._draft.unlink(missing_ok=True)
        digest = hashlib.md5(usedforsecurity=False)
        kind: Format | None = None
        looked = time.monotonic()
        with drafts.full_disk_told(), self._draft.open("xb", buffering=0) as draft:
            os.fchmod(draft.fileno(), 0o600)
            with contextlib.closing(_gathered(self._remote.read_file(path, size_bytes))) as blocks:
                for block in blocks:
                    kind = kind or identify(name.encode(), block[:HEAD_BYTES])
                    if kind is None:
                        return None
                    drafts.write_all(draft.fileno(), block)
                    digest.update(block)
                    if time.monotonic() - looked > LOOK_SECONDS:
                        looked = time.monotonic()
                        self._run.progress()
            os.fsync(draft.fileno())
        return (kind, digest.hexdigest()) if kind else None

    @contextlib.contextmanager
    def _owner_alone(self) -> Iterator[None]:
        """As uploads do: of two files with the same content the second is known then."""
        path = drafts.lock_path(self._run.settings.data, f"owner-{self._run.user_id}")
        lock = take_lock(bytes(path), within_seconds=LOCK_SECONDS)
        if lock is None:
            raise LibrePhotosError(BUSY)
        with lock:
            yield

    def _store(self, item: Item, name: str, kind: Format, content_hash: str) -> Outcome:
        run = self._run
        with run.db.snapshot() as tx:
            is_here = has_content(tx, run.user_id, content_hash)
            if not is_here:
                require_quota(tx, run.user_id, item.entry.size_bytes or 0, run.settings)
        if is_here:
            run.db.commit(queries.remember, *self._of(item), content_hash)
            return "here_already"
        if item.entry.modified_at is not None:
            # A time that the disk cannot keep is not worth losing the file for.
            with contextlib.suppress(OSError, OverflowError):
                os.utime(self._draft, (item.entry.modified_at, item.entry.modified_at))
        folder = self._folder_for(item.path)
        found = placing.place(self._draft, folder, name, content_hash, SameContent(self._draft))
        run.db.commit(queries.finish, *self._of(item), found, content_hash, kind.kind)
        return "imported"

    def _folder_for(self, path: Parts) -> Path:
        """Return the folder that stands for the file's on the server, made if need be; never behind a link."""
        folder = self._folder
        for part in path[:-1]:
            folder = folder / (safe_name(part) or "_")
            if folder.is_symlink():
                raise Trouble(LEADS_OUTSIDE.format(shown(path)))
            try:
                with drafts.full_disk_told():
                    folder.mkdir(exist_ok=True)
            except OSError as error:
                raise placing.unwritable(bytes(folder), error) from None
        return folder


def _gathered(blocks: Generator[bytes]) -> Generator[bytes]:
    """Make the first block long enough to tell what a file is, as far as the file goes."""
    head = b""
    with contextlib.closing(blocks):
        for block in blocks:
            head += block
            if len(head) >= HEAD_BYTES:
                yield head
                break
        else:
            yield head
        yield from blocks
