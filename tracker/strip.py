"""The drawn strip of Today: how dots tend to look until the first check, and where today is. Pure.

Each of its stages has a fifth of the width, whatever its days.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from tracker.timeline import Timeline
from tracker.words import stage

SKIN, INK = "#DCC4AD", "#34363A"
# Opacity and radius of a drawn dot by place: the order of the stages, not a measurement.
_PLACES = (0, 0.75, 1.38, 1.88, 2.36, 2.93, 3.5, 4.03, 5)
_OPACITY = (0.93, 0.93, 0.8, 0.55, 0.25, 0.25, 0.5, 0.72, 0.75)
_RADIUS = (2.6, 2.6, 2.3, 2.0, 1.7, 1.7, 1.7, 1.75, 1.75)
_ROW, _SPACING, _LABELS = 10.0, 10.5, 46
SEED = 21


@dataclass(frozen=True)
class Stage:
    """One part of the strip: its name and its days, both ends included."""

    name: str
    first: int
    last: int


def stages(timeline: Timeline) -> tuple[Stage, ...]:
    """The strip's parts by a timeline's days."""
    ends = {p.key: p.end_day or p.start_day for p in timeline.phases}
    found: list[Stage] = []
    for key, name in stage.STRIP:
        found.append(Stage(name, found[-1].last + 1 if found else 0, ends[key]))
    return tuple(found)


def stage_strip(day: int, timeline: Timeline, width: int, height: int = 64) -> str:
    """The strip with its five stages as one SVG element for a width."""
    parts = stages(timeline)
    here = next((part.name for part in parts if part.first <= day <= part.last), "")
    pale = (parts[2].first, parts[2].last)
    said = stage.strip_alt(day, timeline.phase(day).title, here, pale, parts[-1].last)
    x = _x(day + 0.5, parts, width) if here else None
    return (
        f'<svg class="c strip" viewBox="0 -5 {width} {height + _LABELS + 10}" role="img" '
        f'aria-label="{escape(said, quote=True)}"><clipPath id="sc{width}"><rect width="{width}" '
        f'height="{height}" rx="12"/></clipPath><g clip-path="url(#sc{width})">'
        f'<rect width="{width}" height="{height}" fill="{SKIN}"/>'
        f"{_dots(width, height)}{_haze(x, height)}</g>{_here(x, height)}"
        f"{_names(day, parts, width, height)}</svg>"
    )


def _x(day: float, parts: tuple[Stage, ...], width: int) -> float:
    place = next(n for n, part in enumerate(parts) if day < part.last + 1)
    part = parts[place]
    return width / len(parts) * (place + (day - part.first) / (part.last + 1 - part.first))


def _dots(width: int, height: int) -> str:
    rng = np.random.default_rng(SEED)
    parts = []
    for row in range(int(height / _ROW) + 1):
        for column in range(int(width / _SPACING) + 1):
            jitter = rng.uniform(-2.6, 2.6, 2)
            x = column * _SPACING + (row % 2) * _SPACING / 2 + jitter[0]
            y = row * _ROW + 4 + jitter[1]
            place = min(max(x, 0), width - 1) / width * len(stage.STRIP)
            radius = np.interp(place, _PLACES, _RADIUS) * rng.uniform(0.85, 1.12)
            opacity = np.interp(place, _PLACES, _OPACITY) * rng.uniform(0.85, 1.05)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" opacity="{opacity:.2f}"/>'
            )
    return f'<g fill="{INK}">{"".join(parts)}</g>'


def _haze(x: float | None, height: int) -> str:
    if x is None:
        return ""
    return f'<rect x="{x - 15:.1f}" width="30" height="{height}" fill="#fff" opacity=".28"/>'


def _here(x: float | None, height: int) -> str:
    if x is None:
        return ""
    return (
        f'<line class="here-o" x1="{x:.1f}" x2="{x:.1f}" y1="-4" y2="{height + 6}"/>'
        f'<line class="here" x1="{x:.1f}" x2="{x:.1f}" y1="-4" y2="{height + 6}"/>'
    )


def _names(day: int, stages: tuple[Stage, ...], width: int, height: int) -> str:
    parts = []
    for place, part in enumerate(stages):
        middle = width / len(stages) * (place + 0.5)
        now = part.first <= day <= part.last
        if now:
            parts.append(
                f'<line class="now" x1="{middle - 28:.1f}" x2="{middle + 28:.1f}" '
                f'y1="{height + 12}" y2="{height + 12}"/>'
            )
        days = f"{part.first}–{part.last}" if part.last > part.first else str(part.first)
        days = f"{stage.STRIP_DAY} {days}" if place == 0 else days
        parts.append(
            f'<text class="{"strong" if now else ""}" x="{middle:.1f}" y="{height + 30}" '
            f'text-anchor="middle">{escape(part.name)}</text>'
            f'<text x="{middle:.1f}" y="{height + 46}" text-anchor="middle">{days}</text>'
        )
    return "".join(parts)
