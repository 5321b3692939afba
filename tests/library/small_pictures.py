"""Small pictures that differ from each other to the eye. Asked for again, their files are the same to the last byte."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image


@lru_cache(maxsize=4096)
def jpeg(picture: int, *, day: int = 0, version: int = 0, size: tuple[int, int] = (24, 16)) -> bytes:
    """Return a JPEG of a numbered picture of a day of January 2020 (0 for no day); a version changes bytes only."""
    blocks = np.random.default_rng(picture).integers(0, 256, (4, 5, 3), np.uint8)
    image = Image.fromarray(blocks).resize(size, Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x010E] = f"version {version}"
    if day:
        exif[0x8769] = {0x9003: f"2020:01:{day:02} 12:00:{picture % 60:02}"}
    written = io.BytesIO()
    image.save(written, format="JPEG", quality=90, exif=exif)
    return written.getvalue()
