"""Servers, workers and commands, forked from a process which has imported their modules: each starts a second sooner.

That process answers no requests and reads no settings. What is forked from it sets its environment, its output and its
process group, and runs what `python -m` would run.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import librephotos.cli
from librephotos.db.statements import compile_all
from librephotos.kit.collector import uncollected
from librephotos.kit.imports import absent

APPLICATION = "librephotos.app:create"
SERVER, WORKER, COMMAND = "server", "worker", "command"
_DIALECT = os.environ.get("LIBREPHOTOS_TEST_DATABASE", "sqlite")
_REPOSITORY = Path(__file__).parent.parent


class Process(Protocol):
    """What tests ask of a process: the part of `subprocess.Popen` that they use."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def start(kind: str, environment: Mapping[str, str], log: Path) -> Process:
    """Start a server or a worker in a process group of its own, with its output at the end of `log`."""
    if sys.platform == "linux":
        # There from the beginning, for whoever looks into it at once.
        log.touch()
        return _parent(kind).fork(environment, (), log, log)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.ready", kind, "now"],
            env={**environment, "PYTHONPATH": str(_REPOSITORY)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def run(*words: str, environment: Mapping[str, str], seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command of `librephotos` without standard input; it sees no terminal."""
    if sys.platform != "linux":
        command = [sys.executable, "-m", "librephotos.cli", *words]
        options: dict[str, Any] = {"env": environment, "timeout": seconds, "stdin": subprocess.DEVNULL}
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)
    with tempfile.TemporaryDirectory(prefix="command-") as folder:
        said, complained = Path(folder, "stdout"), Path(folder, "stderr")
        one = _parent(COMMAND).fork(environment, words, said, complained)
        try:
            status = one.wait(seconds)
        finally:
            one.kill()
        return subprocess.CompletedProcess(words, status, said.read_text(), complained.read_text())


class _Forked:
    """A child of the ready process, which tells how it ended."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if not self.ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, sig: int) -> None:
        # Reaped as soon as it ends, so that its number may be another's.
        if self.returncode is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Parent:
    """The ready process, as seen from the tests."""

    def __init__(self, kind: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIBREPHOTOS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ready", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_REPOSITORY,
            env=inherited,
        )
        self._forked: dict[int, _Forked] = {}
        self._asking = threading.Lock()
        self._lock = threading.Lock()
        self._started = threading.Condition(self._lock)
        self._last: _Forked | None = None
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self._process.kill)

    def fork(
        self, environment: Mapping[str, str], words: Sequence[str], output: Path, complaints: Path
    ) -> _Forked:
        order = {"environment": dict(environment), "words": words, "outputs": [str(output), str(complaints)]}
        stdin = self._process.stdin
        assert stdin is not None
        with self._asking, self._lock:
            self._last = None
            stdin.write(json.dumps(order) + "\n")
            stdin.flush()
            started = self._started.wait_for(lambda: self._last is not None, timeout=60)
            assert started, "the ready process does not answer"
            assert self._last is not None
            return self._last

    def _listen(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            told = json.loads(line)
            with self._lock:
                if "status" not in told:
                    self._last = self._forked[told["pid"]] = _Forked(told["pid"])
                    self._started.notify_all()
                    continue
                one = self._forked.pop(told["pid"])
                one.returncode = told["status"]
                one.ended.set()


@cache
def _parent(kind: str) -> _Parent:
    return _Parent(kind)


def _prepare_server() -> Callable[[], None]:
    from librephotos.http import serving

    with uncollected(), absent(serving.UNUSED):
        importlib.import_module(APPLICATION.partition(":")[0]).prepare()
    compile_all(_DIALECT)
    gc.freeze()
    return lambda: serving.main(str(os.getppid()), APPLICATION)


def _prepare_worker() -> Callable[[], None]:
    import librephotos.kit.logs  # noqa: F401  # first, as in the product
    from librephotos.jobs.worker import run_worker
    from librephotos.pipeline import PIPELINE
    from librephotos.settings import load_settings

    compile_all(_DIALECT)
    return lambda: run_worker(load_settings(), PIPELINE)


def _prepare_command() -> Callable[[], None]:
    for module in pkgutil.iter_modules(librephotos.cli.__path__, "librephotos.cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    from librephotos.cli.commands import main

    return main


def _serve(prepare: Callable[[], Callable[[], None]]) -> None:
    """Fork a child for every line of standard input, and tell of each when it begins and when it has ended."""
    run = prepare()
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    asked = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ended()
        if 0 in ready:
            read = os.read(0, 65536)
            if not read:
                return
            *lines, asked = (asked + read).split(b"\n")
            for line in lines:
                order = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    os.close(woken)
                    os.close(waker)
                    _become(order, run)
                _tell(pid=pid)


def _tell_ended() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _tell(pid=pid, status=os.waitstatus_to_exitcode(status))


def _tell(**told: int) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


def _become(order: dict[str, Any], run: Callable[[], None]) -> None:
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.environ.clear()
        os.environ.update(order["environment"])
        time.tzset()
        sys.argv = ["librephotos", *order["words"]]
        outputs = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666) for path in order["outputs"]]
        for target, source in enumerate([os.open(os.devnull, os.O_RDONLY), *outputs]):
            os.dup2(source, target)
            os.close(source)
        run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _prepare = {SERVER: _prepare_server, WORKER: _prepare_worker, COMMAND: _prepare_command}[sys.argv[1]]
    if sys.argv[2:]:
        _prepare()()
    else:
        _serve(_prepare)
