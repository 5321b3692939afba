"""Makes the list of common passwords from lists given as files: `python tools/pack_common_passwords.py FILE…`.

A file is a JSON array or one password a line, packed by gzip or not. Where today's come from stands in NOTICE. What is
there already stays only if it stands in one of the files again.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from librephotos.accounts.password_policy import MIN_LISTED_CHARS, fold
from librephotos.accounts.passwords import MAX_CHARS

TARGET = Path(__file__).parent.parent / "librephotos" / "accounts" / "common_passwords.txt.gz"
GZIP = b"\x1f\x8b"


def read_list(path: Path) -> list[str]:
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if packed.startswith(GZIP) else packed).decode()
    return [str(each) for each in json.loads(text)] if text.lstrip().startswith("[") else text.splitlines()


def folded(lists: Iterator[list[str]]) -> list[str]:
    """Return what can be compared, each once and in order."""
    entries = {fold(entry) for each in lists for entry in each}
    return sorted(entry for entry in entries if MIN_LISTED_CHARS <= len(entry) <= MAX_CHARS)


def pack(entries: list[str]) -> bytes:
    """Return the same bytes for the same entries, on any day."""
    return gzip.compress("".join(f"{entry}\n" for entry in entries).encode(), 9, mtime=0)


def main(arguments: list[str]) -> None:
    entries = folded(read_list(Path(name)) for name in arguments)
    TARGET.write_bytes(pack(entries))
    print(f"{len(entries):,} passwords, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
