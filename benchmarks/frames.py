"""How smoothly Chromium draws a page: what a person sees of it, and what the page's own thread does for that.

Without a graphics card, frames are put together by the processor, beside the page and on the same cores as the
server. So times between frames say as much of the machine as of the page, and the work of the page's thread is told
apart, in processor time: a busy machine makes that longer by half, not by ten times.
"""

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

# All tasks of all threads, and each frame that was put on the screen.
CATEGORIES = ["toplevel", "viz", "__metadata"]
FRAME, TASK, PAGE_THREAD = "DirectRenderer::DrawFrame", "ThreadControllerImpl::RunTask", "CrRendererMain"
LONG_MS = 50
PARTS = {"scripts": "ScriptDuration", "layout": "LayoutDuration", "styles": "RecalcStyleDuration"}


@dataclass
class Frames:
    """What was recorded; all times in milliseconds, those of tasks and of drawing in processor time."""

    gaps: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)
    drawing: float = 0
    parts: dict[str, float] = field(default_factory=dict)

    def gap(self, percent):
        return self.gaps[min(len(self.gaps) - 1, len(self.gaps) * percent // 100)]

    def rows(self, name):
        count = len(self.gaps)
        over = sum(gap > LONG_MS for gap in self.gaps) / count
        work = sum(self.tasks) / count
        parts = ", ".join(f"{part} {spent / count:.1f}" for part, spent in self.parts.items())
        longest = max(self.tasks)
        late = sum(task > LONG_MS for task in self.tasks)
        return [
            (
                f"{name}: between frames, 95 and 99 in 100",
                f"{self.gap(95):.0f}, {self.gap(99):.0f} ms",
                f"< {LONG_MS} ms",
                self.gap(99) < LONG_MS,
            ),
            (f"the same: frames after more than {LONG_MS} ms", f"{over:.1%} of {count}", "", None),
            ("the same: the page's thread, a frame", f"{work:.1f} ms ({parts})", "", None),
            (
                f"the same: its longest task, how many over {LONG_MS} ms",
                f"{longest:.0f} ms, {late}",
                f"< {LONG_MS} ms",
                longest < LONG_MS,
            ),
            (
                "the same: putting a frame together, without the page",
                f"{self.drawing / count:.1f} ms",
                "",
                None,
            ),
        ]


@contextmanager
def recorded(page):
    """Record the frames of what is done meanwhile."""
    browser, session = page.context.browser, page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _metrics(session)
    frames = Frames()
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        yield frames
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
    after = _metrics(session)
    session.detach()
    frames.parts = {part: (after[name] - before[name]) * 1000 for part, name in PARTS.items()}
    _read(events, frames)


def _metrics(session):
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def _read(events, frames):
    main = {
        (e["pid"], e["tid"])
        for e in events
        if e["name"] == "thread_name" and e["args"]["name"] == PAGE_THREAD
    }
    drawn, tasks, seen = [], defaultdict(list), set()
    for event in events:
        if event.get("ph") != "X" or "tdur" not in event:
            continue
        thread = (event["pid"], event["tid"])
        if event["name"] == FRAME and "args" in event and event["ts"] not in seen:
            seen.add(event["ts"])
            drawn.append(event["ts"])
            frames.drawing += event["tdur"] / 1000
        elif event["name"] == TASK and thread in main:
            tasks[thread].append(event["tdur"] / 1000)
    drawn.sort()
    frames.gaps = sorted((after - before) / 1000 for before, after in pairwise(drawn))
    # Other pages of the browser, as the one for new tabs, do next to nothing.
    frames.tasks = max(tasks.values(), key=sum)
