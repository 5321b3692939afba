"""Which kind of file system a folder lies on, read from the kernel's table of mounts."""

import os
import re
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs", "fuse.rclone"})
_ESCAPE = re.compile(r"\\([0-7]{3})")


def file_system_of(path: Path, mounts: str | None = None) -> str:
    """Return the type of `path`'s file system, such as `ext4`, or '' where that cannot be known.

    `mounts` is the text of /proc/self/mountinfo. Source: proc_pid_mountinfo(5).
    """
    if mounts is None:
        try:
            mounts = MOUNTINFO.read_text(errors="surrogateescape")
        except OSError:
            return ""
    real = os.path.realpath(path)
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        words = fields.split(" ")
        if len(words) < 5 or not rest:
            continue
        point = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), words[4])
        is_below = real == point or real.startswith(point.rstrip("/") + "/")
        # Of two mounts on one point the later one covers the earlier.
        if is_below and len(point) >= best:
            best, kind = len(point), rest.split(" ")[0]
    return kind


def is_network(path: Path, mounts: str | None = None) -> bool:
    return file_system_of(path, mounts) in NETWORK
