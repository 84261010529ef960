"""A smooth map between two photos of one skin, known at matched dots: locally affine.

Skin on a curved head, seen from two places and stretched a little, moves smoothly: within some
twenty dots' reach an affine map leaves a few hundredths of a dot's spacing (Taylor's next term).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Points

_ROUNDS = 2
_LEAST_MATCHES = 6
# Ridge on slopes, in squared reaches, for matches all on one line; more would shrink areas.
_RIDGE = 1e-6
_CHUNK = 20_000


def nearest_both_ways(
    places: Points, targets: cKDTree, within_px: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which places (n, 2) and which of some targets are each other's nearest, as indices (k,)."""
    distance, near = targets.query(places, distance_upper_bound=within_px)
    met = np.flatnonzero(np.isfinite(distance))
    back = cKDTree(places).query(targets.data[near[met]])[1]
    met = met[back == met]
    return met, near[met]


@dataclass(frozen=True)
class Placed:
    """Places (n, 2) in the other photo, px; the map's `slope` (n, 2, 2) there, px per px; the
    distance (n,) to the fifth nearest matched dot, px of the first photo.
    """

    xy: Points
    slope: Points
    reach_px: Points

    @property
    def enlargement(self) -> Points:
        """How many times larger areas are in the other photo (n,)."""
        return np.asarray(np.abs(np.linalg.det(self.slope)))


@dataclass(frozen=True)
class Warp:
    """Matched places `source` and `target` (n, 2), px; `n_near` of them tell the map anywhere."""

    source: Points
    target: Points
    n_near: int = 24

    def __len__(self) -> int:
        return len(self.source)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.source)

    def __call__(self, xy: Points) -> Placed:
        """Where places (n, 2) of the first photo lie in the second."""
        return self._placed(xy, without_nearest=False)

    def left_out(self) -> Points:
        """Each match's target (n, 2) as all the others tell it."""
        return self._placed(self.source, without_nearest=True).xy

    def inverted(self) -> Warp:
        """The map from the second photo to the first."""
        return Warp(self.target, self.source, self.n_near)

    def _placed(self, xy: Points, *, without_nearest: bool) -> Placed:
        first = int(without_nearest)
        n_near = min(self.n_near + first, len(self))
        if n_near - first < _LEAST_MATCHES:
            raise ValueError(f"a map needs {_LEAST_MATCHES} matches, got {len(self)}")
        parts = []
        for start in range(0, max(len(xy), 1), _CHUNK):
            at = xy[start : start + _CHUNK]
            distance, near = self._tree.query(at, k=n_near)
            parts.append(self._fitted(at, distance[:, first:], near[:, first:]))
        return Placed(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _fitted(
        self, at: Points, distance: Points, near: NDArray[np.int64]
    ) -> tuple[Points, Points, Points]:
        """Weighted affine fits (m): near matches weigh more, those that do not fit in less."""
        reach = distance[:, -1] * 1.01 + 1e-9
        source = (self.source[near] - at[:, None]) / reach[:, None, None]
        target = self.target[near]
        terms = np.concatenate([np.ones((*near.shape, 1)), source], axis=2)
        closeness = (1 - (distance / reach[:, None]) ** 2) ** 2 + 1e-3
        ridge = np.diag([0.0, _RIDGE, _RIDGE])
        weight = closeness
        for _ in range(_ROUNDS):
            weighted = np.swapaxes(terms * weight[..., None], 1, 2)
            total = weight.sum(axis=1)[:, None]
            middle = (weight[:, None] @ target)[:, 0] / total
            from_middle = target - middle[:, None]
            normal = weighted @ terms + ridge * total[..., None]
            fit = np.linalg.solve(normal, weighted @ from_middle)
            off = np.linalg.norm(from_middle - terms @ fit, axis=2)
            scale = 4.7 * np.median(off, axis=1)[:, None] + 1e-9
            weight = closeness * np.maximum(1 - (off / scale) ** 2, 0) ** 2 + 1e-9
        slope = np.swapaxes(fit[:, 1:], 1, 2) / reach[:, None, None]
        return fit[:, 0] + middle, slope, distance[:, min(4, distance.shape[1] - 1)]
