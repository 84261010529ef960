"""From a course to its charts: which values, which band, which sentence. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from tracker.change import DARKNESS, Z95, Point, Reference, between_photos
from tracker.charts import Chart, Mark, band_days, last_day
from tracker.course import Course
from tracker.desk import Followed
from tracker.records import PhotoState
from tracker.series import SeriesPoint
from tracker.standing import Standing
from tracker.timeline import Band, Timeline
from tracker.words import feel, pages, verdicts

# Half a mild erythema: noise beyond it cannot say that skin is about as red as untreated skin.
MOST_LIKE_UNTREATED = 3.6

Measure = Literal["darkness", "redness", "evenness"]
MEASURANDS: dict[Measure, str] = {
    "darkness": DARKNESS,
    "redness": "redness_index",
    "evenness": "density_uniformity",
}


def views(course: Course) -> tuple[str, ...]:
    """Views with a photo since the last treatment, those with most photos first."""
    counts: dict[str, int] = {}
    for state in course.photos:
        if _current(course, state):
            counts[state.photo.view] = counts.get(state.photo.view, 0) + 1
    return tuple(sorted(counts, key=lambda v: (-counts[v], v)))


def chart_of(followed: Followed, measure: Measure, view: str, *, for_client: bool) -> Chart | None:
    """The chart of one measurement of one view; None before the first treatment."""
    if followed.course.day is None:
        return None
    chart, key = _MAKERS[measure](followed, view, followed.timeline)
    chart = replace(chart, caption=pages.caption(key, for_client=for_client))
    if for_client and followed.open_answers:
        return replace(chart, verdict=feel.OPEN_FIRST)
    if for_client or not chart.marks or measure == "evenness" or not chart.band:
        return chart
    last = chart.marks[-1]
    half = Z95 * last.stderr
    if measure == "darkness":
        return replace(chart, verdict=verdicts.darkness_of_client(last.value, half, last.day))
    said = verdicts.redness_of_client(last.value, half, last.day, above=last.outside)
    return replace(chart, verdict=said)


def redness_state(course: Course, photo_id: str) -> tuple[str | None, bool] | None:
    """For one photo: `above`, `inside` or None without a band; and whether it differs from 0."""
    found = [p for p in course.series.get("redness_index", ()) if p.photo_id == photo_id]
    if not found:
        return None
    p = found[0]
    # Against none at all, what skin and method add to each photo of a person counts too.
    noise = Z95 * math.hypot(between_photos("redness_index", p.value) or 0.0, p.stderr)
    differs = p.value - noise > 0
    if not differs and abs(p.value) + noise > MOST_LIKE_UNTREATED:
        return None
    if p.expected is None:
        return None, differs
    return "above" if p.value - noise > p.expected.high else "inside", differs


def _darkness(followed: Followed, view: str, timeline: Timeline) -> tuple[Chart, str]:
    course, permanent = followed.course, followed.client.pigment == "permanent"

    def band(day: float) -> Band | None:
        return timeline.contrast(day) if permanent else None

    reference = course.settled_look(DARKNESS, view)
    points = _used(course, DARKNESS, view)
    marks = []
    for p in points if reference else ():
        assert reference is not None
        ratio, stderr = reference.ratio(_point(p))
        marks.append(Mark(p.day, p.taken_on, ratio, stderr, band(p.day)))
    low, _ = timeline.gate("baseline_window_days")
    chart = Chart(
        verdict=_course_sentence(followed.standing) if reference else pages.BAND_ONLY,
        today=_day(course),
        marks=tuple(marks),
        band=_band(followed, band),
        settled_from=low if reference else None,
        unmeasured=_unmeasured(course, view, points),
        treatments=_treatment_days(followed),
    )
    return chart, "darkness" if reference else "darkness-band"


def _redness(followed: Followed, view: str, timeline: Timeline) -> tuple[Chart, str]:
    course = followed.course
    peak = course.references.get(("redness_index", view))
    points = _used(course, "redness_index", view)
    if peak is None:
        plain = _plain(followed, view, points, pages.REDNESS_NO_PEAK, (-1.0, 4.0))
        return plain, "redness-plain"
    chart = Chart(
        verdict=_redness_sentence(course, points),
        today=_day(course),
        marks=tuple(_redness_mark(p, peak, timeline) for p in points),
        band=_band(followed, timeline.redness),
        unmeasured=_unmeasured(course, view, points),
        treatments=_treatment_days(followed),
        least_range=(0.0, 1.0),
    )
    return chart, "redness"


def _redness_mark(p: SeriesPoint, peak: Reference, timeline: Timeline) -> Mark:
    """Relative to the own peak, whose own error moves all values alike and is left out."""
    band = Band(0.0, timeline.redness(p.day).mid, timeline.redness(p.day).high)
    return Mark(p.day, p.taken_on, p.value / peak.value, peak.between / peak.value, band)


def _evenness(followed: Followed, view: str, timeline: Timeline) -> tuple[Chart, str]:
    points = _used(followed.course, "density_uniformity", view)
    return _plain(followed, view, points, pages.EVENNESS_NO_BAND, (0.5, 1.0)), "evenness"


def _plain(
    followed: Followed,
    view: str,
    points: list[SeriesPoint],
    verdict: str,
    least_range: tuple[float, float],
) -> Chart:
    """Values as measured, without a band and so without a verdict."""
    return Chart(
        verdict=verdict,
        today=_day(followed.course),
        marks=tuple(Mark(p.day, p.taken_on, p.compared, p.stderr) for p in points),
        unmeasured=_unmeasured(followed.course, view, points),
        treatments=_treatment_days(followed),
        least_range=least_range,
    )


_MAKERS: dict[Measure, Callable[[Followed, str, Timeline], tuple[Chart, str]]] = {
    "darkness": _darkness,
    "redness": _redness,
    "evenness": _evenness,
}


def _course_sentence(standing: Standing) -> str:
    """The darkness in words: for a course as expected its ratio, else that it cannot be told."""
    if standing.verdict == "as expected" and standing.darkness is not None:
        return verdicts.darkness(*standing.darkness)
    fading = [f for f in standing.told if f.kind == "possible_fading"]
    return verdicts.client_finding(fading[0].kind, fading[0].day) if fading else verdicts.CANNOT_YET


def _redness_sentence(course: Course, points: list[SeriesPoint]) -> str:
    if not points:
        return pages.NO_VALUES["redness"]
    state = redness_state(course, points[-1].photo_id)
    return redness_words(state, points[-1].day)


def redness_words(state: tuple[str | None, bool] | None, day: int) -> str:
    """What one photo says of redness: neutral, and never a comfort."""
    if state is None:
        return verdicts.REDNESS_UNKNOWN
    where, differs = state
    if where == "above" and day >= 4:
        return verdicts.redness_prompt(day)
    return verdicts.REDNESS_ABOVE_UNTREATED if differs else verdicts.REDNESS_LIKE_UNTREATED


def _used(course: Course, measurand: str, view: str) -> list[SeriesPoint]:
    return [p for p in course.series.get(measurand, ()) if p.used and p.view == view]


def _unmeasured(course: Course, view: str, points: list[SeriesPoint]) -> tuple[int, ...]:
    """Days of photos of the view that ended without this value; waiting ones are not among them."""
    valued = {p.photo_id for p in points}
    return tuple(
        s.day
        for s in course.photos
        if s.photo.view == view
        and s.verdict is not None
        and s.photo.id not in valued
        and s.day is not None
        and _current(course, s)
    )


def _band(followed: Followed, at: Callable[[float], Band | None]) -> tuple[tuple[float, Band], ...]:
    course = followed.course
    bands = ((d, at(d)) for d in band_days(last_day(_day(course))))
    return tuple((d, b) for d, b in bands if b is not None)


def _treatment_days(followed: Followed) -> tuple[int, ...]:
    """Earlier treatments as negative days, the last one as 0."""
    done = [t.treated_on for t in followed.treatments if t.treated_on <= followed.course.as_of]
    return tuple((when - max(done)).days for when in sorted(done))


def _current(course: Course, state: PhotoState) -> bool:
    """Whether a photo's day counts from the treatment that counts today."""
    taken = state.photo.taken_on
    if taken is None or state.day is None or course.day is None:
        return False
    return (course.as_of - taken).days + state.day == course.day


def _day(course: Course) -> int:
    assert course.day is not None
    return course.day


def _point(p: SeriesPoint) -> Point:
    return Point(p.photo_id, p.taken_on, p.day, p.compared, p.stderr)
