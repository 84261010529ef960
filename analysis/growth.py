"""From a first guess around one dot to all dots that two patterns share, outwards step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Mask, Points
from analysis.constellation import Guess
from analysis.warp import Warp, nearest_both_ways

NOBODY = -1
_ROUNDS, _CLEANED_EVERY, _N_NEAR = 200, 5, 20
# Mean spacings to the fifth nearest match; farther while nothing grows, to pass shine and hair.
_REACH, _FARTHER = 2.8, 0.5
_GATE, _FIRST_GATE = 0.4, 0.6  # spacings
_N_AROUND, _LEAST_MET = 20, 0.28
_LEAST_MATCHES, _N_BEGINNING = 12, 41
_PASSES = 2
# In a wrong place partners fill the gate evenly: half of them lie beyond 0.28 spacings.
_N_WITNESSES, _MOST_OFF = 13, 0.2


@dataclass(frozen=True)
class Patterns:
    """Two dot patterns (n, 2) and (m, 2), px, to be laid on each other."""

    source: Points
    target: Points
    source_tree: cKDTree = field(repr=False)
    target_tree: cKDTree = field(repr=False)
    around: NDArray[np.int64] = field(repr=False)
    source_mean_spacing: float
    target_spacing: float

    @classmethod
    def of(cls, source: Points, target: Points) -> Patterns:
        """The patterns with what growing asks of them again and again."""
        trees = cKDTree(source), cKDTree(target)
        distance, near = trees[0].query(source, k=min(_N_AROUND + 1, len(source)))
        mean = float(np.median(distance[:, -1])) / np.sqrt(_N_AROUND / np.pi)
        nearest = float(np.median(trees[1].query(target, k=2)[0][:, 1]))
        return cls(source, target, *trees, near[:, 1:], mean, nearest)


def grown(patterns: Patterns, beginnings: Sequence[Guess]) -> NDArray[np.int64]:
    """The partner (n,) in `target` of each dot of `source`, or -1.

    Dots near matched ones are predicted by their map; who finds a free dot nearby is matched where
    enough of its neighbours are. Now and then those are dropped that the others contradict.
    """
    partner = _start(patterns, beginnings)
    tried = partner >= 0
    best, idle = partner, 0
    for turn in range(1, _ROUNDS + 1):
        again = turn % _CLEANED_EVERY == 0
        if again:
            partner = _cleaned(patterns, partner)
        if (partner >= 0).sum() < _LEAST_MATCHES:
            break
        gate = _FIRST_GATE if turn <= 2 else _GATE
        reach = _REACH * (1 + _FARTHER * idle) * patterns.source_mean_spacing
        tried = tried & (partner >= 0) if again or idle else tried
        partner, tried = _step(patterns, partner, tried, gate, reach)
        n, most = int((partner >= 0).sum()), int((best >= 0).sum())
        idle = 0 if n > 1.002 * most else idle + 1
        best = partner if n > most else best
        if idle >= _CLEANED_EVERY + 1:
            break
    return completed(patterns, best)


def completed(patterns: Patterns, partner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Partners (n,) of all dots that the map of some matches puts beside a dot."""
    for _ in range(_PASSES):
        partner = _cleaned(patterns, _mutual(patterns, partner))
    return partner


def warp_of(patterns: Patterns, partner: NDArray[np.int64], n_near: int = 24) -> Warp:
    """The map that matches tell."""
    matched = np.flatnonzero(partner >= 0)
    return Warp(patterns.source[matched], patterns.target[partner[matched]], n_near)


def _start(patterns: Patterns, beginnings: Sequence[Guess]) -> NDArray[np.int64]:
    partner = np.full(len(patterns.source), NOBODY)
    for guess in beginnings:
        near = patterns.source_tree.query(guess.centre, k=min(_N_BEGINNING, len(partner)))[1]
        near = near[partner[near] < 0]
        places = (patterns.source[near] - guess.centre) @ guess.slope.T + guess.offset
        _claim(patterns, partner, near, places, _GATE)
    return partner


def _step(
    patterns: Patterns, partner: NDArray[np.int64], tried: Mask, gate: float, reach_px: float
) -> tuple[NDArray[np.int64], Mask]:
    """One round outwards: partners and dots tried so far (n,)."""
    matches = warp_of(patterns, partner, _N_NEAR)
    waiting = np.flatnonzero(~tried & (partner < 0))
    reach = cKDTree(matches.source).query(patterns.source[waiting], k=5)[0][:, -1]
    active = waiting[reach < reach_px]
    partner, tried = partner.copy(), tried | (partner >= 0)
    if len(active):
        before = partner.copy()
        _claim(patterns, partner, active, matches(patterns.source[active]).xy, gate)
        tried[active] = True
        new = np.flatnonzero((partner >= 0) & (before < 0))
        around = patterns.around[new]
        met = ((partner[around] >= 0) & tried[around]).sum(axis=1)
        lonely = met < _LEAST_MET * np.maximum(tried[around].sum(axis=1), 1)
        partner[new[lonely]] = NOBODY
    return partner, tried


def _claim(
    patterns: Patterns,
    partner: NDArray[np.int64],
    dots: NDArray[np.int64],
    places: Points,
    gate: float,
) -> None:
    """Give dots the free dot nearest to where they are expected, nearest pairs first."""
    distance, near = patterns.target_tree.query(
        places, k=2, distance_upper_bound=gate * patterns.target_spacing
    )
    taken = np.zeros(len(patterns.target) + 1, dtype=bool)
    taken[partner[partner >= 0]] = True
    free = np.isfinite(distance) & ~taken[np.minimum(near, len(patterns.target))]
    rows, columns = np.nonzero(free)
    order = np.argsort(distance[rows, columns], kind="stable")
    rows, claimed = rows[order], near[rows[order], columns[order]]
    for row, dot in zip(rows.tolist(), claimed.tolist(), strict=True):
        if partner[dots[row]] < 0 and not taken[dot]:
            partner[dots[row]] = dot
            taken[dot] = True


def _cleaned(patterns: Patterns, partner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Without the matches that lie off where the others put them, or among others that do."""
    matched = np.flatnonzero(partner >= 0)
    if len(matched) < _LEAST_MATCHES:
        return partner
    matches = warp_of(patterns, partner)
    off = np.linalg.norm(matches.left_out() - matches.target, axis=1) / patterns.target_spacing
    near = cKDTree(matches.source).query(matches.source, k=min(_N_WITNESSES, len(matched)))[1]
    wrong = (off > _GATE) | (np.median(off[near], axis=1) > _MOST_OFF)
    kept = partner.copy()
    kept[matched[wrong]] = NOBODY
    return kept


def _mutual(patterns: Patterns, partner: NDArray[np.int64]) -> NDArray[np.int64]:
    """All dots within reach matched anew: each to the nearest, where both are nearest."""
    if (partner >= 0).sum() < _LEAST_MATCHES:
        return partner
    placed = warp_of(patterns, partner)(patterns.source)
    within = np.flatnonzero(placed.reach_px < 1.5 * _REACH * patterns.source_mean_spacing)
    gate = _GATE * patterns.target_spacing
    here, there = nearest_both_ways(placed.xy[within], patterns.target_tree, gate)
    matched = np.full(len(partner), NOBODY)
    matched[within[here]] = there
    return matched
