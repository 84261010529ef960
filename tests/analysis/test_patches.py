"""Patches on point patterns whose truth is known; rates of many stand in docs/validation.md."""

from dataclasses import dataclass

import numpy as np
import pytest

from analysis import darkness, patches, trend
from analysis.arrays import Points
from analysis.gumbel import Gumbel
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


def test_a_small_area_is_not_judged() -> None:
    """Beyond 9 mm from its border, 66 x 4 mm are left."""

    def strip(x: Points, y: Points) -> Points:
        return np.asarray(y < 13, dtype=float)

    for share in (even, hole(6, 0.3)):
        narrow = found(Case(share, design=strip), 3)
        assert narrow.found == ()
        assert np.isnan(narrow.share[0])
    wide = found(Case(design=lambda x, y: np.asarray(y < 45, dtype=float)), 3)
    assert np.isfinite(wide.share[0])


def test_what_would_be_overlooked_is_in_the_error() -> None:
    """Of few dots a place must be wider to be told, and in a small area much passes for trend."""
    all_told, few = found(Case(), 3), found(Case(misses=0.85), 3)
    window = 36 * PX_PER_MM**2
    assert all_told.least * all_told.step_px**2 == pytest.approx(np.pi / 4 * window, rel=0.05)
    assert few.least > 1.9 * all_told.least
    assert few.share[1] > 1.9 * all_told.share[1]
    small = found(Case(design=lambda x, y: np.asarray(y < 19, dtype=float)), 3)
    assert small.share[1] * small.judged.sum() > 1.2 * all_told.share[1] * all_told.judged.sum()


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


@pytest.mark.parametrize("left", [0.05, 0.3])
def test_a_wide_hole_is_no_trend(left: float) -> None:
    """24 mm wide in a frame of 66 x 50: a quartic that starts on it follows it half down."""
    for seed in range(3):
        (patch,) = found(Case(hole(12, left)), seed).found
        assert patch.relative_density == pytest.approx(left, abs=0.2)


def test_two_patches_are_told_apart() -> None:
    def two(x: Points, y: Points) -> Points:
        return np.asarray(hole(5, 0.2)(x, y) * hole(5, 0.2)(x + 22, y))

    assert len(found(Case(two), 1).found) == 2


def test_the_same_dots_give_the_same_patches() -> None:
    first, again = (found(Case(hole(4, 0.4)), 2) for _ in range(2))
    assert [p.p_value for p in first.found] == [p.p_value for p in again.found]


def marked(
    seed: int, dark: Share = even, *, kept: Share = even, shine: Share | None = None
) -> Patches:
    """Patches of an even pattern whose dots are so dark at (x, y) in mm, skin so shiny."""
    rng = np.random.default_rng(seed)
    dots = kept_apart(110, rng)
    dots = dots[rng.random(len(dots)) < kept(*dots.T)]
    flux = dark(*dots.T) * rng.lognormal(0, 0.2, len(dots))
    down, across = (np.arange(n * PX_PER_MM // 2) * 2 / PX_PER_MM for n in (HEIGHT_MM, WIDTH_MM))
    half = np.full((len(down), len(across), 3), (0.5, 0.35, 0.25), dtype=np.float32)
    if shine is not None:
        veil = shine(*np.meshgrid(across, down)).astype(np.float32)
        half += (veil / (1 - veil) * 0.5)[..., None]
        flux = flux * (1 - shine(*dots.T))
    everywhere = np.ones((HEIGHT_MM * PX_PER_MM, WIDTH_MM * PX_PER_MM), dtype=bool)
    grid = trend.gridded(dots * PX_PER_MM, everywhere, everywhere, 6 * PX_PER_MM)
    density = trend.fit(grid, curved=True)
    return patches.find(density, darkness.of_dots(density, dots * PX_PER_MM, flux, half))


def spot(radius_mm: float, left: float) -> Share:
    """A smooth-edged place in the middle of the frame where so much is left."""

    def share(x: Points, y: Points) -> Points:
        far = np.hypot(x - WIDTH_MM / 2, y - HEIGHT_MM / 2)
        return np.asarray(1 - (1 - left) / (1 + np.exp(3 * (far - radius_mm))))

    return share


@pytest.mark.parametrize("radius_mm", [3, 6])
def test_a_pale_patch_is_found_and_called_so(radius_mm: float) -> None:
    (patch,) = marked(3, spot(radius_mm, 0.6)).found
    assert patch.kind == patches.PALE
    assert patch.relative_darkness == pytest.approx(0.65, abs=0.1)
    assert patch.relative_density == pytest.approx(1, abs=0.25)
    assert patch.p_value < 0.01


def test_a_smooth_gradient_of_darkness_is_no_pale_patch() -> None:
    def rising(x: Points, y: Points) -> Points:
        return np.asarray(0.6 + 0.8 * x / WIDTH_MM + 0.3 * (y / HEIGHT_MM) ** 2)

    assert not any(p.kind == patches.PALE for seed in range(3) for p in marked(seed, rising).found)


def test_a_sparse_place_is_not_told_once_more() -> None:
    found = marked(4, spot(6, 0.7), kept=spot(6, 0.2)).found
    assert [p.kind for p in found] == [patches.SPARSE]


def test_shine_that_pales_dots_is_no_patch() -> None:
    def shine(x: Points, y: Points) -> Points:
        return 1 - spot(6, 0.6)(x, y)

    assert len(marked(5, spot(6, 0.6)).found) == 1
    assert marked(5, shine=shine).found == ()


def test_pale_skin_is_found_where_dots_are_not_told_apart() -> None:
    """Treated skin darker by a tenth but for a place 13 mm wide, from its step at the border."""
    y, x = np.indices((360, 480)) / 4  # mm, at half of 8 px per mm
    treated = x < 85
    gone = np.hypot(x - 40, y - 45) < 13
    rng = np.random.default_rng(2)
    light = np.exp(-0.1 * treated + 0.2 * (x / 120) ** 2 + rng.normal(0, 0.03, x.shape))

    def found(shown: Points) -> Patches:
        half = (shown[..., None] * [0.5, 0.35, 0.25]).astype(np.float32)
        here = np.kron(treated, np.ones((2, 2), dtype=bool))
        everywhere, none = np.ones_like(here), np.zeros_like(here)
        return patches.find(None, darkness.of_tone(half, here, ~here, everywhere, none, 8.0))

    assert found(light).found == ()
    (patch,) = found(light * np.exp(0.1 * (treated & gone))).found
    assert patch.kind == patches.PALE
    assert patch.relative_darkness < 0.5
    assert np.isnan(patch.relative_density)


def test_nothing_is_judged_without_a_trend() -> None:
    assert patches.find(None).found == ()
    assert np.isnan(patches.find(None).share[0])


def test_no_patch_is_told_to_be_impossible_by_chance() -> None:
    chance = Gumbel.of(np.random.default_rng(1).gumbel(3, 0.5, 200))
    assert chance.p_value(chance.limit(0.01)) == pytest.approx(0.01)
    assert 0 < chance.p_value(1e4) < 1e-6
