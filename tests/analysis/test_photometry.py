"""Pigment per area of drawn photos against what was drawn, small dots and large."""

from dataclasses import dataclass

import pytest

from analysis.phantom import (
    PhoneOptics,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.other_optics import CompactOptics
from analysis.scale import given
from analysis.stages import Stages
from benchmarks.coverage import truth_of


@dataclass(frozen=True)
class View:
    """A photo's scale and blur, and from which camera."""

    optics: type[PhoneOptics] | type[CompactOptics]
    px_per_mm: float
    blur_px: float


@pytest.mark.parametrize(
    "view",
    [
        View(PhoneOptics, 14, 0.7),
        View(PhoneOptics, 14, 1.6),
        View(CompactOptics, 40, 2.4),  # fitted on a smaller picture
    ],
    ids=["small-sharp", "small-blurred", "large"],
)
def test_pigment_is_what_was_drawn(view: View) -> None:
    scalp = draw_scalp(Recipe(seed=62_410))
    state = state_on(scalp, Story(lost_share=0.05), 40)
    pose = Pose(1120, 840, view.px_per_mm, 40, 0, distance_mm=240)
    optics = view.optics(blur_px=view.blur_px, texture=0.8)
    photo = photograph(scalp, state, pose, optics, seed=3)
    stages = Stages(photo.srgb_u8, given(view.px_per_mm))
    assert stages.level == "dot"
    value, stderr = stages.pigment
    off = value / truth_of(photo, state, stages)["pigment_per_area"] - 1
    assert abs(off) < 0.07
    assert abs(off) < 2.5 * stderr / value
