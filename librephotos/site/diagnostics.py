"""Why this process cannot read a file: the rights of its folders, and the disk it lies on. Reads no content."""

import os
import stat
from typing import Final, Literal

from librephotos.kit.mounts import NETWORK, Mount, find_mount
from librephotos.site.schemas import Blocking, Diagnosis, MountFacts, ProcessIds

Cause = Literal["missing", "mode_bits", "not_mode_bits", "unknown"]
# Options by which a file system gives every file the same owner or rights (mount(8)).
_OF_MOUNT: Final = ("uid=", "gid=", "umask=", "fmask=", "dmask=", "file_mode=", "dir_mode=")
_NO_MOUNT_RIGHTS: Final = frozenset({"vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3", "9p"})


def nothing_to_read() -> Diagnosis:
    """Of a photo without main file."""
    return Diagnosis(path=None, exists=False, readable_by_webserver=False, cause="missing", blocking=None)


def diagnose(path: bytes) -> Diagnosis:
    """Look at a file and at every folder above it, by the rights of this process."""
    mount = find_mount(path)
    blocking, cause = _find_obstacle(path)
    return Diagnosis(
        path=path.decode("utf-8", "replace"),
        exists=os.path.lexists(path),
        readable_by_webserver=cause is None,
        cause=cause or "unknown",
        blocking=blocking,
        webserver=ProcessIds(os.geteuid(), os.getegid()),
        mount=None if mount is None else _describe(mount),
        remedies=[] if cause is None else _remedies(cause, mount),
    )


def _find_obstacle(path: bytes) -> tuple[Blocking | None, Cause | None]:
    """Return the first part of a path that keeps this process out, and why; (None, None) when it can be read."""
    for folder in _folders_above(path):
        if not os.path.exists(folder):
            return _blocking(folder, "directory"), "missing"
        if not os.access(folder, os.X_OK):
            return _blocking(folder, "directory"), _cause(folder, 0o1)
    if not os.path.exists(path):
        return _blocking(path, "file"), "missing"
    if not os.access(path, os.R_OK):
        return _blocking(path, "file"), _cause(path, 0o4)
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))
    except OSError:  # Labels and network servers refuse what the mode allows.
        return _blocking(path, "file"), _cause(path, 0o4)
    return None, None


def _folders_above(path: bytes) -> list[bytes]:
    """Return the folders that lead to a path, the root first."""
    above = []
    folder = os.path.dirname(path)
    while True:
        above.append(folder)
        parent = os.path.dirname(folder)
        if parent == folder:
            return above[::-1]
        folder = parent


def _blocking(path: bytes, kind: Literal["directory", "file"]) -> Blocking:
    shown = path.decode("utf-8", "replace")
    try:
        found = os.stat(path)
    except OSError:
        return Blocking(shown, kind)
    return Blocking(shown, kind, f"{stat.S_IMODE(found.st_mode):04o}", found.st_uid, found.st_gid)


def _cause(path: bytes, needed: int) -> Cause:
    """Tell whether the mode alone refuses what is `needed` (4 to read, 1 to pass)."""
    try:
        found = os.stat(path)
    except OSError:
        return "unknown"
    if found.st_uid == os.geteuid():
        shift = 6
    elif found.st_gid in {os.getegid(), *os.getgroups()}:
        shift = 3
    else:
        shift = 0
    return "not_mode_bits" if found.st_mode >> shift & needed else "mode_bits"


def _describe(mount: Mount) -> MountFacts:
    return MountFacts(
        point=mount.point,
        type=mount.type,
        options=list(mount.options),
        read_only="ro" in mount.options,
        permissions_from_mount=_gives_rights(mount),
        network=mount.type in NETWORK,
    )


def _gives_rights(mount: Mount) -> bool:
    return mount.type in _NO_MOUNT_RIGHTS or any(each.startswith(_OF_MOUNT) for each in mount.options)


def _remedies(cause: Cause, mount: Mount | None) -> list[str]:
    """Return what may help, the likeliest first."""
    is_network = mount is not None and mount.type in NETWORK
    if cause == "missing":
        # A disk that is not mounted leaves an empty folder behind.
        return ["mount_deeper", *(["network_fs"] if is_network else [])]
    if mount is not None and _gives_rights(mount):
        return ["mount_options", *(["network_fs"] if is_network else [])]
    if cause == "mode_bits":
        read_only = ["read_only"] if mount is not None and "ro" in mount.options else []
        return [*read_only, "chmod"]
    return ["network_fs"] if is_network else ["labels"]
