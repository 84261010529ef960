"""Dot patterns of other scalps, only points: how near they come to being taken for the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import Points
from analysis.constellation import guesses
from analysis.growth import Patterns, grown
from analysis.registration import LEAST_MATCHES

N_DOTS, SPACING, CORE = 700, 14.0, 0.62
N_DOTS_OF_IMPOSTORS = 400
N_TRIED, N_GROWN = 120, 4


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


def table(n: int = 100) -> Iterator[str]:
    """Impostors' best against what is asked of a true pair."""
    tries = [attempt(seed) for seed in range(n)]
    matches = np.array([t.n_matches for t in tries])
    odds = np.array([t.log_odds for t in tries])
    accepted = int((matches >= LEAST_MATCHES).sum())
    yield f"{n} pairs of unrelated patterns of {N_DOTS_OF_IMPOSTORS} dots: accepted {accepted}"
    yield f"matches: median {np.median(matches):.0f}, most {matches.max()}; asked {LEAST_MATCHES}"
    yield f"log odds of the best guess: median {np.median(odds):.1f}, most {odds.max():.1f}"
