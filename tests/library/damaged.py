"""Files as damaged disks, broken transfers and spiteful people leave them; the same ones for the same seed."""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from PIL import Image

FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "TIFF": "tif", "WEBP": "webp", "BMP": "bmp"}


@lru_cache
def whole(kind: str, number: int) -> bytes:
    """Return a small picture of a format."""
    blocks = np.random.default_rng(number).integers(0, 256, (6, 9, 3), np.uint8)
    written = io.BytesIO()
    Image.fromarray(blocks).resize((90, 60)).save(written, format=kind)
    return written.getvalue()


def damaged_files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content): cut short anywhere, with flipped bytes, with a hole of zeros, or under a wrong name."""
    chance = random.Random(seed)
    suffixes = [*FORMATS.values(), "heic", "mp4", "cr2", "xmp", "avif", "jxl"]
    for number in range(count):
        kind = chance.choice(list(FORMATS))
        content = bytearray(whole(kind, chance.randrange(20)))
        suffix = FORMATS[kind]
        match number % 4:
            case 0:
                del content[chance.randrange(len(content)) :]
            case 1:
                for _ in range(chance.randrange(1, 12)):
                    content[chance.randrange(len(content))] = chance.randrange(256)
            case 2:
                start = chance.randrange(len(content))
                content[start : start + 200] = bytes(len(content[start : start + 200]))
            case _:
                suffix = chance.choice(suffixes)
                del content[chance.randrange(8, len(content)) :]
        yield f"{number:04}.{suffix}", bytes(content)


def bombs() -> dict[str, bytes]:
    """Return small files that would cost much to read."""
    return {
        "wide.png": _png(50_000, 50_000, zlib.compress(bytes(100_000))),
        "text.png": _png(
            1, 1, zlib.compress(b"\0\0\0\0"), (b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000)))
        ),
        "endless.gif": _gif(5_000),
        "loop.tif": _tiff_loop(),
        "deep.tif": _tiff_chain(20_000),
        "deep.xmp": b"<x>" * 100_000,
        "laugh.xmp": _billion_laughs(),
    }


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(width: int, height: int, pixels: bytes, *more: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _gif(frames: int) -> bytes:
    """A GIF of many whole frames of 4000 x 4000 pixels that says nothing of its end."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 4000, 4000, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 4000, 4000, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames


def _tiff_loop() -> bytes:
    """A TIFF whose only directory names itself as the next one."""
    return (
        b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 1) + struct.pack("<I", 8)
    )


def _tiff_chain(count: int) -> bytes:
    """A TIFF of so many directories, each of one entry."""
    entry = struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 1)
    length = len(entry) + 4
    return b"II*\0\x08\0\0\0" + b"".join(
        entry + struct.pack("<I", 8 + length * (number + 1) if number + 1 < count else 0)
        for number in range(count)
    )


def _billion_laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]><x>&l9;</x>'.encode()
