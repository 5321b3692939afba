"""The build hook fetches once, notices when its inputs change, and leaves what is there alone."""

import hashlib
import shutil
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import build_hook
from tests.instance import REPOSITORY


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree whose node_modules already holds what the lock says, so that no npm has to run."""
    monkeypatch.delenv(build_hook.SKIP_VARIABLE, raising=False)
    for name in build_hook.INPUTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"contents of {name}")
    packages = tmp_path / "web" / "node_modules"
    for name in build_hook.COPIES:
        source = packages / name
        if source.name == "lib":
            source = source / "Image" / "ExifTool.pm"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(f"contents of {name}")
    (packages / "exiftool-vendored.pl/bin/exiftool").chmod(0o755)
    (packages / "exiftool-vendored.pl/bin/Changes").write_text("long")
    # Stands for Vite: the page is what the sources say.
    vite = packages / "vite/bin/vite.js"
    vite.parent.mkdir(parents=True)
    vite.write_text(
        "const fs = require('fs'); fs.mkdirSync('../librephotos/page/dist', {recursive: true});"
        "fs.copyFileSync('src/main.ts', '../librephotos/page/dist/index.html');"
    )
    for name in ("web/src/main.ts", "web/public/assets/icon.svg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"contents of {name}")
    lock = (tmp_path / "web" / "package-lock.json").read_bytes()
    (packages / ".installed-lock").write_text(hashlib.sha256(lock).hexdigest())
    return tmp_path


def test_exiftool_and_the_viewers_are_put_into_the_package(checkout: Path) -> None:
    build_hook.build_assets(checkout)
    exiftool = checkout / "librephotos/media/exiftool"
    assert (exiftool / "exiftool").stat().st_mode & 0o777 == 0o755
    assert (exiftool / "lib/Image/ExifTool.pm").is_file()
    assert not (exiftool / "Changes").exists()
    documents = checkout / "librephotos/page/documents"
    viewers = {"swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"}
    assert viewers <= {path.name for path in documents.iterdir()}


def test_the_page_is_built_from_its_sources(checkout: Path) -> None:
    build_hook.build_assets(checkout)
    built = checkout / "librephotos/page/dist/index.html"
    assert built.read_text() == "contents of web/src/main.ts"
    (checkout / "web/src/main.ts").write_text("another page")
    assert build_hook.is_wanted(checkout)
    build_hook.build_assets(checkout)
    assert built.read_text() == "another page"


def test_a_wheel_holds_what_was_built_though_git_ignores_it(checkout: Path) -> None:
    build_hook.build_assets(checkout)
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(REPOSITORY / name, checkout / name)
    (checkout / "librephotos/__init__.py").touch()
    wheel = {file.distribution_path for file in WheelBuilder(str(checkout)).recurse_included_files()}
    viewer, exiftool = f"{build_hook.DOCUMENTS}/redoc.standalone.js", f"{build_hook.EXIFTOOL}/exiftool"
    assert {f"{build_hook.PAGE}/index.html", viewer, exiftool, "librephotos/__init__.py"} <= wheel
    assert not any(path.startswith("web/") for path in wheel)


def test_a_page_that_cannot_be_built_says_so(checkout: Path) -> None:
    (checkout / "web/node_modules/vite/bin/vite.js").write_text("process.exit(3)")
    with pytest.raises(build_hook.BuildFailed, match="Vite ended with status 3"):
        build_hook.build_assets(checkout)
    assert build_hook.is_wanted(checkout)


def test_a_second_build_has_nothing_to_do(checkout: Path) -> None:
    build_hook.build_assets(checkout)
    assert not build_hook.is_wanted(checkout)


def test_an_sdist_that_carries_the_stamp_needs_no_node(checkout: Path) -> None:
    hook = build_hook.CustomBuildHook(str(checkout), {}, None, None, "", "wheel")
    assert hook.dependencies() == [build_hook.NODE_REQUIREMENT]
    build_hook.build_assets(checkout)
    assert hook.dependencies() == []


@pytest.mark.parametrize("name", build_hook.INPUTS)
def test_a_changed_input_is_noticed(checkout: Path, name: str) -> None:
    build_hook.build_assets(checkout)
    (checkout / name).write_text("changed")
    assert build_hook.is_wanted(checkout)


def test_a_lost_file_is_noticed_and_made_again(checkout: Path) -> None:
    build_hook.build_assets(checkout)
    (checkout / build_hook.EXIFTOOL / "exiftool").unlink()
    build_hook.build_assets(checkout)
    assert (checkout / build_hook.EXIFTOOL / "exiftool").is_file()


def test_a_build_cut_short_does_not_count(checkout: Path) -> None:
    (checkout / "web/node_modules/redoc/LICENSE").unlink()
    with pytest.raises(FileNotFoundError):
        build_hook.build_assets(checkout)
    assert build_hook.is_wanted(checkout)


def test_a_build_without_them_can_be_asked_for(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(build_hook.SKIP_VARIABLE, "1")
    build_hook.build_assets(checkout)
    assert not (checkout / build_hook.DOCUMENTS).exists()


def test_the_commit_is_carried_into_the_package(checkout: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    (checkout / ".git").mkdir()
    (checkout / ".git" / "HEAD").write_text(commit + "\n")
    (checkout / "librephotos" / "kit").mkdir(parents=True)
    source = REPOSITORY / "librephotos" / "kit" / "revision.py"
    (checkout / "librephotos" / "kit" / "revision.py").write_bytes(source.read_bytes())
    build_hook.write_revision(checkout)
    written = checkout / "librephotos" / "revision.txt"
    assert written.read_text() == commit + "\n"
    # From an sdist it is built without Git's folder.
    (checkout / ".git" / "HEAD").unlink()
    build_hook.write_revision(checkout)
    assert written.read_text() == commit + "\n"


def test_the_failure_names_the_way_out() -> None:
    text = build_hook.explain("npm ended with status 1.")
    assert "npm ended with status 1." in text
    assert f"{build_hook.SKIP_VARIABLE}=1" in text
