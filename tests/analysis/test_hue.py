"""Pigment that turns blue or red on skin of any tone, under any lamp; grey pigment does not."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from analysis import hue
from analysis.dots import Dots
from analysis.phantom import Recipe, Story, draw_scalp, state_on
from analysis.phantom.scene import pigment_tint
from analysis.plate import NO_PLATE, Plate

FAIR, DARK, WARM_LAMP = (0.5, 0.34, 0.26), (0.2, 0.11, 0.07), (0.6, 0.34, 0.2)
SIZE_PX, STEP_PX = 6.0, 14


def drawn(skin: tuple[float, float, float], bluer: float, depth: float = 0.4) -> Plate:
    """Blurred dots on a lattice; `depth`: optical density in green."""
    side = STEP_PX * 14
    at = (np.indices((13, 13)).reshape(2, -1).T + 1) * float(STEP_PX)
    density = np.zeros((side, side), dtype=np.float32)
    for x, y in at.astype(int).tolist():
        cv2.circle(density, (x, y), 2, depth, -1)
    tint = np.array([1 + bluer, 1, 1 - bluer], dtype=np.float32)
    light = np.array(skin, dtype=np.float32) * 10 ** (-density[..., None] * tint)
    light = cv2.GaussianBlur(light, (0, 0), 1.0)
    srgb = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    srgb += np.random.default_rng(5).normal(0, 0.7, srgb.shape)
    ones = np.ones(len(at))
    dots = Dots(*at.T, SIZE_PX * ones, 0.3 * ones, ones, 0.2 * ones, ones, 0 * ones)
    return replace(NO_PLATE, srgb_u8=np.rint(srgb).astype(np.uint8), dots=dots, size_px=SIZE_PX)


def turn(before: Plate, after: Plate) -> float:
    return hue.turned(*(hue.pigment_hue(p.taken) for p in (before, after)))


@pytest.mark.parametrize("skin", [FAIR, DARK, WARM_LAMP])
def test_blue_turns_down_and_red_up(skin: tuple[float, float, float]) -> None:
    grey = drawn(skin, 0.0)
    assert turn(grey, drawn(skin, 0.1)) == pytest.approx(-15, abs=3)
    assert turn(grey, drawn(skin, -0.1)) == pytest.approx(15, abs=3)


def test_skin_lamp_and_fading_turn_nothing() -> None:
    for other in (drawn(DARK, 0.0), drawn(WARM_LAMP, 0.0), drawn(FAIR, 0.0, depth=0.25)):
        assert abs(turn(drawn(FAIR, 0.0), other)) < 2.5


def test_the_shorter_way_round_is_told() -> None:
    assert hue.turned(170, -175) == 15
    assert hue.turned(-175, 170) == -15


def test_a_phantoms_pigment_drifts_from_day_28_on() -> None:
    scalp = draw_scalp(Recipe(seed=66_010, dots_per_cm2=5, pores_per_cm2=0, stubble_per_cm2=0))
    story = Story(bluer_per_week=0.01)
    assert state_on(scalp, story, 20).bluer == 0
    late = state_on(scalp, story, 28 + 70)
    red, green, blue = pigment_tint(late)
    assert (red, green, blue) == pytest.approx((1.1, 1, 0.9), abs=1e-3)
