"""HEIC and HEIF: upright once, deep and bright ones shown well, the right one of several."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from librephotos.media.errors import NeedsTurn, UnreadableMedia
from tests.media.conftest import CORNERS
from tests.media.stills.heic import write_heic
from tests.media.stills.rendering import corner_colours, is_near, mean_colour, opened, render, shown


@pytest.fixture(scope="module")
def pixels(cornered) -> np.ndarray:
    return np.asarray(cornered(160, 120))


def deep(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.uint16) * 257


@pytest.mark.parametrize("is_deep", [False, True])
@pytest.mark.parametrize("quarter_turns", range(4))
def test_a_turned_picture_is_upright_and_was_not_turned_twice(pixels, is_deep, quarter_turns):
    stored = np.ascontiguousarray(np.rot90(deep(pixels) if is_deep else pixels, -quarter_turns))
    rendering = render(write_heic(stored, quarter_turns=quarter_turns))
    assert (rendering.looks.width, rendering.looks.height) == (160, 120)
    assert not rendering.looks.is_hdr
    for image in map(opened, rendering.images):
        assert image.size == (160, 120) and all(map(is_near, corner_colours(image), CORNERS))


@pytest.mark.parametrize("mirror", [0, 1])
@pytest.mark.parametrize("quarter_turns", range(4))
def test_a_mirrored_picture_is_upright(pixels, mirror, quarter_turns):
    mirrored = np.flipud(pixels) if mirror == 0 else np.fliplr(pixels)
    stored = np.ascontiguousarray(np.rot90(mirrored, -quarter_turns))
    rendering = render(write_heic(stored, quarter_turns=quarter_turns, mirror=mirror))
    assert (rendering.looks.width, rendering.looks.height) == (160, 120)
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


def test_the_primary_one_of_several_pictures_is_shown():
    pictures = [
        np.full((120, 160, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))
    ]
    assert is_near(mean_colour(shown(write_heic(*pictures, primary=1))), (0, 200, 0), 8)


@pytest.mark.parametrize(("curve", "white"), [(16, 0.58), (18, 0.75)])
def test_bright_pictures_are_neither_washed_out_nor_clipped(curve, white):
    """White paper (203 candelas) is at 58 % of PQ and at 75 % of HLG; above it there are highlights."""
    steps = np.array([0.0, 0.25, 0.45, white, 0.85 if curve == 18 else 0.7, 0.9 if curve == 18 else 0.75])
    row = np.repeat(np.round(steps * 65535).astype(np.uint16), 40)
    stored = np.ascontiguousarray(np.broadcast_to(row[None, :, None], (120, 240, 3)))
    rendering = render(write_heic(stored, code_points=(9, curve)))
    assert rendering.looks.is_hdr
    found = [
        int(np.asarray(opened(rendering.images[0]).convert("L"))[60, 20 + 40 * place]) for place in range(6)
    ]
    assert found == sorted(found) and found[0] <= 3
    # Paper is bright but not the brightest, and highlights still differ.
    assert 190 <= found[3] <= 240 and found[3] + 6 < found[4] < found[5] - 2


def test_many_levels_remain_of_a_dark_gradient_in_pq():
    ramp = np.linspace(0.2, 0.4, 240) * 65535
    stored = np.ascontiguousarray(np.broadcast_to(ramp.astype(np.uint16)[None, :, None], (120, 240, 3)))
    levels = np.asarray(shown(write_heic(stored, code_points=(9, 16))).convert("L"))[60].astype(int)
    steps = np.diff(levels)
    assert np.all(steps >= -1) and steps.max() <= 5 and len(set(levels.tolist())) > 30


def test_wide_primaries_without_a_profile_are_brought_to_srgb():
    """(133, 178, 101) in Display P3 is what sRGB calls (120, 180, 90)."""
    stored = np.full((120, 160, 3), (133, 178, 101), np.uint8)
    assert is_near(mean_colour(shown(write_heic(stored, code_points=(12, 13)))), (120, 180, 90), 4)
    assert is_near(mean_colour(shown(write_heic(stored, code_points=(1, 13)))), (133, 178, 101), 4)


def test_a_maker_that_takes_full_range_for_limited_is_corrected(pixels):
    stored = np.full((120, 160, 3), 60, np.uint16) * 257
    wrong = mean_colour(shown(write_heic(stored, is_full_range=False)))
    right = mean_colour(shown(write_heic(stored, is_full_range=False, maker=b"SONY")))
    assert wrong[0] < 54 and is_near(right, (60, 60, 60), 3)


def test_memory_is_asked_for_before_the_decoding(pixels):
    with pytest.raises(NeedsTurn):
        render(write_heic(pixels), beside_bytes=160 * 120 * 8 - 1)
    with pytest.raises(UnreadableMedia, match="too large"):
        render(write_heic(deep(pixels)), decode_bytes=160 * 120 * 20 - 1)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_cut_short_is_unreadable(pixels, share):
    data = write_heic(np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8))
    with pytest.raises(UnreadableMedia):
        render(data[: int(len(data) * share)])


def test_real_files_of_telephones_and_cameras_are_upright(sample_photos: Path):
    sizes = {
        "IMG_2682.heic": (4032, 3024),
        "iphone13-gps.heic": (4032, 3024),
        "iphone8-orientation6.heic": (3024, 4032),
    }
    for name, size in sizes.items():
        rendering = render((sample_photos / "formats/heic" / name).read_bytes())
        assert (rendering.looks.width, rendering.looks.height) == size
        big = opened(rendering.images[0])
        assert big.height == 1080 and abs(big.width / big.height - size[0] / size[1]) < 0.01
        if "orientation6" in name:
            # A drawn arrow that points up: dark at the middle of the upper edge, light in the corners beside it.
            grey = np.asarray(big.convert("L").resize((30, 40), Image.Resampling.BOX)).astype(int)
            assert grey[4:7, 14:17].min() < grey[4:7, 4:8].min() - 20
            assert grey[30:36, 4:8].min() > 100


@pytest.mark.long
def test_the_rotated_camera_file_of_ten_bits_looks_as_its_own_small_picture(sample_photos: Path):
    data = (sample_photos / "formats/heic/sony-10bit-rotated.hif").read_bytes()
    rendering = render(data)
    assert (rendering.looks.width, rendering.looks.height) == (4672, 7008)
    start = data.index(b"\xff\xd8\xff\xdb")
    own = pyvips.Image.new_from_buffer(data[start:], "").rot270().colourspace("b-w").crop(7, 0, 106, 160)
    ours = pyvips.Image.new_from_buffer(rendering.images[2], "").colourspace("b-w")
    ours = ours.thumbnail_image(106, height=160, size="force")
    assert (own.cast("float") - ours).abs().avg() < 12
