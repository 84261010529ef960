"""The touch-up worksheet: where dots are missing or pale, how many, how long that takes. Pure.

Missing means: to reach the density of the skin around a zone. The practitioner decides.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from string import ascii_uppercase
from typing import Any

from tracker.change import Z95
from tracker.paper import Paper
from tracker.words import worksheet as words
from tracker.zone_visits import Laid, visits

_WIDTHS = (14, 22, 34, 20, 26, 54)


@dataclass(frozen=True)
class Zone:
    """One place with fewer or paler dots: its letter, outline (x, y in px of the photo), area in
    cm2 with a scale, dots missing and their standard error, both None where they are not counted,
    how dark a pale one is over the skin around it; on how many visits it was seen, None where no
    other photo tells.
    """

    name: str
    outline: tuple[tuple[float, float], ...]
    area_cm2: float | None
    missing: float | None
    stderr: float | None
    darkness: float | None = None
    visits: int | None = None

    @property
    def give_or_take(self) -> float | None:
        """Of the dots missing, as it is shown (95 %)."""
        return None if self.stderr is None else Z95 * self.stderr

    @property
    def sure(self) -> bool:
        """Whether the number is more than its error, give or take, and other days show it too."""
        if self.missing is None or self.give_or_take is None or self.visits == 1:
            return False
        return self.give_or_take <= self.missing


def zones(document: dict[str, Any], laid: Sequence[Laid] = ()) -> tuple[Zone, ...]:
    """The zones of one measured photo, the largest first, by its `measure` document; `laid`: what
    photos of other days show there.
    """
    found = sorted(document.get("patches", ()), key=lambda p: -p["area_px"])
    return tuple(
        Zone(
            name,
            tuple((float(x), float(y)) for x, y in patch["outline"]),
            patch["area_cm2"],
            patch.get("dots_missing"),
            patch.get("dots_missing_stderr"),
            patch["relative_darkness"] if patch.get("kind") == "pale" else None,
            visits(patch["outline"], laid),
        )
        for name, patch in zip(ascii_uppercase, found, strict=False)
    )


def together(chosen: Sequence[Zone]) -> tuple[float, float] | tuple[None, None]:
    """Dots missing in all chosen zones, and the standard error; None where none was counted."""
    counted = [(z.missing, z.stderr or 0.0) for z in chosen if z.missing is not None]
    if not counted:
        return None, None
    return sum(m for m, _ in counted), math.hypot(*(s for _, s in counted))


def rows(chosen: Sequence[Zone], pace: float | None) -> list[tuple[str, ...]]:
    """The table: head, a row a zone, all together."""
    body = [
        (z.name, words.area(z.area_cm2), words.missing(z.missing, z.give_or_take, z.darkness),
         words.minutes(z.missing, pace), words.seen_on(z.visits), "")
        for z in chosen
    ]  # fmt: skip
    total, stderr = together(chosen)
    last = (
        words.TOGETHER,
        "",
        words.missing(total, None if stderr is None else Z95 * stderr),
        words.minutes(total, pace),
        "",
        "",
    )
    return [words.HEAD, *body, last]


def pdf(
    heading: str,
    about: str,
    image: bytes,
    width_px: float,
    chosen: Sequence[Zone],
    pace: float | None,
) -> bytes:
    """The worksheet on paper, its zones drawn on the photo."""
    page = Paper(words.TITLE)
    page.text(words.TITLE)
    page.heading(heading, 18)
    page.text(about)
    page.picture(image, words.alt(len(chosen)), [(z.name, z.outline) for z in chosen], width_px)
    page.table(rows(chosen, pace), _WIDTHS)
    page.gap(2)
    page.text(words.pace(pace))
    page.text(words.MEANS)
    page.gap(3)
    for line in (*words.CHECKS, *words.BLANKS):
        page.text(line, size=11)
        page.gap(1)
    page.text(words.HONEST, size=9)
    return page.data()


def svg(photo_id: str, width_px: int, height_px: int, chosen: Collection[Zone]) -> str:
    """The photo with the zones drawn on it, as one SVG element."""
    unit = width_px / 100
    drawn = "".join(_drawn(zone, unit) for zone in chosen)
    label = escape(words.alt(len(chosen)), quote=True)
    return (
        f'<svg viewBox="0 0 {width_px} {height_px}" role="img" aria-label="{label}">'
        f'<image href="/photo/{escape(photo_id, quote=True)}" width="{width_px}" '
        f'height="{height_px}" preserveAspectRatio="none"/>{drawn}</svg>'
    )


def _drawn(zone: Zone, unit: float) -> str:
    ring = " ".join(f"{x:.1f},{y:.1f}" for x, y in zone.outline)
    x = sum(each[0] for each in zone.outline) / len(zone.outline)
    y = sum(each[1] for each in zone.outline) / len(zone.outline)
    return (
        f'<polygon points="{ring}" fill="none" stroke="#fff" stroke-width="{unit:.1f}"/>'
        f'<polygon points="{ring}" fill="none" stroke="#000" stroke-width="{unit / 2:.1f}" '
        f'stroke-dasharray="{2 * unit:.1f} {1.5 * unit:.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.4 * unit:.1f}" fill="#fff" stroke="#000" '
        f'stroke-width="{unit / 4:.1f}"/><text x="{x:.1f}" y="{y + 1.1 * unit:.1f}" '
        f'text-anchor="middle" style="font: 700 {3 * unit:.1f}px sans-serif; fill: #000">'
        f"{zone.name}</text>"
    )
