"""RAW files: the picture beside the sensor's numbers when it is large enough, LibRaw's own otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from librephotos.media.errors import NeedsTurn, UnreadableMedia
from librephotos.media.formats import RAW
from librephotos.media.process import Request, process_file
from librephotos.media.stills.render import render_still
from librephotos.media.stills.source import Limits
from tests.media.conftest import CORNERS
from tests.media.stills.dng import write_dng
from tests.media.stills.rendering import UNDO, corner_colours, is_near, mean_colour, opened

GREY = (119, 119, 119)


def rendered(data: bytes, **limits: int):
    return render_still(data, RAW, Limits(**limits))


def as_sensor_sees(upright: Image.Image, orientation: int) -> np.ndarray:
    return np.asarray(upright.transpose(UNDO[orientation]) if orientation in UNDO else upright)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_without_an_embedded_picture_the_sensors_numbers_are_developed_upright(cornered, orientation):
    rendering = rendered(write_dng(as_sensor_sees(cornered(320, 240), orientation), orientation=orientation))
    assert (rendering.looks.width, rendering.looks.height) == (320, 240)
    image = opened(rendering.images[0])
    assert image.width > image.height
    assert all(
        is_near(found, wanted, 60) for found, wanted in zip(corner_colours(image), CORNERS, strict=True)
    )


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_an_embedded_picture_that_is_large_enough_is_taken_and_turned_once(cornered, encoded, orientation):
    upright = cornered(320, 240)
    stored = Image.fromarray(as_sensor_sees(upright, orientation))
    sensor = np.full((stored.height, stored.width, 3), GREY, np.uint8)
    # The camera's own picture says its orientation too: that is the same one, not a second.
    exif = Image.Exif()
    exif[0x0112] = orientation
    for preview in (encoded(stored, quality=95), encoded(stored, quality=95, exif=exif)):
        rendering = rendered(
            write_dng(sensor, preview=preview, preview_size=stored.size, orientation=orientation)
        )
        assert (rendering.looks.width, rendering.looks.height) == (320, 240)
        assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


def test_an_embedded_picture_that_was_stored_upright_is_not_turned_again(cornered, encoded):
    portrait = cornered(240, 320)
    sensor = np.full((240, 320, 3), GREY, np.uint8)
    data = write_dng(sensor, preview=encoded(portrait, quality=95), preview_size=(240, 320), orientation=6)
    rendering = rendered(data)
    assert (rendering.looks.width, rendering.looks.height) == (240, 320)
    assert all(map(is_near, corner_colours(opened(rendering.images[0])), CORNERS))


def test_a_tall_picture_is_scaled_to_the_height_it_has_when_upright(encoded):
    stored = Image.new("RGB", (2400, 1600), (10, 200, 30))
    sensor = np.full((1600, 2400, 3), GREY, np.uint8)
    data = write_dng(sensor, preview=encoded(stored), preview_size=stored.size, orientation=6)
    assert [opened(image).size for image in rendered(data).images] == [(720, 1080), (333, 500), (167, 250)]


def test_a_small_embedded_picture_gives_way_to_the_sensors_numbers(encoded):
    sensor = np.full((600, 800, 3), GREY, np.uint8)
    preview = encoded(Image.new("RGB", (160, 120), (250, 0, 0)))
    image = opened(rendered(write_dng(sensor, preview=preview, preview_size=(160, 120))).images[0])
    red, green, blue = mean_colour(image)
    assert image.size == (800, 600) and abs(red - green) < 12 and abs(green - blue) < 12


def test_a_small_embedded_picture_is_better_than_none(encoded):
    sensor = np.full((600, 800, 3), GREY, np.uint8)
    preview = encoded(Image.new("RGB", (160, 120), (250, 0, 0)))
    whole = write_dng(sensor, preview=preview, preview_size=(160, 120))
    rendering = rendered(whole[: len(whole) - 600 * 800], decode_bytes=600 * 800 * 4)
    assert is_near(mean_colour(opened(rendering.images[0])), (250, 0, 0), 10)
    assert (rendering.looks.width, rendering.looks.height) == (800, 600)


def test_developing_asks_for_its_turn_and_keeps_to_its_memory():
    data = write_dng(np.full((600, 800, 3), GREY, np.uint8))
    with pytest.raises(NeedsTurn):
        rendered(data, beside_bytes=1_000_000)
    with pytest.raises(UnreadableMedia, match="too large"):
        rendered(data, decode_bytes=1_000_000)


@pytest.mark.parametrize("cut", [0, 9, 200, 0.5])
def test_a_raw_file_cut_short_says_so_or_that_it_is_not_read(cut):
    data = write_dng(np.full((60, 80, 3), GREY, np.uint8))
    with pytest.raises(UnreadableMedia):
        rendered(data[: cut if isinstance(cut, int) else int(len(data) * cut)])


def test_a_plain_tiff_with_the_name_of_a_raw_file_is_shown(encoded):
    rendering = rendered(encoded(Image.new("RGB", (400, 300), (200, 100, 50)), "TIFF"))
    assert is_near(mean_colour(opened(rendering.images[0])), (200, 100, 50), 4)


def test_other_bytes_with_the_name_of_a_raw_file_are_unreadable():
    with pytest.raises(UnreadableMedia, match="camera that is not read here"):
        rendered(bytes(range(256)) * 40)


def test_the_size_told_is_the_sensors_and_not_that_of_the_small_picture(encoded, stored, exiftool_command):
    preview = encoded(Image.new("RGB", (160, 120), (250, 0, 0)))
    data = write_dng(np.full((600, 800, 3), GREY, np.uint8), preview=preview, preview_size=(160, 120))
    outcome = process_file(Request(stored(b"a.dng", data), exiftool=exiftool_command[-1]))
    assert (outcome.facts.width, outcome.facts.height) == (800, 600)
    assert outcome.facts.camera_model == "Model R"


def test_a_broken_file_writes_no_line_of_its_own(capfd):
    data = write_dng(np.full((60, 80, 3), GREY, np.uint8))
    with pytest.raises(UnreadableMedia):
        rendered(data[: len(data) // 2])
    assert capfd.readouterr().err == ""
