"""Puts a whole file into the library under a name that nothing has: at once or not at all, and never over another."""

import ctypes
import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from librephotos.library.roots import bounds_of, is_inside, scan_path
from librephotos.library.walk import Found
from librephotos.settings import Settings
from librephotos.uploads.drafts import BLOCK_BYTES, full_disk_told, sync_folder, write_all
from librephotos.uploads.names import with_suffix
from librephotos.uploads.schemas import refused

NO_DIRECTORY: Final = (
    "Upload failed: No scan directory configured. Please contact your administrator to set up a scan directory for "
    "your account."
)
NO_SUCH_DIRECTORY: Final = (
    "Upload failed: Scan directory '{}' does not exist. Please contact your administrator."
)
NO_SUCH_UPLOADS: Final = (
    "Upload failed: Upload directory '{}' does not exist. Please contact your administrator."
)
OUTSIDE: Final = (
    "Upload failed: Upload directory '{}' lies outside the library. Please contact your administrator."
)
UNWRITABLE: Final = "Upload failed: '{}' cannot be written to ({}). Please contact your administrator."
# Errors of a link that another way may not meet: another disk, a disk without links, too many of them.
_NO_LINK: Final = frozenset(
    {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
)
_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1


class Directories(msgspec.Struct, frozen=True):
    """Where an account's photos and uploads lie; `others` are the scan directories of all other accounts."""

    scan_directory: str
    upload_directory: str
    others: tuple[str, ...]

    @property
    def folders(self) -> tuple[str, str]:
        return self.scan_directory, self.upload_directory


def open_folder(settings: Settings, directories: Directories, name: str = "web") -> Path:
    """Return the folder `name` for uploads, made if need be. Raises Refusal in the published words.

    It lies in the library, in no other account's and not in the data folder, once all links are followed.
    """
    if not directories.scan_directory.strip():
        raise refused(400, NO_DIRECTORY)
    if not os.path.isdir(directories.scan_directory):
        raise refused(400, NO_SUCH_DIRECTORY.format(directories.scan_directory))
    uploads = directories.upload_directory.strip()
    if uploads and not os.path.isdir(uploads):
        raise refused(400, NO_SUCH_UPLOADS.format(uploads))
    top = scan_path(directories.scan_directory)
    folder = os.path.join(scan_path(uploads) if uploads else os.path.join(top, b"uploads"), os.fsencode(name))
    bounds = bounds_of(top, directories.others, settings.roots, settings.data)
    for _ in ("before it is made", "after"):
        true_path = os.path.realpath(folder)
        if bounds.refusal(true_path) or not (
            settings.roots or uploads or is_inside(true_path, os.path.realpath(top))
        ):
            raise refused(400, OUTSIDE.format(os.fsdecode(folder)))
        try:
            with full_disk_told():
                os.makedirs(true_path, exist_ok=True)
        except OSError as error:
            raise unwritable(folder, error) from None
    return Path(os.fsdecode(folder))


def place(draft: Path, folder: Path, name: str, image_hash: str, is_same: "SameContent") -> Found:
    """Put the draft's content into `folder` and return what lies there now; the draft stays.

    Called `name`, or `<stem>_<image_hash><extension>` when another file is called so. A file of that name with the
    same content is taken as it is. Raises Refusal on a full disk and where the folder cannot be written to.
    """
    try:
        with full_disk_told():
            for candidate in _candidates(name, image_hash):
                target = folder / candidate
                if _put(draft, target) or is_same(target):
                    sync_folder(folder)
                    return _found(target)
    except OSError as error:
        raise unwritable(bytes(folder), error) from None
    raise AssertionError("names do not end")


class SameContent(msgspec.Struct, frozen=True):
    """Tells whether a file has the draft's content, byte by byte."""

    draft: Path

    def __call__(self, path: Path) -> bool:
        """What cannot be read, or is a link or no plain file, is another one."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return False
        with os.fdopen(descriptor, "rb") as theirs, open(self.draft, "rb") as ours:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size != os.fstat(ours.fileno()).st_size:
                return False
            while block := ours.read(BLOCK_BYTES):
                if theirs.read(BLOCK_BYTES) != block:
                    return False
        return True


def _candidates(name: str, image_hash: str) -> Iterable[str]:
    yield name
    yield with_suffix(name, f"_{image_hash}")
    number = 2
    while True:
        yield with_suffix(name, f"_{image_hash}_{number}")
        number += 1


def _put(draft: Path, target: Path) -> bool:
    """Return False when the name is taken. Whoever looks sees the whole file or none."""
    os.chmod(draft, os.stat(target.parent).st_mode & 0o666 | 0o600)
    try:
        os.link(draft, target)
        return True
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
    if os.path.lexists(target):
        return False
    # A walk passes over names that begin with a dot.
    beside = target.parent / f".{secrets.token_hex(8)}.upload"
    try:
        _copy(draft, beside)
        return _move_to_new(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _copy(draft: Path, beside: Path) -> None:
    status = os.stat(draft)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with open(draft, "rb") as source:
        descriptor = os.open(beside, flags, status.st_mode & 0o777)
        try:
            while block := source.read(BLOCK_BYTES):
                write_all(descriptor, block)
            os.utime(descriptor, ns=(status.st_atime_ns, status.st_mtime_ns))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _move_to_new(beside: Path, target: Path) -> bool:
    """Give a file its name unless something has it: by a link, or where the disk has none by a rename of Linux's."""
    try:
        os.link(beside, target)
        return True
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if rename(_AT_FDCWD, bytes(beside), _AT_FDCWD, bytes(target), _RENAME_NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        return False
    raise OSError(number, os.strerror(number))


def _found(path: Path) -> Found:
    status = os.lstat(path)
    return Found(bytes(path), status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)


def unwritable(folder: bytes, error: OSError) -> Exception:
    reason = os.strerror(error.errno or 0).lower()
    return refused(400, UNWRITABLE.format(folder.decode("utf-8", "replace"), reason))
