"""From a client's photos and numbers to their course: series, findings, touch-up, one verdict.

Everything the pages and the `follow` verb show about a course is worked out here. Pure: today is
an argument.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tracker import findings, touchup
from tracker.change import DARKNESS, Z95, Point, Reference, redness_peak, settled_look
from tracker.findings import Finding
from tracker.records import Measurement, PhotoState, Treatment
from tracker.timeline import Band, Timeline
from tracker.touchup import TouchUp

Verdict = Literal["as expected", "watch", "needs a practitioner's look", "cannot tell"]
EVERYWHERE = "all"
SETTLED_DAY = 28
# Give or take more than this share of the expected value, a photo tells nothing about its course.
MOST_UNCERTAIN = 0.3


@dataclass(frozen=True)
class SeriesPoint:
    """One value in a series, with what many people show that day in the same units."""

    photo_id: str
    taken_on: date
    view: str
    area: str
    day: int
    value: float
    stderr: float
    expected: Band | None
    used: bool


@dataclass(frozen=True)
class Course:
    """One client's course on a day. `series` by measurand; references by (measurand, view)."""

    as_of: date
    day: int | None
    photos: tuple[PhotoState, ...]
    series: Mapping[str, tuple[SeriesPoint, ...]]
    references: Mapping[tuple[str, str], Reference]
    findings: tuple[Finding, ...]
    touch_up: TouchUp
    verdict: Verdict
    reason: str


def days_since(treatments: Iterable[Treatment], taken_on: date) -> int | None:
    """Whole days since the last treatment on or before a date; None before the first."""
    before = [t.treated_on for t in treatments if t.treated_on <= taken_on]
    return (taken_on - max(before)).days if before else None


def follow(
    photos: Sequence[PhotoState],
    measurements: Iterable[Measurement],
    treatments: Sequence[Treatment],
    timeline: Timeline,
    *,
    as_of: date,
    pigment: str = "permanent",
    open_flag_rank: int = 0,
) -> Course:
    """Work out a client's course as of a day; later photos and treatments are left out."""
    treatments = [t for t in treatments if t.treated_on <= as_of]
    dated = [s for s in photos if s.photo.taken_on is not None and s.photo.taken_on <= as_of]
    day = days_since(treatments, as_of)
    last = max((t.treated_on for t in treatments), default=None)
    points = _points(dated, measurements, treatments)
    references = _references(points, last, timeline)
    found = findings.judge(points, references, dated, last, timeline, as_of=as_of, pigment=pigment)
    series = _series(points, references, last, timeline, pigment)
    verdict, reason = _verdict(found, series, references, dated, last, day, as_of)
    plan = touchup.plan(
        found,
        day=day,
        last_treated_on=last,
        timeline=timeline,
        any_measured=any(s.verdict == "measured" and _since(s, last) for s in dated),
        course_known=verdict != "cannot tell",
        open_flag_rank=open_flag_rank,
        pigment=pigment,
        references=references,
        points=points,
    )
    return Course(as_of, day, tuple(dated), series, references, found, plan, verdict, reason)


def _points(
    states: Sequence[PhotoState],
    measurements: Iterable[Measurement],
    treatments: Sequence[Treatment],
) -> dict[tuple[str, str], list[Point]]:
    """All single-photo values by (measurand, view), by date."""
    by_id = {s.photo.id: s.photo for s in states}
    found: dict[tuple[str, str], list[Point]] = {}
    for m in measurements:
        photo = by_id.get(m.photo_id)
        if photo is None or photo.taken_on is None or m.baseline_id or m.value is None:
            continue
        day = days_since(treatments, photo.taken_on)
        if day is not None:
            point = Point(photo.id, photo.taken_on, day, m.value, m.stderr or 0.0)
            found.setdefault((m.measurand, photo.view), []).append(point)
    return {
        key: sorted(points, key=lambda p: (p.taken_on, p.photo_id)) for key, points in found.items()
    }


def _references(
    points: Mapping[tuple[str, str], list[Point]], last: date | None, timeline: Timeline
) -> dict[tuple[str, str], Reference]:
    """The peak of redness and the settled look since the last treatment, where there are any."""
    low, high = timeline.gate("baseline_window_days")
    found = {}
    for (measurand, view), all_points in points.items():
        recent = [p for p in all_points if last is not None and p.taken_on >= last]
        reference = (
            redness_peak(recent)
            if measurand == "redness_index"
            else settled_look(
                measurand,
                recent,
                window=(low, high),
                least=timeline.gate("baseline_min_sets"),
            )
        )
        if reference is not None:
            found[measurand, view] = reference
    return found


def _series(
    points: Mapping[tuple[str, str], list[Point]],
    references: Mapping[tuple[str, str], Reference],
    last: date | None,
    timeline: Timeline,
    pigment: str,
) -> dict[str, tuple[SeriesPoint, ...]]:
    series: dict[str, list[SeriesPoint]] = {}
    for (measurand, view), of_view in points.items():
        for p in of_view:
            current = last is not None and p.taken_on >= last
            reference = references.get((measurand, view)) if current else None
            band = expected(measurand, p.day, timeline, pigment)
            in_units = band.scaled(reference.value) if band and reference else None
            series.setdefault(measurand, []).append(
                SeriesPoint(
                    p.photo_id,
                    p.taken_on,
                    view,
                    EVERYWHERE,
                    p.day,
                    p.value,
                    p.stderr,
                    in_units,
                    current,
                )
            )
    return {m: tuple(sorted(v, key=lambda p: (p.taken_on, p.view))) for m, v in series.items()}


def expected(measurand: str, day: float, timeline: Timeline, pigment: str) -> Band | None:
    """The band relative to the person's own reference; None where the timeline has none."""
    if measurand == "redness_index":
        return timeline.redness(day)
    if pigment != "permanent":
        return None
    if measurand == "coverage_delta_l" or (measurand == DARKNESS and day >= SETTLED_DAY):
        return timeline.contrast(day)
    return None


def _since(state: PhotoState, last: date | None) -> bool:
    taken = state.photo.taken_on
    return last is not None and taken is not None and taken >= last


def _verdict(
    found: Sequence[Finding],
    series: Mapping[str, Sequence[SeriesPoint]],
    references: Mapping[tuple[str, str], Reference],
    states: Sequence[PhotoState],
    last: date | None,
    day: int | None,
    as_of: date,
) -> tuple[Verdict, str]:
    """One word for the course, and the code of why; never "as expected" without a measured band."""
    if day is None:
        return "cannot tell", "no-treatment"
    if any(f.level == "flag" for f in found if f.kind != "photo_quality"):
        return "needs a practitioner's look", "finding"
    if any(f.level == "watch" for f in found if f.kind != "photo_quality"):
        return "watch", "finding"
    recent = [
        p
        for p in series.get(DARKNESS, ())
        if p.used and as_of - p.taken_on <= findings.still_speaks(p.day)
    ]
    last_two = [(p, references.get((DARKNESS, p.view))) for p in recent[-2:]]
    if day >= SETTLED_DAY and recent and all(_inside(p, r) for p, r in last_two):
        return "as expected", "inside-band"
    if not any(_since(s, last) for s in states):
        return "cannot tell", "no-photos"
    if not any(_since(s, last) and s.verdict == "measured" for s in states):
        return "cannot tell", "none-measured"
    return "cannot tell", "too-early" if day < SETTLED_DAY else "no-settled-look"


def _inside(point: SeriesPoint, reference: Reference | None) -> bool:
    """Not outside the band by more than its noise, which is small enough to see a fall."""
    band = point.expected
    if band is None or reference is None:
        return False
    noise = Z95 * math.hypot(reference.between, reference.stderr)
    told = noise <= MOST_UNCERTAIN * abs(band.mid)
    return told and band.low - noise <= point.value <= band.high + noise
