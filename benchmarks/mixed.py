"""JPEGs, HEICs and videos as phones leave them, and the bare script that is the floor of reading them."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.media.stills.heic import write_heic

HEIC_SIZE = (4000, 3000)
VIDEO_SIZE = (1920, 1080)
VIDEO_SECONDS = 6
FRAMES_A_SECOND = 30
OF_EACH = 2
# What comes how often: six in ten are JPEGs, three HEICs, one is a video.
ORDER = ("jpg", "heic", "jpg", "jpg", "heic", "jpg", "mp4", "jpg", "heic", "jpg")

# Decodes, resizes and encodes with the libraries that a scan uses: three pictures of each still; of each video one
# picture and two clips of its first five seconds.
MIXED_FLOOR = """
import io, sys
import av, numpy, pi_heif, pyvips
from pi_heif import options

options.DECODE_THREADS = 1
options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False

def save(image, quality):
    image.webpsave_buffer(Q=quality, effort=2, keep="none")

def still(image):
    big = image.copy_memory()
    square = big.thumbnail_image(16383, height=500, size="down").copy_memory()
    small = square.thumbnail_image(16383, height=250, size="down").copy_memory()
    for each, quality in ((big, 82), (square, 78), (small, 78)):
        save(each, quality)

def heic(path):
    image = pi_heif.open_heif(path)
    pixels = numpy.asarray(image)[:, : image.size[0]]
    still(pyvips.Image.new_from_array(pixels).thumbnail_image(16383, height=1080, size="down"))

def clip(height, first):
    container = av.open(io.BytesIO(), "w", format="mp4")
    stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "26", "g": "60"})
    stream.width, stream.height, stream.pix_fmt = first.width * height // first.height // 2 * 2, height, "yuv420p"
    stream.codec_context.thread_count = 1
    return container, stream

def video(path):
    source = av.open(path)
    source.streams.video[0].codec_context.thread_count = 1
    clips = []
    for count, frame in enumerate(source.decode(video=0)):
        if count == 150:
            break
        if not clips:
            save(pyvips.Image.new_from_array(frame.to_ndarray(format="rgb24")), 82)
            clips = [clip(500, frame), clip(250, frame)]
        for container, stream in clips:
            frame = frame.reformat(stream.width, stream.height, "yuv420p")
            frame.pict_type = 0
            container.mux(stream.encode(frame))
    for container, stream in clips:
        container.mux(stream.encode(None))
        container.close()

for path in sys.argv[1:]:
    if path.endswith("heic"):
        heic(path)
    elif path.endswith("mp4"):
        video(path)
    else:
        still(pyvips.Image.thumbnail(path, 16383, height=1080, size="down"))
"""


def make_mixed(folder: Path, jpegs: list[Path]) -> list[Path]:
    """Write a few HEICs and videos; return them and the JPEGs."""
    made = []
    for number in range(OF_EACH):
        made.append(folder / f"{number}.heic")
        made[-1].write_bytes(write_heic(_pixels(number, HEIC_SIZE), crf=24))
        made.append(folder / f"{number}.mp4")
        _write_video(made[-1], number)
    return [*jpegs, *made]


def add_mixed(sources: list[Path], folder: Path, count: int, *, start: int = 0) -> list[Path]:
    """Write `count` files of different content, made of a few; return them by kind, so that they share out evenly."""
    folder.mkdir()
    by_kind = {kind: [each for each in sources if each.suffix == f".{kind}"] for kind in set(ORDER)}
    paths = []
    for number in range(start, start + count):
        kind = ORDER[number % len(ORDER)]
        source = by_kind[kind][number % len(by_kind[kind])]
        paths.append(folder / f"{number:06}.{kind}")
        mark = struct.pack(">I", number)
        # After the end of a JPEG nobody looks; the other two are made of boxes.
        paths[-1].write_bytes(
            source.read_bytes() + (mark if kind == "jpg" else struct.pack(">I4s", 12, b"free") + mark)
        )
        os.utime(paths[-1], (1_600_000_000 + number, 1_600_000_000 + number))
    return sorted(paths, key=lambda path: path.suffix)


def _pixels(number: int, size: tuple[int, int]) -> np.ndarray:
    """Return soft shapes with some grain (height, width, 3)."""
    random = np.random.default_rng(number)
    soft = Image.fromarray(random.integers(0, 255, (30, 40, 3), np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    grain = random.normal(0, 4, (size[1], size[0], 1))
    return np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)


def _write_video(path: Path, number: int) -> None:
    """Write a film of a slow pan, H.264 of 1080 lines."""
    pixels = _pixels(100 + number, VIDEO_SIZE)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FRAMES_A_SECOND, options={"preset": "ultrafast"})
        stream.width, stream.height = VIDEO_SIZE
        stream.pix_fmt = "yuv420p"
        for step in range(VIDEO_SECONDS * FRAMES_A_SECOND):
            frame = av.VideoFrame.from_ndarray(np.roll(pixels, 4 * step, axis=1), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
