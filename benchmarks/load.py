"""Load on an HTTP server with `wrk`: a rate, latencies, and how many answers were errors."""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

MISSING = (
    "wrk is not installed; it makes the load. On Debian and Ubuntu: apt install wrk; on macOS: brew install wrk; "
    "on Fedora: dnf install wrk."
)
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}

# Goes through all targets in turn; the requests are made before the first is sent.
_SCRIPT = """
local targets = {}
for line in io.lines("%(targets)s") do targets[#targets + 1] = line end
local requests, at = {}, 0
function init(args)
  for number, target in ipairs(targets) do requests[number] = wrk.format("%(method)s", target, nil, %(body)s) end
end
function request()
  at = at %% #requests + 1
  return requests[at]
end
"""


@dataclass(frozen=True)
class Result:
    """`count` answers, `rate` of them a second, latencies in milliseconds."""

    count: int
    rate: float
    p50_ms: float
    p99_ms: float


def require_wrk():
    """Leave with status 2 and a sentence when there is no wrk."""
    if shutil.which("wrk") is None:
        print(MISSING, file=sys.stderr)
        raise SystemExit(2)


def start_load(base_url, targets, headers, *, seconds, connections, method="GET", body=None, pause_ms=0):
    """Start wrk and return the process; `finish` reads it."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    (folder / "targets").write_text("\n".join(targets) + "\n")
    lua_body = "nil" if body is None else "[[" + body + "]]"
    script = folder / "script.lua"
    script.write_text(_SCRIPT % {"targets": folder / "targets", "method": method, "body": lua_body})
    if pause_ms:
        with script.open("a") as written:
            written.write(f"function delay() return {pause_ms} end\n")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    command += ["-s", str(script), base_url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process, *, may_refuse=False):
    """Return the Result of a started load. Raises when answers were errors, unless they may be."""
    text = process.communicate()[0]
    shutil.rmtree(Path(process.args[process.args.index("-s") + 1]).parent)
    wrong = [line for line in text.splitlines() if "Non-2xx" in line or "Socket errors" in line]
    if process.returncode or (wrong and not may_refuse):
        raise RuntimeError(f"wrk: {text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    count = int(re.search(r"(\d+) requests in", text)[1])
    return Result(count, rate, _latency(text, "50%"), _latency(text, "99%"))


def load(base_url, targets, headers, *, seconds, connections=32, **options):
    return finish(start_load(base_url, targets, headers, seconds=seconds, connections=connections, **options))


def _latency(text, share):
    number, unit = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", text).groups()
    return float(number) * _UNITS[unit]
