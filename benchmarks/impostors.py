"""Dot patterns of other scalps, only points: how near they come to being taken for the same.

Patterns strewn at random, and the dots of other drawn scalps as a photo by hand would show them:
some missed, some that are none, none quite in place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import Points
from analysis.constellation import guesses
from analysis.growth import Patterns, grown
from analysis.phantom import Pose, Recipe, draw_scalp
from analysis.phantom.head import Camera
from analysis.registration import LEAST_MATCHES, register
from benchmarks.pair_photos import framed

N_DOTS, SPACING, CORE = 700, 14.0, 0.62
N_DOTS_OF_IMPOSTORS = 400
N_TRIED, N_GROWN = 120, 4
FRAME = 560, 420
MISSED, JITTER = 0.1, 0.04  # shares of the dots; mean spacings along each axis
FIRST_SCALP = 97_000


@dataclass(frozen=True)
class Attempt:
    """The best guess's log odds and the most matches that any of the best guesses grew to."""

    log_odds: float
    n_matches: int


def pattern(seed: int, n_dots: int = N_DOTS) -> Points:
    """Dots (n, 2) strewn at random but kept apart, as a treatment leaves them."""
    rng = np.random.default_rng([seed, 41])
    side = SPACING * np.sqrt(n_dots)
    kept = np.empty((0, 2))
    while len(kept) < n_dots:
        more = rng.uniform(0, side, (n_dots, 2))
        near = cKDTree(more).query_pairs(CORE * SPACING, output_type="ndarray")
        more = np.delete(more, np.unique(near[:, 1]) if len(near) else [], axis=0)
        if len(kept):
            more = more[cKDTree(kept).query(more)[0] > CORE * SPACING]
        kept = np.concatenate([kept, more[: max(1, n_dots // 8)]])
    return kept[:n_dots]


def attempt(seed: int) -> Attempt:
    """Lay one pattern on another that has nothing to do with it."""
    patterns = Patterns.of(*(pattern(2 * seed + k, N_DOTS_OF_IMPOSTORS) for k in (0, 1)))
    found = [
        guess
        for batch in guesses(patterns.source, patterns.target, (0.6, 1.6), N_TRIED, seed)
        for guess in batch
    ]
    found.sort(key=lambda guess: -guess.log_odds)
    sizes = [int((grown(patterns, [guess]) >= 0).sum()) for guess in found[:N_GROWN]]
    return Attempt(found[0].log_odds if found else 0.0, max(sizes, default=0))


def sighted(seed: int, shot: int = 0) -> Points:
    """Dots (n, 2) of one drawn scalp in one drawn pose, px, as detections of middling quality;
    another `shot` misses others.
    """
    rng = np.random.default_rng([seed, 43])
    scalp = draw_scalp(Recipe(seed=seed, dots_per_cm2=float(rng.uniform(70, 120))))
    pose = Pose(
        *FRAME, float(rng.uniform(11, 16)), float(rng.uniform(4, 35)), float(rng.uniform(90, 270)),
        float(rng.uniform(170, 300)), tilt_deg=float(rng.uniform(0, 20)),
        tilt_towards_deg=float(rng.uniform(0, 360)), roll_deg=float(rng.uniform(-30, 30)),
    )  # fmt: skip
    xy = Camera.at(scalp.head, pose).project(scalp.dots.points_mm)[0][framed(scalp, pose)]
    rng = np.random.default_rng([seed, 47, shot])
    seen = xy[rng.random(len(xy)) > MISSED]
    jitter = JITTER * pose.px_per_mm * 10 / np.sqrt(scalp.recipe.dots_per_cm2)
    spurious = rng.uniform(0, FRAME, (int(MISSED * len(xy)), 2))
    return np.concatenate([seen + rng.normal(0, jitter, seen.shape), spurious])


def scalps_table(n: int = 300, n_same: int = 30, first_seed: int = FIRST_SCALP) -> Iterator[str]:
    """Other scalps laid on each other by `register`, and two shots of one scalp to compare with."""
    accepted, sizes = 0, []
    for k in range(n):
        before, after = (sighted(first_seed + 2 * k + side) for side in (0, 1))
        sizes.append(len(before))
        accepted += bool(register(before, after, FRAME[::-1]))
    shots = ([sighted(first_seed + k, shot) for shot in (0, 1)] for k in range(n_same))
    same = sum(bool(register(before, after, FRAME[::-1])) for before, after in shots)
    yield f"{n} pairs of other drawn scalps' dots, {MISSED:.0%} missed and as many spurious,"
    yield f"{np.median(sizes):.0f} in the median ({min(sizes)}-{max(sizes)}): accepted {accepted}"
    yield f"{n_same} pairs of shots of one scalp: accepted {same}"


def table(n: int = 100) -> Iterator[str]:
    """Impostors' best against what is asked of a true pair."""
    tries = [attempt(seed) for seed in range(n)]
    matches = np.array([t.n_matches for t in tries])
    odds = np.array([t.log_odds for t in tries])
    accepted = int((matches >= LEAST_MATCHES).sum())
    yield f"{n} pairs of unrelated patterns of {N_DOTS_OF_IMPOSTORS} dots: accepted {accepted}"
    yield f"matches: median {np.median(matches):.0f}, most {matches.max()}; asked {LEAST_MATCHES}"
    yield f"log odds of the best guess: median {np.median(odds):.1f}, most {odds.max():.1f}"
    yield from scalps_table()
