"""The bands of the settled course, moved to where a practice's own clients lie. Pure.

Each client's darkness after the baseline tells where between the prior's percentiles their course
lies, as a normal score: 0 on its median, -1.28 on its 10th percentile. The clients' middle and
spread, shrunken towards the prior's 0 and 1 as if that were clients too (empirical Bayes; Efron &
Morris 1975, doi:10.1080/01621459.1975.10479864), give the new percentiles.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from tracker.change import Point, Reference, visits
from tracker.rules import Floats
from tracker.timeline import LAST_EXPECTED_DAY, Timeline

LEAST_CLIENTS = 30
# The prior weighs like this many clients.
PRIOR_CLIENTS = 30
# Clients whose place is known less well than the prior's own spread tell nothing of it.
LEAST_KNOWN = 1.0
FURTHEST, NARROWEST, WIDEST = 2.0, 0.5, 2.0
_P90 = float(norm.isf(0.1))
_MAD = 1.4826
_GRID = np.linspace(-4.0, 4.0, 161)
_NAMES = {"p10": -_P90, "p50": 0.0, "p90": _P90}
Knots = dict[str, list[float]]


@dataclass(frozen=True)
class Place:
    """Where one client's course lies between the prior's percentiles: a normal score, its error."""

    score: float
    stderr: float


@dataclass(frozen=True)
class Fit:
    """Clients' scores: middle and spread after shrinkage, from how many clients."""

    middle: float
    spread: float
    n_clients: int


def place(points: Sequence[Point], settled: Reference, timeline: Timeline) -> Place | None:
    """From one view's points since the last treatment, by least squares of logarithms; None without
    a visit after the baseline's days, or where too little is known.
    """
    low, high = timeline.gate("baseline_window_days")
    found = [p for p in visits(points) if p.value / settled.value > 0]
    base = [p.day for p in found if low <= p.day <= high]
    later = [p for p in found if high < p.day <= LAST_EXPECTED_DAY]
    if not base or not later:
        return None
    knots = timeline.contrast_knots
    days = np.array([p.day for p in later], dtype=float)
    at_base = _course(knots, np.array(base, dtype=float), _GRID).mean(axis=1, keepdims=True)
    expected = np.log(_course(knots, days, _GRID) / at_base)
    measured = np.log([p.value / settled.value for p in later])
    best = int(((measured - expected) ** 2).sum(axis=1).argmin())
    slope = np.gradient(expected, _GRID, axis=0)[best]
    steep = float((slope**2).sum())
    if steep == 0:
        return None
    noise, of_level = (part / abs(settled.value) for part in (settled.between, settled.stderr))
    stderr = math.sqrt(noise**2 / steep + (of_level * float(slope.sum()) / steep) ** 2)
    return Place(float(_GRID[best]), stderr) if stderr <= LEAST_KNOWN else None


def fit(places: Iterable[Place]) -> Fit:
    """By medians, so that a few who lose far more than others do not become what is expected."""
    known = list(places)
    n = len(known)
    if not n:
        return Fit(0.0, 1.0, 0)
    scores = np.array([p.score for p in known])
    middle = float(np.median(scores))
    seen = (_MAD * float(np.median(np.abs(scores - middle)))) ** 2
    own = max(0.0, seen - float(np.median([p.stderr**2 for p in known])))
    share = n / (n + PRIOR_CLIENTS)
    spread = math.sqrt((1 - share) + share * own)
    return Fit(
        round(float(np.clip(share * middle, -FURTHEST, FURTHEST)), 3),
        round(float(np.clip(spread, NARROWEST, WIDEST)), 3),
        n,
    )


def moved(knots: Knots, found: Fit, *, from_day: int) -> Knots:
    """The prior's knots with the percentiles of a fit after a day; before it the settled look is
    still being reached, of which ratios to it tell nothing.
    """
    days = np.array(knots["days"], dtype=float)
    start = np.array([float(from_day)])
    after = days > from_day
    new: dict[str, Any] = {"days": knots["days"]}
    for name, score in _NAMES.items():
        at = np.array([found.middle + found.spread * score])
        prior = np.array(knots[name], dtype=float)
        ratio = _course(knots, days, at)[0] / _course(knots, start, at)[0]
        started = float(np.interp(from_day, days, prior))
        new[name] = np.where(after, started * ratio, prior).round(4).tolist()
    return new


def _course(knots: Knots, days: Floats, scores: Floats) -> Floats:
    """The courses (scores, days) that lie at these scores between the percentiles."""
    low, mid, high = (np.interp(days, knots["days"], knots[name]) for name in _NAMES)
    score = scores[:, None] / _P90
    courses: Floats = np.where(score < 0, mid + score * (mid - low), mid + score * (high - mid))
    return np.maximum(courses, 0.02)
