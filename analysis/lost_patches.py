"""Places where more dots were lost than chance spreads about: a scan over kept and lost dots.

Kulldorff's scan statistic for labels (1997, doi:10.1080/03610929708831995): the likeliest of all
windows is held against those of shuffled labels. Labels are shuffled among dots that are seen
alike, so that a blurred corner is not taken for a patch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from analysis.arrays import Mask, Points
from analysis.gumbel import Gumbel

_WINDOW_DOTS = np.array([12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 675, 1000, 1500])
_MOST_CENTRES, _N_SHUFFLES, _N_STRATA = 1200, 199, 4
_LEAST_DOTS = 300
_MOST_SHARE = 0.25  # of all dots in one window
_LEAST_P = 0.05
_CHUNK = 20


@dataclass(frozen=True)
class LostPatch:
    """A round place (`centre` (2,), `radius_px`) where `share_lost` of the dots are lost; `p_value`
    of anything as unlikely on the whole photo.
    """

    centre: Points
    radius_px: float
    share_lost: float
    p_value: float

    def holds(self, xy: Points) -> Mask:
        """Which places (n, 2) lie in it."""
        return np.asarray(np.linalg.norm(xy - self.centre, axis=1) <= self.radius_px)

    @property
    def outline(self) -> Points:
        """Corners (24, 2) around it."""
        turn = 2 * np.pi * np.arange(24) / 24
        return self.centre + self.radius_px * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def lost_patches(xy: Points, lost: Mask, visibility: Points) -> tuple[LostPatch, ...]:
    """Patches among dots at `xy` (n, 2), of which some are `lost` (n,); `visibility` (n,) ranks how
    well each could be seen. The least likely by chance comes first; what touches it belongs to it.
    """
    if len(xy) < _LEAST_DOTS or not lost.any():
        return ()
    windows = _Windows.of(xy)
    scores = windows.scores(lost[None])[0]
    chance = Gumbel.of(_shuffled_best(lost, visibility, windows))
    found: list[LostPatch] = []
    for at in np.argsort(-scores, axis=None, kind="stable"):
        row, column = np.unravel_index(at, scores.shape)
        p_value = chance.p_value(float(scores[row, column]))
        if p_value > _LEAST_P or scores[row, column] <= 0:
            break
        centre, radius = windows.centres[row], float(windows.radii[row, column])
        if any(np.linalg.norm(p.centre - centre) < p.radius_px + radius for p in found):
            continue
        patch = LostPatch(centre, radius, 0.0, p_value)
        found.append(replace(patch, share_lost=float(lost[patch.holds(xy)].mean())))
    return tuple(found)


@dataclass(frozen=True)
class _Windows:
    """Round windows around some dots, each of some `sizes` (s,) in dots: `centres` (c, 2), `radii`
    (c, s), and which of the n dots lie in each but not in the next smaller one (c * s, n).
    """

    centres: Points
    sizes: NDArray[np.int64]
    radii: Points
    rings: csr_array

    @classmethod
    def of(cls, xy: Points) -> _Windows:
        sizes = _WINDOW_DOTS[_MOST_SHARE * len(xy) > _WINDOW_DOTS]
        centres = xy[:: max(1, len(xy) // _MOST_CENTRES)]
        distance, near = cKDTree(xy).query(centres, k=int(sizes[-1]))
        widths = np.diff(sizes, prepend=0)
        bounds = np.r_[0, np.cumsum(np.tile(widths, len(centres)))]
        rings = csr_array(
            (np.ones(near.size, dtype=np.float32), near.ravel(), bounds),
            shape=(len(centres) * len(sizes), len(xy)),
        )
        return cls(centres, sizes, distance[:, sizes - 1], rings)

    def scores(self, lost: Mask) -> Points:
        """Log likelihood ratio (k, c, s) of k labellings (k, n) with as many lost: more lost inside
        than out; 0 where not more.
        """
        k, n = lost.shape
        total, sizes = float(lost[0].sum()), self.sizes
        in_rings = (self.rings @ lost.T.astype(np.float32)).T.reshape(k, -1, len(sizes))
        inside = np.cumsum(in_rings, axis=2, dtype=np.float64)
        outside = total - inside
        p_in, p_out = inside / sizes, outside / (n - sizes)
        ratio = (
            _entropy(inside, p_in, sizes)
            + _entropy(outside, p_out, n - sizes)
            - _entropy(np.asarray(total), np.asarray(total / n), np.asarray(n))
        )
        return np.where(p_in > p_out, ratio, 0.0)


def _entropy(lost: Points, p: Points, n: NDArray[np.int64]) -> Points:
    """Log likelihood of `lost` out of n at their own rate."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    value: Points = lost * np.log(p) + (n - lost) * np.log(1 - p)
    return value


def _shuffled_best(lost: Mask, visibility: Points, windows: _Windows) -> Points:
    """The best score of each shuffling."""
    rng = np.random.default_rng(0)
    rank = np.argsort(np.argsort(visibility, kind="stable"), kind="stable")
    stratum = rank * _N_STRATA // len(lost)
    members = [np.flatnonzero(stratum == s) for s in range(_N_STRATA)]
    best = []
    for first in range(0, _N_SHUFFLES, _CHUNK):
        labels = np.repeat(lost[None], min(_CHUNK, _N_SHUFFLES - first), axis=0)
        for row in labels:
            for dots in members:
                row[dots] = row[rng.permutation(dots)]
        best.append(windows.scores(labels).max(axis=(1, 2)))
    return np.concatenate(best)
