"""Prints the rate of the file pool on 12 MP JPEGs as a ratio of its floor.

Floor: a bare script that only decodes, resizes and encodes the same files with the same library on as many
processes. Usage: `python benchmarks/decode.py [count] [processes] [exiftool]`. Target: 0.75.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from librephotos.media.pool import Pool
from librephotos.media.process import Request, process_files

SIZES = ((4000, 3000), (6000, 4000))
FLOOR = """
import pyvips, sys
for path in sys.argv[1:]:
    big = pyvips.Image.thumbnail(path, 16383, height=1080, size="down").copy_memory()
    square = big.thumbnail_image(16383, height=500, size="down").copy_memory()
    small = square.thumbnail_image(16383, height=250, size="down").copy_memory()
    for image, quality in ((big, 82), (square, 78), (small, 78)):
        image.webpsave_buffer(Q=quality, effort=2, keep="none")
"""


def make_photos(folder: Path, count: int) -> list[Path]:
    """Write JPEGs of 12 and 24 megapixels in turn, with soft shapes and some grain, Exif and GPS; each is different."""
    paths = []
    for number in range(count):
        width, height = SIZES[number % len(SIZES)]
        random = np.random.default_rng(number)
        soft = Image.fromarray(random.integers(0, 255, (30, 40, 3), np.uint8)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        grain = random.normal(0, 6, (height, width, 1))
        pixels = np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)
        paths.append(folder / f"{number:04}.jpg")
        Image.fromarray(pixels).save(paths[-1], quality=88, exif=_exif(number))
    return paths


def _exif(number: int) -> Image.Exif:
    """Camera, settings, time and place (Exif 2.32, tables 4 to 15)."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Benchmark", "Bench 1", 1
    exif[0x8769] = {
        0x9003: f"2024:{number % 12 + 1:02}:{number % 28 + 1:02} 12:{number % 60:02}:00",
        0x829A: 1 / 250,
        0x829D: 2.8,
        0x8827: 200,
        0x920A: 35.0,
    }
    exif[0x8825] = {1: "N", 2: (52.0, number % 60, 30.0), 3: "E", 4: (13.0, number % 60, 15.0)}
    return exif


def floor_rate(paths: list[Path], processes: int, script: str = FLOOR) -> float:
    """Return photos a second of a bare script, start-up excluded by a first run on nothing."""
    environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
    spent = []
    for share in ([], paths):
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                [sys.executable, "-c", script, *map(str, share[start::processes])], env=environment
            )
            for start in range(processes)
        ]
        assert not any(process.wait() for process in running)
        spent.append(time.perf_counter() - started)
    return len(paths) / (spent[1] - spent[0])


def pool_rate(paths: list[Path], processes: int, exiftool: str | None, folder: Path) -> float:
    """Return photos a second of everything a scan does with a file, processes already warm."""
    target = os.fsencode(folder / "thumbnails")
    requests = [Request(os.fsencode(path), render_to=target, exiftool=exiftool) for path in paths]
    with Pool(processes) as pool:
        assert all(
            outcome.pixels.state == "done" for outcome in process_files(pool, requests[: 2 * processes])
        )
        started = time.perf_counter()
        outcomes = list(process_files(pool, requests))
        spent = time.perf_counter() - started
    states = [(outcome.pixels.state, outcome.metadata.state) for outcome in outcomes]
    assert states == [("done", "done")] * len(paths), set(states)
    print(f"metadata by {outcomes[0].facts.reader if outcomes[0].facts else None}")
    return len(paths) / spent


def main() -> None:
    """Measure floor, pool, floor again, and print the ratio against the better floor."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count() or 1
    exiftool = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as name:
        paths = make_photos(Path(name), count)
        print(
            f"{count} JPEGs of 12 and 24 MP, {sum(path.stat().st_size for path in paths) / count / 1e6:.1f} MB each"
        )
        first = floor_rate(paths, processes)
        reached = pool_rate(paths, processes, exiftool, Path(name))
        floor = max(first, floor_rate(paths, processes))
    print(f"floor {floor:.1f}/s, pool {reached:.1f}/s on {processes} processes, ratio {reached / floor:.2f}")


if __name__ == "__main__":
    main()
