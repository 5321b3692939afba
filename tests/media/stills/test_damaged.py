"""Bombs and damaged files, through the processes of a pool: each costs one photo and says why."""

from __future__ import annotations

import io
import os
import random
import struct
import zlib

import numpy as np
import psutil
import pylibjxl
import pytest
from PIL import Image

from librephotos.media.pool import Pool
from librephotos.media.process import Outcome, Request, process_files
from tests.media.stills.dng import write_dng
from tests.media.stills.heic import write_heic


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    """One small file of each kind, with noise so that damage meets data."""
    noise = np.random.default_rng(5).integers(0, 255, (90, 120, 3), np.uint8)
    image = Image.fromarray(noise)
    files = {}
    kinds = {"jpg": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF", "tif": "TIFF", "avif": "AVIF"}
    for extension, kind in (kinds | {"bmp": "BMP", "jp2": "JPEG2000"}).items():
        out = io.BytesIO()
        image.save(out, kind)
        files[extension] = out.getvalue()
    return files | {
        "heic": write_heic(noise),
        "jxl": pylibjxl.encode(noise, effort=1),
        "dng": write_dng(noise),
    }


def read_all(pool: Pool, folder, files: dict[str, bytes]) -> dict[str, Outcome]:
    requests = []
    for name, data in files.items():
        path = os.fsencode(folder / name)
        with open(path, "wb") as file:
            file.write(data)
        requests.append(Request(path, render_to=os.fsencode(folder / "derived"), read_metadata=False))
    outcomes = {os.fsdecode(os.path.basename(o.path)): o for o in process_files(pool, requests)}
    assert set(outcomes) == set(files)
    return outcomes


def damaged(samples: dict[str, bytes], count: int, *, seed: int) -> dict[str, bytes]:
    """Files with bytes changed, cut out, doubled, or cut off, each under some kind's name."""
    chance = random.Random(seed)
    files = {}
    for number in range(count):
        extension = chance.choice(sorted(samples))
        data = bytearray(samples[extension])
        for _ in range(chance.randint(1, 12)):
            place = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 300))
            match chance.randrange(4):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    data[place : place + 4] = chance.choice(
                        (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff")
                    )
                case 2:
                    del data[place : place + chance.randint(1, 40)]
                case _:
                    data[place:place] = data[max(0, place - 50) : place]
            data = data or bytearray(b"\0")
        if chance.random() < 0.3:
            data = data[: chance.randrange(len(data) + 1)]
        named = extension if chance.random() < 0.8 else chance.choice(sorted(samples))
        files[f"{number}.{named}"] = bytes(data)
    return files


def check_each_is_told(outcomes: dict[str, Outcome]) -> None:
    for name, outcome in outcomes.items():
        if outcome.pixels.state == "done":
            assert outcome.looks and outcome.thumbnail_name
        else:
            reason = outcome.pixels.reason or outcome.read.reason
            assert reason and reason.endswith(".") and "Traceback" not in reason, name
            assert outcome.looks is None


def test_every_kind_is_read_by_a_process_whatever_its_name_says(samples, tmp_path):
    files = {f"right.{extension}": data for extension, data in samples.items()}
    files |= {f"{extension}.txt": data for extension, data in samples.items() if extension != "dng"}
    with Pool(2) as pool:
        outcomes = read_all(pool, tmp_path, files)
    for name, outcome in outcomes.items():
        assert outcome.pixels.state == "done", (name, outcome.pixels.reason)
        assert (outcome.looks.width, outcome.looks.height) == (120, 90)


def test_damaged_files_cost_one_photo_each_and_processes_are_replaced(samples, tmp_path):
    others = set(psutil.Process().children())
    with Pool(2, most_calls=60) as pool:
        outcomes = read_all(pool, tmp_path, damaged(samples, 300, seed=11))
        assert len(set(psutil.Process().children()) - others) <= 2
    check_each_is_told(outcomes)
    assert {outcome.pixels.state for outcome in outcomes.values()} >= {"done", "failed"}


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_thousands_of_damaged_files_never_stop_a_scan_and_it_never_grows(samples, tmp_path):
    others = set(psutil.Process().children())
    with Pool(2) as pool:
        most = 0
        for seed in range(20):
            check_each_is_told(read_all(pool, tmp_path, damaged(samples, 500, seed=seed)))
            ours = set(psutil.Process().children()) - others
            most = max([most, *(child.memory_info().rss for child in ours)])
        assert most < 500 * 1024**2


def png_claiming(width: int, height: int, depth: int = 8, colours: int = 2) -> bytes:
    chunks = b""
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
    ):
        chunks += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunks


def endless_gif(frames: int) -> bytes:
    """One small picture, then the same frame again and again without an end."""
    head = b"GIF89a" + struct.pack("<HH", 40, 30) + b"\x80\0\0" + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return head + frame * frames


def large_gif() -> bytes:
    size = struct.pack("<HH", 65535, 65535)
    frame = b"\x2c" + bytes(4) + size + b"\0\x02\x02\x44\x01\0"
    return b"GIF89a" + size + b"\x80\0\0" + bytes(6) + frame + b";"


def test_bombs_cost_one_photo_each(samples, tmp_path):
    heic = bytearray(samples["heic"])
    place = heic.index(b"ispe") + 8
    heic[place : place + 8] = struct.pack(">II", 60_000, 60_000)
    bombs = {
        "pixels.png": png_claiming(50_000, 50_000),
        "bits.png": png_claiming(200_000, 200_000, 1, 0),
        "deep.png": png_claiming(20_000, 20_000, 16, 6),
        "frames.gif": endless_gif(200_000),
        "canvas.gif": large_gif(),
        "claims.heic": bytes(heic),
        "nothing.heic": samples["heic"][:200],
        "name.jpg": samples["heic"],
        "zeros.dng": bytes(50_000),
        "noise.nef": random.Random(3).randbytes(50_000),
        "text.png": b"just text",
    }
    with Pool(2) as pool:
        outcomes = read_all(pool, tmp_path, bombs | {"good.jpg": samples["jpg"]})
    check_each_is_told(outcomes)
    assert outcomes["good.jpg"].pixels.state == outcomes["name.jpg"].pixels.state == "done"
    for name in ("pixels.png", "bits.png", "canvas.gif"):
        assert "too large" in (outcomes[name].pixels.reason or ""), name
    for name in ("claims.heic", "nothing.heic", "zeros.dng", "noise.nef", "deep.png"):
        assert outcomes[name].pixels.state == "failed", name
