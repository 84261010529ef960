"""Places where more dots were lost than chance spreads about: a scan over kept and lost dots.

Kulldorff's scan statistic for labels (1997, doi:10.1080/03610929708831995): the likeliest of all
windows is held against those of shuffled labels. Labels are shuffled among dots that are seen
alike, so that a blurred corner is not taken for a patch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Mask, Points
from analysis.gumbel import Gumbel

_WINDOW_DOTS = np.array([12, 18, 27, 40, 60, 90, 135])
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

    @property
    def outline(self) -> Points:
        """Corners (24, 2) around it."""
        turn = 2 * np.pi * np.arange(24) / 24
        return self.centre + self.radius_px * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def lost_patches(xy: Points, lost: Mask, visibility: Points) -> tuple[LostPatch, ...]:
    """Patches among dots at `xy` (n, 2), of which some are `lost` (n,); `visibility` (n,) ranks how
    well each could be seen. Patches do not overlap; the least likely by chance comes first.
    """
    if len(xy) < _LEAST_DOTS or not lost.any():
        return ()
    sizes = _WINDOW_DOTS[_MOST_SHARE * len(xy) > _WINDOW_DOTS]
    centres = np.arange(0, len(xy), max(1, len(xy) // _MOST_CENTRES))
    distance, near = cKDTree(xy).query(xy[centres], k=int(sizes[-1]))
    scores = _scores(lost[None], near, sizes, float(lost.mean()))[0]
    chance = Gumbel.of(_shuffled_best(lost, visibility, near, sizes))
    found: list[LostPatch] = []
    taken = np.zeros(len(xy), dtype=bool)
    for at in np.argsort(-scores, axis=None, kind="stable"):
        row, column = np.unravel_index(at, scores.shape)
        p_value = chance.p_value(float(scores[row, column]))
        if p_value > _LEAST_P or scores[row, column] <= 0:
            break
        inside = near[row, : sizes[column]]
        if taken[inside].any():
            continue
        taken[inside] = True
        radius = float(distance[row, sizes[column] - 1])
        found.append(LostPatch(xy[centres[row]], radius, float(lost[inside].mean()), p_value))
    return tuple(found)


def _scores(lost: Mask, near: NDArray[np.int64], sizes: NDArray[np.int64], share: float) -> Points:
    """Log likelihood ratio (k, centres, sizes) of k labellings (k, n): more lost inside than out;
    0 where not more.
    """
    n = lost.shape[1]
    total = n * share
    inside = np.cumsum(lost[:, near], axis=2, dtype=np.int32)[:, :, sizes - 1].astype(float)
    outside = total - inside
    p_in, p_out = inside / sizes, outside / (n - sizes)
    ratio = (
        _entropy(inside, p_in, sizes)
        + _entropy(outside, p_out, n - sizes)
        - _entropy(np.asarray(total), np.asarray(share), np.asarray(n))
    )
    return np.where(p_in > p_out, ratio, 0.0)


def _entropy(lost: Points, p: Points, n: NDArray[np.int64]) -> Points:
    """Log likelihood of `lost` out of n at their own rate."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    value: Points = lost * np.log(p) + (n - lost) * np.log(1 - p)
    return value


def _shuffled_best(
    lost: Mask, visibility: Points, near: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Points:
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
        best.append(_scores(labels, near, sizes, float(lost.mean())).max(axis=(1, 2)))
    return np.concatenate(best)
