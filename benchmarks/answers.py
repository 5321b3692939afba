"""Where the time of an answer goes: the application alone, in this process, without a server or a network.

`python benchmarks/answers.py` prints microseconds for an answer of each kind; with `--of "day page"` also the functions
that they are spent in. The figures are of processor time, and the best of several rounds, so that they hold on a
machine that others use too. A library is made in a folder that is kept with `--keep FOLDER` for the next run.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.library import Library, fill
from tests.instance import KEY, Instance

ROUNDS = 7
CALLS = 400


def prepare(folder, photos, days):
    """Return the settings' environment, the owner's token and what to ask for."""
    data = folder / "data"
    instance = Instance(data, folder / "library", f"sqlite:///{data / 'librephotos.sqlite'}", whole=True)
    stored = folder / "asked.txt"
    is_new = not stored.exists()
    if is_new:
        instance.start()
        instance.stop()
    owner = instance.add_user(f"owner-{os.getpid()}" if not is_new else "owner", is_admin=True)
    if is_new:
        made = fill(instance, owner, photos=photos, days=days)
        lines = (made.uuids, map(str, made.full_days), made.with_thumbnails)
        stored.write_text("\n".join(" ".join(line) for line in lines) + f"\n{owner.user_id} {owner.sid}\n")
    uuids, full_days, hashes, (user_id, sid) = (line.split() for line in stored.read_text().splitlines())
    access = instance.signer.mint_access({"user_id": user_id, "name": "owner", "sid": sid}).text
    instance.port = 1
    return instance.settings, access, Library(uuids, [int(day) for day in full_days], hashes)


def cases_of(library, access):
    bearer = [(b"authorization", f"Bearer {access}".encode())]
    cookie = [(b"cookie", f"jwt={access}".encode())]
    photos = [f"/api/photos/{uuid}/" for uuid in library.uuids]
    pages = [f"/api/photos/?page={page}&page_size=100" for page in range(1, 451)]
    days = [f"/api/albums/date/{day}/" for day in library.full_days]
    small = [f"/media/square_thumbnails_small/{each}.webp" for each in library.with_thumbnails]
    return {
        "rqavailable": (["/api/rqavailable/"], bearer),
        "photo detail": (photos, bearer),
        "day page": (days, bearer),
        "photo list": (pages, bearer),
        "date list": (["/api/albums/date/list/"], bearer),
        "thumbnail": (small, cookie),
    }


async def ask(app, target, headers):
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(b"host", b"127.0.0.1"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
        "extensions": {},
        "state": {},
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200, (target, sent)


async def rounds(app, targets, headers):
    """Return the least processor time of one answer, in microseconds."""
    best, at = float("inf"), 0
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(CALLS):
            at = (at + 1) % len(targets)
            await ask(app, targets[at], headers)
            # As under a server: what waits for the end of this turn has it.
            await asyncio.sleep(0)
        best = min(best, (time.process_time() - started) / CALLS)
    return best * 1_000_000


async def run(app, cases, of):
    for name, (targets, headers) in cases.items():
        if of and of not in name:
            continue
        for target in targets[:50]:
            await ask(app, target, headers)
        print(f"{name:<16}{await rounds(app, targets, headers):9.1f} µs")
        if of:
            profile = cProfile.Profile()
            profile.enable()
            for number in range(2000):
                await ask(app, targets[number % len(targets)], headers)
                await asyncio.sleep(0)
            profile.disable()
            pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--of", default="", help="profile the cases whose name holds this text")
    parser.add_argument("--photos", type=int, default=50_000, help="photos in the library (50000)")
    parser.add_argument("--days", type=int, default=1_500, help="days that they were taken on (1500)")
    parser.add_argument("--keep", type=Path, help="folder of the library, made where there is none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        environment, access, library = prepare(options.keep or Path(name), options.photos, options.days)
        os.environ.update(environment)
        assert os.environ["LIBREPHOTOS_SECRET_KEY"] == KEY
        from librephotos.app import create

        asyncio.run(run(create(), cases_of(library, access), options.of))


if __name__ == "__main__":
    main()
