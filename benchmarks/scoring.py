"""How dots that were found are held against dots that are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Mask, Points
from analysis.phantom import Photograph, Truth

LEAST_COS_SLANT = 0.45
EDGE_PX = 2.0
N_RESAMPLES = 2000


@dataclass(frozen=True)
class Score:
    """One finder on one photo. Per detection (n,): `truth_of`, the index of its true dot or -1, and
    `scored`: not matched to an ignored dot; `error_px` (n, 2), found minus true, NaN unmatched.
    """

    n_hits: int
    n_found: int
    n_true: int
    truth_of: NDArray[np.int64]
    scored: Mask
    error_px: Points

    @property
    def precision(self) -> float:
        """Share of what was found that is there."""
        return self.n_hits / self.n_found if self.n_found else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.n_hits / self.n_true if self.n_true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.n_hits / max(self.n_found + self.n_true, 1)


def score(photo: Photograph, found: Points) -> Score:
    """Detections (n, 2) x, y against a photo's truth."""
    truth = photo.truth
    return score_points(
        truth.dots.xy_px, found, match_radius(truth), ignored(truth, photo.srgb_u8.shape)
    )


def score_points(true: Points, found: Points, radius_px: float, ignore: Mask) -> Score:
    """Detections (n, 2) against true places (m, 2), of which some (m,) are ignored with their
    detections.
    """
    truth_of = match(true, found, radius_px)
    matched = truth_of >= 0
    scored = ~matched
    scored[matched] = ~ignore[truth_of[matched]]
    error = np.full((len(found), 2), np.nan)
    error[matched] = found[matched] - true[truth_of[matched]]
    n_true = int((~ignore).sum())
    return Score(int((matched & scored).sum()), int(scored.sum()), n_true, truth_of, scored, error)


def match(true: Points, found: Points, radius_px: float) -> NDArray[np.int64]:
    """The true place (n,) of each detection, -1 for none: one to one, nearest pairs first."""
    truth_of = np.full(len(found), -1)
    if not len(true) or not len(found):
        return truth_of
    pairs = cKDTree(found).sparse_distance_matrix(
        cKDTree(true), radius_px, output_type="coo_matrix"
    )
    taken = np.zeros(len(true), dtype=bool)
    for pair in np.argsort(pairs.data, kind="stable"):
        of, to = pairs.row[pair], pairs.col[pair]
        if truth_of[of] < 0 and not taken[to]:
            truth_of[of], taken[to] = to, True
    return truth_of


def match_radius(truth: Truth) -> float:
    """Half a dot and at least 1.2 px, but never more than half the dots' spacing, in px."""
    return min(0.5 * spacing(truth), max(0.5 * diameter(truth), 1.2))


def diameter(truth: Truth) -> float:
    """Median diameter in px of the true dots that are not seen too slanted."""
    return float(np.median(truth.dots.diameter_px[truth.dots.cos_slant >= LEAST_COS_SLANT]))


def spacing(truth: Truth) -> float:
    """Median distance in px of each such dot's nearest neighbour."""
    nearest = cKDTree(truth.dots.xy_px).query(truth.dots.xy_px, k=2)[0][:, 1]
    return float(np.median(nearest[truth.dots.cos_slant >= LEAST_COS_SLANT]))


def ignored(truth: Truth, shape: tuple[int, ...]) -> Mask:
    """True dots (m,) that are seen too slanted or lie at the photo's edge."""
    x, y = truth.dots.xy_px.T
    height, width = shape[:2]
    nearest_edge = np.min([x, y, width - 1 - x, height - 1 - y], axis=0)
    return np.asarray((truth.dots.cos_slant < LEAST_COS_SLANT) | (nearest_edge < EDGE_PX))


def interval(values: list[float]) -> tuple[float, float, float]:
    """Mean of values, one per photo, and its 95 % bootstrap interval over photos."""
    sample = np.asarray(values, dtype=float)
    rng = np.random.default_rng(0)
    means = sample[rng.integers(0, len(sample), (N_RESAMPLES, len(sample)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(sample.mean()), float(low), float(high)
