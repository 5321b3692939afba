"""Light: known values of the curves, and how what is brighter than white is shown."""

from __future__ import annotations

import numpy as np
import pytest

from librephotos.media.stills.light import Signal, linear, rolled_off, show_linear


def grey(*values: float) -> np.ndarray:
    return np.repeat(np.array(values, np.float32)[None, :, None], 3, axis=2)


@pytest.mark.parametrize(
    ("value", "candelas"), [(0.0, 0), (0.5081, 100), (0.5807, 203), (0.7518, 1000), (1.0, 10_000)]
)
def test_pq_stands_for_the_candelas_of_its_standard(value, candelas):
    found = linear(grey(value), Signal(transfer=16))[0, 0, 0] * 203
    assert found == pytest.approx(candelas, rel=0.01, abs=0.01)


@pytest.mark.parametrize(("value", "candelas"), [(0.0, 0), (0.5, 50.6), (0.75, 203), (1.0, 1000)])
def test_hlg_on_a_screen_of_a_thousand_candelas(value, candelas):
    found = linear(grey(value), Signal(transfer=18))[0, 0, 0] * 203
    assert found == pytest.approx(candelas, rel=0.02, abs=0.05)


def test_srgb_and_simple_powers():
    assert linear(grey(0.5), Signal(transfer=13))[0, 0, 0] == pytest.approx(0.2140, abs=0.001)
    assert linear(grey(0.5), Signal(transfer=4))[0, 0, 0] == pytest.approx(0.2176, abs=0.001)
    assert linear(grey(0.5), Signal(transfer=8))[0, 0, 0] == 0.5


def test_light_that_a_screen_can_show_is_left_alone():
    light = grey(0.0, 0.2, 0.7, 1.0)
    assert np.array_equal(rolled_off(light), light)


@pytest.mark.parametrize("peak", [1.5, 5.0, 49.0])
def test_highlights_are_pressed_together_in_order_and_end_at_white(peak):
    light = grey(*np.linspace(0, peak, 500))
    shown = rolled_off(light)[0, :, 0]
    assert np.all(np.diff(shown) >= -1e-6) and shown.max() <= 1.001 and shown[-1] > 0.98
    assert np.allclose(shown[light[0, :, 0] < 0.6], light[0, :, 0][light[0, :, 0] < 0.6])


def test_highlights_keep_their_hue():
    shown = rolled_off(np.array([[[8.0, 4.0, 2.0], [10.0, 10.0, 10.0]]], np.float32))[0, 0]
    assert shown[0] / shown[1] == pytest.approx(2, rel=0.01) and shown[1] / shown[2] == pytest.approx(
        2, rel=0.01
    )


def test_what_is_no_light_does_not_raise():
    odd = np.array([[[np.float32(-1), 0, 2e30], [0, 0, 0]]], np.float32)
    assert show_linear(odd).dtype == np.uint8


def test_plain_signals_are_left_to_the_quick_way():
    assert Signal().is_plain and Signal(2, 2).is_plain and Signal(1, 1).is_plain
    assert not Signal(12, 13).is_plain and not Signal(1, 16).is_plain and not Signal(1, 8).is_plain
