"""The real server on a library of synthetic photos, and its floor beside it: what the table's figures come from."""

import base64
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.library import TAGS, fill
from benchmarks.load import load
from benchmarks.start_page import list_requests
from tests.instance import Instance, free_port

PASSWORD = "correct horse battery staple 7"
AVAILABLE = "/api/rqavailable/"
DATES = "/api/albums/date/list/"
HOP_HEADERS = frozenset({"date", "server", "transfer-encoding", "connection"})


@dataclass(frozen=True)
class Case:
    """Requests whose rate is compared with the floor's. All are for what the caller has not asked for just before,
    unless the name says otherwise. `floor_target` stands for all targets where headers, not paths, make the answer."""

    what: str
    targets: list[str]
    at_least: float
    headers: dict[str, str]
    floor_target: str = ""


@dataclass(frozen=True)
class Measured:
    """`rate` in answers a second; `cpu_us` are microseconds of the answering process for one, in all its threads.

    The first is what users notice, on a machine that does nothing else; the second hardly depends on who else is busy.
    """

    rate: float
    cpu_us: float

    def better_of(self, other):
        if other is None:
            return self
        return Measured(max(self.rate, other.rate), min(self.cpu_us, other.cpu_us))


class Benchmark:
    """One server with a filled library, and its floor."""

    def __init__(self, folder, *, photos, days, seconds, repeat, by_cpu=False, only=""):
        self.photos, self.seconds, self.repeat = photos, seconds, repeat
        self.by_cpu, self.only = by_cpu, only
        data = folder / "data"
        self.instance = Instance(
            data, folder / "library", f"sqlite:///{data / 'librephotos.sqlite'}", whole=True
        )
        self.instance.start()
        self.owner = self.instance.add_user("benchmark", PASSWORD, is_admin=True)
        self.instance.stop()
        self.library = fill(self.instance, self.owner, photos=photos, days=days)
        self.claims = {"user_id": str(self.owner.user_id), "name": self.owner.username, "sid": self.owner.sid}
        self.cold_start_seconds = min(self._cold_start() for _ in range(3))
        self.idle_mib = resident_mib(api_process(self.instance.process.pid))
        self.floor = None
        self._answered = {}

    def _cold_start(self):
        """Return the seconds from the command to the first authenticated 200; the server stays."""
        self.instance.stop()
        self.instance.port = free_port()
        command = [sys.executable, "-m", "librephotos.cli", "serve", "--no-worker"]
        headers, log = self.bearer, (self.instance.data / "test-server.log").open("ab")
        started = time.perf_counter()
        self.instance.process = subprocess.Popen(
            command, env=self.instance.settings, stdout=log, stderr=log, start_new_session=True
        )
        while time.perf_counter() - started < 60:
            try:
                if httpx.get(self.instance.base_url + AVAILABLE, headers=headers).status_code == 200:
                    return time.perf_counter() - started
            except httpx.TransportError:
                time.sleep(0.01)
        raise RuntimeError(self.instance.log())

    @property
    def access(self):
        """A fresh token: they live five minutes, and the table takes longer."""
        return self.instance.signer.mint_access(self.claims).text

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.access}"}

    def cases(self):
        with self.instance.client(self.bearer) as client:
            etag = client.get(DATES).headers["etag"]
        photos = [f"/api/photos/{uuid}/" for uuid in self.library.uuids]
        days = [f"/api/albums/date/{day_id}/" for day_id in self.library.full_days]
        pages = [f"/api/photos/?page={page}&page_size=100" for page in range(1, 451)]
        small = [
            f"/media/square_thumbnails_small/{image_hash}.webp" for image_hash in self.library.with_thumbnails
        ]
        cookie = {"Cookie": f"jwt={self.access}"}
        every = [
            Case("rqavailable", [AVAILABLE], 0.30, self.bearer),
            Case("sitesettings", ["/api/sitesettings"], 0.30, self.bearer),
            Case("photo detail", photos, 0.15, self.bearer),
            Case("day page of 100 photos", days, 0.10, self.bearer),
            Case("photo list, page_size=100", pages, 0.10, self.bearer),
            Case("date list, unchanged", [DATES], 0.25, self.bearer),
            Case("date list, 304", [DATES], 0.25, {**self.bearer, "If-None-Match": etag}, "/304"),
            Case("small thumbnail, by cookie", small, 0.40, cookie),
        ]
        every += [Case(what, [target], least, self.bearer) for what, target, least in self.start_page()]
        return [case for case in every if self.only in case.what]

    def start_page(self):
        return list_requests(self.owner.user_id)

    def start_floor(self, cases):
        """Ask the API for everything once and serve its very answers from a bare application."""
        answers = {}
        for case in cases:
            with self.instance.client(case.headers) as client:
                for target in case.targets:
                    answer = client.get(target)
                    assert answer.status_code in (200, 304), (target, answer.status_code, answer.text[:200])
                    headers = [pair for pair in answer.headers.multi_items() if pair[0] not in HOP_HEADERS]
                    body = base64.b64encode(answer.content).decode()
                    answers[case.floor_target or target] = (answer.status_code, headers, body)
        stored = self.instance.data / "floor.json"
        stored.write_text(json.dumps(answers))
        port = free_port()
        environment = {
            **self.instance.settings,
            "LIBREPHOTOS_PORT": str(port),
            "BENCHMARK_ANSWERS": str(stored),
        }
        command = [
            sys.executable,
            "-m",
            "librephotos.http.serving",
            str(os.getpid()),
            "benchmarks.floor:create",
        ]
        self.floor = subprocess.Popen(command, env=environment, start_new_session=True)
        self.floor_url = f"http://127.0.0.1:{port}"
        for _ in range(500):
            try:
                # Whatever it answers: it may not have been given this one.
                httpx.get(self.floor_url + AVAILABLE)
                return
            except httpx.TransportError:
                time.sleep(0.02)
        raise RuntimeError("the floor did not start")

    def measure(self, case):
        """Return the best of the API and of the floor, measured in turn, each after a second of the same."""
        headers = {**case.headers, **self._renewed(case.headers)}
        floor_targets = [case.floor_target] if case.floor_target else case.targets
        api = (self.instance.base_url, case.targets, api_process(self.instance.process.pid))
        floor = (self.floor_url, floor_targets, api_process(self.floor.pid))
        best = {}
        # What is kept once it is made may take longer than a round to make.
        httpx.get(self.instance.base_url + case.targets[0], headers=headers, timeout=60)
        for url, targets, _ in (api, floor):
            self._load(url, targets, headers, 1)
        for _ in range(self.repeat):
            for one in (api, floor):
                best[one[0]] = self._measured(*one, headers).better_of(best.get(one[0]))
        return best[api[0]], best[floor[0]]

    def _measured(self, url, targets, pid, headers):
        before = cpu_seconds(pid)
        result = self._load(url, targets, headers, self.seconds)
        return Measured(result.rate, (cpu_seconds(pid) - before) / max(1, result.count) * 1_000_000)

    def _load(self, url, targets, headers, seconds):
        """Go on where the last run ended: a slow one would else begin with what it has just put into memory."""
        key = (url, targets[0])
        begin = self._answered.get(key, 0) % len(targets)
        result = load(url, targets[begin:] + targets[:begin], headers, seconds=seconds)
        self._answered[key] = begin + result.count
        return result

    def _renewed(self, headers):
        if "Cookie" in headers:
            return {"Cookie": f"jwt={self.access}"}
        return self.bearer

    def default_page_ms(self):
        """Return the median time of different default pages (2,500 photos), one client asking."""
        with self.instance.client(self.bearer) as client:
            count = client.get("/api/photos/?page_size=1").json()["count"]
            pages = min(20, -(-count // 2500))
            times = []
            for number in range(pages):
                started = time.perf_counter()
                client.get(f"/api/photos/?page={number + 1}").raise_for_status()
                times.append(time.perf_counter() - started)
        return statistics.median(times) * 1000

    def search_ms(self):
        """Return the median times of first pages: of common words never asked before, asked again for their second
        page, and of one photo's file name."""
        first, second, rare = [], [], []
        with self.instance.client(self.bearer) as client:
            for number, word in enumerate(TAGS):
                name = f"img_{1 + number * 37:07}"
                asked = ((first, word, 1), (second, word, 2), (rare, name, 1))
                for times, search, page in asked:
                    started = time.perf_counter()
                    params = {"search": search, "page": page, "page_size": 100}
                    client.get("/api/photos/searchlist/", params=params).raise_for_status()
                    times.append(time.perf_counter() - started)
        return [statistics.median(times) * 1000 for times in (first, second, rare)]

    def close(self):
        if self.floor is not None:
            self.floor.terminate()
            self.floor.wait(10)
        self.instance.stop()


def api_process(supervisor):
    """Return the id of the process that answers: the youngest generation below the supervisor."""
    below = [supervisor]
    while True:
        children = [
            int(child)
            for pid in below
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
        if not children:
            return below[-1]
        below = children


def cpu_seconds(pid):
    """Return the time that all threads of a process have run (proc_pid_stat(5): utime and stime, in ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def peak_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
