"""From a client's photos and numbers to their course: series, findings, touch-up, one verdict.

Everything the pages and the `follow` verb show about a course is worked out here. Pure: today is
an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tracker import findings, hairline, lost, redness, segments, touchup, verdict
from tracker.change import DARKNESS, Reference
from tracker.clock import days_since, last_by_view
from tracker.findings import Finding
from tracker.forecast import Forecast, forecast
from tracker.hairline import HairSeen, MovedBack
from tracker.lost import LostSeen
from tracker.records import Measurement, PhotoState, Treatment
from tracker.refit import Place, place
from tracker.segments import Segment
from tracker.series import Comparable, SeriesPoint, comparable, points_of, series_of
from tracker.settling import UNKNOWN, Settling, settling
from tracker.timeline import Timeline, default_timeline
from tracker.touchup import TouchUp
from tracker.verdict import Verdict


@dataclass(frozen=True)
class Course:
    """One client's course on a day. `series` by measurand; references by (measurand, view).

    `judged_day`: of the newest photo that the verdict rests on. What asks for the questions:
    `redness_rose`, whether the newest redness lies above the one before it, beyond noise;
    `redness_day`, of a newest photo whose redness lies beyond what is expected. `settling`: whether
    photos show the settled look. `forecast`: for planning, never a finding. `segments`: of each
    view, by camera. `place`: between the prior's percentiles. `hair_moved`: where hair
    beside the dots lies back, for a person to look at.
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
    segments: tuple[Segment, ...] = ()
    place: Place | None = None
    hair_moved: tuple[MovedBack, ...] = ()

    def settled_look(self, measurand: str, view: str) -> Reference | None:
        """The settled look of a view; None also where another camera's first visits stand in."""
        found = self.references.get((measurand, view))
        return None if found is None or found.late else found


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
    hair_seen: Sequence[HairSeen] = (),
) -> Course:
    """Work out a client's course as of a day; later photos and treatments are left out."""
    treatments = [t for t in treatments if t.treated_on <= as_of]
    dated = sorted(
        (s for s in photos if s.photo.taken_on is not None and s.photo.taken_on <= as_of),
        key=lambda s: (str(s.photo.taken_on), s.photo.taken_at or "", s.photo.id),
    )
    day = days_since(treatments, as_of)
    clocks = last_by_view((s.photo.view for s in dated), treatments)
    cameras = segments.cameras(dated)
    points = points_of(dated, measurements, treatments)
    judged = comparable(points, cameras, clocks, timeline, as_of=as_of)
    found = findings.judge(
        judged.points, judged.references, dated, clocks, timeline, as_of=as_of, pigment=pigment
    )
    found += lost.findings(lost_seen, clocks, timeline, as_of=as_of)
    redness_day = redness.beyond(
        judged.points, judged.references, clocks, timeline, as_of=as_of
    )  # fmt: skip
    series = series_of(points, judged, cameras, treatments, timeline, pigment)
    speaking = verdict.speaking(series, as_of)
    by_segment = segments.told(
        [s for s in dated if verdict.since(s, clocks)],
        cameras,
        {view: one for (measurand, view), one in judged.segments.items() if measurand == DARKNESS},
    )
    word, reason = verdict.verdict(
        found, speaking, judged.references, dated, clocks, by_segment, day, timeline, pigment
    )
    plan = touchup.plan(
        found,
        day=day,
        last_treated_on=max((t.treated_on for t in treatments), default=None),
        timeline=timeline,
        any_measured=any(s.verdict == "measured" and verdict.since(s, clocks) for s in dated),
        course_known=word == "as expected",
        open_flag_rank=open_flag_rank,
        pigment=pigment,
        references=judged.references,
        points=judged.points,
        redness_back=redness_day is None,
    )
    included = timeline.gate("touch_up_included_until_day")
    if treatments and included is not None:
        last = max(t.treated_on for t in treatments)
        plan = replace(plan, included_until=last + timedelta(days=included))
    return Course(
        as_of=as_of,
        day=day,
        photos=tuple(dated),
        series=series,
        references=judged.references,
        findings=found,
        touch_up=plan,
        verdict=word,
        reason=reason,
        judged_day=speaking[-1].day if speaking else None,
        redness_rose=redness.rose(judged.points, judged.references, clocks, as_of=as_of),
        redness_day=redness_day,
        settling=settling(judged.points, clocks, timeline, day=day),
        forecast=_forecast(judged, timeline, pigment),
        segments=by_segment,
        place=_place(judged, pigment),
        hair_moved=hairline.suggestions(hair_seen, clocks, timeline, as_of=as_of),
    )


def _place(judged: Comparable, pigment: str) -> Place | None:
    """Of the view that tells it best, against the prior's bands, whatever a practice has fitted."""
    if pigment != "permanent":
        return None
    found = [
        place(judged.points[measurand, view], reference, default_timeline())
        for (measurand, view), reference in judged.references.items()
        if measurand == DARKNESS and not reference.late
    ]
    return min(filter(None, found), key=lambda p: p.stderr, default=None)


def _forecast(judged: Comparable, timeline: Timeline, pigment: str) -> Forecast | None:
    """Of the view that comes down first; None for temporary pigment, whose course is not known."""
    if pigment != "permanent":
        return None
    found = [
        forecast(judged.points[measurand, view], reference, timeline, view=view)
        for (measurand, view), reference in judged.references.items()
        if measurand == DARKNESS and not reference.late
    ]
    return min(filter(None, found), key=lambda f: f.latest, default=None)
