"""JPEG XL: its own orientation is obeyed once, its code points count, its first frame is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pylibjxl
import pytest
import pyvips
from PIL import Image

from librephotos.media.errors import NeedsTurn, UnreadableMedia
from librephotos.media.stills.jxl_header import Header, read_header
from librephotos.media.stills.light import Signal
from tests.media.conftest import CORNERS
from tests.media.stills.rendering import UNDO, corner_colours, is_near, mean_colour, opened, render, shown


class Bits:
    """Writes numbers from the least significant bit on, as the codestream does."""

    def __init__(self) -> None:
        self.number, self.count = 0, 0

    def put(self, *fields: tuple[int, int]) -> Bits:
        for value, width in fields:
            self.number |= value << self.count
            self.count += width
        return self

    def bytes(self) -> bytes:
        return self.number.to_bytes((self.count + 7) // 8, "little")


def choice(form: int, value: int, width: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (form, 2), (value, width)


def enumerated(value: int) -> tuple[tuple[int, int], ...]:
    return ((value, 2),) if value < 2 else choice(2, value - 2, 4) if value < 18 else choice(3, value - 18, 6)


def colours(primaries: int, transfer: int) -> list[tuple[int, int]]:
    """Not the usual, no profile, RGB, white of daylight, primaries, a curve that is no power, an intent."""
    return [
        *((0, 1), (0, 1)),
        *enumerated(0),
        *enumerated(1),
        *enumerated(primaries),
        (0, 1),
        *enumerated(transfer),
        *enumerated(0),
    ]


USUAL = [(1, 1)]
XYB = bytes.fromhex(
    "ff0acb0600138802002401b59f200000152aa38c1bbc9cebf9f24387c5b48deb0c6db56d610963b3bd30"
    "4808800b2e464977315e5358671e409f54c8e9088da4b67302e5c350989507ab0e14f5d067889eb69204"
)
"""64 by 48 pixels of the sRGB colour (133, 178, 101), written by libjxl with loss, in the codec's own colours."""


def with_header(data: bytes, *, orientation: int = 1, says: list[tuple[int, int]] = USUAL) -> bytes:
    """Put another header before the frames of a picture whose sides are 4 to 3, which the library cannot write."""
    found = read_header(data)
    assert found and int.from_bytes(data[2:4], "little") & 1
    size = int.from_bytes(data[2:4], "little") & 0x1FF
    bits = Bits().put((size, 9), (0, 1), (1, 1), (orientation - 1, 3), (0, 1), (0, 1), (0, 1))
    bits.put(
        (0, 1), (0, 2), (1, 1), (0, 2), (int(found.is_xyb), 1)
    )  # 8 bits, small buffers, no further channel
    bits.put(*says)
    bits.put((1, 1), (0, 2), (1, 1))  # tone mapping as usual, no extensions, usual matrices
    return b"\xff\x0a" + bits.bytes() + data[4 if found.is_xyb else 5 :]


def lossless(pixels: np.ndarray) -> bytes:
    return pylibjxl.encode(np.ascontiguousarray(pixels), lossless=True, effort=1)


@pytest.fixture(scope="module")
def pixels(cornered) -> np.ndarray:
    return np.asarray(cornered(160, 120))


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    image = Image.fromarray(upright)
    return np.asarray(image.transpose(UNDO[orientation]) if orientation in UNDO else image)


@pytest.mark.parametrize("orientation", range(1, 5))
def test_a_turned_picture_is_upright_and_was_not_turned_twice(pixels, orientation):
    data = with_header(lossless(stored(pixels, orientation)), orientation=orientation)
    rendering = render(data)
    assert (rendering.looks.width, rendering.looks.height) == (160, 120)
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


@pytest.mark.parametrize("orientation", range(5, 9))
def test_a_picture_on_its_side_is_upright(cornered, orientation):
    portrait = np.asarray(cornered(120, 160))
    rendering = render(with_header(lossless(stored(portrait, orientation)), orientation=orientation))
    assert (rendering.looks.width, rendering.looks.height) == (120, 160)
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


def test_an_exif_block_does_not_turn_it_again(pixels):
    exif = Image.Exif()
    exif[0x0112] = 6
    rendering = render(pylibjxl.encode(pixels, lossless=True, effort=1, exif=exif.tobytes()[6:]))
    assert (rendering.looks.width, rendering.looks.height) == (160, 120)


def test_code_points_are_read_from_the_header(pixels):
    assert read_header(lossless(pixels)) == Header(is_xyb=False, signal=Signal(1, 13))
    assert read_header(XYB) == Header(is_xyb=True, signal=Signal(1, 13))
    assert read_header(with_header(XYB, says=colours(9, 16))) == Header(is_xyb=True, signal=Signal(9, 16))
    assert read_header(with_header(XYB, orientation=7, says=colours(11, 18))).signal == Signal(12, 18)
    exif = pylibjxl.encode(pixels, lossless=True, effort=1, exif=b"II*\0\x08\0\0\0\0\0")
    assert exif[4:8] == b"JXL " and read_header(exif).signal == Signal(1, 13)


def test_pictures_in_wide_primaries_are_brought_to_srgb():
    """(133, 178, 101) in Display P3 is what sRGB calls (120, 180, 90)."""
    flat = lossless(np.full((120, 160, 3), (133, 178, 101), np.uint8))
    assert is_near(mean_colour(shown(flat)), (133, 178, 101), 3)
    assert is_near(mean_colour(shown(with_header(flat, says=colours(11, 13)))), (120, 180, 90), 4)


def test_pictures_in_the_codecs_own_colours_keep_them_whatever_they_are_put_out_as():
    for says in (USUAL, colours(11, 13), colours(9, 13)):
        assert is_near(mean_colour(shown(with_header(XYB, says=says))), (133, 178, 101), 5)


def test_pictures_with_a_profile_are_brought_to_srgb(pixels):
    wide = pyvips.Image.black(8, 8, bands=3).cast("uchar").copy(interpretation="srgb")
    profile = wide.icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    flat = np.full((120, 160, 3), (133, 178, 101), np.uint8)
    data = pylibjxl.encode(flat, lossless=True, effort=1, icc=profile)
    assert is_near(mean_colour(shown(data)), (120, 180, 90), 4)


def test_a_bright_picture_is_told_and_shown():
    steps = np.repeat(np.array([0, 100, 148, 180, 200], np.uint8), 32)
    flat = np.ascontiguousarray(np.broadcast_to(steps[None, :, None], (120, 160, 3)))
    rendering = render(with_header(lossless(flat), says=colours(9, 16)))
    assert rendering.looks.is_hdr
    found = [
        int(np.asarray(opened(rendering.images[0]).convert("L"))[60, 16 + 32 * place]) for place in range(5)
    ]
    assert found[0] <= 3 and 190 <= found[2] <= 240 and found[2] < found[3] < found[4]


@pytest.mark.parametrize("bands", [1, 4])
def test_grey_and_transparent_pictures_are_read(bands):
    flat = np.full((120, 160) if bands == 1 else (120, 160, bands), 100, np.uint8)
    image = shown(lossless(flat))
    assert image.mode == ("RGBA" if bands == 4 else "RGB") and is_near(mean_colour(image), (100, 100, 100), 3)


def test_memory_is_asked_for_before_the_decoding(pixels):
    with pytest.raises(NeedsTurn):
        render(lossless(pixels), beside_bytes=160 * 120 * 12 - 1)
    with pytest.raises(UnreadableMedia, match="too large"):
        render(lossless(pixels), decode_bytes=160 * 120 * 12 - 1)


def test_a_file_cut_short_is_unreadable():
    data = lossless(np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8))
    with pytest.raises(UnreadableMedia):
        render(data[: len(data) // 2])


@pytest.mark.parametrize("length", range(0, 30, 3))
def test_damaged_headers_tell_nothing_and_do_not_raise(length):
    for byte in (0, 0x55, 0xFF):
        read_header(b"\xff\x0a" + bytes((byte,)) * length)
        read_header(XYB[:12] + bytes((byte,)) * length)


def test_a_real_file_is_read(sample_photos: Path):
    looks = render((sample_photos / "formats/jxl/8bit-sRGB.jxl").read_bytes()).looks
    assert (looks.width, looks.height, looks.is_hdr) == (1440, 1080, False)
