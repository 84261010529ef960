"""Patches on point patterns whose truth is known; rates of many stand in docs/validation.md."""

from dataclasses import dataclass

import numpy as np
import pytest

from analysis import patches, trend
from analysis.arrays import Points
from analysis.patches import Patches
from tests.analysis.test_pattern import (
    HEIGHT_MM,
    PX_PER_MM,
    WIDTH_MM,
    Share,
    curved,
    feathered,
    hole,
    kept_apart,
)


def even(x: Points, y: Points) -> Points:
    return np.ones_like(x)


@dataclass(frozen=True)
class Case:
    """Share of dots kept at (x, y) in mm, the design, dots missed at random."""

    share: Share = even
    design: Share = even
    misses: float = 0.05


EVEN = {
    "even": Case(),
    "15 % missed": Case(misses=0.15),
    "30 % missed": Case(misses=0.3),
    "feathered": Case(design=feathered),
    "curved": Case(design=curved, misses=0.15),
}


def found(case: Case, seed: int) -> Patches:
    rng = np.random.default_rng(seed)
    dots = kept_apart(110, rng)
    x, y = dots.T
    dots = dots[rng.random(len(dots)) < case.share(x, y) * case.design(x, y) * (1 - case.misses)]
    down, across = (np.arange(n * PX_PER_MM) / PX_PER_MM for n in (HEIGHT_MM, WIDTH_MM))
    treated = case.design(*np.meshgrid(across, down)) > 0
    everywhere = np.ones_like(treated)
    return patches.find(
        trend.fit(trend.gridded(dots * PX_PER_MM, treated, everywhere, 6 * PX_PER_MM), curved=True)
    )


@pytest.mark.parametrize("name", EVEN)
def test_even_patterns_hardly_ever_show_a_patch(name: str) -> None:
    """At most 5 % are promised; of 8 at most one keeps this test's own false alarms below 6 %."""
    assert sum(bool(found(EVEN[name], seed).found) for seed in range(8)) <= 1


def test_a_large_patch_is_found_where_it_is() -> None:
    for seed in range(6):
        judged = found(Case(hole(6, 0.3)), seed)
        (patch,) = judged.found
        mm = judged.step_px / PX_PER_MM
        centre = (np.argwhere(patch.cells).mean(axis=0) + 0.5) * mm
        assert np.hypot(*(centre - [22, 36])) < 1.5
        assert patch.cells.sum() * mm**2 == pytest.approx(np.pi * 6**2, rel=0.35)
        assert patch.relative_density == pytest.approx(0.3, abs=0.2)
        assert patch.p_value < 0.01
        share, stderr = judged.share
        truth = np.pi * 6**2 / (judged.judged.sum() * mm**2)
        assert abs(share - truth) < 2 * stderr


def test_a_small_patch_is_mostly_found() -> None:
    """3 mm radius with half of its dots lost: 75 % are promised in sharp close-ups."""
    hits = sum(bool(found(Case(hole(3, 0.5)), seed).found) for seed in range(12))
    assert hits >= 7


def test_two_patches_are_told_apart() -> None:
    def two(x: Points, y: Points) -> Points:
        return np.asarray(hole(5, 0.2)(x, y) * hole(5, 0.2)(x + 22, y))

    assert len(found(Case(two), 1).found) == 2


def test_the_same_dots_give_the_same_patches() -> None:
    first, again = (found(Case(hole(4, 0.4)), 2) for _ in range(2))
    assert [p.p_value for p in first.found] == [p.p_value for p in again.found]


def test_nothing_is_judged_without_a_trend() -> None:
    assert patches.find(None).found == ()
    assert np.isnan(patches.find(None).share[0])
