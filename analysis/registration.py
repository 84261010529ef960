"""Map one photo on to another by its dots alone, or say why not.

Light, blur and skin change between visits; the pattern of hundreds of dots does not. It tells
another scalp, another area and a mirrored photo from the same skin (`MOST_RESIDUAL` ff.).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis import bridge
from analysis.arrays import Mask, Points
from analysis.constellation import Guess, guesses
from analysis.growth import Patterns, grown, warp_of
from analysis.warp import Placed, Warp

LEAST_DOTS = 150
# Of 383 pairs of unrelated patterns the best had 22 matches in the median, 43 in one of a hundred
# and 59 at most: tenfold rarer for every 11 more. True pairs have hundreds, at 0.01-0.05 spacings
# (0.1 with half the dots new and poor positions).
LEAST_MATCHES, MOST_RESIDUAL, LEAST_MATCHED = 100, 0.13, 0.25
_SURE, _SURE_BEGINNINGS = 45.0, 40.0
_N_TRIED, _N_TRIED_MIRRORED = 300, 120
_SCALES = (0.6, 1.6)
_BEGINNINGS = 4
_REACH = 3.0  # mean spacings to the fifth nearest match
_GATE_IN_HOLES = 0.25  # spacings


@dataclass(frozen=True)
class RegistrationFailure:
    """No map, and why: falsy, so that `if registration:` reads as it should."""

    code: str
    reason: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True)
class Registration:
    """A map from the baseline's px to the follow-up's, known at matched dots.

    `pairs` (k, 2): indices of baseline and follow-up dots. `residual_px`: root mean square per axis
    of matches off where the others put them, px of the follow-up. `overlap`: share of the
    baseline's dots that lie where the map is known and in the follow-up's frame;
    `matched_fraction`: share of those that are matched. `reach_px`: how far from matched dots the
    map is believed, px of the baseline. `bridged` (h,): indices of baseline dots in holes, across
    which the map is carried (`analysis.bridge`); their places stand after those of `pairs` in it.
    """

    pairs: NDArray[np.int64]
    warp: Warp
    residual_px: float
    overlap: float
    matched_fraction: float
    reach_px: float
    bridged: NDArray[np.int64]

    @property
    def off_px(self) -> Points:
        """How far each match (k,) lies from where the others put it, px of the follow-up."""
        off = self.warp.left_out() - self.warp.target
        return np.asarray(np.linalg.norm(off[: len(self.pairs)], axis=1))

    @cached_property
    def enlargement(self) -> float:
        """How many times longer things are in the follow-up, in the middle of all matches."""
        return float(np.sqrt(np.median(self.warp(self.warp.source).enlargement)))

    def place(self, xy: Points) -> tuple[Placed, Mask]:
        """Baseline places (n, 2) in the follow-up, and where (n,) the map is known."""
        placed = self.warp(xy)
        return placed, placed.reach_px < self.reach_px

    def enlarged(self, baseline_times: float, followup_times: float) -> Registration:
        """The same in the pixels of photos so many times as large."""
        source, target = (
            (xy + 0.5) * times - 0.5
            for xy, times in (
                (self.warp.source, baseline_times),
                (self.warp.target, followup_times),
            )
        )
        return replace(
            self,
            warp=replace(self.warp, source=source, target=target),
            residual_px=self.residual_px * followup_times,
            reach_px=self.reach_px * baseline_times,
        )


REFUSED = RegistrationFailure("photo-refused", "one of the two photos could not be measured")
TOO_FEW_DOTS = RegistrationFailure(
    "too-few-dots", "single dots are not resolved in both photos, so that they cannot be matched"
)
ANOTHER = RegistrationFailure(
    "another-scalp", "another scalp or another area: the dots of the two photos do not match"
)
MIRRORED = RegistrationFailure("mirrored", "one of the two photos is mirrored")


def register(
    baseline: Points,
    followup: Points,
    frame: tuple[int, int],
    *,
    size_ratio: float = 1.0,
) -> Registration | RegistrationFailure:
    """Lay the follow-up's dots (m, 2) on the baseline's (n, 2).

    `frame`: height and width of the follow-up; `size_ratio`: size of its dots over the baseline's.
    """
    if min(len(baseline), len(followup)) < LEAST_DOTS:
        return TOO_FEW_DOTS
    scales = _SCALES[0] * size_ratio, _SCALES[1] * size_ratio
    found = _laid(Patterns.of(baseline, followup), scales, frame, _N_TRIED)
    if found:
        return found
    mirrored = followup * [-1, 1] + [frame[1] - 1, 0]
    if _laid(Patterns.of(baseline, mirrored), scales, frame, _N_TRIED_MIRRORED):
        return MIRRORED
    return ANOTHER


def _laid(
    patterns: Patterns, scales: tuple[float, float], frame: tuple[int, int], n_tried: int
) -> Registration | None:
    """The first map that is to be believed."""
    found: list[Guess] = []
    for batch in guesses(patterns.source, patterns.target, scales, n_tried):
        found += batch
        if any(guess.log_odds > _SURE for guess in batch):
            break
    found.sort(key=lambda guess: -guess.log_odds)
    sure = [guess for guess in found if guess.log_odds > _SURE_BEGINNINGS]
    beginnings = ([sure] if len(sure) > 1 else []) + [[guess] for guess in found[:_BEGINNINGS]]
    for beginning in beginnings:
        registration = judged(patterns, grown(patterns, beginning), frame)
        if registration:
            return registration
    return None


def judged(
    patterns: Patterns, partner: NDArray[np.int64], frame: tuple[int, int]
) -> Registration | None:
    """The map of these partners (n,), if they are too many and too exact for chance."""
    matched = np.flatnonzero(partner >= 0)
    if len(matched) < LEAST_MATCHES:
        return None
    warp = warp_of(patterns, partner)
    residual = float(np.sqrt(np.mean((warp.left_out() - warp.target) ** 2)))
    reach_px = _REACH * patterns.source_mean_spacing
    placed = warp(patterns.source)
    height, width = frame
    x, y = placed.xy.T
    shared = (placed.reach_px < reach_px) & (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)
    matched_fraction = len(matched) / max(int(shared.sum()), 1)
    if residual > MOST_RESIDUAL * patterns.target_spacing or matched_fraction < LEAST_MATCHED:
        return None
    pairs = np.stack([matched, partner[matched]], axis=1)
    overlap, matched_fraction = float(shared.mean()), min(matched_fraction, 1.0)
    unknown = placed.reach_px >= reach_px
    spacing_px = patterns.source_mean_spacing
    over, there = bridge.holes(warp, patterns.source, unknown, patterns.target, spacing_px)
    taken = np.isin(np.arange(len(patterns.target)), pairs[:, 1])
    gate_px = _GATE_IN_HOLES * patterns.target_spacing
    left, theirs = bridge.survivors(there, patterns.target, taken, gate_px)
    pairs = np.vstack([pairs, np.stack([over[left], theirs], axis=1)])
    gone = np.setdiff1d(np.arange(len(over)), left)
    over, there = over[gone], there[gone]
    warp = Warp(
        np.vstack([patterns.source[pairs[:, 0]], patterns.source[over]]),
        np.vstack([patterns.target[pairs[:, 1]], there]),
    )
    return Registration(pairs, warp, residual, overlap, matched_fraction, reach_px, over)
