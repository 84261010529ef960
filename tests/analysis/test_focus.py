"""Where a photo is sharp, and patches that a smear on the lens only seems to make."""

from functools import lru_cache

import numpy as np

from analysis import colour, focus
from analysis.arrays import Pixels
from analysis.phantom import (
    Patch,
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.pipeline import measure
from analysis.scale import given
from benchmarks.pair_photos import smeared

PX_PER_MM = 18.0
POSE = Pose(1200, 900, PX_PER_MM, 13, 180, 220)
SMEAR_MM = 7.0


@lru_cache(maxsize=2)
def photo(*patches: Patch) -> Photograph:
    scalp = draw_scalp(Recipe(seed=61, dots_per_cm2=105))
    state = state_on(scalp, Story(patches=patches), 60)
    return photograph(scalp, state, POSE, PhoneOptics(blur_px=0.9), seed=4)


def smear(srgb_u8: Pixels) -> Pixels:
    return smeared(srgb_u8, SMEAR_MM * PX_PER_MM, 8.0)


def sharp_in_the_middle(shown: Photograph, srgb_u8: Pixels) -> tuple[float, float]:
    """Share of the middle that is sharp, and of all else."""
    light = colour.linear(np.ascontiguousarray(srgb_u8[..., 1]))
    everywhere = np.ones(light.shape, dtype=bool)
    xy = shown.truth.dots.xy_px
    found = focus.sharp(light, everywhere, xy, 0.42 * PX_PER_MM, 0.6 * PX_PER_MM)
    y, x = np.indices(light.shape)
    far = np.hypot(x - 600, y - 450) / PX_PER_MM
    return float(found[far < 0.8 * SMEAR_MM].mean()), float(found[far > 1.3 * SMEAR_MM].mean())


def test_a_smear_is_not_sharp_and_bare_skin_is() -> None:
    even, hole = photo(), photo(Patch(13, 180, 7, 0.95, 5))
    inside, around = sharp_in_the_middle(even, smear(even.srgb_u8))
    assert inside < 0.1
    assert around > 0.95
    assert min(sharp_in_the_middle(hole, hole.srgb_u8)) > 0.9


def test_a_smear_makes_no_patch_and_a_hole_does() -> None:
    even, hole = photo(), photo(Patch(13, 180, 7, 0.95, 5))
    kinds = [
        [p.kind for p in measure(srgb_u8, scale=given(PX_PER_MM)).patches]
        for srgb_u8 in (smear(even.srgb_u8), hole.srgb_u8)
    ]
    assert kinds == [[], ["sparse"]]
