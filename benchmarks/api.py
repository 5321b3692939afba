"""Prints the rates of the API as ratios of their floors, in one table.

Starts the real server (one API process, SQLite) on a synthetic library, and beside it a bare ASGI application on the
same server with the same options that answers the very same bytes: the floor. Both are measured in turn, in this run,
by wrk. `python benchmarks/api.py --help` tells the options; with more photos than 50,000 the table compares with
the figures at 50,000.
"""

import argparse
import base64
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.load import finish, load, require_wrk, start_load
from benchmarks.served import AVAILABLE, PASSWORD, Benchmark, api_process, peak_mib
from librephotos.accounts.passwords import hash_password, verify_password

STANDARD_PHOTOS = 50_000
DAYS = 1_500
# Between an answer and the next request of a connection. With 4 ms some 800 requests a second come; without, as many as
# the cores can make and answer, so that whatever else runs makes requests wait for a slice of the scheduler.
PAUSES_MS = (4, 0)


_REACHED = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class Row:
    """A line of the table; `ok` is None where the target belongs to another line."""

    what: str
    measured: str
    floor: str
    ratio: str
    target: str
    ok: bool | None


def rate_rows(bench):
    cases = bench.cases()
    bench.start_floor(cases)
    rows, rates = [], {}
    for case in cases:
        ours, floor = bench.measure(case)
        rates[case.what] = ours.rate
        rows.append(cpu_row(case, ours, floor) if bench.by_cpu else rate_row(case, ours, floor))
    if bench.by_cpu or bench.only:
        return rows, rates
    page_ms = bench.default_page_ms()
    rates["photo list, default page"] = 1000 / page_ms
    rows.append(
        Row("photo list, default page", f"{page_ms:.0f} ms", "", "", "< 300 ms", page_ms < 300),
    )
    limit_ms = 20 if bench.photos <= STANDARD_PHOTOS else 60
    kinds = ("a common word, first page", "the same word, second page", "a file name")
    for kind, took_ms in zip(kinds, bench.search_ms(), strict=True):
        rates[f"search, {kind}"] = 1000 / took_ms
        rows.append(
            Row(f"search, {kind}", f"{took_ms:.1f} ms", "", "", f"< {limit_ms} ms", took_ms < limit_ms)
        )
    return rows, rates


def rate_row(case, ours, floor):
    ratio = ours.rate / floor.rate
    return Row(
        case.what,
        f"{ours.rate:,.0f}/s",
        f"{floor.rate:,.0f}/s",
        f"{ratio:.2f}",
        f"≥ {case.at_least:.2f}",
        ratio >= case.at_least,
    )


def cpu_row(case, ours, floor):
    """The same by processor time, for machines that others use too."""
    ratio = floor.cpu_us / ours.cpu_us
    return Row(
        case.what,
        f"{ours.cpu_us:,.0f} µs",
        f"{floor.cpu_us:,.0f} µs",
        f"{ratio:.2f}",
        f"≥ {case.at_least:.2f}",
        ratio >= case.at_least,
    )


def waited_ms(bench, pause_ms, seconds):
    """Return the p99 of few connections: what is measured is how long a request waits, not how many fit."""
    options = {"seconds": seconds, "connections": 4, "pause_ms": pause_ms}
    url = bench.instance.base_url
    return min(load(url, [AVAILABLE], bench.bearer, **options).p99_ms for _ in range(2))


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
    quiet = [waited_ms(bench, pause_ms, seconds) for pause_ms in PAUSES_MS]
    pid = api_process(bench.instance.process.pid)
    # What earlier lines took is no matter of signing in.
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    logins = start_load(
        url,
        ["/api/auth/token/obtain/"],
        {"Content-Type": "application/json"},
        seconds=4 * seconds + 2,
        connections=64,
        method="POST",
        body=json.dumps(body),
    )
    time.sleep(1)
    busy = [waited_ms(bench, pause_ms, seconds) for pause_ms in PAUSES_MS]
    peak = peak_mib(pid)
    finish(logins, may_refuse=True)
    others = zip(busy, quiet, (True, False), strict=True)
    return [
        Row(
            "token obtain, against one Argon2 hash",
            f"{obtain_ms:.0f} ms",
            f"{one_ms:.0f} ms",
            f"{obtain_ms / one_ms:.2f}",
            "≤ 1.10",
            obtain_ms <= 1.1 * one_ms,
        ),
        *(
            Row(
                "others' p99 while 64 sign in" if has_rest else "the same, with the cores full before",
                f"{now:.1f} ms",
                f"{before:.1f} ms",
                f"{now / before:.1f}",
                "≤ 3" if has_rest else "",
                now <= 3 * before if has_rest else None,
            )
            for now, before, has_rest in others
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
    lines += [(row.what, row.measured, row.floor, row.ratio, row.target, _REACHED[row.ok]) for row in rows]
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
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="compare the processor time of an answer instead of the rate, and only that: on a busy machine",
    )
    parser.add_argument("--only", default="", help="only cases whose name holds this text")
    return parser.parse_args()


def main():
    require_wrk()
    options = parse_arguments()
    measure = {
        "days": options.days,
        "seconds": options.seconds,
        "repeat": options.repeat,
        "by_cpu": options.cpu,
        "only": options.only,
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        first = Benchmark(Path(name) / "standard", photos=min(options.photos, STANDARD_PHOTOS), **measure)
        try:
            rows, standard = rate_rows(first)
            if not (options.cpu or options.only):
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
