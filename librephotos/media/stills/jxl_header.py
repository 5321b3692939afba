"""What a JPEG XL codestream says of its colours: pylibjxl hands on ICC profiles, but not the code points.

Source: ISO/IEC 18181-1, the bundles SizeHeader, ImageMetadata and ColourEncoding; bits from the least one on.
"""

from __future__ import annotations

from typing import Final

import msgspec

from librephotos.media.stills.light import Signal

_CONTAINER: Final = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_CODESTREAM: Final = b"\xff\x0a"
_SIZE: Final = ((9, 1), (13, 1), (18, 1), (30, 1))
_ENUM: Final = ((0, 0), (0, 1), (4, 2), (6, 18))
_COORDINATE: Final = ((19, 0), (19, 524288), (20, 1048576), (21, 2097152))
_HEAD_BYTES: Final = 4096
_GREY: Final = 1
_XYB: Final = 2
_CUSTOM: Final = 2


class Header(msgspec.Struct, frozen=True):
    """`is_xyb`: the pixels are stored in the codec's own colours. `signal` is None where a profile says it."""

    is_xyb: bool
    signal: Signal | None


class _Ended(Exception):
    """The bits are used up, or mean nothing known here."""


def read_header(data: bytes) -> Header | None:
    """Return what the codestream says of colours, None when it cannot be told."""
    stream = _codestream(data)
    if not stream.startswith(_CODESTREAM):
        return None
    try:
        return _read(_Bits(stream[2:]))
    except _Ended:
        return None


def _codestream(data: bytes) -> bytes:
    """Return the codestream's beginning, bare or from the first `jxlc` or `jxlp` box of a container."""
    if not data.startswith(_CONTAINER):
        return data[:_HEAD_BYTES]
    offset = len(_CONTAINER)
    while offset + 8 <= len(data):
        length, kind = int.from_bytes(data[offset : offset + 4], "big"), data[offset + 4 : offset + 8]
        start = offset + 8
        if length == 1:
            length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        if kind in (b"jxlc", b"jxlp"):
            start += 4 if kind == b"jxlp" else 0
            return data[start : start + _HEAD_BYTES]
        if length < 8:
            break
        offset += length
    return b""


class _Bits:
    """Reads numbers from the least significant bit on."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise _Ended
        value = self._number & ((1 << count) - 1)
        self._number >>= count
        self._left -= count
        return value

    def flag(self) -> bool:
        return bool(self.take(1))

    def choice(self, forms: tuple[tuple[int, int], ...]) -> int:
        """Read two bits that choose a form, then a number of so many bits, to which the form's own is added."""
        count, base = forms[self.take(2)]
        return self.take(count) + base


def _read(bits: _Bits) -> Header:
    _skip_size(bits)
    if bits.flag():  # all as usual: XYB, eight bits, sRGB
        return Header(is_xyb=True, signal=Signal())
    if bits.flag():
        _skip_extra_fields(bits)
    _skip_depth(bits)
    bits.flag()  # buffers of 16 bits suffice
    for _ in range(bits.choice(((0, 0), (0, 1), (4, 2), (12, 1)))):
        _skip_extra_channel(bits)
    is_xyb = bits.flag()
    return Header(is_xyb, _read_colours(bits))


def _read_colours(bits: _Bits) -> Signal | None:
    if bits.flag():
        return Signal()
    has_profile = bits.flag()
    colour_space = bits.choice(_ENUM)
    if has_profile or colour_space == _XYB:
        return None
    if bits.choice(_ENUM) == _CUSTOM:  # white point
        _skip_coordinates(bits, 1)
    primaries = 1
    if colour_space != _GREY:
        primaries = bits.choice(_ENUM)
        if primaries == _CUSTOM:
            _skip_coordinates(bits, 3)
    if bits.flag():
        return Signal(_as_h273(primaries), _transfer_of_gamma(bits.take(24)))
    return Signal(_as_h273(primaries), bits.choice(_ENUM))


def _as_h273(primaries: int) -> int:
    """P3 is 11 here for every white point; H.273 calls that of ordinary screens 12."""
    return 12 if primaries == 11 else primaries


def _transfer_of_gamma(gamma: int) -> int:
    """Return the nearest code point of a curve given as its exponent in ten-millionths."""
    exponent = gamma / 1e7
    return 8 if exponent > 0.9 else 5 if exponent < 0.4 else 4


def _skip_size(bits: _Bits) -> None:
    is_small = bits.flag()
    _ = bits.take(5) if is_small else bits.choice(_SIZE)
    if bits.take(3) == 0:
        _ = bits.take(5) if is_small else bits.choice(_SIZE)


def _skip_extra_fields(bits: _Bits) -> None:
    bits.take(3)  # orientation: libjxl turns the pixels by itself
    if bits.flag():
        _skip_size(bits)
    if bits.flag():
        raise _Ended  # a preview frame, which no writer makes
    if bits.flag():
        bits.choice(((0, 100), (0, 1000), (10, 1), (30, 1)))
        bits.choice(((0, 1), (0, 1001), (8, 1), (10, 1)))
        bits.choice(((0, 0), (3, 0), (16, 0), (32, 0)))
        bits.flag()


def _skip_depth(bits: _Bits) -> None:
    if bits.flag():
        bits.choice(((0, 32), (0, 16), (0, 24), (6, 1)))
        bits.take(4)
    else:
        bits.choice(((0, 8), (0, 10), (0, 12), (6, 1)))


def _skip_extra_channel(bits: _Bits) -> None:
    if bits.flag():
        return
    kind = bits.choice(_ENUM)
    _skip_depth(bits)
    bits.choice(((0, 0), (0, 3), (0, 4), (3, 1)))
    bits.take(8 * bits.choice(((0, 0), (4, 0), (5, 16), (10, 48))))
    if kind == 0:
        bits.flag()
    elif kind == 2:
        bits.take(64)
    elif kind == 5:
        bits.choice(((0, 1), (2, 0), (4, 3), (8, 19)))


def _skip_coordinates(bits: _Bits, count: int) -> None:
    for _ in range(2 * count):
        bits.choice(_COORDINATE)
