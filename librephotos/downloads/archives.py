"""Archives on the disk: written under another name until they are whole, and streamed file by file."""

import errno
import os
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from librephotos.errors import InsufficientStorage, LibrePhotosError
from librephotos.photos.paths import ARCHIVE_SECONDS, archive_path, archives_folder
from librephotos.settings import Settings

BLOCK_BYTES: Final = 1024 * 1024
DRAFT_SUFFIX: Final = ".part"
# Between two of them a cancelled job stops, in the middle of a long film too.
CHECK_BYTES: Final = 64 * 1024 * 1024
# What the directory of an archive takes for each file, about.
ENTRY_BYTES: Final = 512
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FIRST_TIME: Final = (1980, 1, 1, 0, 0, 0)
_LAST_YEAR: Final = 2107
_REGULAR_FILE: Final = 0o100644


def left_bytes(settings: Settings) -> int:
    """Return how much archives may still take on the disk of the data folder."""
    return shutil.disk_usage(settings.data).free - settings.upload_free_bytes


class Archive:
    """An archive that is being written. Leave it with `finish` or `discard`."""

    def __init__(self, data: Path, name: str, user_id: int) -> None:
        archives_folder(data).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = archive_path(data, name, user_id)
        self._draft = self.path.with_suffix(DRAFT_SUFFIX)
        # A step that runs again begins anew.
        descriptor = os.open(
            self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        self._file = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)

    def add(self, descriptor: int, name: str, check: Callable[[], None]) -> None:
        """Copy an open file, byte by byte. Raises InsufficientStorage, and LibrePhotosError for one that fails."""
        status = os.fstat(descriptor)
        info = zipfile.ZipInfo(name, _zip_time(status.st_mtime))
        info.external_attr = _REGULAR_FILE << 16
        # One that grows meanwhile may pass the limit of the short form.
        is_large = status.st_size >= zipfile.ZIP64_LIMIT // 2
        copied = 0
        try:
            with self._zip.open(info, "w", force_zip64=is_large) as target:
                while block := _read(descriptor, name):
                    target.write(block)
                    copied += len(block)
                    if copied % CHECK_BYTES < len(block):
                        check()
        except OSError as error:
            raise _told(error) from error

    def finish(self) -> None:
        """Give the archive its name, once it can no longer be lost."""
        try:
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.rename(self._draft, self.path)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _told(error) from error

    def discard(self) -> None:
        """Remove what was written, unless it is finished."""
        self._draft.unlink(missing_ok=True)
        # The archive's end is not worth writing, and on a full disk could not be.
        self._zip.fp = None
        try:
            self._file.close()
        except OSError:
            return


def remove_old(data: Path) -> int:
    """Remove archives that are over a day old, and drafts that nobody wrote to for so long; return how many."""
    folder = archives_folder(data)
    if not folder.exists():
        return 0
    old = [
        entry.path
        for entry in os.scandir(folder)
        if entry.stat(follow_symlinks=False).st_mtime < time.time() - ARCHIVE_SECONDS
    ]
    for path in old:
        Path(path).unlink(missing_ok=True)
    return len(old)


def _read(descriptor: int, name: str) -> bytes:
    try:
        return os.read(descriptor, BLOCK_BYTES)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise LibrePhotosError(f"{name} could not be read to its end ({reason}).") from error


def _told(error: OSError) -> LibrePhotosError:
    if error.errno in _FULL:
        return InsufficientStorage()
    return LibrePhotosError(f"The archive cannot be written ({os.strerror(error.errno or 0).lower()}).")


def _zip_time(seconds: float) -> tuple[int, int, int, int, int, int]:
    """Return a time as archives hold it: local, from 1980 to 2107."""
    try:
        local = time.localtime(seconds)
    except (OverflowError, ValueError, OSError):
        return _FIRST_TIME
    if not _FIRST_TIME[0] <= local.tm_year <= _LAST_YEAR:
        return _FIRST_TIME
    return local.tm_year, local.tm_mon, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec
