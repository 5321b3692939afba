"""What is read of plain JPEGs without ExifTool is what ExifTool reads of them."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from librephotos.media.exiftool import ExifTool
from librephotos.media.plain_jpeg import read_plain_jpeg
from librephotos.media.tags import FACT_TAGS, KEPT_TAGS

ASKED = [*FACT_TAGS, *KEPT_TAGS]


def written(exif: dict[int, Any] | None = None, *, mode: str = "RGB", **options: Any) -> bytes:
    """Return a JPEG of 24 x 16 pixels with an Exif block of these tags, if any."""
    if exif is not None:
        block = Image.Exif()
        for tag, value in exif.items():
            block[tag] = value
        options["exif"] = block
    stream = io.BytesIO()
    Image.new(mode, (24, 16)).save(stream, format="JPEG", **options)
    return stream.getvalue()


PLAIN = {
    "nothing": written(),
    "grey": written(mode="L"),
    "progressive": written(progressive=True),
    "described": written({0x010E: "holidays", 0x0131: "a program 1.0"}),
    "short text": written({0x010E: "a"}),
    "resolution": written({0x011A: 72.0, 0x011B: 72.0, 0x0128: 2, 0x0213: 1}, dpi=(300, 300)),
    **{f"turned {value}": written({0x0112: value}) for value in range(1, 9)},
    "more behind": written({0x0112: 6}) + b"\0" * 100 + b"MotionPhoto_Data and the like",
    "cut short": written({0x0112: 6})[:-4],
}
MORE_TO_READ = {
    "inks": written(mode="CMYK"),
    "camera": written({0x0110: "Model X"}),
    "time": written({0x8769: {0x9003: "2023:07:01 14:05:09"}}),
    "position": written({0x8825: {1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 15.0, 0.0)}}),
    "rating": written({0x4746: 4}),
    "modified": written({0x0132: "2023:07:01 14:05:09"}),
    "profile": written(icc_profile=b"\0" * 128),
    "comment": written(comment=b"hello"),
    "packet": written(xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"),
    "no turn": written({0x0112: 9}),
    "header alone": written()[:30],
    "other picture": b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_jpeg_is_read_as_exiftool_reads_it(exiftool: ExifTool, stored, name):
    path = stored(b"a.JPG", PLAIN[name])
    found = read_plain_jpeg(path, PLAIN[name], ASKED)
    assert found is not None and found == exiftool.read(path, ASKED)


@pytest.mark.parametrize("name", MORE_TO_READ)
def test_whatever_may_tell_more_is_left_to_exiftool(name):
    assert read_plain_jpeg(b"/a.jpg", MORE_TO_READ[name], ASKED) is None


def test_other_names_and_other_tags_are_left_to_exiftool():
    assert read_plain_jpeg(b"/a.jps", PLAIN["nothing"], ASKED) is None
    assert read_plain_jpeg(b"/a.jpg", PLAIN["nothing"], [*ASKED, "JFIF:XResolution"]) is None


def test_of_damaged_headers_exiftool_reads_the_same(exiftool: ExifTool, stored):
    chance = random.Random(1)
    sources = [PLAIN[name] for name in ("nothing", "described", "resolution", "turned 6")]
    read = 0
    for number in range(160):
        content = bytearray(sources[number % len(sources)])
        for _ in range(chance.randrange(1, 3)):
            content[chance.randrange(2, min(len(content), 200))] = chance.choice(
                [0, 1, 2, 8, 0xFF, chance.randrange(256)]
            )
        found = read_plain_jpeg(b"/a.jpg", bytes(content), ASKED)
        if found is not None:
            read += 1
            assert found == exiftool.read(stored(b"a.jpg", bytes(content)), ASKED), bytes(content).hex()
    assert read > 20
