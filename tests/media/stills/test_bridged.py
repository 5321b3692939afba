"""AVIF, BMP, JPEG 2000 and Photoshop, through Pillow."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from librephotos.media.errors import NeedsTurn, UnreadableMedia
from librephotos.media.stills.boxes import read_signal
from librephotos.media.stills.light import Signal
from tests.media.conftest import CORNERS
from tests.media.stills.rendering import UNDO, corner_colours, is_near, mean_colour, opened, render, shown

KINDS = ("AVIF", "BMP", "JPEG2000")


def psd(pixels: np.ndarray, *, mode: int = 3) -> bytes:
    """A Photoshop file without layers, its merged picture uncompressed. Source: Adobe's file format specification."""
    height, width = pixels.shape[:2]
    bands = pixels.shape[2] if pixels.ndim == 3 else 1
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, bands, height, width, 8, mode)
    planes = np.moveaxis(pixels, 2, 0) if pixels.ndim == 3 else pixels
    return head + struct.pack(">IIIH", 0, 0, 0, 0) + planes.tobytes()


def with_code_points(avif: bytes, primaries: int, transfer: int) -> bytes:
    """Rewrite what the container says; Pillow writes sRGB only."""
    at = avif.index(b"colrnclx") + 8
    return avif[:at] + struct.pack(">HH", primaries, transfer) + avif[at + 4 :]


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_keep_their_colours_and_their_place(cornered, encoded, kind):
    rendering = render(encoded(cornered(320, 240), kind))
    assert (rendering.looks.width, rendering.looks.height) == (320, 240)
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_files_cut_short_are_unreadable(encoded, kind, share):
    data = encoded(Image.effect_noise((320, 240), 60).convert("RGB"), kind)
    with pytest.raises(UnreadableMedia):
        render(data[: int(len(data) * share)])


@pytest.mark.parametrize(("kind", "bytes_per_pixel"), [("AVIF", 16), ("BMP", 8), ("JPEG2000", 28)])
def test_memory_is_asked_for_before_the_decoding(cornered, encoded, kind, bytes_per_pixel):
    data, needed = encoded(cornered(320, 240), kind), 320 * 240 * bytes_per_pixel
    with pytest.raises(NeedsTurn):
        render(data, beside_bytes=needed - 1)
    with pytest.raises(UnreadableMedia, match="too large"):
        render(data, decode_bytes=needed - 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_avif_that_lies_on_its_side_is_upright_and_was_not_turned_twice(cornered, encoded, orientation):
    upright = cornered(320, 240)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(UNDO[orientation]) if orientation in UNDO else upright
    rendering = render(encoded(stored, "AVIF", exif=exif))
    assert (rendering.looks.width, rendering.looks.height) == (320, 240)
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


def test_an_avif_sequence_shows_its_first_frame(encoded):
    frames = [Image.new("RGB", (200, 100), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    data = encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    assert is_near(mean_colour(shown(data)), (255, 0, 0), 12)


def test_avif_code_points_are_those_of_the_primary_picture(encoded):
    data = encoded(Image.new("RGB", (64, 48), (133, 178, 101)), "AVIF", quality=95)
    assert read_signal(data) == Signal(1, 13)
    assert read_signal(with_code_points(data, 9, 16)) == Signal(9, 16)
    for length in range(0, len(data), 7):
        read_signal(data[:length])


def test_wide_primaries_without_a_profile_are_brought_to_srgb(encoded):
    data = encoded(Image.new("RGB", (64, 48), (133, 178, 101)), "AVIF", quality=95)
    assert is_near(mean_colour(shown(with_code_points(data, 12, 13))), (120, 180, 90), 6)


def test_profiles_are_converted(encoded):
    wide = pyvips.Image.black(8, 8, bands=3).cast("uchar").copy(interpretation="srgb")
    profile = wide.icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    image = Image.new("RGB", (64, 48), (133, 178, 101))
    assert is_near(
        mean_colour(shown(encoded(image, "AVIF", quality=95, icc_profile=profile))), (120, 180, 90), 6
    )


def test_a_damaged_profile_does_not_cost_the_picture(encoded):
    data = encoded(Image.new("RGB", (64, 48), (200, 100, 50)), "AVIF", icc_profile=b"nonsense" * 40)
    assert is_near(mean_colour(shown(data)), (200, 100, 50), 8)


def test_a_bright_avif_is_told_and_neither_washed_out_nor_clipped(encoded):
    steps = np.repeat(np.array([0, 100, 148, 180, 200], np.uint8), 40)
    flat = Image.fromarray(np.ascontiguousarray(np.broadcast_to(steps[None, :, None], (120, 200, 3))))
    rendering = render(with_code_points(encoded(flat, "AVIF", quality=95), 9, 16))
    assert rendering.looks.is_hdr
    found = [
        int(np.asarray(opened(rendering.images[0]).convert("L"))[60, 20 + 40 * place]) for place in range(5)
    ]
    assert found[0] <= 5 and 190 <= found[2] <= 240 and found[2] < found[3] < found[4]


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000"])
def test_transparency_is_kept(encoded, kind):
    image = shown(encoded(Image.new("RGBA", (64, 48), (255, 0, 0, 0)), kind))
    assert image.mode == "RGBA" and image.getpixel((5, 5))[3] < 10


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_bitmaps_of_few_colours_are_read(encoded, mode):
    data = encoded(Image.new("RGB", (64, 48), (255, 255, 255)).convert(mode), "BMP")
    assert is_near(mean_colour(shown(data)), (255, 255, 255), 3)


def test_sixteen_bits_of_jpeg_2000_become_eight(encoded):
    shades = Image.fromarray(np.full((48, 64), 32768, np.uint16))
    assert is_near(mean_colour(shown(encoded(shades, "JPEG2000"))), (128, 128, 128), 3)


def test_photoshop_shows_the_merged_picture(cornered):
    rendering = render(psd(np.asarray(cornered(320, 240))))
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))
    with pytest.raises(UnreadableMedia):
        render(psd(np.asarray(cornered(320, 240)))[:5000])


def test_inks_of_photoshop_become_light():
    inks = np.broadcast_to(np.array([255, 0, 0, 255], np.uint8), (48, 64, 4))  # stored as what is left white
    red, green, blue = mean_colour(shown(psd(np.ascontiguousarray(inks), mode=4)))
    assert red > 200 and green < 70 and blue < 70


def test_a_bitmap_bomb_is_refused_by_what_it_claims(encoded):
    data = bytearray(encoded(Image.new("RGB", (4, 4)), "BMP"))
    data[18:26] = struct.pack("<ii", 50_000, 50_000)
    with pytest.raises(UnreadableMedia, match="50000 by 50000"):
        render(bytes(data))


def test_a_real_avif_is_read(sample_photos: Path):
    looks = render((sample_photos / "formats/avif/8bit-sRGB.avif").read_bytes()).looks
    assert (looks.width, looks.height, looks.is_hdr) == (1617, 1080, False)


def test_a_profile_of_our_own_is_left_alone(encoded):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.new("RGB", (64, 48), (200, 100, 50)), "AVIF", quality=95, icc_profile=profile)
    assert is_near(mean_colour(shown(data)), (200, 100, 50), 5)
