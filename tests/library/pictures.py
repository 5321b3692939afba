"""Generated files that belong together: RAW files, short films, files with metadata written by ExifTool."""

import atexit
import os
import subprocess
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import Image

from librephotos.media.exiftool import locate_exiftool
from tests.needs import lack


def draw_raw(path: Path, seed: int) -> None:
    """Write what by its bytes is a TIFF and by its name a camera's RAW file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), (seed * 31 % 256, seed * 67 % 256, seed * 11 % 256)).save(path, format="TIFF")


@lru_cache(maxsize=8)
def film(seconds: int, kind: str = "mov", seed: int = 1) -> bytes:
    """Return a film of a few pixels."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    source = f"color=c=0x{(seed * 1234567) % 0xFFFFFF:06x}:s=32x32:r=2:d={seconds}"
    target = Path(os.environ.get("TMPDIR", "/tmp")) / f"film-{os.getpid()}-{seconds}-{seed}.{kind}"
    words = [program, "-v", "error", "-y", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", str(target)]
    subprocess.run(words, check=True)
    try:
        return target.read_bytes()
    finally:
        target.unlink()


def write_tags(path: Path, **tags: Any) -> None:
    """Write tags with ExifTool: `XMP_Rating=4` for `-XMP:Rating=4`; a list is written word by word."""
    words: list[str] = []
    for name, value in tags.items():
        tag = name.replace("__", "-").replace("_", ":", 1)
        words += [f"-{tag}={each}" for each in (value if isinstance(value, list) else [value])]
    kept = path.stat() if path.exists() else None
    _execute("-q", "-overwrite_original", "-n", *words, str(path))
    if kept is not None:
        os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns + 1_000_000_000))


def _execute(*words: str) -> None:
    process = _exiftool()
    assert process.stdin is not None and process.stdout is not None
    assert not any("\n" in word for word in words), "one word a line"
    process.stdin.write("\n".join([*words, "-execute1"]) + "\n")
    process.stdin.flush()
    said: list[str] = []
    while (line := process.stdout.readline()) != "{ready1}\n":
        assert line, f"ExifTool has ended: {said}"
        said.append(line)
    assert not any("Error" in line for line in said), said


@cache
def _exiftool() -> subprocess.Popen[str]:
    """One process for all files: starting it takes longer than what it does."""
    command = locate_exiftool() or lack("ExifTool is not installed: run make setup.")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen([*command, "-stay_open", "True", "-@", "-"], text=True, **pipes)
    atexit.register(process.kill)
    return process
