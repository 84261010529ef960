"""Evenness on point patterns alone, against the spread of the intensity they were drawn from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.spatial import cKDTree

from analysis import trend
from analysis.arrays import Floats, Mask, Points
from analysis.pattern import Evenness, evenness

PX_PER_MM, WIDTH_MM, HEIGHT_MM = 10, 66, 50
Share = Callable[[Points, Points], Points]


@dataclass(frozen=True)
class Case:
    """Share of dots kept at (x, y) in mm: what is judged, and the design, which is not."""

    share: Share = lambda x, y: np.ones_like(x)
    design: Share = lambda x, y: np.ones_like(x)
    per_cm2: float = 100
    misses: float = 0.1


def hole(radius_mm: float, left: float) -> Share:
    return lambda x, y: np.where(np.hypot(x - 36, y - 22) < radius_mm, left, 1.0)


def feathered(x: Points, y: Points) -> Points:
    return np.asarray(np.where(y < 8, 0, np.clip(0.35 + 0.65 * (y - 8) / 12, 0, 1)))


def curved(x: Points, y: Points) -> Points:
    """A head of 88 mm radius, relative to its own greatest density in the picture."""
    return np.asarray(np.sqrt(1 - 0.26) / np.sqrt(1 - ((x - 33) ** 2 + (y - 25) ** 2) / 88**2))


CASES = {
    "even": Case(),
    "misses": Case(misses=0.3),
    "sparse": Case(per_cm2=60),
    "curved": Case(design=curved, per_cm2=120),
    "feathered": Case(design=feathered),
    "hole": Case(share=hole(5, 0.2)),
    "large hole": Case(share=hole(8, 0.2)),
    "curved hole": Case(share=hole(6, 0.2), design=curved, per_cm2=120),
}


def kept_apart(per_cm2: float, rng: np.random.Generator) -> Points:
    """Dots (n, 2) in mm, none nearer than 0.62 of the mean spacing."""
    least, n = 6.2 / np.sqrt(per_cm2), int(WIDTH_MM * HEIGHT_MM * per_cm2 / 100)
    dots: Points = np.empty((0, 2))
    while len(dots) < n:
        fresh = rng.random((2 * (n - len(dots)), 2)) * [WIDTH_MM, HEIGHT_MM]
        if len(dots):
            fresh = fresh[cKDTree(dots).query(fresh)[0] >= least]
        pairs = cKDTree(fresh).query_pairs(least, output_type="ndarray")
        fresh = np.delete(fresh, np.unique(pairs.max(axis=1)) if len(pairs) else [], axis=0)
        dots = np.vstack([dots, fresh[: n - len(dots)]])
    return dots


def judged(case: Case, seed: int) -> tuple[Evenness, float]:
    """What is read, and the truth: the spread of the share over the places judged."""
    import cv2

    rng = np.random.default_rng(seed)
    dots = kept_apart(case.per_cm2, rng)
    x, y = dots.T
    dots = dots[rng.random(len(dots)) < case.share(x, y) * case.design(x, y) * (1 - case.misses)]
    false = rng.random((len(dots) // 20, 2)) * [WIDTH_MM, HEIGHT_MM]
    down, across = (np.arange(n * PX_PER_MM) / PX_PER_MM for n in (HEIGHT_MM, WIDTH_MM))
    xx, yy = np.meshgrid(across, down)
    treated: Mask = case.design(xx, yy) > 0
    false = false[case.design(*false.T) > 0]
    everywhere = np.ones_like(treated)
    xy = np.vstack([dots, false]) * PX_PER_MM
    found = evenness(trend.fit(trend.gridded(xy, treated, everywhere, 6 * PX_PER_MM)))
    share: Floats = (0.95 * case.share(xx, yy) + 0.05).astype(np.float32)
    window = cv2.GaussianBlur(share, (0, 0), 1.69 * PX_PER_MM, borderType=cv2.BORDER_REFLECT)
    cells = np.argwhere(np.isfinite(found.density))
    rows, columns = ((cells + 0.5) * found.step_px).astype(int).T
    values = window[rows, columns]
    return found, 1 - float(values.std() / values.mean())


@pytest.mark.parametrize("name", CASES)
def test_reads_the_spread_of_the_intensity(name: str) -> None:
    read = [judged(CASES[name], seed) for seed in range(8)]
    errors = np.array([found.value - truth for found, truth in read])
    stderr = np.array([found.stderr for found, _ in read])
    assert abs(errors.mean()) < 0.03
    assert np.mean(np.abs(errors) < 1.96 * stderr) >= 7 / 8
    assert (stderr < 0.05).all()


def test_a_whole_head_is_judged_without_its_rim() -> None:
    """A sphere of 80 mm radius seen from afar, 100 dots per cm2, strewn at random."""
    rng = np.random.default_rng(3)
    away = rng.normal(size=(80_000, 3))
    away *= 80 / np.linalg.norm(away, axis=1, keepdims=True)
    dots = (away[away[:, 2] > 0, :2][:40_000] + 90) * 8
    y, x = np.indices((1440, 1440)) / 8 - 90
    head = np.hypot(x, y) < 80
    found = evenness(trend.fit(trend.gridded(dots, head, head, 48)))
    assert found.value > 0.95
    inside = np.isfinite(found.density)
    assert 0.4 < inside.sum() * found.step_px**2 / (head.sum()) < 0.65


def test_too_little_skin_is_not_judged() -> None:
    mask = np.ones((200, 200), dtype=bool)
    dots = np.random.default_rng(1).random((400, 2)) * 200
    assert np.isnan(evenness(trend.fit(trend.gridded(dots, mask, mask, 80))).value)
    assert trend.fit(trend.gridded(dots[:100], mask, mask, 20)) is None
