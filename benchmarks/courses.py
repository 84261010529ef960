"""Weekly series of numbers of many simulated clients, judged by the rules in force.

A part of `make validate`. Noise, autocorrelation, outliers and refusals are those of drawn photos
(`benchmarks.weekly_photos`). Clients follow the timeline between its 10th and 90th percentile,
each at the own quantile, or stay as they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from benchmarks import weekly_photos
from tracker import change, redness, rules
from tracker.change import Point
from tracker.rules import Bools, Floats, Limits
from tracker.timeline import Timeline, default_timeline

N_CLIENTS, N_VIEWS, N_FLARES = 10_000, 2, 1000
# A baseline of days 28 to 56, and half a year after it.
DAYS = np.arange(0, 7 * 34 + 1, 7)
MISSED = 0.15
# Darkness and evenness of each view share the chance of a false finding, redness has its own.
N_SERIES = {"possible_fading": 4, "patchiness": 4, "redness_beyond_expected": 2}
FADES, REPEATABILITIES = (0.005, 0.01, 0.0125, 0.015, 0.02, 0.03), (0.02, 0.04, 0.06, 0.08)
FADES_FROM_DAY = 42
HALF_A_YEAR = 182
FOUND = 0.8
COURSES = ("usual", "unchanged")
SEED = 93_000
LEVEL = {"pigment_per_area": 0.06, "density_uniformity": 0.95, "redness_index": 6.0}
KINDS = {
    "possible_fading": "pigment_per_area",
    "patchiness": "density_uniformity",
    "redness_beyond_expected": "redness_index",
}


def simulate() -> dict[str, Any]:
    """Rates of false findings and power, for the package's data and the report."""
    cases = {
        f"{kind} {course} {times}": _false(kind, course, times)
        for kind in KINDS
        for course in COURSES
        for times in (1, 2)
    }
    power = {
        course: [[_fade_found(course, fade, cv) for cv in REPEATABILITIES] for fade in FADES]
        for course in COURSES
    }
    cv = measured_noise("pigment_per_area").sd / LEVEL["pigment_per_area"]
    own = [_fade_found("unchanged", fade, cv) for fade in FADES]
    return {
        "cases": cases,
        # What a flag is shown with: the worse of scalps that stay as they are or go the usual way.
        "rates": {
            f"{kind}/{level}": max(cases[f"{kind} {course} 1"][level] for course in COURSES)
            for kind in KINDS
            for level in ("watch", "flag")
        },
        "power": power,
        "least_fade_per_week": round(float(np.interp(FOUND, own, FADES)), 4),
        "flare_asks": _flare_asks(),
        "asked_for_nothing": [_asked_for_nothing(times) for times in (1, 2)],
    }  # fmt: skip


def numbers(
    kind: str, course: str, noise: Noise, rng: np.random.Generator, fade: float = 0.0
) -> Floats:
    """Weekly numbers (clients, views, days); the day of treatment always has one."""
    base = true_course(kind, course, rng, fade)
    values = base + noise.drawn((N_CLIENTS, N_VIEWS, len(DAYS)), rng)
    values[..., 0] = np.where(np.isfinite(values[..., 0]), values[..., 0], base[..., 0])
    return values


def true_course(kind: str, course: str, rng: np.random.Generator, fade: float) -> Floats:
    """What photos without noise would measure (clients, 1, days)."""
    measurand = KINDS[kind]
    base = (
        normal_course(measurand, DAYS, rng, N_CLIENTS, default_timeline())
        if course == "usual"
        else unchanged_course(DAYS, measurand, N_CLIENTS)
    )
    fading: Floats = np.exp(-fade * np.maximum(0, DAYS - FADES_FROM_DAY) / 7)
    return base * fading * LEVEL[measurand]


def _false(kind: str, course: str, times: int) -> dict[str, float]:
    timeline = default_timeline()
    rng = np.random.default_rng([SEED, sorted(KINDS).index(kind), len(course), times])
    limits = rules.limits_of(timeline)[kind].shared(N_SERIES[kind])
    values = numbers(kind, course, measured_noise(KINDS[kind], times), rng)
    watch, flag = judged(kind, values, DAYS, timeline, limits)
    early = timeline.gate("no_fading_or_patchiness_flag_before_day") > DAYS
    return {
        "watch": round(float(watch.any(axis=1).mean()), 4),
        "flag": round(float(flag.any(axis=1).mean()), 4),
        "flag_while_healing": round(float(flag[:, early].any(axis=1).mean()), 4),
    }


def _fade_found(course: str, fade: float, repeatability: float) -> float:
    """Share of fading clients flagged within 26 weeks of the baseline's last visit."""
    timeline = default_timeline()
    rng = np.random.default_rng([SEED, round(1e4 * fade), round(1e3 * repeatability)])
    noise = replace(
        measured_noise("pigment_per_area"), sd=repeatability * LEVEL["pigment_per_area"]
    )
    limits = rules.limits_of(timeline)["possible_fading"].shared(N_SERIES["possible_fading"])
    values = numbers("possible_fading", course, noise, rng, fade)
    return round(
        float(judged("possible_fading", values, DAYS, timeline, limits)[1].any(axis=1).mean()), 3
    )


def _flare_asks() -> dict[str, float]:
    """Share of clients whose next photo asks the questions, by how much of the peak comes back on
    day 9.
    """
    timeline = default_timeline()
    noise = replace(measured_noise("redness_index"), missing=0.0)
    rng = np.random.default_rng([SEED, 9])
    days = np.array([0, 1, 3, 7, 9])
    asked = {}
    for share in (0.0, 0.25, 0.5):
        base = normal_course("redness_index", days, rng, N_FLARES, timeline)[:, 0]
        values = LEVEL["redness_index"] * (base + share * (days == 9)) + noise.drawn(
            base.shape, rng
        )
        asked[f"{share:.0%}"] = round(
            float(np.mean([_asks(days, row, timeline) for row in values])), 3
        )
    return asked


def _asked_for_nothing(times: int) -> float:
    """Share of clients on usual courses whom any photo of half a year asks the questions."""
    timeline, rng = default_timeline(), np.random.default_rng([SEED, 10, times])
    days = DAYS[DAYS <= HALF_A_YEAR]
    base = normal_course("redness_index", days, rng, N_FLARES, timeline)[:, 0]
    values = LEVEL["redness_index"] * base
    values = values + measured_noise("redness_index", times).drawn(base.shape, rng)
    values[:, 0] = LEVEL["redness_index"]
    asked = 0
    for row in values:
        seen = np.isfinite(row)
        visits, numbers = days[seen], row[seen]
        asked += any(_asks(visits[:n], numbers[:n], timeline) for n in range(2, len(visits) + 1))
    return round(asked / N_FLARES, 3)


def _asks(days: NDArray[np.int64], values: Floats, timeline: Timeline) -> bool:
    start = date(2026, 1, 5)
    between = change.between_photos("redness_index", 0.0) or 0.0
    points = [
        Point(str(day), start + timedelta(days=day), day, value, between)
        for day, value in zip(days.tolist(), values.tolist(), strict=True)
    ]
    series = {("redness_index", ""): points}
    peak = change.redness_peak(points)
    peaks = {("redness_index", ""): peak} if peak else {}
    when, clocks = points[-1].taken_on, {"": start}
    beyond = redness.beyond(series, peaks, clocks, timeline, as_of=when)
    return beyond is not None or redness.rose(series, peaks, clocks, as_of=when)


@dataclass(frozen=True)
class Noise:
    """Of one measurand's weekly numbers: `sd` of the settled level's units, the neighbours'
    autocorrelation, outliers, and weeks without a number.
    """

    sd: float
    autocorrelation: float
    outlier_share: float
    outlier_sd: float
    missing: float

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Noise (..., weeks); NaN where there is no number."""
        fresh = rng.normal(0, self.sd, shape)
        noise = fresh.copy()
        keep = np.sqrt(1 - self.autocorrelation**2)
        for week in range(1, shape[-1]):
            noise[..., week] = self.autocorrelation * noise[..., week - 1] + keep * fresh[..., week]
        gross = rng.normal(0, self.outlier_sd * self.sd, shape)
        noise += np.where(rng.random(shape) < self.outlier_share, gross, 0.0)
        return np.where(rng.random(shape) < self.missing, np.nan, noise)


def measured_noise(measurand: str, times: float = 1.0) -> Noise:
    """As drawn photos have it, or so many times that."""
    told = json.loads(weekly_photos.FILE.read_text("utf-8"))
    row = told["measurands"][measurand]
    missing = 1 - (1 - MISSED) * (1 - told["refused"])
    sd = row["sd"] * (LEVEL[measurand] if measurand in weekly_photos.RELATIVE else 1.0)
    return Noise(
        times * sd, row["autocorrelation"], row["outlier_share"], row["outlier_sd"], missing
    )


def normal_course(
    measurand: str, days: NDArray[np.int64], rng: np.random.Generator, n: int, timeline: Timeline
) -> Floats:
    """Courses (n, 1, days) between the 10th and the 90th percentile, one quantile a client."""
    score = norm.ppf(rng.uniform(0.1, 0.9, (n, 1, 1))) / norm.ppf(0.9)
    band = timeline.redness if measurand == "redness_index" else timeline.contrast
    low, mid, high = (
        np.array([getattr(band(int(day)), edge) for day in days]) for edge in ("low", "mid", "high")
    )
    if measurand == "density_uniformity":
        return np.ones((n, 1, len(days)))
    return np.where(score < 0, mid + score * (mid - low), mid + score * (high - mid))


def unchanged_course(days: NDArray[np.int64], measurand: str, n: int) -> Floats:
    """Scalps that stay as they were (n, 1, days): without redness after the first days."""
    if measurand == "redness_index":
        return np.broadcast_to(np.where(days < 4, 1.0, 0.0), (n, 1, len(days)))
    return np.ones((n, 1, len(days)))


def judged(
    kind: str, values: Floats, days: NDArray[np.int64], timeline: Timeline, limits: Limits
) -> tuple[Bools, Bools]:
    """Watched and flagged (n, days) in any view, as of each day of values (n, views, days)."""
    watch, flag = (np.zeros((len(values), len(days)), dtype=bool) for _ in range(2))
    for upto in range(2, len(days) + 1):
        z = scores(kind, values[..., :upto], days[:upto], timeline, limits.first_day)
        if z is None:
            continue
        newest = np.isfinite(values[..., upto - 1])
        flag[:, upto - 1] = (newest & rules.flagged(z, days[:upto], limits)).any(axis=1)
        watch[:, upto - 1] = (newest & rules.watched(z, limits)).any(axis=1)
    return watch, flag


def scores(
    kind: str, values: Floats, days: NDArray[np.int64], timeline: Timeline, first_day: int
) -> Floats | None:
    """What the rules score of values (clients, views, days); None before there is a level."""
    gated = days >= first_day
    if kind == "redness_beyond_expected":
        prior = np.array(change.between_photos("redness_index", 0.0))
        peak = np.fmax(values[..., :1], 0.0)
        most = peak * np.array([timeline.redness(int(day)).high for day in days])
        spread = rules.between_visits(values[..., days >= rules.CALM_DAY], prior)
        z = rules.excess(values, most, prior, spread)
        return np.where(gated & (peak > change.least_peak(float(prior))), z, np.nan)
    window = in_window(days, timeline)
    if window.sum() < 2:
        return None
    level, enough = settled(kind, values, days, timeline)
    least_kept: Floats = np.ones(len(days))
    if kind == "possible_fading":
        band = [timeline.contrast(int(day)).low for day in days]  # type: ignore[union-attr]
        least_kept = rules.rebased(band, window, np.isfinite(values))
    z = rules.shortfall(values, level, least_kept)
    return np.where(gated & enough[..., None], z, np.nan)


def in_window(days: NDArray[np.int64], timeline: Timeline) -> Bools:
    """Which days belong to the settled look's baseline."""
    low, high = timeline.gate("baseline_window_days")
    within: Bools = (days >= low) & (days <= high)
    return within


def settled(
    kind: str, values: Floats, days: NDArray[np.int64], timeline: Timeline
) -> tuple[rules.Level, Bools]:
    """The settled look (clients, views) of values (clients, views, days), and whether enough
    visits tell it.
    """
    window = in_window(days, timeline)
    since = days >= timeline.gate("baseline_window_days")[0]
    middle = rules.middle(np.where(window, values, np.nan))
    always, of_level = (change.between_photos(KINDS[kind], at) or 0.0 for at in (0.0, 1.0))
    prior = np.sqrt(always**2 + (of_level**2 - always**2) * middle**2)
    level = rules.settled_level(values[..., since], window[since], prior)
    enough = np.isfinite(values[..., window]).sum(axis=-1) >= timeline.gate("baseline_min_sets")
    return level, enough
