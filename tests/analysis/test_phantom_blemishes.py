"""Blemishes of a drawn scalp: each marks its own place, and leaves truth and the rest alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis import colour
from analysis.arrays import Floats
from analysis.phantom import (
    Optics,
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.other_optics import CompactOptics

OPTICS: list[Optics] = [PhoneOptics(), CompactOptics()]
PLAIN = Recipe(seed=3, dots_per_cm2=15, n_moles=0)
TOP, FRONT, BACK = Pose(240, 180, 6, 20, 0), Pose(240, 180, 2, 58, 0), Pose(240, 180, 3, 76, 180)


def drawn(pose: Pose, day: float = 30, optics: Optics = OPTICS[0], **asked: Any) -> Photograph:
    scalp = draw_scalp(replace(PLAIN, **asked))
    return photograph(scalp, state_on(scalp, Story(), day), pose, optics, seed=1)


def darker(marked: Photograph, plain: Photograph) -> Floats:
    """Optical density (H, W) that marks add."""
    added = colour.optical_density(marked.srgb_u8) - colour.optical_density(plain.srgb_u8)
    return np.asarray(added)


@pytest.mark.parametrize("optics", OPTICS, ids=lambda o: type(o).__name__)
def test_flakes_and_glints_are_few_bright_spots(optics: Optics) -> None:
    added = darker(drawn(TOP, optics=optics, n_flakes=900, n_glints=900), drawn(TOP, optics=optics))
    assert 0.001 < np.mean(added < -0.06) < 0.2
    assert np.mean(added > 0.06) < 0.002


@pytest.mark.parametrize("optics", OPTICS, ids=lambda o: type(o).__name__)
def test_scabs_are_dark_and_fall_off(optics: Optics) -> None:
    fresh, healed = (
        darker(drawn(TOP, day, optics, n_scabs=1500), drawn(TOP, day, optics)) for day in (2, 30)
    )
    assert np.mean(fresh > 0.1) > 0.01
    assert not healed.any()


def test_furrows_shade_the_forehead_only() -> None:
    marked, plain = drawn(FRONT, n_furrows=4), drawn(FRONT)
    added = np.abs(darker(marked, plain))
    assert added[plain.truth.reference].max() > 0.05
    assert np.median(added[plain.truth.treated]) < 0.01
    assert np.array_equal(marked.truth.treated, plain.truth.treated)


def test_a_scar_is_paler_and_pinker_than_the_skin_around_it() -> None:
    marked, plain = (colour.linear(drawn(BACK, scar_mm=w).srgb_u8)[85:95, 100:140] for w in (8, 0))
    ratio = np.log10(marked / plain).mean(axis=(0, 1))
    assert ratio[0] > 0.02
    assert ratio[0] > ratio[1]


def test_chalk_marks_the_front_border() -> None:
    marked, plain = drawn(FRONT, chalk_mm=3), drawn(FRONT)
    rows, columns = np.nonzero(darker(marked, plain) < -0.1)
    assert len(rows) > 200
    edge = plain.truth.treated[rows - 4, columns] != plain.truth.treated[rows + 4, columns]
    assert edge.mean() > 0.8


def test_hairs_can_lie_all_one_way() -> None:
    for spread in (0.05, 0.35):
        stubble = draw_scalp(replace(PLAIN, stubble_spread_rad=spread)).stubble
        x, y, _ = stubble.points_mm.T
        off = stubble.angle_rad + np.arctan2(y + 25, x)
        assert np.std(off) == pytest.approx(spread, rel=0.1)
