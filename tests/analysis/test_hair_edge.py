"""Hair beside the dots: moved back, as it was, or none."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.flags import Flag
from analysis.phantom import PhoneOptics, Pose, Recipe, Story, draw_scalp, photograph, state_on
from analysis.phantom.person import Person
from analysis.pipeline import PhotoMeasurement, compare, measure
from analysis.scale import given

POSE = Pose(1100, 900, 13, 60, 90, 220)
HAIR = Person(hair_mm=9.0, hair_from_deg=65.0)
SCALP = draw_scalp(Recipe(seed=62_101, melanin=0.2, dots_per_cm2=110, dot_od=0.45))
MM_A_DEGREE = 1.48


def photo(day: int, person: Person) -> PhotoMeasurement:
    """Another light, stance and lie of the hair each day."""
    pose = replace(POSE, roll_deg=day / 20, tilt_deg=day / 20, tilt_towards_deg=60)
    optics = PhoneOptics(light_deg=220 + day / 2, exposure=0.9)
    state = state_on(SCALP, Story(), day)
    drawn = photograph(SCALP, state, pose, optics, seed=day, person=replace(person, seed=day))
    return measure(drawn.srgb_u8, scale=given(pose.px_per_mm), comparable=True)


@pytest.fixture(scope="module")
def baseline() -> PhotoMeasurement:
    return photo(42, HAIR)


@pytest.mark.parametrize("moved_mm", [0.0, 6.0])
def test_hair_that_moved_back_is_told_with_its_error(
    baseline: PhotoMeasurement, moved_mm: float
) -> None:
    person = replace(HAIR, hair_from_deg=HAIR.hair_from_deg + moved_mm / MM_A_DEGREE)
    results = compare(baseline, photo(56, person)).results
    found, in_px = results["hair_edge_moved_mm"], results["hair_edge_moved"]
    assert found.value == pytest.approx(moved_mm, abs=1.2)
    assert 0.3 < found.stderr < 1.3
    assert in_px.value == pytest.approx(POSE.px_per_mm * found.value)
    assert (found.value > 3 * found.stderr) == (moved_mm > 0)


def test_without_hair_or_scale_the_flag_says_why(baseline: PhotoMeasurement) -> None:
    bald = photo(60, Person())
    grown = compare(bald, baseline).results["hair_edge_moved"]
    assert (np.isnan(grown.value), grown.flags) == (True, Flag.NO_HAIR_EDGE)
    gone = compare(baseline, bald).results["hair_edge_moved_mm"]
    assert gone.value > 10
    unscaled = compare(replace(baseline, scale=None), bald).results
    assert unscaled["hair_edge_moved_mm"].flags == Flag.NO_SCALE
    assert np.isfinite(unscaled["hair_edge_moved"].value)
