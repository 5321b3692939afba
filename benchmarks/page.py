"""Prints how the web page behaves with a large library, in a real Chromium, in one table.

Starts the real server on a synthetic library whose photos share some real thumbnails, signs in, and measures: how
long until the timeline can be used, what is seen while it is scrolled at a person's speed, from top to bottom and after
jumps, how smooth that is, and the memory of the page's process. `python benchmarks/page.py --help` tells the options.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.frames import recorded
from benchmarks.library import fill
from benchmarks.served import PASSWORD
from librephotos.photos.paths import BIG, SQUARE, SQUARE_SMALL, derived_path
from tests.instance import Instance, free_port
from tests.page.browser import FLAGS, find_chromium

NAME = "page"
PICTURES = 24
SIZES = {SQUARE_SMALL: 250, SQUARE: 500, BIG: 1080}
# Rows are 220 pixels high, but the last one of a day may be somewhat higher, and shows the larger ones.
SHOWN = (SQUARE_SMALL, SQUARE)
JUMPS = 20
# As a hand at a wheel scrolls: 2,000 pixels a second.
WHEEL_SPEED, WHEEL_SECONDS = 2_000, 10
# Nothing here fails because others use the machine too.
PATIENCE_MS = 180_000
SETTLE_SECONDS = 5
LONGEST_BLANK_MS = 500
# Of what can be seen: how much of the photos' area is drawn with anything, and how much with the photo itself.
LOOK = """
() => {
  let all = 0, drawn = 0, sharp = 0;
  for (const thumb of document.querySelectorAll('.thumb')) {
    const box = thumb.getBoundingClientRect();
    const height = Math.min(innerHeight, box.bottom) - Math.max(0, box.top);
    if (height <= 0) continue;
    const area = height * box.width;
    all += area;
    if (thumb.querySelector('.picture.loaded')) { sharp += area; drawn += area; }
    else if (thumb.querySelector('.placeholder') || thumb.style.backgroundColor) drawn += area;
  }
  return [all, drawn, sharp];
}
"""
IS_SHARP = f"() => {{ const [all, , sharp] = ({LOOK})(); return all > 0 && sharp === all; }}"
JUMP = """
(share) => {
  scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight));
  return performance.now();
}
"""
# Steps by the clock, not by frames: a slow frame skips, as it does for a wheel.
SCROLL = """
async (seconds) => {
  const look = LOOK;
  const reach = document.documentElement.scrollHeight - innerHeight;
  const began = performance.now();
  let blankSince = 0, longest = 0, drawn = 0, samples = 0;
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    // What the page drew after the last step.
    const [all, seen] = look();
    const share = Math.min(1, (performance.now() - began) / (seconds * 1000));
    scrollTo(0, reach * share);
    samples += 1;
    drawn += all ? seen / all : 0;
    if (all && seen >= all / 2) blankSince = 0;
    else { blankSince ||= now; longest = Math.max(longest, now - blankSince); }
    if (share === 1) return {longest, drawn: drawn / samples, reach};
  }
}
""".replace("LOOK", LOOK.strip())


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--photos", type=int, default=100_000)
    options.add_argument("--days", type=int, default=3_000)
    options.add_argument("--seconds", type=int, default=60, help="for scrolling from top to bottom")
    options.add_argument("--screenshot", type=Path, help="where to put a picture of the timeline in use")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        instance = Instance(
            data, Path(folder) / "library", f"sqlite:///{data / 'librephotos.sqlite'}", whole=True
        )
        instance.start()
        try:
            owner = instance.add_user(NAME, PASSWORD, is_admin=True)
            fill(instance, owner, photos=chosen.photos, days=chosen.days)
            share_thumbnails(instance)
            rows = measure_apart(instance, chosen, Path(folder) / "browser")
        finally:
            instance.stop()
    print("Load of the machine: " + ", ".join(f"{load:.0f}" for load in os.getloadavg()))
    print("| what | measured | target | reached |\n|---|---|---|---|")
    for what, value, target, ok in rows:
        print(f"| {what} | {value} | {target} | {'' if ok is None else 'yes' if ok else 'no'} |")


def share_thumbnails(instance):
    """Give every photo thumbnails: hard links to a few real ones."""
    originals = instance.data / "pictures"
    originals.mkdir()
    for number in range(PICTURES):
        for kind, height in SIZES.items():
            picture = Image.effect_noise((height * 3 // 2, height), 40 + number).convert("RGB")
            tint = Image.new("RGB", picture.size, (number * 4, 255 - number * 3, number * 37 % 256))
            Image.blend(picture, tint, 0.7).save(originals / f"{kind}-{number}.webp", quality=70)
    with closing(sqlite3.connect(instance.database_url.removeprefix("sqlite:///"))) as db:
        photos = db.execute("SELECT image_hash, is_video FROM photo").fetchall()
    for number, (image_hash, is_video) in enumerate(photos):
        for kind in (BIG,) if is_video else SHOWN:  # Videos have a still in one size.
            target = derived_path(instance.data, kind, image_hash)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            os.link(originals / f"{kind}-{number % PICTURES}.webp", target)


def measure_apart(instance, chosen, profile):
    """Measure in a browser of its own.

    Whoever watches a page through the debugger has its answers kept in the page's process: memory is read when nobody
    watches any more.
    """
    port = free_port()
    command = [
        find_chromium(),
        *FLAGS,
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={profile}",
    ]
    browser = subprocess.Popen([*command, "--window-size=1440,900", "about:blank"], stderr=subprocess.DEVNULL)
    try:
        with sync_playwright() as playwright:
            rows = measure(connect(playwright, port), instance, chosen)
        time.sleep(SETTLE_SECONDS)
        megabytes = max(private_bytes(pid) for pid in renderers(profile)) / 1e6
        rows.append(
            (
                "memory of the page's process, without what it shares",
                f"{megabytes:.0f} MB",
                "< 300 MB",
                megabytes < 300,
            )
        )
    finally:
        browser.terminate()
        browser.wait()
    return rows


def connect(playwright, port):
    deadline = time.monotonic() + 30
    while True:
        try:
            return playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        except Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def measure(browser, instance, chosen):
    (context,) = browser.contexts
    (page,) = context.pages
    page.set_default_timeout(PATIENCE_MS)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(instance.base_url)
    page.get_by_label("User name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_function(IS_SHARP)
    rows = [load(page), *wheel(page)]
    if chosen.screenshot:
        page.screenshot(path=chosen.screenshot)
    rows += [*scroll(page, chosen.seconds), jump(page)]
    heap = heap_mb(page)
    return [*rows, ("objects of scripts after all that", f"{heap:.0f} MB", "", None)]


def load(page):
    """Open the page again and again, as it is on a server that has answered the same before."""
    loads = []
    for _ in range(5):
        page.reload(wait_until="commit")
        page.wait_for_function(IS_SHARP, polling=10)
        loads.append(page.evaluate("performance.now()") / 1000)
    median = sorted(loads)[2]
    return "address to all pictures in sight, median of five", f"{median:.2f} s", "< 1.0 s", median < 1


def wheel(page):
    session = page.context.new_cdp_session(page)
    gesture = {"x": 600, "y": 450, "speed": WHEEL_SPEED, "gestureSourceType": "mouse"}
    with recorded(page) as frames:
        session.send("Input.synthesizeScrollGesture", {**gesture, "yDistance": -WHEEL_SPEED * WHEEL_SECONDS})
    session.detach()
    return frames.rows(f"{WHEEL_SPEED:,} pixels a second for {WHEEL_SECONDS} s")


def scroll(page, seconds):
    """Fly from top to bottom. What is looked at after each frame is work of the page's thread, too."""
    with recorded(page) as frames:
        seen = page.evaluate(SCROLL, seconds)
    page.wait_for_function(IS_SHARP)
    longest, screens = seen["longest"], seen["reach"] / 900
    name = f"{screens:,.0f} screens in {seconds} s"
    is_filled = longest < LONGEST_BLANK_MS
    return [
        (f"{name}: longest half blank", f"{longest:.0f} ms", f"< {LONGEST_BLANK_MS} ms", is_filled),
        ("the same: share of the photos' area drawn", f"{seen['drawn']:.0%}", "", None),
        *frames.rows(name),
    ]


def jump(page):
    waits = []
    for number in range(JUMPS):
        began = page.evaluate(JUMP, (number * 7 + 3) % JUMPS / JUMPS)
        page.wait_for_function(IS_SHARP, polling=10)
        waits.append(page.evaluate("performance.now()") - began)
    median = sorted(waits)[JUMPS // 2]
    return f"after a jump until all in sight is sharp, median of {JUMPS}", f"{median:.0f} ms", "", None


def heap_mb(page):
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6


def renderers(profile):
    """Give the processes of this browser that draw pages."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "--type=renderer" in command and str(profile) in parents_command(int(folder.name)):
            yield int(folder.name)


def parents_command(pid):
    """Return the command lines of a process and of all above it."""
    found = ""
    while pid > 1:
        try:
            found += Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


def private_bytes(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    lines = (line.split() for line in text.splitlines())
    return sum(int(line[1]) * 1024 for line in lines if line[0] in ("Private_Clean:", "Private_Dirty:"))


if __name__ == "__main__":
    main()
