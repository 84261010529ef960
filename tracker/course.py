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

from tracker import findings, lost, touchup
from tracker.change import DARKNESS, Z95, Point, Reference, redness_peak, settled_look
from tracker.findings import Finding
from tracker.forecast import Forecast, forecast
from tracker.lost import LostSeen
from tracker.records import Measurement, PhotoState, Treatment
from tracker.settling import UNKNOWN, Settling, settling
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
    """One client's course on a day. `series` by measurand; references by (measurand, view).

    `judged_day`: of the newest photo that the verdict rests on. What asks for the questions:
    `redness_rose`, whether the newest redness lies above the one before it, beyond noise;
    `redness_day`, of a newest photo whose redness lies beyond what is expected. `settling`: whether
    photos show the settled look. `forecast`: for planning, never a finding.
    """

    as_of: date
    day: int | None
    photos: tuple[PhotoState, ...]
    series: Mapping[str, tuple[SeriesPoint, ...]]
    references: Mapping[tuple[str, str], Reference]
    findings: tuple[Finding, ...]
    touch_up: TouchUp
    verdict: Verdict
    reason: str
    judged_day: int | None = None
    redness_rose: bool = False
    redness_day: int | None = None
    settling: Settling = UNKNOWN
    forecast: Forecast | None = None


def days_since(
    treatments: Iterable[Treatment], taken_on: date, view: str | None = None
) -> int | None:
    """Whole days since the last treatment on or before a date; None before the first.

    Of a view only the treatments of what it shows count.
    """
    own = treatments if view is None else shown(view, treatments)
    before = [t.treated_on for t in own if t.treated_on <= taken_on]
    return (taken_on - max(before)).days if before else None


def shown(view: str, treatments: Iterable[Treatment]) -> list[Treatment]:
    """The treatments whose area a view shows: the clock is each area's own.

    Areas are matched by name: "all" is on every view, "crown" on "crown close-up". A view whose
    name tells no treated area may show any of them.
    """
    treatments = list(treatments)
    own = [t for t in treatments if t.area == EVERYWHERE or t.area.lower() in view.lower()]
    return own or treatments


def area_of(view: str, treatments: Iterable[Treatment]) -> str:
    """The area whose clock a view follows."""
    return max(shown(view, treatments), key=lambda t: t.treated_on).area


def _last_by_view(views: Iterable[str], treatments: Sequence[Treatment]) -> dict[str, date]:
    if not treatments:
        return {}
    return {v: max(t.treated_on for t in shown(v, treatments)) for v in set(views)}


def follow(
    photos: Sequence[PhotoState],
    measurements: Iterable[Measurement],
    treatments: Sequence[Treatment],
    timeline: Timeline,
    *,
    as_of: date,
    pigment: str = "permanent",
    open_flag_rank: int = 0,
    lost_seen: Sequence[LostSeen] = (),
) -> Course:
    """Work out a client's course as of a day; later photos and treatments are left out."""
    treatments = [t for t in treatments if t.treated_on <= as_of]
    dated = sorted(
        (s for s in photos if s.photo.taken_on is not None and s.photo.taken_on <= as_of),
        key=lambda s: (str(s.photo.taken_on), s.photo.taken_at or "", s.photo.id),
    )
    day = days_since(treatments, as_of)
    clocks = _last_by_view((s.photo.view for s in dated), treatments)
    points = _points(dated, measurements, treatments)
    references = _references(points, clocks, timeline)
    found = findings.judge(
        points, references, dated, clocks, timeline, as_of=as_of, pigment=pigment
    )
    found += lost.findings(lost_seen, clocks, timeline, as_of=as_of)
    redness_day = findings.redness_beyond(points, references, clocks, timeline, as_of=as_of)
    series = _series(points, references, treatments, clocks, timeline, pigment)
    judged = _judged(series, as_of)
    verdict, reason = _verdict(found, judged, references, dated, clocks, day, timeline, pigment)
    plan = touchup.plan(
        found,
        day=day,
        last_treated_on=max((t.treated_on for t in treatments), default=None),
        timeline=timeline,
        any_measured=any(s.verdict == "measured" and _since(s, clocks) for s in dated),
        course_known=verdict == "as expected",
        open_flag_rank=open_flag_rank,
        pigment=pigment,
        references=references,
        points=points,
        redness_back=redness_day is None,
    )
    return Course(
        as_of=as_of,
        day=day,
        photos=tuple(dated),
        series=series,
        references=references,
        findings=found,
        touch_up=plan,
        verdict=verdict,
        reason=reason,
        judged_day=judged[-1].day if judged else None,
        redness_rose=findings.redness_rose(points, references, clocks, as_of=as_of),
        redness_day=redness_day,
        settling=settling(points, clocks, timeline, day=day),
        forecast=_forecast(points, references, clocks, timeline, pigment),
    )


def _forecast(
    points: Mapping[tuple[str, str], Sequence[Point]],
    references: Mapping[tuple[str, str], Reference],
    clocks: Mapping[str, date],
    timeline: Timeline,
    pigment: str,
) -> Forecast | None:
    """Of the view that comes down first; None for temporary pigment, whose course is not known."""
    if pigment != "permanent":
        return None
    found = [
        forecast(
            [p for p in points[measurand, view] if p.taken_on >= clocks[view]],
            reference, timeline, view=view,
        )
        for (measurand, view), reference in references.items()
        if measurand == DARKNESS
    ]  # fmt: skip
    return min(filter(None, found), key=lambda f: f.latest, default=None)


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
        day = days_since(treatments, photo.taken_on, photo.view)
        if day is not None:
            point = Point(photo.id, photo.taken_on, day, m.value, m.stderr or 0.0)
            found.setdefault((m.measurand, photo.view), []).append(point)
    return {
        key: sorted(points, key=lambda p: (p.taken_on, p.photo_id)) for key, points in found.items()
    }


def _references(
    points: Mapping[tuple[str, str], list[Point]], clocks: Mapping[str, date], timeline: Timeline
) -> dict[tuple[str, str], Reference]:
    """The peak of redness and the settled look since the last treatment, where there are any."""
    low, high = timeline.gate("baseline_window_days")
    found = {}
    for (measurand, view), all_points in points.items():
        recent = [p for p in all_points if p.taken_on >= clocks[view]]
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
    treatments: Sequence[Treatment],
    clocks: Mapping[str, date],
    timeline: Timeline,
    pigment: str,
) -> dict[str, tuple[SeriesPoint, ...]]:
    series: dict[str, list[SeriesPoint]] = {}
    for (measurand, view), of_view in points.items():
        for p in of_view:
            current = p.taken_on >= clocks[view]
            reference = references.get((measurand, view)) if current else None
            band = expected(measurand, p.day, timeline, pigment)
            in_units = band.scaled(reference.value) if band and reference else None
            series.setdefault(measurand, []).append(
                SeriesPoint(
                    p.photo_id,
                    p.taken_on,
                    view,
                    area_of(view, treatments),
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


def _since(state: PhotoState, clocks: Mapping[str, date]) -> bool:
    """Taken since the last treatment of what it shows."""
    taken, clock = state.photo.taken_on, clocks.get(state.photo.view)
    return clock is not None and taken is not None and taken >= clock


def _judged(series: Mapping[str, Sequence[SeriesPoint]], as_of: date) -> list[SeriesPoint]:
    """Darkness of photos that still speak for the present, oldest first."""
    return [
        p
        for p in series.get(DARKNESS, ())
        if p.used and as_of - p.taken_on <= findings.still_speaks(p.day)
    ]


def _verdict(
    found: Sequence[Finding],
    judged: Sequence[SeriesPoint],
    references: Mapping[tuple[str, str], Reference],
    states: Sequence[PhotoState],
    clocks: Mapping[str, date],
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
    if not any(_since(s, clocks) for s in states):
        return "cannot tell", "no-photos"
    if not any(_since(s, clocks) and s.verdict == "measured" for s in states):
        return "cannot tell", "none-measured"
    if day < SETTLED_DAY:
        return "cannot tell", "too-early"
    if pigment != "permanent":
        return "cannot tell", "temporary"
    if not any(measurand == DARKNESS for measurand, _ in references):
        passed = day > timeline.gate("baseline_window_days")[1]
        return "cannot tell", "window-passed" if passed else "no-settled-look"
    if not judged:
        return "cannot tell", "stale"
    if judged[-1].day < timeline.gate("provisional_until_day"):
        return "cannot tell", "provisional"
    compared = [(p, references.get((DARKNESS, p.view))) for p in judged]
    telling = [(p, r) for p, r in compared if _tells(p, r)]
    # A view too noisy to tell neither speaks for the course nor, unless it lies outside, against.
    inside = bool(telling) and all(_inside(p, r) for p, r in compared[-2:] + telling[-2:])
    return ("as expected", "inside-band") if inside else ("cannot tell", "outside")


def _noise(reference: Reference) -> float:
    return Z95 * math.hypot(reference.between, reference.stderr)


def _tells(point: SeriesPoint, reference: Reference | None) -> bool:
    """Whether the noise is small enough to see a fall."""
    if point.expected is None or reference is None:
        return False
    return _noise(reference) <= MOST_UNCERTAIN * abs(point.expected.mid)


def _inside(point: SeriesPoint, reference: Reference | None) -> bool:
    """Not outside the band by more than its noise."""
    band = point.expected
    if band is None or reference is None:
        return False
    noise = _noise(reference)
    return band.low - noise <= point.value <= band.high + noise
