"""Which kind of file system a folder lies on, read from the kernel's table of mounts."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs", "fuse.rclone"})
_ESCAPE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """A mounted file system: where, of which type (such as `ext4`), and with which options, its own ones too."""

    point: str
    type: str
    options: tuple[str, ...]


def find_mount(path: Path | bytes, mounts: str | None = None) -> Mount | None:
    """Return the mount on which `path` lies, or None where that cannot be known.

    `mounts` is the text of /proc/self/mountinfo. Source: proc_pid_mountinfo(5).
    """
    if mounts is None:
        try:
            mounts = MOUNTINFO.read_text(errors="surrogateescape")
        except OSError:
            return None
    real = os.path.realpath(os.fsdecode(path))
    best: Mount | None = None
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        words, own = fields.split(" "), rest.split(" ")
        if len(words) < 6 or not rest:
            continue
        point = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), words[4])
        is_below = real == point or real.startswith(point.rstrip("/") + "/")
        # Of two mounts on one point the later one covers the earlier.
        if is_below and (best is None or len(point) >= len(best.point)):
            options = [*words[5].split(","), *(own[2].split(",") if len(own) > 2 else [])]
            best = Mount(point, own[0], tuple(dict.fromkeys(options)))
    return best


def file_system_of(path: Path, mounts: str | None = None) -> str:
    """Return the type of `path`'s file system, such as `ext4`, or '' where that cannot be known."""
    mount = find_mount(path, mounts)
    return "" if mount is None else mount.type


def is_network(path: Path, mounts: str | None = None) -> bool:
    return file_system_of(path, mounts) in NETWORK
