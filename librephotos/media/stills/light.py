"""What the numbers of a picture mean in light, and how light that no ordinary screen can show becomes sRGB.

Sources: ITU-T H.273 (code points), SMPTE ST 2084 (PQ), ITU-R BT.2100 (HLG), BT.2408 (203 candelas are white),
IEC 61966-2-1 (sRGB). Works on pictures that are already small: 32-bit floats take 12 bytes a pixel.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyvips  # type: ignore[import-untyped, unused-ignore]

Light = npt.NDArray[np.float32]
"""Linear light of shape (height, width, 3), 1.0 is the white of paper."""

PQ: Final = 16
HLG: Final = 18
LINEAR: Final = 8
_GAMMA_22: Final = 4
_GAMMA_28: Final = 5
_BT709: Final = 1
_BT2020: Final = 9
_P3_DCI: Final = 11
_P3: Final = 12

_WHITE_CANDELAS: Final = 203.0
_PQ_PEAK_CANDELAS: Final = 10_000.0
_HLG_PEAK_CANDELAS: Final = 1_000.0
_BRIGHTEST: Final = 1e6
_KNEE: Final = 0.6
"""Below this share of white, light is shown as it is; above, what is brighter than white is rolled off."""

_TO_BT709: Final = {
    _BT2020: np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
    ),
    _P3: np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]], np.float32),
}
_TO_BT709[_P3_DCI] = _TO_BT709[_P3]
_BT2020_LUMINANCE: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)


class Signal(msgspec.Struct, frozen=True):
    """Primaries and transfer curve of a picture as code points of H.273."""

    primaries: int = _BT709
    transfer: int = 13

    @property
    def is_hdr(self) -> bool:
        return self.transfer in (PQ, HLG)

    @property
    def is_plain(self) -> bool:
        """Tell whether it can be shown as sRGB as it is; the curves of BT.709 and BT.601 are near enough."""
        return self.primaries not in _TO_BT709 and self.transfer not in (PQ, HLG, LINEAR)


def shown(image: Any, signal: Signal) -> Any:
    """Return an 8-bit sRGB image of a small one of 3 or 4 bands, 8 or 16 bits, whose numbers are `signal`."""
    pixels = image.numpy()
    most = 65535.0 if pixels.dtype == np.uint16 else 255.0
    light = linear(pixels[:, :, :3].astype(np.float32) / np.float32(most), signal)
    if matrix := _matrix(signal.primaries):
        light = light @ matrix[0].T
    bands = [_as_srgb(rolled_off(light) if signal.is_hdr else light)]
    if pixels.shape[2] == 4:
        bands.append(np.round(pixels[:, :, 3:].astype(np.float32) * (255.0 / most)).astype(np.uint8))
    return image_of_srgb(np.concatenate(bands, axis=2))


def image_of_srgb(pixels: npt.NDArray[np.uint8]) -> Any:
    """Return an sRGB image of (height, width, 3 or 4) bytes."""
    height, width, bands = pixels.shape
    image = pyvips.Image.new_from_memory(np.ascontiguousarray(pixels), width, height, bands, "uchar")
    return image.copy(interpretation="srgb")


def show_linear(light: Light) -> npt.NDArray[np.uint8]:
    """Return sRGB bytes of linear light in the primaries of BT.709, brighter than white included."""
    return _as_srgb(rolled_off(light))


def linear(signal_values: Light, signal: Signal) -> Light:
    """Return the light that values from 0 to 1 stand for."""
    values = np.clip(signal_values, 0, 1)
    if signal.transfer == PQ:
        return _from_pq(values)
    if signal.transfer == HLG:
        return _from_hlg(values)
    if signal.transfer == LINEAR:
        return values
    if signal.transfer in (_GAMMA_22, _GAMMA_28):
        return np.power(values, np.float32(2.2 if signal.transfer == _GAMMA_22 else 2.8))
    return np.where(values <= 0.04045, values / 12.92, np.power((values + 0.055) / 1.055, 2.4)).astype(
        np.float32
    )


def rolled_off(light: Light) -> Light:
    """Return light of at most 1.0: what is under the knee unchanged, highlights pressed together without clipping.

    All three channels of a pixel are scaled alike, so that colours keep their hue.
    """
    brightest = np.clip(light.max(axis=2, keepdims=True), 1e-6, _BRIGHTEST)
    peak = float(np.percentile(brightest, 99.9))
    if peak <= 1.0:
        return light
    over = np.maximum(brightest - _KNEE, 0) / (1 - _KNEE)
    most = (peak - _KNEE) / (1 - _KNEE)
    pressed = _KNEE + (1 - _KNEE) * over * (1 + over / most**2) / (1 + over)
    return np.where(brightest > _KNEE, light * (pressed / brightest), light).astype(np.float32)


def _matrix(primaries: int) -> tuple[npt.NDArray[np.float32]] | None:
    return (_TO_BT709[primaries],) if primaries in _TO_BT709 else None


def _from_pq(values: Light) -> Light:
    """ST 2084, the electro-optical transfer function."""
    power = np.power(values, 1 / 78.84375)
    ratio = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    candelas = _PQ_PEAK_CANDELAS * np.power(ratio, 1 / 0.1593017578125)
    return (candelas / _WHITE_CANDELAS).astype(np.float32)


def _from_hlg(values: Light) -> Light:
    """BT.2100: the inverse of the curve in the camera, then what a screen of 1,000 candelas makes of it."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    luminance = np.maximum((scene @ _BT2020_LUMINANCE)[:, :, None], 1e-6)
    return (scene * np.power(luminance, 0.2) * (_HLG_PEAK_CANDELAS / _WHITE_CANDELAS)).astype(np.float32)


def _as_srgb(light: Light) -> npt.NDArray[np.uint8]:
    light = np.clip(light, 0, 1)
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.power(light, 1 / 2.4) - 0.055)
    return np.round(values * 255).astype(np.uint8)
