"""The varieties of JPEG, PNG and TIFF: inks, deep and wide numbers, odd palettes."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import pyvips
from PIL import Image

from librephotos.media.errors import NeedsTurn, UnreadableMedia
from tests.media.stills.rendering import is_near, mean_colour, opened, render, shown


def tiff(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "TIFF")
    return out.getvalue()


def colour_tiff(value: float, band_format: str, interpretation: str) -> bytes:
    image = pyvips.Image.black(60, 40, bands=3).linear(1, [value] * 3).cast(band_format)
    return image.copy(interpretation=interpretation).write_to_buffer(".tif")


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("has_profile", [False, True])
def test_inks_become_light_with_and_without_a_profile(encoded, kind, has_profile):
    """Pillow writes JPEGs of inks as Adobe does, inverted and marked so."""
    inks = Image.new("CMYK", (64, 48), (0, 255, 255, 0))
    profile = pyvips.Image.profile_load("cmyk")
    options = {"icc_profile": bytes(profile)} if has_profile else {}
    red, green, blue = mean_colour(shown(encoded(inks, kind, **options)))
    assert red > 200 and green < 80 and blue < 80
    assert is_near(mean_colour(shown(encoded(Image.new("CMYK", (64, 48)), kind, **options))), (255,) * 3, 4)


def test_a_damaged_profile_of_inks_does_not_cost_the_picture(encoded):
    data = encoded(Image.new("CMYK", (64, 48), (0, 255, 255, 0)), icc_profile=b"nonsense" * 40)
    red, green, _ = mean_colour(shown(data))
    assert red > 200 and green < 80


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_gradient_of_sixteen_bits_has_no_bands(kind):
    ramp = np.linspace(8000, 16000, 900).astype(np.uint16)
    image = pyvips.Image.new_from_array(np.broadcast_to(ramp, (60, 900)).copy()).cast("ushort")
    data = image.copy(interpretation="grey16").write_to_buffer(f".{kind.lower()}")
    levels = np.asarray(shown(data).convert("L"))[30].astype(int)
    assert np.diff(levels).max() <= 2 and len(set(levels.tolist())) >= 24


def test_floating_numbers_are_light():
    assert is_near(mean_colour(shown(colour_tiff(0.5, "float", "scrgb"))), (188, 188, 188), 3)
    assert is_near(mean_colour(shown(tiff(np.full((40, 60), 0.5, np.float32)))), (188, 188, 188), 3)


def test_floating_numbers_over_white_are_not_clipped():
    ramp = np.linspace(0, 20, 600, dtype=np.float32)
    image = pyvips.Image.new_from_array(np.broadcast_to(ramp, (60, 600)).copy()).cast("float")
    data = image.bandjoin([image, image]).copy(interpretation="scrgb").write_to_buffer(".tif")
    levels = np.asarray(shown(data).convert("L"))[30].astype(int)
    assert levels[30] + 8 < levels[100] < levels[300] <= levels[-1] and levels[30] < 240


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_numbers_that_are_no_light_are_stretched(kind):
    ramp = np.broadcast_to(np.linspace(-500, 8848, 60), (40, 60)).astype(kind)
    levels = np.asarray(shown(tiff(ramp)).convert("L"))[20]
    assert levels[0] < 5 and levels[-1] > 250 and 110 < levels[30] < 145


@pytest.mark.parametrize("space", ["lab", "labs"])
def test_colours_of_lab_are_converted(space):
    image = pyvips.Image.black(60, 40, bands=3).linear(1, [200, 100, 50]).cast("uchar")
    data = image.copy(interpretation="srgb").colourspace(space).write_to_buffer(".tif")
    assert is_near(mean_colour(shown(data)), (200, 100, 50), 4)


def test_lab_of_eight_bits_is_a_variety_that_is_not_read(encoded):
    with pytest.raises(UnreadableMedia, match="variety"):
        render(encoded(Image.new("LAB", (60, 40), (128, 10, 10)), "TIFF"))


def test_numbers_that_are_no_numbers_do_not_raise():
    odd = np.full((40, 60), np.nan, np.float32)
    odd[0, 0], odd[1, 1] = np.inf, -np.inf
    assert shown(tiff(odd)).size == (60, 40)


def test_wide_whole_numbers_of_one_value_are_grey():
    assert is_near(mean_colour(shown(colour_tiff(2**31, "uint", "srgb"))), (128, 128, 128), 3)


def with_code_points(png: bytes, primaries: int, transfer: int) -> bytes:
    body = b"cICP" + bytes((primaries, transfer, 0, 1))
    chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]


@pytest.mark.parametrize("is_deep", [False, True])
def test_code_points_of_a_png_count(encoded, is_deep):
    flat = (
        pyvips.Image.black(60, 40, bands=3)
        .linear(1, [133, 178, 101])
        .cast("uchar")
        .copy(interpretation="srgb")
    )
    image = (
        flat.cast("ushort").linear(257, 0).cast("ushort").copy(interpretation="rgb16") if is_deep else flat
    )
    png = image.write_to_buffer(".png", keep="none")
    assert is_near(mean_colour(shown(with_code_points(png, 1, 13))), (133, 178, 101), 3)
    assert is_near(mean_colour(shown(with_code_points(png, 12, 13))), (120, 180, 90), 4)
    bright = render(with_code_points(png, 9, 16))
    assert bright.looks.is_hdr and not render(png).looks.is_hdr
    assert mean_colour(opened(bright.images[0]))[1] > 200


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["1", "P", "L", "LA"])
def test_pictures_of_few_colours_are_read(encoded, kind, mode):
    data = encoded(Image.new("RGB", (64, 48), (255, 255, 255)).convert(mode), kind)
    assert is_near(mean_colour(shown(data)), (255, 255, 255), 3)


def test_a_palette_keeps_its_transparent_colour(encoded):
    image = Image.new("P", (64, 48), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    assert shown(encoded(image, "PNG", transparency=0)).getpixel((5, 5))[3] == 0


def test_of_several_pages_the_first_is_shown(encoded):
    pages = [Image.new("RGB", (60, 40), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert opened(render(data).images[0]).size == (60, 40)
    assert is_near(mean_colour(shown(data)), (200, 0, 0), 6)


def test_a_picture_of_two_hundred_megapixels_takes_its_turn_and_is_read(encoded):
    data = encoded(Image.new("L", (20_000, 10_000), 90), quality=60)
    with pytest.raises(NeedsTurn):
        render(data, beside_bytes=150 * 1024**2)
    looks = render(data).looks
    assert (looks.width, looks.height) == (20_000, 10_000)


def test_a_directory_that_leads_back_to_itself_ends(encoded):
    data = bytearray(encoded(Image.new("RGB", (60, 40), (9, 9, 9)), "TIFF"))
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    data[first + 2 + 12 * count : first + 6 + 12 * count] = first.to_bytes(4, "little")
    try:
        assert render(bytes(data)).looks.width == 60
    except UnreadableMedia as error:
        assert error.reason


def test_twenty_thousand_directories_end(encoded):
    entries = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 4, 279: 16}
    table = len(entries).to_bytes(2, "little")
    for tag, value in entries.items():
        table += tag.to_bytes(2, "little") + (4).to_bytes(2, "little") + (1).to_bytes(4, "little")
        table += value.to_bytes(4, "little")
    out, start, step = bytearray(b"II*\0" + (24).to_bytes(4, "little") + bytes(16)), 24, len(table) + 4
    for number in range(20_000):
        out += table + (start + step * (number + 1) if number < 19_999 else 0).to_bytes(4, "little")
    try:
        assert render(bytes(out)).looks.width == 4
    except UnreadableMedia as error:
        assert error.reason
