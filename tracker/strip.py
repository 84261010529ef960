"""The drawn strip of Today: how dots tend to look until day 42, and where today is. Pure."""

from __future__ import annotations

from html import escape

import numpy as np

from tracker.words import stage

SKIN, INK = "#DCC4AD", "#34363A"
# Opacity and radius of a drawn dot by day: the order of the stages, not a measurement.
_DAYS = (0, 3, 5, 7, 10, 14, 21, 28, 42)
_OPACITY = (0.93, 0.93, 0.8, 0.55, 0.25, 0.25, 0.5, 0.72, 0.75)
_RADIUS = (2.6, 2.6, 2.3, 2.0, 1.7, 1.7, 1.7, 1.75, 1.75)
_ROW, _SPACING, _LABELS = 10.0, 10.5, 46
SEED = 21


def stage_strip(day: int, phase_title: str, width: int, height: int = 64) -> str:
    """The strip with its five stages as one SVG element for a width."""
    label = escape(stage.strip_alt(day, phase_title), quote=True)
    here = min(day, 42)
    x = _x(here + 0.5, width)
    return (
        f'<svg class="c strip" viewBox="0 -5 {width} {height + _LABELS + 10}" role="img" '
        f'aria-label="{label}"><clipPath id="sc{width}"><rect width="{width}" '
        f'height="{height}" rx="12"/></clipPath><g clip-path="url(#sc{width})">'
        f'<rect width="{width}" height="{height}" fill="{SKIN}"/>'
        f"{_dots(width, height)}{_haze(x, day, height)}</g>{_here(x, day, height)}"
        f"{_names(day, width, height)}</svg>"
    )


def _x(day: float, width: int) -> float:
    """Each of the five stages has a fifth of the width, whatever its days."""
    for place, (_, _, low, high) in enumerate(stage.STRIP):
        if day < high + 1:
            return width / 5 * (place + (day - low) / (high + 1 - low))
    return float(width)


def _day_at(x: float, width: int) -> float:
    place = min(4, int(x / (width / 5)))
    _, _, low, high = stage.STRIP[place]
    return low + (x / (width / 5) - place) * (high + 1 - low)


def _dots(width: int, height: int) -> str:
    rng = np.random.default_rng(SEED)
    parts = []
    for row in range(int(height / _ROW) + 1):
        for column in range(int(width / _SPACING) + 1):
            jitter = rng.uniform(-2.6, 2.6, 2)
            x = column * _SPACING + (row % 2) * _SPACING / 2 + jitter[0]
            y = row * _ROW + 4 + jitter[1]
            day = _day_at(min(max(x, 0), width - 1), width)
            radius = np.interp(day, _DAYS, _RADIUS) * rng.uniform(0.85, 1.12)
            opacity = np.interp(day, _DAYS, _OPACITY) * rng.uniform(0.85, 1.05)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" opacity="{opacity:.2f}"/>'
            )
    return f'<g fill="{INK}">{"".join(parts)}</g>'


def _haze(x: float, day: int, height: int) -> str:
    if day > 42:
        return ""
    return f'<rect x="{x - 15:.1f}" width="30" height="{height}" fill="#fff" opacity=".28"/>'


def _here(x: float, day: int, height: int) -> str:
    if day > 42:
        return ""
    return (
        f'<line class="here-o" x1="{x:.1f}" x2="{x:.1f}" y1="-4" y2="{height + 6}"/>'
        f'<line class="here" x1="{x:.1f}" x2="{x:.1f}" y1="-4" y2="{height + 6}"/>'
    )


def _names(day: int, width: int, height: int) -> str:
    parts = []
    for place, (_, name, low, high) in enumerate(stage.STRIP):
        middle = width / 5 * (place + 0.5)
        now = low <= day <= high
        if now:
            parts.append(
                f'<line class="now" x1="{middle - 28:.1f}" x2="{middle + 28:.1f}" '
                f'y1="{height + 12}" y2="{height + 12}"/>'
            )
        days = f"{stage.STRIP_DAY} {low}–{high}" if place == 0 else f"{low}–{high}"
        parts.append(
            f'<text class="{"strong" if now else ""}" x="{middle:.1f}" y="{height + 30}" '
            f'text-anchor="middle">{escape(name)}</text>'
            f'<text x="{middle:.1f}" y="{height + 46}" text-anchor="middle">{days}</text>'
        )
    return "".join(parts)
