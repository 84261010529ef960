"""A map carried over holes: places where no dot matches any more, between dots that do.

Where nearly all dots of a place are gone nothing there tells the map. But skin moves smoothly, so
what lies all around tells it: holes 24 and 44 spacings wide, left out of drawn pairs, were put 0.02
and 0.04 spacings off in the median, 0.09 at most, by quadratics of 200 matches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, cKDTree

from analysis.arrays import Mask, Points
from analysis.warp import Warp, nearest_both_ways

# All in mean spacings of the baseline's dots: how far matches are looked for in each direction, in
# what steps and how near to those; how far around what is left of a place is counted.
_FARTHEST, _STEP, _NEAR, _AROUND = 36.0, 2.0, 1.5, 3.0
_N_DIRECTIONS = 8
_MOST_LEFT = 0.5
_N_NEAR, _ROUNDS, _CHUNK = 200, 3, 500


def holes(
    warp: Warp, dots: Points, unknown: Mask, followup: Points, spacing_px: float
) -> tuple[NDArray[np.int64], Points]:
    """Which of the baseline's dots (n, 2) lie in holes of the follow-up's (m, 2), as indices (k,),
    and where (k, 2) they would be in it.

    `unknown` (n,): where the map says nothing. A hole is surrounded by matches and shows less than
    half as many dots; where it shows more, the map failed and not the dots.
    """
    within = np.flatnonzero(unknown)
    if not len(within) or len(warp) < _N_NEAR:
        return within[:0], dots[:0]
    # Most of what is unknown lies beyond all matches, where a hull tells it at once.
    hull: Points = ConvexHull(warp.source).equations
    within = within[(dots[within] @ hull[:, :2].T + hull[:, 2] < 0).all(axis=1)]
    within = within[_surrounded(warp, dots[within], spacing_px)]
    placed = carried(warp, dots[within])
    enlargement = np.sqrt(np.median(warp(warp.source[:: max(1, len(warp) // 500)]).enlargement))
    before = _counted(dots, dots[within], _AROUND * spacing_px)
    left = _counted(followup, placed, _AROUND * spacing_px * float(enlargement))
    is_hole = left < _MOST_LEFT * before
    return within[is_hole], placed[is_hole]


def survivors(
    placed: Points, followup: Points, taken: Mask, gate_px: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which dots of holes, put at places (k, 2), are still there, and which of the follow-up's (m,
    2) they are: nearest to each other, within a gate, of those that are not `taken` (m,).
    """
    free = np.flatnonzero(~taken)
    if not len(free) or not len(placed):
        return free[:0], free[:0]
    still, theirs = nearest_both_ways(placed, cKDTree(followup[free]), gate_px)
    return still, free[theirs]


def carried(warp: Warp, xy: Points) -> Points:
    """Where places (k, 2) of holes lie in the follow-up, by quadratics of the matches around."""
    tree, placed = cKDTree(warp.source), np.empty_like(xy)
    for start in range(0, len(xy), _CHUNK):
        here = slice(start, start + _CHUNK)
        at = xy[here]
        distance, near = tree.query(at, k=min(_N_NEAR, len(warp)))
        u, v = np.moveaxis((warp.source[near] - at[:, None]) / distance[:, -1:, None], 2, 0)
        terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=2)
        target = warp.target[near]
        weight = np.ones_like(u)
        for _ in range(_ROUNDS):
            weighted = np.swapaxes(terms * weight[..., None], 1, 2)
            fit = np.linalg.solve(weighted @ terms, weighted @ target)
            off = np.linalg.norm(target - terms @ fit, axis=2)
            weight = 1 / (1 + (off / (3 * np.median(off, axis=1)[:, None] + 1e-9)) ** 2)
        placed[here] = fit[:, 0]
    return placed


def _surrounded(warp: Warp, xy: Points, spacing_px: float) -> Mask:
    """Which places (k, 2) have matches in every direction."""
    tree = cKDTree(warp.source)
    turn = 2 * np.pi * np.arange(_N_DIRECTIONS) / _N_DIRECTIONS
    directions = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    met = np.zeros((len(xy), _N_DIRECTIONS), dtype=bool)
    for far in np.arange(_STEP, _FARTHEST, _STEP) * spacing_px:
        looked = xy[:, None] + far * directions
        met |= tree.query(looked, distance_upper_bound=_NEAR * spacing_px)[0] < np.inf
    return np.asarray(met.all(axis=1))


def _counted(dots: Points, at: Points, radius_px: float) -> NDArray[np.int64]:
    """How many dots (n, 2) lie around each place (k, 2)."""
    return np.asarray(cKDTree(dots).query_ball_point(at, radius_px, return_length=True))
