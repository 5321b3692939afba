"""Small plain JPEGs have the pixels that libvips gives them; thumbnails and looks are as libvips makes them."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image

from librephotos.media.errors import NeedsTurn
from librephotos.media.picture_hashes import perceptual_hash
from librephotos.media.stills import small_jpeg, vips
from librephotos.media.stills.picture import Picture, image_of
from librephotos.media.stills.render import prepare_libvips, render_picture
from librephotos.media.stills.source import Limits, Source
from librephotos.media.thumbnails import SIZES

ANY = Limits()


@pytest.fixture(scope="module", autouse=True)
def _prepared():
    prepare_libvips()


def soft(number: int, size: tuple[int, int]) -> Image.Image:
    blocks = np.random.default_rng(number).integers(0, 256, (5, 6, 3), np.uint8)
    return Image.fromarray(blocks).resize(size, Image.Resampling.BICUBIC)


def written(number: int, size: tuple[int, int], *, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    soft(number, size).convert(mode).save(stream, format="JPEG", **options)
    return stream.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (24, 16), (401, 33), (97, 640), (1300, 1080)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_small_jpeg_has_the_pixels_that_libvips_gives_it(size, mode, subsampling):
    for quality in (30, 92):
        data = written(7, size, mode=mode, quality=quality, subsampling=subsampling)
        small, known = small_jpeg.decode(data, ANY), vips.decode(Source(data), ANY)
        assert small is not None
        assert (small.width, small.height, small.is_hdr) == (known.width, known.height, known.is_hdr)
        assert np.array_equal(small.big.numpy(), known.big.numpy())


@pytest.mark.parametrize(
    "data",
    [
        written(1, (60, 1081)),
        written(1, (24, 16), exif=turned(6)),
        written(1, (24, 16), mode="CMYK"),
        written(1, (24, 16), icc_profile=b"\0" * 128),
        written(1, (24, 16), progressive=True),
        written(1, (24, 16), restart_marker_blocks=1),
        written(1, (24, 16), comment=b"hello"),
        written(1, (24, 16))[:-40],
    ],
    ids=["high", "turned", "inks", "profile", "progressive", "restarts", "comment", "cut short"],
)
def test_whatever_is_not_plain_small_and_whole_is_left_to_libvips(data):
    assert small_jpeg.decode(data, ANY) is None


def test_what_may_not_be_decoded_beside_others_waits_for_its_turn():
    with pytest.raises(NeedsTurn):
        small_jpeg.decode(written(1, (24, 16)), Limits(beside_bytes=1000))


def test_of_damaged_jpegs_libvips_shows_the_same_or_is_asked():
    chance = random.Random(5)
    sources = [written(number, (90 + number, 70), quality=85, subsampling=number) for number in range(3)]
    shown = 0
    for number in range(300):
        content = bytearray(sources[number % len(sources)])
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if number % 5 == 0:
            del content[chance.randrange(20, len(content)) :]
        small = small_jpeg.decode(bytes(content), ANY)
        if small is not None:
            shown += 1
            assert np.array_equal(small.big.numpy(), vips.decode(Source(bytes(content)), ANY).big.numpy())
    assert shown > 50


@pytest.mark.parametrize("size", [(24, 16), (40, 700), (1000, 620), (5000, 20)])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_thumbnails_and_looks_are_those_of_libvips(size, has_alpha):
    pixels = np.asarray(soft(3, size))
    if has_alpha:
        pixels = np.dstack([pixels, np.asarray(soft(4, size))[:, :, 0]])
    picture = Picture(image_of(pixels), *size)
    rendering = render_picture(picture)
    image, expected = picture.big, []
    for thumbnail in SIZES:
        if image.height > thumbnail.height_px:
            image = image.thumbnail_image(16383, height=thumbnail.height_px, size="down").copy_memory()
        expected.append(bytes(image.webpsave_buffer(Q=thumbnail.quality, effort=2, keep="none")))
    assert rendering.images == tuple(expected)
    opaque = image.flatten(background=[255, 255, 255]) if has_alpha else image
    grey: pyvips.Image = opaque.colourspace("b-w").thumbnail_image(32, height=32, size="force")
    assert rendering.looks.perceptual_hash == perceptual_hash(grey.numpy().reshape(32, 32))
