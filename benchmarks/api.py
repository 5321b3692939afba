"""Prints the rates of the API as ratios of their floors, in one table.

Starts the real server (one API process, SQLite) on a synthetic library, and beside it a bare ASGI application on the
same server with the same options that answers the very same bytes: the floor. Both are measured in turn, in this run,
by wrk. `python benchmarks/api.py --help` tells the options; with more photos than 50,000 the table compares with
the figures at 50,000.
"""

import argparse
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.library import fill
from benchmarks.load import finish, load, require_wrk, start_load
from librephotos.accounts.passwords import hash_password, verify_password
from tests.instance import Instance, free_port

STANDARD_PHOTOS = 50_000
DAYS = 1_500
PASSWORD = "correct horse battery staple 7"
AVAILABLE = "/api/rqavailable/"
DATES = "/api/albums/date/list/"
HOP_HEADERS = frozenset({"date", "server", "transfer-encoding", "connection"})


@dataclass(frozen=True)
class Row:
    """A line of the table; `ok` is None where the target belongs to another line."""

    what: str
    measured: str
    floor: str
    ratio: str
    target: str
    ok: bool | None


@dataclass(frozen=True)
class Case:
    """Requests whose rate is compared with the floor's. All are for what the caller has not asked for just before,
    unless the name says otherwise. `floor_target` stands for all targets where headers, not paths, make the answer."""

    what: str
    targets: list[str]
    at_least: float
    headers: dict[str, str]
    floor_target: str = ""


class Benchmark:
    """One server with a filled library, and its floor."""

    def __init__(self, folder, *, photos, days, seconds, repeat):
        self.seconds, self.repeat = seconds, repeat
        data = folder / "data"
        self.instance = Instance(data, folder / "library", f"sqlite:///{data / 'librephotos.sqlite'}")
        self.instance.start()
        self.owner = self.instance.add_user("benchmark", PASSWORD, is_admin=True)
        self.instance.stop()
        self.library = fill(self.instance, self.owner, photos=photos, days=days)
        self.claims = {"user_id": str(self.owner.user_id), "name": self.owner.username, "sid": self.owner.sid}
        self.cold_start_seconds = min(self._cold_start() for _ in range(3))
        self.idle_mib = resident_mib(api_process(self.instance.process.pid))
        self.floor = None

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
        return [
            Case("rqavailable", [AVAILABLE], 0.30, self.bearer),
            Case("sitesettings", ["/api/sitesettings"], 0.30, self.bearer),
            Case("photo detail", photos, 0.15, self.bearer),
            Case("day page of 100 photos", days, 0.10, self.bearer),
            Case("photo list, page_size=100", pages, 0.10, self.bearer),
            Case("date list, unchanged", [DATES], 0.25, self.bearer),
            Case("date list, 304", [DATES], 0.25, {**self.bearer, "If-None-Match": etag}, "/304"),
            Case("small thumbnail, by cookie", small, 0.40, cookie),
        ]

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
                if httpx.get(self.floor_url + AVAILABLE).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise RuntimeError("the floor did not start")

    def rates(self, case):
        """Return the best rate of the API and of the floor."""
        url, headers = self.instance.base_url, {**case.headers, **self._renewed(case.headers)}
        floor_targets = [case.floor_target] if case.floor_target else case.targets
        best = floor = 0.0
        load(url, case.targets, headers, seconds=1)
        load(self.floor_url, floor_targets, headers, seconds=1)
        for _ in range(self.repeat):
            best = max(best, load(url, case.targets, headers, seconds=self.seconds).rate)
            floor = max(floor, load(self.floor_url, floor_targets, headers, seconds=self.seconds).rate)
        return best, floor

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


def resident_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def peak_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def rate_rows(bench):
    cases = bench.cases()
    bench.start_floor(cases)
    rows, rates = [], {}
    for case in cases:
        best, floor = bench.rates(case)
        rates[case.what] = best
        rows.append(
            Row(
                case.what,
                f"{best:,.0f}/s",
                f"{floor:,.0f}/s",
                f"{best / floor:.2f}",
                f"≥ {case.at_least:.2f}",
                best / floor >= case.at_least,
            )
        )
    page_ms = bench.default_page_ms()
    rates["photo list, default page"] = 1000 / page_ms
    rows.append(
        Row("photo list, default page", f"{page_ms:.0f} ms", "", "", "< 300 ms", page_ms < 300),
    )
    return rows, rates


def login_rows(bench):
    """Sign-in against one hash, and what everybody else notices of 64 people who sign in."""
    url = bench.instance.base_url
    stored = hash_password(PASSWORD)
    body = {"username": bench.owner.username, "password": PASSWORD}
    hashes, obtains = [], []
    with bench.instance.client() as client:
        for _ in range(15):
            started = time.perf_counter()
            assert verify_password(PASSWORD, stored)
            hashes.append(time.perf_counter() - started)
            started = time.perf_counter()
            client.post("/api/auth/token/obtain/", json=body).raise_for_status()
            obtains.append(time.perf_counter() - started)
    one_ms, obtain_ms = statistics.median(hashes) * 1000, statistics.median(obtains) * 1000
    seconds = max(5, bench.seconds)
    # Few connections: what is measured is how long a request waits, not how many fit.
    quiet = min(load(url, [AVAILABLE], bench.bearer, seconds=seconds, connections=4).p99_ms for _ in range(2))
    pid = api_process(bench.instance.process.pid)
    # What earlier lines took is no matter of signing in.
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    logins = start_load(
        url,
        ["/api/auth/token/obtain/"],
        {"Content-Type": "application/json"},
        seconds=seconds + 2,
        connections=64,
        method="POST",
        body=json.dumps(body),
    )
    time.sleep(1)
    busy = load(url, [AVAILABLE], bench.bearer, seconds=seconds, connections=4).p99_ms
    peak = peak_mib(pid)
    finish(logins, may_refuse=True)
    return [
        Row(
            "token obtain, against one Argon2 hash",
            f"{obtain_ms:.0f} ms",
            f"{one_ms:.0f} ms",
            f"{obtain_ms / one_ms:.2f}",
            "≤ 1.10",
            obtain_ms <= 1.1 * one_ms,
        ),
        Row(
            "others' p99 while 64 sign in",
            f"{busy:.1f} ms",
            f"{quiet:.1f} ms",
            f"{busy / quiet:.1f}",
            "≤ 3",
            busy <= 3 * quiet,
        ),
        Row("memory while 64 sign in", f"{peak:.0f} MiB", "", "", "< 300 MiB", peak < 300),
    ]


def credential_rows(bench):
    """What credentials add to a request at the median: the same route without any, one client asking."""
    url, target = bench.instance.base_url, ["/api/sitesettings"]
    median = {}
    for name, headers in (("none", {}), ("Bearer", bench.bearer), ("Basic", basic_header(bench))):
        load(url, target, headers, seconds=1, connections=1)
        runs = [load(url, target, headers, seconds=bench.seconds, connections=1) for _ in range(bench.repeat)]
        median[name] = min(run.p50_ms for run in runs)
    return [
        Row(
            f"{name} at the median, over no credentials",
            f"{median[name]:.2f} ms",
            f"{median['none']:.2f} ms",
            f"+{median[name] - median['none']:.2f} ms",
            f"≤ +{limit:.1f} ms",
            median[name] - median["none"] <= limit,
        )
        for name, limit in (("Bearer", 0.3), ("Basic", 1.0))
    ]


def basic_header(bench):
    """Return the header once the first call with it has paid for the hash."""
    words = base64.b64encode(f"{bench.owner.username}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {words}"}
    # Those who signed in before may still stand in line.
    while httpx.get(bench.instance.base_url + AVAILABLE, headers=headers, timeout=60).status_code != 200:
        time.sleep(0.5)
    return headers


def basic_row(bench):
    url = bench.instance.base_url
    basic = basic_header(bench)
    best = {"basic": 0.0, "bearer": 0.0}
    for _ in range(bench.repeat):
        for name, headers in (("basic", basic), ("bearer", bench.bearer)):
            best[name] = max(best[name], load(url, [AVAILABLE], headers, seconds=bench.seconds).rate)
    ratio = best["bearer"] / best["basic"]
    return Row(
        "Basic after the first call, against Bearer",
        f"{best['basic']:,.0f}/s",
        f"{best['bearer']:,.0f}/s",
        f"{ratio:.2f}",
        "≤ 1.20",
        ratio <= 1.2,
    )


def process_rows(bench):
    cold, idle = bench.cold_start_seconds, bench.idle_mib
    return [
        Row("cold start to the first 200", f"{cold:.2f} s", "", "", "< 1.5 s", cold < 1.5),
        Row("idle API process", f"{idle:.0f} MiB", "", "", "< 90 MiB", idle < 90),
    ]


def larger_rows(rates, standard, photos):
    """Compare a larger library with the standard one: half the rate or more."""
    return [
        Row(
            f"{what}, {photos:,} photos",
            f"{rate:,.4g}/s",
            f"{standard[what]:,.4g}/s",
            f"{rate / standard[what]:.2f}",
            "≥ 0.50",
            rate >= standard[what] / 2,
        )
        for what, rate in rates.items()
    ]


def print_table(rows):
    lines = [("what", "measured", "floor", "ratio", "target", "reached")]
    lines += [
        (row.what, row.measured, row.floor, row.ratio, row.target, "yes" if row.ok else "no") for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    for number, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=STANDARD_PHOTOS, help="photos in the library (50000)")
    parser.add_argument("--days", type=int, default=DAYS, help="days that they were taken on (1500)")
    parser.add_argument("--seconds", type=int, default=4, help="length of each measurement (4)")
    parser.add_argument("--repeat", type=int, default=2, help="measurements, of which the best counts (2)")
    return parser.parse_args()


def main():
    require_wrk()
    options = parse_arguments()
    measure = {"days": options.days, "seconds": options.seconds, "repeat": options.repeat}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        first = Benchmark(Path(name) / "standard", photos=min(options.photos, STANDARD_PHOTOS), **measure)
        try:
            rows, standard = rate_rows(first)
            rows += [*credential_rows(first), *login_rows(first), basic_row(first), *process_rows(first)]
        finally:
            first.close()
        if options.photos > STANDARD_PHOTOS:
            larger = Benchmark(Path(name) / "larger", photos=options.photos, **measure)
            try:
                rows += larger_rows(rate_rows(larger)[1], standard, options.photos)
            finally:
                larger.close()
    print_table(rows)


if __name__ == "__main__":
    main()
