"""A client's numbers as series: points by measurand and view, own levels, bands. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker import segments
from tracker.change import DARKNESS, Point, Reference, is_relative, redness_peak, settled_look
from tracker.clock import area_of, days_since
from tracker.records import Camera, Measurement, PhotoState, Treatment
from tracker.redness import REDNESS
from tracker.segments import Joined
from tracker.timeline import Band, Timeline

SETTLED_DAY = 28
Key = tuple[str, str]


@dataclass(frozen=True)
class SeriesPoint:
    """One value in a series, with what many people show that day in the units of `compared`.

    `used`: since the last treatment, and comparable with the newest photos. `compared`: the value
    in their units, where another camera took it.
    """

    photo_id: str
    taken_on: date
    view: str
    area: str
    day: int
    value: float
    stderr: float
    expected: Band | None
    used: bool
    compared: float
    camera: Camera


@dataclass(frozen=True)
class Comparable:
    """What is judged, by (measurand, view): points since the last treatment in one camera's units,
    and the levels to compare them with.
    """

    points: Mapping[Key, Sequence[Point]]
    references: Mapping[Key, Reference]
    segments: Mapping[Key, Joined]


def points_of(
    states: Sequence[PhotoState],
    measurements: Iterable[Measurement],
    treatments: Sequence[Treatment],
) -> dict[Key, list[Point]]:
    """All single-photo values by (measurand, view), by date."""
    by_id = {s.photo.id: s.photo for s in states}
    found: dict[Key, list[Point]] = {}
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


def comparable(
    points: Mapping[Key, Sequence[Point]],
    cameras: Mapping[str, Camera],
    clocks: Mapping[str, date],
    timeline: Timeline,
    *,
    as_of: date,
) -> Comparable:
    """The points that are judged, each series within its segment."""
    chosen: dict[Key, Joined] = {}
    references: dict[Key, Reference] = {}
    for (measurand, view), all_points in points.items():
        current = tuple(p for p in all_points if p.taken_on >= clocks[view])
        if not current:
            continue
        if measurand == REDNESS:
            one = Joined(cameras[current[-1].photo_id], current, frozenset(cameras.values()))
        else:

            def has_level(one: Joined, measurand: str = measurand) -> bool:
                return _level(measurand, one, timeline) is not None

            one = segments.judged(measurand, current, cameras, has_level, as_of=as_of)
        chosen[measurand, view] = one
        level = _level(measurand, one, timeline)
        if level is not None:
            references[measurand, view] = level
    return Comparable({key: one.points for key, one in chosen.items()}, references, chosen)


def _level(measurand: str, one: Joined, timeline: Timeline) -> Reference | None:
    """The peak of redness or the settled look; of a camera that came later, its first visits."""
    if measurand == REDNESS:
        return redness_peak(one.points)
    low, high = timeline.gate("baseline_window_days")
    least = timeline.gate("baseline_min_sets")
    found = settled_look(measurand, one.points, window=(low, high), least=least)
    first = one.points[0].day
    if found is None and one.apart and first > low:
        late = (first, first + high - low)
        found = settled_look(measurand, one.points, window=late, least=least)
        found = replace(found, late=late) if found else None
    if found is None or not one.stderr:
        return found
    tie = one.stderr * (abs(found.value) if is_relative(measurand) else 1.0)
    return replace(found, stderr=math.hypot(found.stderr, tie))


def series_of(
    points: Mapping[Key, Sequence[Point]],
    judged: Comparable,
    cameras: Mapping[str, Camera],
    treatments: Sequence[Treatment],
    timeline: Timeline,
    pigment: str,
) -> dict[str, tuple[SeriesPoint, ...]]:
    """Every value by measurand, by date and view."""
    series: dict[str, list[SeriesPoint]] = {}
    for (measurand, view), of_view in points.items():
        used = {p.photo_id: p for p in judged.points.get((measurand, view), ())}
        reference = judged.references.get((measurand, view))
        for p in of_view:
            at = used.get(p.photo_id)
            band = expected(measurand, p.day, timeline, pigment)
            known = band and reference and at and not reference.late
            in_units = band.scaled(reference.value) if known and band and reference else None
            series.setdefault(measurand, []).append(
                SeriesPoint(
                    p.photo_id, p.taken_on, view, area_of(view, treatments), p.day, p.value,
                    p.stderr, in_units, at is not None, at.value if at else p.value,
                    cameras[p.photo_id],
                )
            )  # fmt: skip
    return {m: tuple(sorted(v, key=lambda p: (p.taken_on, p.view))) for m, v in series.items()}


def expected(measurand: str, day: float, timeline: Timeline, pigment: str) -> Band | None:
    """The band relative to the person's own reference; None where the timeline has none."""
    if measurand == REDNESS:
        return timeline.redness(day)
    if pigment != "permanent":
        return None
    if measurand == "coverage_delta_l" or (measurand == DARKNESS and day >= SETTLED_DAY):
        return timeline.contrast(day)
    return None
