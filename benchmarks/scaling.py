"""Laying two dot patterns on each other, 2,000 to 50,000 dots: CPU time, peak memory, correctness.

Only points: the second pattern is turned, bent as by a head's curve, a tenth missed and a tenth
spurious. Beside it plain nearest-neighbour ICP (Besl & McKay 1992, doi:10.1109/34.121791), begun
with the patterns' middles on each other.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import Points
from analysis.registration import register
from benchmarks.impostors import SPACING, pattern

SIZES = (2_000, 5_000, 12_000, 25_000, 50_000)
_TURN, _SCALE, _BEND = 0.12, 0.93, 0.04
_MISSED, _JITTER = 0.1, 0.04
_ICP_ROUNDS = 60


def pair(n: int, seed: int) -> tuple[Points, Points, Points]:
    """A pattern (n, 2), the other photo's detections of it, and where its dots really lie there."""
    source = pattern(seed, n)
    side = source.max()
    from_middle = source / side - 0.5
    bent = from_middle * (1 - _BEND * (from_middle**2).sum(axis=1, keepdims=True))
    cos, sin = _SCALE * np.cos(_TURN), _SCALE * np.sin(_TURN)
    truth = (bent @ np.array([[cos, sin], [-sin, cos]]) + 0.62) * side
    rng = np.random.default_rng([seed, 53])
    seen = truth[rng.random(n) > _MISSED]
    seen = seen + rng.normal(0, _JITTER * SPACING, seen.shape)
    spurious = rng.uniform(truth.min(axis=0), truth.max(axis=0), (int(_MISSED * n), 2))
    return source, np.concatenate([seen, spurious]), truth


def icp(source: Points, target: Points) -> Points:
    """Where a similarity puts the source (n, 2) when each dot takes its nearest for its own."""
    moved, tree = source + target.mean(axis=0) - source.mean(axis=0), cKDTree(target)
    z = source[:, 0] + 1j * source[:, 1]
    terms = np.stack([z, np.ones_like(z)], axis=1)
    for _ in range(_ICP_ROUNDS):
        near = target[tree.query(moved)[1]]
        fit = np.linalg.lstsq(terms, near[:, 0] + 1j * near[:, 1], rcond=None)[0]
        w = terms @ fit
        moved = np.stack([w.real, w.imag], axis=1)
    return moved


def table() -> Iterator[str]:
    """A line for each size."""
    yield "points only; right: within a quarter of a spacing; MiB: the process's peak so far"
    yield f"{'dots':>8}{'CPU s':>8}{'right':>8}{'MiB':>8}{'ICP s':>8}{'right':>8}"
    for n in SIZES:
        source, target, truth = pair(n, n)
        start = time.process_time()
        far = int(np.ceil(truth.max())) + 1
        laid = register(source, target, (far, far))
        spent = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        placed = laid.place(source)[0].xy if laid else source
        start = time.process_time()
        by_icp = icp(source, target)
        spent_icp = time.process_time() - start
        yield (
            f"{n:8,}{spent:8.2f}{_right(placed, truth):8.3f}{peak:8.0f}"
            f"{spent_icp:8.2f}{_right(by_icp, truth):8.3f}"
        )


def _right(placed: Points, truth: Points) -> float:
    return float((np.linalg.norm(placed - truth, axis=1) < 0.25 * SPACING).mean())
