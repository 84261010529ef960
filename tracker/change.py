"""A person's own reference levels, and whether a difference is larger than its noise. Pure.

What one scalp's photos differ by from visit to visit (repeatability, ISO 5725) is not a photo's
stated error: what skin and method add to every photo alike cancels in a change. It is measured by
`make validate` on drawn photos and kept in the package's data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from statistics import median

import numpy as np

from tracker import rules
from tracker.package_data import document

Z95 = rules.Z95
# Darkness is judged by pigment per area: blur and light move it by a few per cent, the step in
# lightness at the border by a third (docs/validation.md).
DARKNESS = "pigment_per_area"


@dataclass(frozen=True)
class Point:
    """One measured value of one photo, `day` days after the last treatment of its area."""

    photo_id: str
    taken_on: date
    day: int
    value: float
    stderr: float


@dataclass(frozen=True)
class Reference:
    """A level to compare with: the peak of redness, or the settled look, and its standard error.

    `between` is the standard deviation of one photo against another of the same scalp, `freedom`
    its degrees of freedom. `late`: the days of a level that is not the settled look but that of the
    first visits with another camera.
    """

    value: float
    stderr: float
    between: float
    n: int
    freedom: float = rules.PRIOR_FREEDOM
    late: tuple[int, int] | None = None

    @property
    def level(self) -> rules.Level:
        """For the rules."""
        value, stderr, between, freedom = (
            np.asarray(part) for part in (self.value, self.stderr, self.between, self.freedom)
        )
        return rules.Level(value, stderr, rules.Spread(between, freedom))

    @property
    def least_change(self) -> float:
        """The smallest difference of two visits that this person's noise does not explain."""
        return least_difference(self.between)

    def ratio(self, point: Point) -> tuple[float, float]:
        """A point relative to this level, and the ratio's standard error."""
        ratio = point.value / self.value
        return ratio, math.hypot(self.between, ratio * self.stderr) / abs(self.value)


@lru_cache(maxsize=1)
def _repeatability() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = document("repeatability.json")["measurands"]
    return table


def between_photos(measurand: str, level: float) -> float | None:
    """Standard deviation between photos of one scalp about a level; None where not measured."""
    row = _repeatability().get(measurand)
    if row is None:
        return None
    return math.hypot(row.get("absolute", 0.0), row.get("relative", 0.0) * level)


def is_relative(measurand: str) -> bool:
    """Whether the noise grows with the level, so that levels compare as ratios."""
    return "relative" in _repeatability().get(measurand, {})


def still_speaks(day: int) -> timedelta:
    """How long a photo taken `day` days after treatment speaks for the present."""
    return timedelta(days=21 if day < 60 else 60 if day < 180 else 150)


def least_difference(between: float) -> float:
    """The smallest difference of two photos that their noise does not explain (95 %)."""
    return Z95 * math.sqrt(2) * between


def least_peak(between: float) -> float:
    """Twice the smallest difference: below it relative redness means nothing."""
    return 2 * least_difference(between)


def redness_peak(points: Sequence[Point]) -> Reference | None:
    """The highest redness of days 0-1; None when it does not stand out of its own noise."""
    early = [p for p in points if 0 <= p.day <= 1]
    if not early:
        return None
    peak = max(early, key=lambda p: p.value)
    between = between_photos("redness_index", peak.value)
    if between is None or peak.value < least_peak(between):
        return None
    return Reference(peak.value, between, between, len(early))


def settled_look(
    measurand: str, points: Sequence[Point], *, window: tuple[int, int], least: int
) -> Reference | None:
    """Median of the visits in the settled window; None with fewer than `least` of them.

    The noise is the person's own, from all visits since the window opened, drawn towards that of
    drawn photos.
    """
    settled = visits([p for p in points if p.day >= window[0]])
    inside = [p for p in settled if p.day <= window[1]]
    if len(inside) < least or not all(p.value for p in inside):
        return None
    prior = between_photos(measurand, median(p.value for p in inside))
    if prior is None:
        return None
    level = rules.settled_level(
        [p.value for p in settled], np.array([p.day <= window[1] for p in settled]), prior
    )
    return Reference(
        float(level.value),
        float(level.stderr),
        float(level.spread.sd),
        len(inside),
        float(level.spread.freedom),
    )


def visits(points: Sequence[Point]) -> list[Point]:
    """One point a day: the middle of that day's good photos by value, as several shots are welcome.

    Good are those whose own error is not twice that of the series' middle one.
    """
    most = 2 * median([p.stderr for p in points]) if points else 0.0
    by_day: dict[date, list[Point]] = {}
    for p in points:
        if p.stderr <= most:
            by_day.setdefault(p.taken_on, []).append(p)
    return [_middle(by_day[taken_on]) for taken_on in sorted(by_day)]


def _middle(points: list[Point]) -> Point:
    """The photo in the middle; of an even number the value between the two."""
    ordered = sorted(points, key=lambda p: p.value)
    return replace(ordered[(len(ordered) - 1) // 2], value=median(p.value for p in ordered))
