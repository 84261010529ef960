"""Whether four of five forecasts come true, on simulated clients: a part of `make validate`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.courses import SEED, measured_noise, normal_course
from tracker import change, rules
from tracker.forecast import WIDEST_DAYS, crossing
from tracker.timeline import LAST_EXPECTED_DAY, default_timeline

N_CLIENTS = 3000
# The first check, the calendar's months, then every three months; the forecast is of a random day.
LAST_DAY = (180, 1000)
VISITS = np.array([28, 35, 42, 60, 90, 120, 150, *range(180, LAST_DAY[1], 90)])


def told(times: float, *, seed: int = SEED) -> dict[str, float]:
    """Shares of clients to whom a forecast is given, and of forecasts that hold the true day."""
    timeline = default_timeline()
    rng = np.random.default_rng([seed, 80, round(times * 10)])
    every_day = np.arange(LAST_EXPECTED_DAY + 1)
    courses = normal_course("pigment_per_area", every_day, rng, N_CLIENTS, timeline)[:, 0]
    low, high = timeline.gate("baseline_window_days")
    noise = measured_noise("pigment_per_area", times)
    sd = noise.sd / 0.06
    # Months apart, last visit's light is forgotten.
    drawn = replace(noise, sd=sd, autocorrelation=0.0).drawn((N_CLIENTS, len(VISITS)), rng)
    log_level = np.log(timeline.decision("refresh_planning_if_contrast_below"))
    prior = change.between_photos("pigment_per_area", 1.0) or 0.0
    given = right = 0
    for course, off in zip(courses, drawn, strict=True):
        last = rng.uniform(*LAST_DAY)
        seen = np.isfinite(off) & (last >= VISITS)
        values, days = (course[VISITS] * (1 + off))[seen], VISITS[seen]
        window = (days >= low) & (days <= high)
        if window.sum() < 2:
            continue
        level = rules.settled_level(values, window, prior)
        n_baseline = int(window.sum())
        relative = np.log(values / level.value)
        span = crossing(days.astype(float), relative, n_baseline, log_level, timeline)
        if span is None or span[1] - span[0] > WIDEST_DAYS:
            continue
        own_level = course[VISITS[(low <= VISITS) & (high >= VISITS)]].mean() * np.exp(log_level)
        below = np.flatnonzero((course <= own_level) & (every_day > high))
        crossed = below[0] if len(below) else LAST_EXPECTED_DAY + 1
        given += 1
        # Already there: right where the span begins with the last visit.
        right += span[0] <= max(crossed, days[-1]) <= span[1]
    return {"given": given / N_CLIENTS, "covered": float(right / max(given, 1))}


def table() -> Iterator[str]:
    """The chapter of the report."""
    yield from (
        "## Forecasts",
        "",
        f"{N_CLIENTS:,} simulated clients between the 10th and the 90th percentile, visits as the",
        f"calendar has them until a random day between {LAST_DAY[0]} and {LAST_DAY[1]}. A forecast",
        "says in which span, at most 18 months long, darkness reaches the refresh level; it should",
        "hold the true day in 80 % of cases:",
        "",
        "| noise | given a forecast | true day inside |",
        "| --- | --- | --- |",
    )  # fmt: skip
    for times in (1, 2):
        found = told(times)
        yield f"| {times} x | {found['given']:.1%} | {found['covered']:.1%} |"
