"""The three WebPs and the looks that come from one decode."""

from __future__ import annotations

import os
import random
import struct
import zlib

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from librephotos.media.errors import UnreadableMedia
from librephotos.media.formats import JPEG
from librephotos.media.stills.render import render_still
from librephotos.media.thumbnails import colour_text
from tests.media.conftest import CORNERS
from tests.media.stills.rendering import UNDO, corner_colours, is_near, opened, render


def bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to no data."""
    chunks = b""
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
    ):
        chunks += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_heights_are_bounded_and_the_aspect_is_kept(encoded):
    rendering = render(encoded(Image.new("RGB", (3000, 2000), (10, 200, 30))))
    assert [opened(image).size for image in rendering.images] == [(1620, 1080), (750, 500), (375, 250)]
    assert (rendering.looks.width, rendering.looks.height, rendering.looks.aspect_ratio) == (3000, 2000, 1.5)


def test_small_pictures_are_never_enlarged(encoded):
    rendering = render(encoded(Image.new("RGB", (320, 300))))
    assert [opened(image).size for image in rendering.images] == [(320, 300), (320, 300), (267, 250)]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright_and_only_once(cornered, encoded, orientation, kind):
    upright = cornered(800, 600)
    stored = upright.transpose(UNDO[orientation]) if orientation in UNDO else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    rendering = render(encoded(stored, kind, quality=95, exif=exif))
    assert (rendering.looks.width, rendering.looks.height) == (800, 600)
    for image in map(opened, rendering.images):
        assert image.width > image.height
        assert all(map(is_near, corner_colours(image), CORNERS))
        assert image.getexif() == {}


@pytest.mark.parametrize("cut", [2, 200, 0.5, 0.9])
def test_a_jpeg_cut_short_is_unreadable(encoded, cut):
    # The same noise each time: where its last bits fall decides whether two bytes are missed at all.
    noise = Image.frombytes("L", (1200, 900), random.Random(1).randbytes(1200 * 900))
    data = encoded(noise.convert("RGB"))
    length = len(data) - cut if isinstance(cut, int) else int(len(data) * cut)
    with pytest.raises(UnreadableMedia, match="cut short"):
        render(data[:length])


@pytest.mark.parametrize("kind", ["PNG", "WebP", "GIF", "TIFF"])
def test_other_formats_cut_short_are_unreadable(encoded, kind):
    data = encoded(Image.effect_noise((600, 400), 60).convert("P" if kind == "GIF" else "RGB"), kind)
    with pytest.raises(UnreadableMedia):
        render(data[: len(data) // 2])


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + bytes(500), b"GIF89a", random.Random(7).randbytes(64)],
)
def test_damaged_data_is_unreadable(data):
    with pytest.raises(UnreadableMedia):
        render(data)


def test_a_decompression_bomb_is_refused_by_what_it_claims():
    with pytest.raises(UnreadableMedia, match=r"60000 by 60000 pixels would need 10\.1 GiB"):
        render(png_header(60000, 60000))


def test_the_memory_budget_is_a_parameter(encoded):
    with pytest.raises(UnreadableMedia, match="too large"):
        render(encoded(Image.new("RGB", (1000, 1000))), decode_bytes=2_000_000)


def test_a_progressive_jpeg_counts_for_more(encoded):
    data = encoded(Image.new("RGB", (1000, 1000)), progressive=True)
    with pytest.raises(UnreadableMedia, match="too large"):
        render(data, decode_bytes=5_000_000)
    assert render(data, decode_bytes=10_000_000)


def test_a_panorama_is_scaled_down_to_what_webp_can_hold(encoded):
    rendering = render(encoded(Image.new("RGB", (40000, 1000), (200, 30, 30))))
    assert opened(rendering.images[0]).size == (16383, 410)
    assert rendering.looks.aspect_ratio == 39.96


def test_a_very_tall_picture_has_an_aspect_that_is_not_zero(encoded):
    rendering = render(encoded(Image.new("RGB", (10, 30000)), "PNG"))
    assert rendering.looks.aspect_ratio == 0.01


def test_one_pixel_is_a_picture(encoded):
    assert render(encoded(Image.new("RGB", (1, 1)), "PNG")).looks.aspect_ratio == 1.0


def test_a_cmyk_jpeg_keeps_its_colours(encoded):
    data = encoded(Image.new("CMYK", (400, 300), (0, 255, 255, 0)), quality=95)
    colour = corner_colours(opened(render(data).images[0]))[0]
    assert colour[0] > 200 and colour[1] < 70 and colour[2] < 70


def test_sixteen_bits_become_eight(encoded):
    shades = np.full((300, 400), 32768, np.uint16)
    image = opened(render(encoded(Image.fromarray(shades), "PNG")).images[0])
    assert image.mode == "RGB" and is_near(corner_colours(image)[0], (128, 128, 128), 3)


def test_sixteen_bits_with_transparency_become_eight():
    image = pyvips.Image.black(40, 30, bands=4).linear(1, [65535, 0, 0, 32768]).cast("ushort")
    data = image.copy(interpretation="rgb16").write_to_buffer(".png")
    shown = opened(render(data).images[0])
    assert shown.mode == "RGBA" and is_near(shown.getpixel((20, 15)), (255, 0, 0, 128), 4)


def test_transparency_is_kept(encoded):
    image = opened(render(encoded(Image.new("RGBA", (400, 300), (255, 0, 0, 0)), "PNG")).images[2])
    assert image.mode == "RGBA" and image.getpixel((5, 5))[3] == 0


def test_grey_pictures_become_webp(encoded):
    assert opened(render(encoded(Image.new("L", (400, 300), 90))).images[0]).getpixel((9, 9))[0] in range(
        86, 95
    )


@pytest.mark.parametrize("kind", ["GIF", "WebP"])
def test_an_animation_shows_its_first_frame(encoded, kind):
    frames = [Image.new("RGB", (200, 100), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    rendering = render(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    shown = opened(rendering.images[0])
    assert shown.size == (200, 100) and getattr(shown, "n_frames", 1) == 1
    assert is_near(corner_colours(shown)[0], (255, 0, 0), 40)


def test_a_profile_is_converted_and_dropped(encoded):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = encoded(Image.new("RGB", (400, 300), (200, 100, 50)), "PNG")
    profiled = encoded(Image.new("RGB", (400, 300), (200, 100, 50)), "PNG", icc_profile=lab)
    for data in (plain, profiled):
        shown = opened(render(data).images[0])
        assert "icc_profile" not in shown.info and is_near(corner_colours(shown)[0], (200, 100, 50), 6)


def test_wide_gamut_colours_are_brought_to_srgb():
    wide = (
        pyvips.Image.black(40, 30, bands=3)
        .linear(1, [120, 180, 90])
        .cast("uchar")
        .copy(interpretation="srgb")
    )
    data = wide.icc_transform("p3", input_profile="srgb").write_to_buffer(".png")
    assert is_near(corner_colours(opened(render(data).images[0]))[0], (120, 180, 90), 6)


def test_a_damaged_profile_does_not_cost_the_picture(encoded):
    data = encoded(Image.new("RGB", (400, 300), (200, 100, 50)), icc_profile=b"nonsense" * 40)
    assert is_near(corner_colours(opened(render(data).images[0]))[0], (200, 100, 50), 6)


def test_no_metadata_survives(jpeg):
    for image in render(jpeg).images:
        assert b"Model X" not in image and b"EXIF" not in image and b"XMP" not in image


def test_blocked_formats_are_not_decoded(sample_photos):
    for data in (b"P6 2 2 255 " + bytes(12), (sample_photos / "formats/heic/IMG_2682.heic").read_bytes()):
        with pytest.raises(UnreadableMedia):
            render_still(data, JPEG)


def test_the_dominant_colour_is_that_of_most_pixels(encoded):
    image = Image.new("RGB", (400, 300), (20, 160, 60))
    image.paste((250, 0, 0), (0, 0, 80, 80))
    looks = render(encoded(image, "PNG")).looks
    assert is_near(looks.dominant_colour, (20, 160, 60), 6)
    assert colour_text((1, 160, 255)) == "#01a0ff"


def test_likeness_survives_scaling_and_compression_and_tells_pictures_apart(encoded, cornered):
    source = Image.effect_noise((60, 40), 90).resize((1800, 1200), Image.Resampling.BICUBIC).convert("RGB")
    other = Image.effect_noise((60, 40), 90).resize((1800, 1200), Image.Resampling.BICUBIC).convert("RGB")
    first = render(encoded(source, quality=95)).looks.perceptual_hash
    again = render(encoded(source.resize((900, 600)), quality=60)).looks.perceptual_hash
    different = render(encoded(other)).looks.perceptual_hash
    assert len(first) == 16
    assert bits_apart(first, again) <= 8 < bits_apart(first, different)


def test_a_large_file_is_decoded_from_its_descriptor(stored, jpeg):
    descriptor = os.open(stored(b"a[page=3].jpg", jpeg), os.O_RDONLY)
    try:
        os.read(descriptor, 100)
        assert render_still(descriptor, JPEG).looks == render(jpeg).looks
    finally:
        os.close(descriptor)


def test_a_large_file_cut_short_is_unreadable_too(stored, encoded):
    data = encoded(Image.effect_noise((900, 600), 60).convert("RGB"))
    descriptor = os.open(stored(b"a.jpg", data[: len(data) // 2]), os.O_RDONLY)
    try:
        with pytest.raises(UnreadableMedia, match="cut short"):
            render_still(descriptor, JPEG)
    finally:
        os.close(descriptor)


def test_real_camera_files_are_all_readable(sample_photos):
    paths = [*sample_photos.rglob("*.jp*g"), *sample_photos.rglob("*.png"), *sample_photos.rglob("*.webp")]
    assert len(paths) > 20
    for path in paths:
        assert render(path.read_bytes()).looks.aspect_ratio > 0
