"""The same dot then and now: kept, lost, new, or not to be seen.

Whether a dot is kept is read from the pigment at its place and not from whether a detector fired
there: what was missed is no loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtr

from analysis import same_dot
from analysis.arrays import Mask, Points, at_places
from analysis.controls import CLAIMED, measured
from analysis.dots import Dots
from analysis.effective import whole_over
from analysis.forced import Profile, fit
from analysis.plate import Plate
from analysis.registration import Registration

KEPT, LOST, NOT_OBSERVABLE = 1, 0, -1
# What is left of a kept dot's pigment, over the median of all dots.
LEAST_LEFT = 0.3
_SURE = 0.8
_SAME_LOG_ODDS = 2.25
_N_AROUND = 40
_N_TOGETHER, _MOST_LOST = 15, 0.4
_LEAST_SIGNAL = 4.0  # standard errors
_LEAST_SCATTER = 0.06
# Prior on the share left: mostly all or none, else anything up to twice as much.
_ODD, _MOST_LEFT = 0.1, 2.0


@dataclass(frozen=True)
class Identity:
    """Per baseline dot (n,): `state`; `xy` (n, 2), its place in the follow-up, px; `partner`, the
    follow-up's dot that is sure to be the same, or -1; `before` and `after`, its pigment in px2 of
    the baseline, NaN where it cannot be seen, `stderr` of the latter; `left`, what is left of it
    over the median of all dots; `p_kept`, the probability of being kept; `sure` to be a dot;
    `counted`, also observable; `smeared`, not so only because lost ones lie together where the
    follow-up is not sharp.

    `new`: indices of the follow-up's dots that lie where the baseline shows none. `chance`: how
    often a place without a dot passes for a kept one.
    """

    state: NDArray[np.int8]
    xy: Points
    partner: NDArray[np.int64]
    before: Points
    after: Points
    stderr: Points
    left: Points
    p_kept: Points
    sure: Mask
    counted: Mask
    smeared: Mask
    new: NDArray[np.int64]
    chance: float

    def __len__(self) -> int:
        return len(self.state)


def identify(baseline: Plate, followup: Plate, registration: Registration) -> Identity:
    """Tell the state of each baseline dot."""
    dots = baseline.dots
    placed, known = registration.place(dots.xy)
    partner, off_px = _partners(len(dots), registration, followup)
    matched = partner >= 0
    places = np.where(matched[:, None], followup.dots.xy[partner], placed.xy)
    seen = known & followup.in_sight(places)
    if (matched & seen).sum() < _N_AROUND:
        return _nothing_seen(dots, places)
    unclaimed = np.setdiff1d(np.arange(len(followup.dots)), partner[matched])
    here, there = _profiles(baseline, followup, registration.enlargement)
    first = fit(baseline.light, dots.xy, here, baseline.size_px)
    before = first.flux * whole_over(first, matched & seen, baseline, here)
    after, controls = measured(followup, there, places, seen, matched, followup.dots.xy[unclaimed])
    noise = controls.noise / placed.enlargement
    after = after / placed.enlargement
    expected, scatter = _expected(dots.xy, before, after, matched & seen)
    seen &= expected > _LEAST_SIGNAL * noise
    after[~seen] = np.nan
    left = after / expected
    p_kept = _probability_kept(left, noise / expected, scatter)
    of, chance_left = controls.of, controls.flux / placed.enlargement[controls.of]
    told = seen[of]
    of, chance_left = of[told], chance_left[told] / expected[of[told]]
    passed = _probability_kept(chance_left, noise[of] / expected[of], scatter)
    smeared = seen & _smeared(followup, places, seen, p_kept)
    seen &= ~smeared
    after[smeared] = left[smeared] = np.nan
    state = np.where(seen, np.where(p_kept > 0.5, KEPT, LOST), NOT_OBSERVABLE).astype(np.int8)
    sure = is_sure(dots)
    return Identity(
        state=state,
        xy=places,
        partner=_same(baseline, followup, partner, left, off_px),
        before=before,
        after=after,
        stderr=noise,
        left=left,
        p_kept=p_kept,
        sure=sure,
        counted=seen & sure,
        smeared=smeared & sure,
        new=unclaimed[_where_none_was(baseline, followup, registration, unclaimed)],
        chance=float(passed.mean()) if len(passed) else 0.0,
    )


def _nothing_seen(dots: Dots, places: Points) -> Identity:
    """Where hardly any dot of the baseline can be seen in the follow-up."""
    unknown, nobody = np.full(len(dots), np.nan), np.full(len(dots), -1)
    return Identity(
        state=np.full(len(dots), NOT_OBSERVABLE, dtype=np.int8),
        xy=places,
        partner=nobody,
        before=unknown,
        after=unknown,
        stderr=unknown,
        left=unknown,
        p_kept=unknown,
        sure=is_sure(dots),
        counted=np.zeros(len(dots), dtype=bool),
        smeared=np.zeros(len(dots), dtype=bool),
        new=nobody[:0],
        chance=0.0,
    )


def _profiles(baseline: Plate, followup: Plate, enlargement: float) -> tuple[Profile, Profile]:
    """How a dot looks in each photo. Dots hardly grow from visit to visit: what their two diameters
    differ by is mostly error, which would pass for more or less pigment.
    """
    disc_px = float(np.sqrt(baseline.disc_px * followup.disc_px / enlargement))
    return baseline.profile(disc_px), followup.profile(disc_px * enlargement)


def is_sure(dots: Dots) -> Mask:
    """Which dots (n,) are hardly hairs."""
    return np.asarray(dots.confidence >= min(_SURE, float(np.median(dots.confidence))))


def _partners(
    n: int, registration: Registration, followup: Plate
) -> tuple[NDArray[np.int64], Points]:
    """The follow-up's dot (n,) that lies where the map puts a baseline dot, or -1, and how far from
    there, px.
    """
    off = registration.off_px
    close = off < CLAIMED * followup.spacing_px
    here, there = registration.pairs[close].T
    partner, off_px = np.full(n, -1), np.full(n, np.nan)
    partner[here], off_px[here] = there, off[close]
    return partner, off_px


def _smeared(followup: Plate, places: Points, seen: Mask, p_kept: Points) -> Mask:
    """Which dots (n,) seem to be lost together where the follow-up's skin is not sharp either."""
    told = np.flatnonzero(seen)
    near = cKDTree(places[told]).query(places, k=min(_N_TOGETHER, len(told)))[1]
    together = (p_kept[told][near] < 0.5).mean(axis=1) > _MOST_LOST
    return np.asarray(together & ~at_places(followup.sharp, *places.T))


def _same(
    baseline: Plate, followup: Plate, partner: NDArray[np.int64], left: Points, off_px: Points
) -> NDArray[np.int64]:
    """The partners (n,) that are sure to be the same dot, else -1."""
    here = np.flatnonzero(partner >= 0)
    there = partner[here]
    dots = baseline.dots.only(here), followup.dots.only(there)
    taken = baseline.taken[here], followup.taken[there]
    odds = same_dot.odds(dots, taken, left[here], off_px[here])
    same = np.full_like(partner, -1)
    same[here] = np.where(odds > _SAME_LOG_ODDS, there, -1)
    return same


def _expected(xy: Points, before: Points, after: Points, matched: Mask) -> tuple[Points, float]:
    """Flux (n,) that each dot would have if it changed as the matched ones around it did, and the
    relative scatter of those.
    """
    told = np.flatnonzero(matched & (before > 0))
    change = after[told] / before[told]
    near = cKDTree(xy[told]).query(xy, k=min(_N_AROUND, len(told)))[1]
    expected = np.maximum(before, 1e-9) * np.median(change[near], axis=1)
    off = after[told] / expected[told] - 1
    return expected, max(_LEAST_SCATTER, 1.48 * float(np.median(np.abs(off))))


def _probability_kept(left: Points, noise: Points, scatter: float) -> Points:
    """Probability (n,) that at least `LEAST_LEFT` is left, from what was measured of it.

    Dots mostly stay, 1 with the scatter of matched ones, or go altogether; some fade by any share.
    """
    spread = np.hypot(noise, scatter)
    kept = (1 - _ODD) * _normal(left - 1, spread) + _ODD * _between(
        left, noise, LEAST_LEFT, _MOST_LEFT
    )
    lost = (1 - _ODD) * _normal(left, noise) + _ODD * _between(left, noise, 0, LEAST_LEFT)
    return np.where(left > 1, 1.0, kept / np.maximum(kept + lost, 1e-300))


def _normal(off: Points, sigma: Points) -> Points:
    density: Points = np.exp(-0.5 * (off / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)
    return density


def _between(value: Points, sigma: Points, low: float, high: float) -> Points:
    """Density of something even between two bounds, measured with an error."""
    inside: Points = ndtr((high - value) / sigma) - ndtr((low - value) / sigma)
    return np.maximum(inside, 0) / (high - low)


def _where_none_was(
    baseline: Plate, followup: Plate, registration: Registration, dots: NDArray[np.int64]
) -> Mask:
    """Which of the follow-up's dots (k,) are sure to be dots, and lie where the baseline could have
    shown them but has not even a doubtful one.
    """
    back = registration.warp.inverted()(followup.dots.xy[dots])
    known = back.reach_px < registration.reach_px * registration.enlargement
    known &= baseline.in_sight(back.xy)
    known &= followup.dots.confidence[dots] >= _SURE
    before = np.concatenate([baseline.dots.xy, baseline.doubtful.xy])
    alone = cKDTree(before).query(back.xy)[0] > CLAIMED * baseline.spacing_px
    return np.asarray(known & alone)
