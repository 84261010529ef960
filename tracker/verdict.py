"""One word for a course, and the code of why. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from tracker import rules
from tracker.change import DARKNESS, Z95, Reference, still_speaks
from tracker.findings import Finding
from tracker.records import PhotoState
from tracker.segments import Segment
from tracker.series import SETTLED_DAY, SeriesPoint
from tracker.timeline import Timeline

Verdict = Literal["as expected", "watch", "needs a practitioner's look", "cannot tell"]
# Give or take more than this share of the expected value, a photo tells nothing about its course.
MOST_UNCERTAIN = 0.3


def since(state: PhotoState, clocks: Mapping[str, date]) -> bool:
    """Taken since the last treatment of what it shows."""
    taken, clock = state.photo.taken_on, clocks.get(state.photo.view)
    return clock is not None and taken is not None and taken >= clock


def speaking(series: Mapping[str, Sequence[SeriesPoint]], as_of: date) -> list[SeriesPoint]:
    """Darkness of photos that still speak for the present, oldest first."""
    return [
        p for p in series.get(DARKNESS, ()) if p.used and as_of - p.taken_on <= still_speaks(p.day)
    ]


def verdict(
    found: Sequence[Finding],
    judged: Sequence[SeriesPoint],
    references: Mapping[tuple[str, str], Reference],
    states: Sequence[PhotoState],
    clocks: Mapping[str, date],
    segments: Sequence[Segment],
    day: int | None,
    timeline: Timeline,
    pigment: str,
) -> tuple[Verdict, str]:
    """One word for the course, and the code of why; never "as expected" without a measured band."""
    if day is None:
        return "cannot tell", "no-treatment"
    levels = {f.level for f in found if f.kind != "photo_quality"}
    if "flag" in levels:
        return "needs a practitioner's look", "finding"
    if "watch" in levels:
        return "watch", "finding"
    if not any(since(s, clocks) for s in states):
        return "cannot tell", "no-photos"
    if not any(since(s, clocks) and s.verdict == "measured" for s in states):
        return "cannot tell", "none-measured"
    if day < SETTLED_DAY:
        return "cannot tell", "too-early"
    if pigment != "permanent":
        return "cannot tell", "temporary"
    settled = {
        view: level
        for (measurand, view), level in references.items()
        if measurand == DARKNESS and not level.late
    }
    if not settled:
        if any(s.state == "apart" for s in segments):
            return "cannot tell", "another-camera"
        passed = day > timeline.gate("baseline_window_days")[1]
        return "cannot tell", "window-passed" if passed else "no-settled-look"
    # What is compared with the first visits of another camera says nothing about the settled look.
    judged = [p for p in judged if p.view in settled or (DARKNESS, p.view) not in references]
    if not judged:
        return "cannot tell", "stale"
    if judged[-1].day < timeline.gate("provisional_until_day"):
        return "cannot tell", "provisional"
    compared = [(p, settled.get(p.view)) for p in judged]
    telling = [(p, r) for p, r in compared if _tells(p, r)]
    # A view too noisy to tell neither speaks for the course nor, unless it lies outside, against.
    if any(_beyond(p, r) for p, r in compared[-2:] + telling[-2:]):
        return "cannot tell", "outside"
    if not telling:
        return "cannot tell", "too-noisy"
    inside = all(_inside(p, r) for p, r in telling[-2:])
    return ("as expected", "inside-band") if inside else ("cannot tell", "at-edge")


def _stderr(reference: Reference) -> float:
    return math.hypot(reference.between, reference.stderr)


def _tells(point: SeriesPoint, reference: Reference | None) -> bool:
    """Whether the noise is small enough to see a fall."""
    if point.expected is None or reference is None:
        return False
    return Z95 * _stderr(reference) <= MOST_UNCERTAIN * abs(point.expected.mid)


def _beyond(point: SeriesPoint, reference: Reference | None) -> bool:
    """Outside the band by more than its noise, or without a band."""
    band = point.expected
    if band is None or reference is None:
        return True
    noise = Z95 * _stderr(reference)
    return not band.low - noise <= point.compared <= band.high + noise


def _inside(point: SeriesPoint, reference: Reference | None) -> bool:
    """Clearly inside the band; darker than it by no more than noise is no reason to doubt."""
    band = point.expected
    if band is None or reference is None:
        return False
    return bool(rules.clearly_inside(point.compared, band.low, band.high, _stderr(reference)))
