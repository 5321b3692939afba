"""The lines of the API screen run as they are pasted into the shells there are, whatever a name and a password hold."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.instance import Instance
from tests.page.conftest import visit

# Those of a person's terminal, without that person's own settings; zsh where it is installed.
SHELLS = [
    shell
    for shell in (["bash", "--norc", "-i"], ["dash", "-i"], ["zsh", "-f", "-i"])
    if shutil.which(shell[0])
]
NAME = """an "odd" o'ne & $home !42 `id` \\n+é"""
PASSWORD = """it's  "a" $HOME !42 `id` \\n; é """
PATIENCE_SECONDS = 60


class Terminal:
    """A shell on a terminal of its own, as a person has it before them."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._master, slave = pty.openpty()
        # The search path leads to the usual commands only.
        settings = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "TERM": "dumb"}
        settings |= {"LC_ALL": "C.UTF-8", "ENV": "", "HISTFILE": ""}
        self._shell = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=settings,
            preexec_fn=take_terminal,  # noqa: PLW1509  # no threads touch what it does
        )
        os.close(slave)
        self._seen = self.seen_before = ""

    def paste(self, text: str) -> None:
        self.seen_before, self._seen = self._seen, ""
        os.write(self._master, text.encode() + b"\n")

    def wait_for(self, pattern: str) -> str:
        """Return what the first group of `pattern` matched of all that came since the last paste."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (match := re.search(pattern, self._seen, re.DOTALL)):
            ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, self._seen
            self._seen += os.read(self._master, 65_536).decode(errors="replace")
        return match[1] if match.re.groups else ""

    def value_of(self, name: str) -> str:
        self.paste(f'printf "=%s=\\n" "${name}"')
        return self.wait_for(r"=((?!%s)[^=\n]*)=\r?\n")

    def close(self) -> None:
        self._shell.kill()
        self._shell.wait()
        os.close(self._master)


def take_terminal() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(command: list[str], folder: Path) -> Iterator[Terminal]:
    one = Terminal(command, folder)
    try:
        yield one
    finally:
        one.close()


@pytest.mark.timeout(300)
def test_the_lines_of_the_api_screen_run_in_every_shell(
    context: BrowserContext, instance: Instance, tmp_path: Path
):
    person = instance.add_user(NAME, PASSWORD)
    here = visit(context, instance, person)
    here.come_back()
    here.page.goto(f"{here.base}/api-access")
    lines = here.page.locator("pre code")
    expect(lines.nth(3)).to_contain_text("odd")
    obtain, bearer, refresh, basic, by_key = lines.all_inner_texts()
    with instance.client(person.bearer) as client:
        asked = {"name": "pasted", "scopes": ["photos:read"], "current_password": PASSWORD}
        key = client.post("/api/auth/keys/", json=asked).json()["key"]
    for shell in SHELLS:
        folder = tmp_path / shell[0]
        folder.mkdir()
        with terminal(shell, folder) as shown:
            shown.paste(obtain)
            # Not in what is echoed of the lines, by the terminal and by the shell: there it stands behind a quote.
            shown.wait_for(r"(?<!')Password: $")
            shown.paste(PASSWORD)
            access = shown.value_of("ACCESS")
            assert "$HOME" not in shown.seen_before
            assert access.count(".") == 2, (shell, access)
            assert shown.value_of("REFRESH").count(".") == 2
            for line in (bearer, by_key.replace("lp_…", key)):
                shown.paste(line)
                shown.wait_for(r'\{"count":0')
            shown.paste(refresh)
            renewed = shown.value_of("ACCESS")
            assert renewed.count(".") == 2
            assert renewed != access
            shown.paste(basic)
            shown.wait_for(r"password for user .*:$")
            shown.paste(PASSWORD)
            shown.wait_for(r'\{"results":\[\]')
            assert shown.value_of("HOME") == str(folder)
    assert here.errors == []
