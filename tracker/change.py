"""A person's own reference levels, and whether a difference is larger than its noise. Pure.

What one scalp's photos differ by from visit to visit (repeatability, ISO 5725) is not a photo's
stated error: what skin and method add to every photo alike cancels in a change. It is measured by
`make validate` on drawn photos and kept in the package's data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from tracker.package_data import document

Z95 = 1.96
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

    `between` is the standard deviation of one photo against another of the same scalp.
    """

    value: float
    stderr: float
    between: float
    n: int

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


def redness_peak(points: Sequence[Point]) -> Reference | None:
    """The highest redness of days 0-1; None when it does not stand out of its own noise."""
    early = [p for p in points if 0 <= p.day <= 1]
    if not early:
        return None
    peak = max(early, key=lambda p: p.value)
    between = between_photos("redness_index", peak.value)
    # Twice the smallest difference that could be told: below it relative values mean nothing.
    if between is None or peak.value < 2 * Z95 * math.sqrt(2) * between:
        return None
    return Reference(peak.value, between, between, len(early))


def settled_look(
    measurand: str, points: Sequence[Point], *, window: tuple[int, int], least: int
) -> Reference | None:
    """Median of the photos in the settled window; None with fewer than `least` days."""
    settled = sorted(p.value for p in points if window[0] <= p.day <= window[1] and p.value)
    if len({p.taken_on for p in points if window[0] <= p.day <= window[1]}) < least or not settled:
        return None
    half = len(settled) // 2
    value = settled[half] if len(settled) % 2 else (settled[half - 1] + settled[half]) / 2
    between = between_photos(measurand, value)
    if between is None:
        return None
    # A median's error is a quarter larger than a mean's.
    return Reference(value, 1.25 * between / math.sqrt(len(settled)), between, len(settled))
