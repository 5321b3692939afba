"""The README's first login runs as it is pasted: its `bash` blocks, in order, against a fresh installation."""

import json
import re
import subprocess
from pathlib import Path

import jwt
import pytest

from tests.conftest import NewInstance
from tests.instance import KEY, REPOSITORY, Instance
from tests.library.scanning import draw

README = (REPOSITORY / "README.md").read_text()
PUBLISHED_BASE = "http://127.0.0.1:8000"
# Each call also tells its status and address on standard error, and a refusal ends the shell.
WATCHED = r"""
set -euo pipefail
curl() { command curl -sS --fail -w '%{stderr}%{http_code} %{url_effective}\n' "$@"; }
"""
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]+)[^)]*\)")


def blocks_of(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def fresh(new_instance: NewInstance) -> Instance:
    """What `make run` starts: the API and a worker over a folder with a photo, and no account yet."""
    instance = new_instance(start=False)
    draw(instance.library / "summer.jpg", 1, taken="2023:07:01 14:05:09")
    return instance.start(with_worker=True)


@pytest.mark.timeout(330)
def test_the_first_login_runs_when_pasted(fresh: Instance, tmp_path: Path):
    pasted = "\n".join(blocks_of(README, "bash")).replace(PUBLISHED_BASE, fresh.base_url)
    told = 'printf "\\n%s\\n%s\\n%s\\n" "$REFRESH" "$ACCESS" "$THUMBNAIL"'
    done = subprocess.run(
        ["bash", "-c", f"{WATCHED}\n{pasted}\n{told}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = [line.replace(fresh.base_url, "") for line in done.stderr.splitlines()]
    # How often it asks for the first photo depends on the machine.
    *shown, refresh, access, thumbnail = done.stdout.splitlines()
    assert list(dict.fromkeys(calls)) == [
        "201 /api/user/",
        "200 /api/auth/token/obtain/",
        "200 /api/auth/token/refresh/",
        "200 /api/photos/?page_size=1",
        "200 /api/albums/date/list/",
        f"200 {thumbnail}",
        "201 /api/auth/keys/",
    ]
    # The last call, with the key, has an address that was asked before.
    assert calls[-2:] == ["201 /api/auth/keys/", "200 /api/photos/?page_size=1"]
    assert jwt.decode(refresh, KEY, algorithms=["HS256"])["token_type"] == "refresh"
    claims = jwt.decode(access, KEY, algorithms=["HS256"])
    assert (claims["token_type"], claims["name"], claims["is_admin"]) == ("access", "myuser", True)
    assert thumbnail.startswith("/media/square_thumbnails/")
    assert (tmp_path / "thumbnail.webp").read_bytes()[8:12] == b"WEBP"
    first = json.JSONDecoder().raw_decode("".join(shown))[0]
    assert first == {"username": "myuser", "email": "", "first_name": "", "last_name": ""}


def test_the_two_commands_are_the_makefiles():
    assert blocks_of(README, "sh") == ["make run PHOTOS=~/Pictures\n", "make test\n"]
    makefile = (REPOSITORY / "Makefile").read_text()
    assert re.search(r"^run: .*make run PHOTOS=~/Pictures", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)


DOCUMENTS = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(document: Path):
    missing = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert missing == []
