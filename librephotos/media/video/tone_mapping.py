"""HDR to what every screen shows: tables from BT.2020 with PQ or HLG to BT.709, for FFmpeg's `lut3d`.

A table of our own, because the filters that compute this are in some builds of FFmpeg and not in others. Highlights
are rolled off above 60 % of diffuse white, so that differences stay, and hue is kept. Sources: SMPTE ST 2084, ITU-R
BT.2100 (HLG), BT.2087 (matrix), BT.2408 (diffuse white at 203 candela per square meter).
"""

from __future__ import annotations

import os
import tempfile
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EDGE: Final = 33
FOLDER: Final = b"tone_mapping"

_VERSION: Final = 1
_WHITE_NITS: Final = 203.0
_HLG_PEAK_NITS: Final = 1000.0
_KNEE: Final = 0.6
_DISPLAY_GAMMA: Final = 2.2
_LUMINANCE: Final = np.array([0.2627, 0.6780, 0.0593])
_TO_BT709: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)


def table_path(folder: bytes, transfer: str) -> bytes:
    """Return the path of the table for an HDR curve below `folder`; it is written when it is not there yet."""
    path = os.path.join(folder, FOLDER, f"{transfer}-{_VERSION}.cube".encode())
    if not os.path.exists(path):
        _write_table(path, transfer)
    return path


def tone_map(coded: Floats, transfer: str) -> Floats:
    """Return BT.709 colours for BT.2020 ones; both of shape (…, 3), as coded, within 0 and 1."""
    light = (_pq_light(coded) if transfer == "smpte2084" else _hlg_light(coded)) / _WHITE_NITS
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-9)
    shown = light * (_rolled_off(brightest) / brightest)
    visible: Floats = np.clip(shown @ _TO_BT709.T, 0.0, 1.0)
    return np.power(visible, 1 / _DISPLAY_GAMMA)


def _pq_light(coded: Floats) -> Floats:
    """Candela per square meter."""
    m1, m2 = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
    root = coded ** (1 / m2)
    return 10_000.0 * (np.maximum(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1)


def _hlg_light(coded: Floats) -> Floats:
    """Candela per square meter on a display of 1000, whose system gamma is 1.2."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    luminance = np.maximum(scene @ _LUMINANCE, 1e-9)[..., np.newaxis]
    light: Floats = _HLG_PEAK_NITS * scene * luminance**0.2
    return light


def _rolled_off(light: Floats) -> Floats:
    over = np.maximum(light - _KNEE, 0.0) / (1 - _KNEE)
    return np.minimum(light, _KNEE) + (1 - _KNEE) * over / (1 + over)


def _write_table(path: bytes, transfer: str) -> None:
    """Write a `.cube` file, red changing fastest. Several processes may do so at once; each writes the same."""
    steps = np.linspace(0.0, 1.0, EDGE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    mapped = tone_map(np.stack([red, green, blue], axis=-1).reshape(-1, 3), transfer)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=b".", suffix=b".part", dir=folder)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"LUT_3D_SIZE {EDGE}\n")
            np.savetxt(file, mapped, fmt="%.5f")
        os.chmod(temporary, 0o640)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
