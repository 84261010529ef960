"""The rules' arithmetic on series of visits: one client's, or ten thousand simulated ones at once.

`values` (..., n) are one number a visit, oldest first, NaN where a visit gave none; `days` (n,)
since the treatment. The limits were set by simulation (`benchmarks.courses`), which runs this very
code. Pure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from tracker.timeline import Timeline

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Raised with any change of what is found; the rates in the package's data belong to one version.
RULE_VERSION = 4
# The repeatability measured on drawn photos counts like this many degrees of freedom.
PRIOR_FREEDOM = 2.0
# From then on redness is low enough that its visits tell the noise.
CALM_DAY = 7
_MAD = 1.4826  # from a median absolute deviation to a standard deviation
Z95 = 1.96
MEDIAN = 1.2533  # a median's standard error over a mean's


@dataclass(frozen=True)
class Limits:
    """Scores of standard errors. A flag: each visit since one at least `apart_days` ago lies beyond
    `beyond`. A watch: two visits in a row do, or one beyond `alone`. None before `first_day`.
    """

    beyond: float
    alone: float
    apart_days: int
    first_day: int

    def shared(self, n_series: int) -> Limits:
        """For one of several series judged together, so that the chance of any alarm stays that of
        one (Bonferroni).
        """
        beyond, alone = (
            float(norm.isf(norm.sf(at) / n_series)) for at in (self.beyond, self.alone)
        )
        return replace(self, beyond=beyond, alone=alone)


def limits_of(timeline: Timeline) -> dict[str, Limits]:
    """The limits in force, by kind of finding."""
    day = int(timeline.gate("no_fading_or_patchiness_flag_before_day"))
    apart = int(timeline.gate("flag_sets_min_days_apart"))
    return {
        "possible_fading": Limits(1.95, 3.5, apart, day),
        "patchiness": Limits(2.5, 4.5, apart, day),
        "redness_beyond_expected": Limits(2.5, 3.5, 1, 4),
    }


@dataclass(frozen=True)
class Spread:
    """How visits of one person differ: standard deviation (...,), and its degrees of freedom."""

    sd: Floats
    freedom: Floats


@dataclass(frozen=True)
class Level:
    """The settled look (...,): `value`, its `stderr`, and how visits spread about it."""

    value: Floats
    stderr: Floats
    spread: Spread


def settled_level(values: ArrayLike, in_window: Bools, prior: ArrayLike) -> Level:
    """Median of the visits in the window, of values since the skin settled; `prior` (...,) as in
    `between_visits`.
    """
    values = np.asarray(values, dtype=float)
    window = np.where(in_window, values, np.nan)
    n = np.isfinite(window).sum(axis=-1)
    spread = between_visits(values, prior)
    return Level(middle(window), MEDIAN * spread.sd / np.sqrt(np.maximum(n, 1)), spread)


def between_visits(values: ArrayLike, prior: ArrayLike) -> Spread:
    """The person's own spread between visits, drawn towards the `prior` standard deviation (...,).

    From differences of neighbouring visits, which a slow change hardly touches (von Neumann 1941,
    doi:10.1214/aoms/1177731677), by their median; weighed as moderated variances are (Smyth 2004,
    doi:10.2202/1544-6115.1027). A median tells a spread about as well as half as many squares.
    """
    values = np.asarray(values, dtype=float)
    numbers_first = np.argsort(np.isnan(values), axis=-1, kind="stable")
    step = np.abs(np.diff(np.take_along_axis(values, numbers_first, axis=-1), axis=-1))
    n = np.isfinite(step).sum(axis=-1) / 2
    own = np.where(n > 0, middle(step) * _MAD / math.sqrt(2), 0.0)
    freedom = PRIOR_FREEDOM + n
    prior = np.asarray(prior, dtype=float)
    return Spread(np.sqrt((PRIOR_FREEDOM * prior**2 + n * own**2) / freedom), freedom)


def shortfall(values: Floats, level: Level, least: Floats) -> Floats:
    """Scores of how far values (..., n) lie below `least` (..., n) times the settled level."""
    value, stderr, sd, freedom = (
        np.asarray(part)[..., None]
        for part in (level.value, level.stderr, level.spread.sd, level.spread.freedom)
    )
    return score((least * value - values) / np.hypot(sd, least * stderr), freedom)


def score(t: ArrayLike, freedom: ArrayLike) -> Floats:
    """Student's t as the normal score that is as unlikely (Wallace 1959,
    doi:10.1214/aoms/1177706093).
    """
    t, freedom = np.asarray(t, dtype=float), np.asarray(freedom, dtype=float)
    shrunk = np.sqrt(freedom * np.log1p(t**2 / freedom))
    normal: Floats = np.sign(t) * shrunk * (8 * freedom + 1) / (8 * freedom + 3)
    return normal


def excess(values: Floats, most: Floats, stderr: Floats, spread: Spread) -> Floats:
    """Scores of how far values (..., n) lie above `most` (..., n); `stderr` is each photo's own."""
    sd, freedom = spread.sd[..., None], spread.freedom[..., None]
    return score((values - most) / np.hypot(sd, stderr), freedom)


def clearly_inside(values: ArrayLike, low: ArrayLike, high: ArrayLike, stderr: ArrayLike) -> Bools:
    """Whether values may be called as expected: above a band's lower edge by a standard error or
    more, for calm that is false is worse than none, and above its upper edge by no more than noise.
    """
    values, low, high, stderr = (
        np.asarray(part, dtype=float) for part in (values, low, high, stderr)
    )
    calm: Bools = (values - stderr >= low) & (values - Z95 * stderr <= high)
    return calm


def rebased(low: ArrayLike, in_window: Bools, seen: Bools) -> Floats:
    """A lower band (n,) over its own mean on the baseline's visits `seen` (..., n): (..., n)."""
    low = np.asarray(low, dtype=float)
    weight = in_window & seen
    n = weight.sum(axis=-1, keepdims=True)
    mean = (weight * low).sum(axis=-1, keepdims=True) / np.maximum(n, 1)
    over: Floats = low / np.where(n > 0, mean, 1.0)
    return over


def watched(z: Floats, limits: Limits) -> Bools:
    """Whether the newest visit (...,) and the one before lie beyond, or it alone far beyond."""
    first = run_start(z, limits)
    in_run = np.isfinite(z) & (np.arange(z.shape[-1]) >= first[..., None])
    last = np.where(np.isfinite(z), np.arange(z.shape[-1]), 0).max(axis=-1)
    newest = np.take_along_axis(z, last[..., None], axis=-1)[..., 0]
    seen: Bools = (first >= 0) & ((in_run.sum(axis=-1) >= 2) | (newest > limits.alone))
    return seen


def run_start(z: Floats, limits: Limits) -> NDArray[np.int64]:
    """Index (...,) of the first of the visits beyond the limit without a break up to the newest;
    -1 where the newest number is not beyond.
    """
    n = z.shape[-1]
    beyond = z > limits.beyond
    ended = np.where(np.isfinite(z) & ~beyond, np.arange(n), -1).max(axis=-1)
    run = beyond & (np.arange(n) > ended[..., None])
    return np.where(run.any(axis=-1), run.argmax(axis=-1), -1)


def flagged(z: Floats, days: NDArray[np.int64], limits: Limits) -> Bools:
    """Whether it is confirmed at the newest visit (...,)."""
    first = run_start(z, limits)
    newest = np.where(np.isfinite(z), days, -1).max(axis=-1)
    confirmed: Bools = (first >= 0) & (newest - days[first] >= limits.apart_days)
    return confirmed


def middle(values: Floats) -> Floats:
    """Median of the finite values along the last axis; NaN where there is none."""
    ordered = np.sort(values, axis=-1)  # NaN comes last
    n = np.isfinite(values).sum(axis=-1)
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    low, high = np.maximum((n - 1) // 2, 0), np.minimum(n // 2, values.shape[-1] - 1)
    pick = [np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in (low, high)]
    median: Floats = (pick[0] + pick[1]) / 2
    return median
