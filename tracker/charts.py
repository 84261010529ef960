"""Charts as SVG text with the CSS tokens: what is drawn, its words, and the same as a table. Pure.

Sizes are CSS pixels of the view box: a chart drawn for a width is readable at that width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import numpy as np

from tracker.change import Z95
from tracker.timeline import Band
from tracker.words import dates, pages

TICK_DAYS = (-28, -14, 0, 14, 28, 42, 60, 90, 120, 180, 270, 365, 545, 730, 1095, 1460, 1825)
SPANS = (21, 28, 42, 60, 90, 120, 180, 270, 365, 545, 730, 1095, 1460, 1825)
LEFT, RIGHT, TOP, BOTTOM = 40.0, 8.0, 26.0, 44.0
FURTHEST_EARLIER_TREATMENT = 35


@dataclass(frozen=True)
class Mark:
    """One measured photo: its value and where it lies against the band."""

    day: int
    taken_on: date
    value: float
    stderr: float
    band: Band | None = None

    @property
    def outside(self) -> bool:
        """Beyond the band by more than what two photos of one scalp differ by anyway."""
        if self.band is None:
            return False
        half = Z95 * self.stderr
        return self.value + half < self.band.low or self.value - half > self.band.high


@dataclass(frozen=True)
class Chart:
    """Everything one chart shows; `band` by day, `settled_from` = the first settled day."""

    verdict: str
    today: int
    caption: str = ""
    marks: tuple[Mark, ...] = ()
    band: tuple[tuple[float, Band], ...] = ()
    settled_from: int | None = None
    unmeasured: tuple[int, ...] = ()
    treatments: tuple[int, ...] = (0,)
    least_range: tuple[float, float] = (0.7, 1.2)


@dataclass(frozen=True)
class _Frame:
    """From days and values to pixels."""

    width: float
    height: float
    days: tuple[float, float]
    values: tuple[float, float]

    def x(self, day: float) -> float:
        share = (day - self.days[0]) / (self.days[1] - self.days[0])
        return LEFT + 6 + share * (self.width - LEFT - RIGHT - 6)

    def y(self, value: float) -> float:
        low, high = self.values
        share = (min(max(value, low), high) - low) / (high - low)
        return self.bottom - share * (self.bottom - TOP)

    @property
    def bottom(self) -> float:
        return self.height - BOTTOM


def last_day(today: int) -> int:
    """The end of the day axis: the next round span, so that today is not at the edge."""
    return next((span for span in SPANS if span >= today * 1.1), SPANS[-1])


def draw(chart: Chart, width: int, height: int) -> str:
    """The chart as one SVG element for a width."""
    frame = _frame(chart, width, height)
    parts = [
        _band(chart, frame),
        _value_axis(frame),
        _day_axis(chart, frame),
        _settled(chart, frame),
        _treatments(chart, frame),
        _today(chart, frame),
        _band_name(chart, frame),
        _marks(chart, frame),
        _unmeasured(chart, frame),
    ]
    label = escape(alt(chart), quote=True)
    return (
        f'<svg class="c" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def alt(chart: Chart) -> str:
    """The chart in words: verdict, values by day, days not measured."""
    values = [pages.value_on(m.day, m.value, Z95 * m.stderr, m.outside) for m in chart.marks]
    return pages.chart_alt(chart.verdict, chart.caption, values, list(chart.unmeasured))


def as_table(chart: Chart) -> list[tuple[str, str, str, str, str]]:
    """The same as rows: day, date, value, give or take, what many people see."""
    return [
        (
            str(m.day),
            dates.day_month(m.taken_on),
            dates.rounded(m.value),
            dates.rounded(Z95 * m.stderr),
            pages.band_range(m.band.low, m.band.high) if m.band else "",
        )
        for m in chart.marks
    ]


def legend(chart: Chart) -> tuple[str, ...]:
    """Which marks need a word in the legend, in order."""
    shown = {
        "photo": bool(chart.marks),
        "outside": any(m.outside for m in chart.marks),
        "refused": bool(chart.unmeasured),
        "settled": chart.settled_from is not None,
        "middle": bool(chart.band),
        "treatment": bool(chart.treatments),
    }
    return tuple(name for name, there in shown.items() if there)


def _frame(chart: Chart, width: float, height: float) -> _Frame:
    end = last_day(max([chart.today, *(m.day for m in chart.marks)]))
    start = min([0, *(t for t in chart.treatments if t >= -FURTHEST_EARLIER_TREATMENT)])
    edges = [edge for d, b in chart.band if d <= end for edge in (b.low, b.high)]
    bars = [m.value + sign * Z95 * m.stderr for m in chart.marks for sign in (-1, 1)]
    low = min([chart.least_range[0], *edges, *bars])
    high = max([chart.least_range[1], *edges, *bars])
    room = 0.04 * (high - low)
    return _Frame(width, height, (start, end), (low - room, high + room))


def _band(chart: Chart, frame: _Frame) -> str:
    inside = [(d, b) for d, b in chart.band if frame.days[0] <= d <= frame.days[1]]
    if not inside:
        return ""
    upper = [(frame.x(d), frame.y(b.high)) for d, b in inside]
    lower = [(frame.x(d), frame.y(b.low)) for d, b in inside]
    middle = [(frame.x(d), frame.y(b.mid)) for d, b in inside]
    return (
        f'<polygon class="band" points="{_points(upper + lower[::-1])}"/>'
        f'<polyline class="be" points="{_points(upper)}"/>'
        f'<polyline class="be" points="{_points(lower)}"/>'
        f'<polyline class="mid" points="{_points(middle)}"/>'
    )


def _band_name(chart: Chart, frame: _Frame) -> str:
    """The band's name, in the free corner above its later, flatter part."""
    if not chart.band:
        return ""
    x = frame.width - RIGHT
    y = TOP + 34
    return (
        f'<text class="bn" x="{x:.1f}" y="{y:.1f}" text-anchor="end">'
        f"{escape(pages.BAND_MARK)}</text>"
    )


def _value_axis(frame: _Frame) -> str:
    low, high = frame.values
    step = _step(high - low)
    parts = []
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        y = frame.y(number * step)
        parts.append(
            f'<line class="gr" x1="{LEFT:.0f}" x2="{frame.width - RIGHT:.1f}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/><text x="{LEFT - 7:.0f}" y="{y + 4.5:.1f}" '
            f'text-anchor="end">{_tick(number * step)}</text>'
        )
    return "".join(parts)


def _day_axis(chart: Chart, frame: _Frame) -> str:
    bottom = frame.bottom
    parts = [
        f'<line class="ax" x1="{LEFT:.0f}" x2="{frame.width - RIGHT:.1f}" '
        f'y1="{bottom:.1f}" y2="{bottom:.1f}"/>'
    ]
    for day in _tick_days(chart.today, frame):
        x = frame.x(day)
        anchor = "end" if x > frame.width - RIGHT - 8 else "middle"
        parts.append(
            f'<line class="ax" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:.1f}" '
            f'y2="{bottom + 4:.1f}"/><text x="{x:.1f}" y="{bottom + 18:.1f}" '
            f'text-anchor="{anchor}">{_tick(day)}</text>'
        )
    middle = (LEFT + frame.width - RIGHT) / 2
    parts.append(
        f'<text x="{middle:.1f}" y="{frame.height - 5:.1f}" text-anchor="middle">'
        f"{escape(pages.X_AXIS)}</text>"
    )
    return "".join(parts)


def _tick_days(today: int, frame: _Frame) -> list[int]:
    """Today and the axis' ends first, then round days wherever their labels do not touch."""
    first, last = int(frame.days[0]), int(frame.days[1])
    wanted = [today, 0, last, *(d for d in TICK_DAYS if first <= d < last)]
    chosen: list[int] = []
    for day in wanted:
        if all(abs(frame.x(day) - frame.x(other)) >= 30 for other in chosen):
            chosen.append(day)
    return sorted(chosen)


def _settled(chart: Chart, frame: _Frame) -> str:
    if chart.settled_from is None:
        return ""
    x, y = frame.x(chart.settled_from), frame.y(1)
    return (
        f'<line class="bl" x1="{x:.1f}" x2="{frame.width - RIGHT:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
    )


def _treatments(chart: Chart, frame: _Frame) -> str:
    parts = []
    days = sorted(chart.treatments)
    for number, day in enumerate(days, start=1):
        if day < frame.days[0]:
            continue
        x, last = frame.x(day), day == days[-1]
        long = last and frame.x(chart.today) - x >= 130
        crowded = not last and frame.x(days[number]) - x < 42
        words = str(number) if crowded else pages.treatment_mark(number, long)
        parts.append(
            f'<line class="tr" x1="{x:.1f}" x2="{x:.1f}" y1="16" y2="{frame.bottom:.1f}"/>'
            f'<path class="tm" d="M{x:.1f} 16l5 -5h-10z"/>'
            f'<text class="trt" x="{x + 7:.1f}" y="16">{escape(words)}</text>'
        )
    return "".join(parts)


def _today(chart: Chart, frame: _Frame) -> str:
    """The thin line of today; its name only where it does not touch the treatment's."""
    x = frame.x(chart.today)
    line = f'<line class="td" x1="{x:.1f}" x2="{x:.1f}" y1="20" y2="{frame.bottom:.1f}"/>'
    if x - frame.x(0) < 62:
        return line
    anchor = "end" if x > frame.width - 30 else "middle"
    said = escape(pages.TODAY_MARK)
    return f'{line}<text class="td-t" x="{x:.1f}" y="16" text-anchor="{anchor}">{said}</text>'


def _marks(chart: Chart, frame: _Frame) -> str:
    centres = [(frame.x(m.day), frame.y(m.value)) for m in chart.marks]
    parts = [f'<polyline class="cn" points="{_points(centres)}"/>'] if len(centres) > 1 else []
    for mark, (x, y) in zip(chart.marks, centres, strict=True):
        half = Z95 * mark.stderr
        top, foot = frame.y(mark.value + half), frame.y(mark.value - half)
        parts.append(f'<line class="er" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{foot:.1f}"/>')
        if mark.outside:
            parts.append(f'<circle class="out" cx="{x:.1f}" cy="{y:.1f}" r="7.4"/>')
        parts.append(f'<circle class="pt" cx="{x:.1f}" cy="{y:.1f}" r="4.2"/>')
    return "".join(parts)


def _unmeasured(chart: Chart, frame: _Frame) -> str:
    return "".join(
        f'<circle class="rf" cx="{frame.x(day):.1f}" cy="{frame.bottom:.1f}" r="4.6"/>'
        for day in chart.unmeasured
    )


def band_days(end: int) -> list[float]:
    """Where a band is worked out: densely in the first weeks, where it bends."""
    early = np.arange(0, min(end, 28) + 0.25, 0.25)
    late = np.arange(28, end + 1, max(1, end // 120)) if end > 28 else np.array([])
    return sorted({float(d) for d in (*early, *late, end)})


def _points(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _step(extent: float) -> float:
    """A round step that gives three to six lines."""
    raw = extent / 4
    size = 10.0 ** math.floor(math.log10(raw))
    return float(next(s for s in (1 * size, 2 * size, 2.5 * size, 5 * size, 10 * size) if s >= raw))


def _tick(value: float) -> str:
    return f"{round(value, 6):g}".replace("-", "−")
