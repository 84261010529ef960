"""When darkness may come down to the level at which a refresh is planned: never a finding.

On a clock that runs as the usual course fades, every person's logarithm of darkness falls along a
line; how steeply is the person's own. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.stats import t as student
from scipy.stats import theilslopes

from tracker import rules
from tracker.change import Point, Reference, visits
from tracker.rules import Floats
from tracker.timeline import LAST_EXPECTED_DAY, Timeline

LEAST_VISITS = 4
WIDEST_DAYS = 548  # 18 months
# Wide intervals are not told, and narrow ones miss more often: of intervals of 85 % those that are
# told hold four in five, by simulated clients.
COVERS = 0.85
# Visits within four weeks of one another are one, so that habits of a month do not count as news.
_BLOCK_DAYS = 28
# A Theil-Sen line's variance over that of least squares under normal noise (Sen 1968,
# doi:10.1080/01621459.1968.10480934).
_THEIL_SEN = 1.047


@dataclass(frozen=True)
class Forecast:
    """Between `earliest` and `latest`, in four cases of five, darkness reaches `level`."""

    view: str
    level: float
    earliest: date
    latest: date
    n_visits: int


def forecast(
    points: Sequence[Point], settled: Reference, timeline: Timeline, *, view: str = ""
) -> Forecast | None:
    """From one view's points since the last treatment; None with fewer than four settled visits, in
    a cloud without a fall, or where the interval is wider than 18 months.
    """
    found = visits([p for p in points if p.day >= timeline.gate("baseline_window_days")[0]])
    found = [p for p in found if p.value / settled.value > 0]
    if len(found) < LEAST_VISITS:
        return None
    days = np.array([float(p.day) for p in found])
    ratios = np.log([p.value / settled.value for p in found])
    level = float(timeline.decision("refresh_planning_if_contrast_below"))
    span = crossing(days, ratios, settled.n, float(np.log(level)), timeline)
    if span is None or span[1] - span[0] > WIDEST_DAYS:
        return None
    treated_on = found[0].taken_on - timedelta(days=found[0].day)
    earliest, latest = (treated_on + timedelta(days=day) for day in span)
    return Forecast(view, level, earliest, latest, len(found))


def crossing(
    days: Floats, log_ratios: Floats, n_baseline: int, log_level: float, timeline: Timeline
) -> tuple[int, int] | None:
    """First and last day on which a line through log darkness (n,) over the settled look may cross
    a level; `n_baseline`: visits whose median is the look.

    All days for which the line's interval holds the level (Fieller 1954). None: fewer than
    four blocks of visits, already there, or no last day.
    """
    block = (days - days[0]) // _BLOCK_DAYS
    blocks = [block == each for each in np.unique(block)]
    if len(blocks) < LEAST_VISITS:
        return None
    ahead = np.arange(days[-1], LAST_EXPECTED_DAY + 1, dtype=float)
    clock = _clock(np.array([np.mean(days[each]) for each in blocks]), timeline)
    level = np.array([np.median(log_ratios[each]) for each in blocks])
    slope, intercept, *_ = theilslopes(level, clock)
    left = level - intercept - slope * clock
    freedom = len(clock) - 2
    sd = np.sqrt((left**2).sum() / freedom)
    look = (rules.MEDIAN * sd) ** 2 / n_baseline
    off = clock - clock.mean()
    later = _clock(ahead, timeline)
    variance = _THEIL_SEN * sd**2 * (
        1 / len(clock) + (later - clock.mean()) ** 2 / (off**2).sum()
    )  # fmt: skip
    half = student.isf((1 - COVERS) / 2, freedom) * np.sqrt(variance + look)
    line = intercept + slope * later
    may, must = line - half <= log_level, line + half <= log_level
    if must[0] or not must.any():
        return None
    return int(ahead[may.argmax()]), int(ahead[must.argmax()])


def _clock(days: Floats, timeline: Timeline) -> Floats:
    """How far the usual course has faded by each day, as a logarithm."""
    knots = timeline.contrast_knots
    faded: Floats = -np.log(np.interp(days, knots["days"], knots["p50"]))
    return faded
