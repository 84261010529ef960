"""Mottle: none on even scalps, more with a patch, alike from dots and from tone."""

from functools import lru_cache

import cv2
import numpy as np
import pytest

from analysis import mottle
from analysis.phantom import (
    Patch,
    PhoneOptics,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.scale import given
from analysis.stages import Stages
from analysis.tone import Estimate

PX_PER_MM = 14
PATCH = Patch(34, 0, radius_mm=9, share_lost=0.85, day=5)


@lru_cache(maxsize=2)
def read(patchy: bool) -> tuple[Estimate, Estimate]:
    """From dots, and from the tone of the same photo."""
    scalp = draw_scalp(Recipe(seed=62_303))
    state = state_on(scalp, Story(lost_share=0, patches=(PATCH,) if patchy else ()), 40)
    pose = Pose(1120, 840, PX_PER_MM, 40, 0, distance_mm=240)
    photo = photograph(scalp, state, pose, PhoneOptics(texture=0.6, gloss=0.03), seed=2)
    stages = Stages(photo.srgb_u8, given(PX_PER_MM))
    assert stages.level == "dot"
    areas = stages.areas
    tone = mottle.of_tone(
        stages.half[..., 0], areas.treated, areas.reference, stages.head,
        areas.glare & areas.skin, PX_PER_MM,
    )  # fmt: skip
    return stages.mottle, tone


def test_a_patch_raises_it() -> None:
    even, patchy = (read(p)[0] for p in (False, True))
    assert patchy[0] - even[0] > 1.5 * np.hypot(even[1], patchy[1])


@pytest.mark.parametrize("patchy", [False, True])
def test_dots_and_tone_read_the_same(patchy: bool) -> None:
    dots, tone = read(patchy)
    assert abs(dots[0] - tone[0]) < 2 * np.hypot(dots[1], tone[1])


def test_too_little_skin_is_not_judged() -> None:
    few = np.ones((60, 60), dtype=bool)
    light = np.full((60, 60), 0.4, dtype=np.float32)
    assert np.isnan(mottle.of_tone(light, few, ~few, few, ~few, 10)[0])


def test_skin_smoother_than_untreated_skin_has_no_mottle_but_an_error() -> None:
    left = np.zeros((600, 900), dtype=bool)
    left[:, :440] = True
    right, everywhere = np.flip(left, axis=1), np.ones_like(left)
    grain = np.random.default_rng(3).normal(0, 0.03, (30, 45))
    lumps = cv2.resize(grain, (900, 600), interpolation=cv2.INTER_CUBIC)
    light = (0.4 * np.exp(np.where(left, 0.2 * lumps, lumps))).astype(np.float32)
    value, stderr = mottle.of_tone(light, left, right, everywhere, ~everywhere, 6)
    assert value == 0
    assert stderr > 1e-4
    rough, error = mottle.of_tone(light, right, left, everywhere, ~everywhere, 6)
    assert rough > 3 * error
