"""First guesses how one dot pattern lies in another, from the shapes that neighbouring dots make.

Four dots make a code that shift, turn and size leave alone (Lang et al. 2010, Astronomical Journal
139, 1782, doi:10.1088/0004-6256/139/5/1782). Codes know handedness: a mirrored scalp has others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Points

N_NEIGHBOURS = 7
_TRIPLES = np.array(list(combinations(range(1, N_NEIGHBOURS + 1), 3)))
_QUADS = np.concatenate([np.zeros((len(_TRIPLES), 1), int), _TRIPLES], axis=1)
_PAIRS = np.array(list(combinations(range(4), 2)))
_OTHERS = np.array([[k for k in range(4) if k not in pair] for pair in _PAIRS])
_CODE_RADIUS, _CODES_TRIED = 0.08, 4
# Dots of the target that give codes: of more, every second or third dot is enough.
_MOST_CODED = 4000
_BATCH = 60
_N_HINT, _HINT_GATE = 16, 0.3  # neighbours, spacings
_HINTS_KEPT = 4
_STEPS, _GATE = (12, 20, 30, 40), 0.39
_LEAST_INLIERS = 6
_HIT = 0.7


@dataclass(frozen=True)
class Guess:
    """An affine map around one dot: `offset` (2,) + `slope` (2, 2) @ (xy - `centre`); `log_odds`
    that the patterns are the same there, by how many of the dot's 40 neighbours are met.
    """

    centre: Points
    offset: Points
    slope: Points
    log_odds: float


def guesses(
    source: Points, target: Points, scales: tuple[float, float], n_tried: int, seed: int = 0
) -> Iterator[list[Guess]]:
    """Guesses from up to `n_tried` dots of `source` (n, 2), drawn at random, batch by batch.

    `scales`: least and largest size of the pattern in `target` (m, 2) over that in `source`.
    """
    if min(len(source), len(target)) <= _STEPS[-1]:
        return
    search = _Search(source, target, scales)
    order = np.random.default_rng(seed).permutation(len(source))[:n_tried]
    for first in range(0, len(order), _BATCH):
        yield search.guesses(order[first : first + _BATCH])


class _Search:
    def __init__(self, source: Points, target: Points, scales: tuple[float, float]) -> None:
        self._source, self._target, self._scales = source, target, scales
        self._source_tree, self._target_tree = cKDTree(source), cKDTree(target)
        self._spacing = float(np.median(self._target_tree.query(target, k=2)[0][:, 1]))
        density = 1 / (np.pi * np.median(self._target_tree.query(target, k=9)[0][:, 8] ** 2) / 8.5)
        self._chance = float(1 - np.exp(-density * np.pi * (_HINT_GATE * self._spacing) ** 2))
        told = target[:: len(target) // _MOST_CODED + 1]
        near = self._target_tree.query(told, k=N_NEIGHBOURS + 1)[1]
        self._codes, self._corners = _codes(target, near[:, _QUADS].reshape(-1, 4))
        self._code_tree = cKDTree(self._codes)

    def guesses(self, dots: NDArray[np.int64]) -> list[Guess]:
        """The best guess around each of some dots that has one."""
        near = self._source_tree.query(self._source[dots], k=_STEPS[-1] + 1)[1]
        owner, centre, offset, slope = self._similarities(near)
        hits = self._hits(near[owner, 1 : _N_HINT + 1], centre, offset, slope)
        best = _best_of_each(owner, hits, _HINTS_KEPT)
        found: dict[int, Guess] = {}
        for i in best[hits[best] >= 5]:
            dot = int(owner[i])
            guess = self._refined(near[dot], centre[i], offset[i], slope[i])
            if guess and (dot not in found or guess.log_odds > found[dot].log_odds):
                found[dot] = guess
        return list(found.values())

    def _similarities(
        self, near: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Points, Points, Points]:
        """Maps that lay a quad on one of like code: whose quad, and the map."""
        quads = near[:, _QUADS]
        codes, corners = _codes(self._source, quads.reshape(-1, 4))
        distance, like = self._code_tree.query(
            codes, k=_CODES_TRIED, distance_upper_bound=_CODE_RADIUS
        )
        which, column = np.nonzero(np.isfinite(distance))
        z = _complex(self._source[corners[which]])
        w = _complex(self._target[self._corners[like[which, column]]])
        z0, w0 = z.mean(axis=1), w.mean(axis=1)
        z, w = z - z0[:, None], w - w0[:, None]
        turn = (np.conj(z) * w).sum(axis=1) / (np.abs(z) ** 2).sum(axis=1)
        fits = (np.abs(turn) > self._scales[0]) & (np.abs(turn) < self._scales[1])
        turn, z0, w0 = turn[fits], z0[fits], w0[fits]
        slope = np.stack([turn.real, -turn.imag, turn.imag, turn.real], 1).reshape(-1, 2, 2)
        owner = which[fits] // len(_QUADS)
        return owner, _real(z0), _real(w0), slope

    def _hits(
        self, dots: NDArray[np.int64], centre: Points, offset: Points, slope: Points
    ) -> NDArray[np.int64]:
        """How many dots (k, n) come to lie on a dot, under each of k maps."""
        moved = _moved(self._source[dots], centre, offset, slope)
        gate = _HINT_GATE * self._spacing
        distance = self._target_tree.query(moved.reshape(-1, 2), distance_upper_bound=gate)[0]
        return np.asarray(np.isfinite(distance).reshape(dots.shape).sum(axis=1))

    def _refined(
        self, near: NDArray[np.int64], centre: Points, offset: Points, slope: Points
    ) -> Guess | None:
        """The map fitted to more and more neighbours."""
        for n in _STEPS:
            dots = self._source[near[: n + 1]]
            moved = (dots - centre) @ slope.T + offset
            gate = _GATE * self._spacing
            distance, partner = self._target_tree.query(moved, distance_upper_bound=gate)
            hit = np.isfinite(distance)
            if hit.sum() < _LEAST_INLIERS:
                return None
            terms = np.c_[np.ones(hit.sum()), dots[hit] - centre]
            fit = np.linalg.lstsq(terms, self._target[partner[hit]], rcond=None)[0]
            offset, slope = fit[0], fit[1:].T
        n_hits = int(self._hits(near[None, 1:], centre[None], offset[None], slope[None])[0])
        gain = np.log(_HIT / self._chance), np.log((1 - _HIT) / (1 - self._chance))
        n = len(near) - 1
        return Guess(centre, offset, slope, float(n_hits * gain[0] + (n - n_hits) * gain[1]))


def _codes(xy: Points, quads: NDArray[np.int64]) -> tuple[Points, NDArray[np.int64]]:
    """Codes (k, 4) of quads of dots (k, 4), and the quads in the order their codes are told in.

    The farthest pair lies at 0 and 1 of the complex plane; the others' places there are the code.
    """
    z = _complex(xy[quads])
    apart = np.abs(z[:, _PAIRS[:, 0]] - z[:, _PAIRS[:, 1]])
    widest = apart.argmax(axis=1)
    order = np.concatenate([_PAIRS[widest], _OTHERS[widest]], axis=1)
    quads = np.take_along_axis(quads, order, axis=1)
    z = np.take_along_axis(z, order, axis=1)
    base = z[:, 1] - z[:, 0]
    code = (z[:, 2:] - z[:, :1]) / np.where(base == 0, 1, base)[:, None]
    swap = code.real.sum(axis=1) > 1
    code[swap] = 1 - code[swap]
    quads[swap, :2] = quads[swap, 1::-1]
    later = code[:, 0].real > code[:, 1].real
    code[later] = code[later, ::-1]
    quads[later, 2:] = quads[later, :1:-1]
    return np.c_[code.real, code.imag], quads


def _best_of_each(owner: NDArray[np.int64], score: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Indices of each owner's `n` highest scores."""
    order = np.lexsort((-score, owner))
    first = np.r_[True, owner[order][1:] != owner[order][:-1]] if len(order) else np.empty(0, bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    return np.asarray(order[np.arange(len(order)) - starts < n])


def _moved(xy: Points, centre: Points, offset: Points, slope: Points) -> Points:
    """Places (k, n, 2) under k maps."""
    from_centre = xy - centre[:, None]
    moved: Points = np.einsum("kij,knj->kni", slope, from_centre) + offset[:, None]
    return moved


def _complex(xy: Points) -> NDArray[np.complex128]:
    return np.asarray(xy[..., 0] + 1j * xy[..., 1])


def _real(z: NDArray[np.complex128]) -> Points:
    return np.stack([z.real, z.imag], axis=-1)
