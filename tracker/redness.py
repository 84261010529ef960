"""Redness against the own peak: scores for the rules, and when it asks the questions. Pure.

A photo compares treated with untreated skin within itself, so that the camera hardly matters: its
series goes on over all cameras, for a question is better asked once too often.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from tracker import rules
from tracker.change import Point, Reference, between_photos, still_speaks, visits
from tracker.rules import Floats
from tracker.timeline import Timeline

REDNESS = "redness_index"
# Standard errors: beyond them one photo asks the questions, and does nothing else. At 2.33, one
# photo in a hundred, many unchanged clients would be asked for nothing within half a year.
ASKS_BEYOND = 3.0
Key = tuple[str, str]


def scores(points: Sequence[Point], peak: Reference, timeline: Timeline) -> Floats:
    """Scores (n,) of redness above what nine in ten people show, NaN before day 4.

    Late limits lie near none at all: a photo's own error counts beside its repeatability.
    """
    values = np.array([p.value for p in points])
    calm = [p.value for p in points if p.day >= rules.CALM_DAY]
    most = np.array([timeline.redness(p.day).high for p in points]) * peak.value
    stderr = np.array([p.stderr for p in points])
    z = rules.excess(values, most, stderr, rules.between_visits(calm, peak.between))
    return np.where([p.day >= 4 for p in points], z, np.nan)


def beyond(
    points: Mapping[Key, Sequence[Point]],
    references: Mapping[Key, Reference],
    clocks: Mapping[str, date],
    timeline: Timeline,
    *,
    as_of: date,
) -> int | None:
    """The day of a newest visit whose redness lies beyond what is expected and its noise: it asks
    for the questions. None: no such visit.
    """
    for view, recent in _still_speaking(points, clocks, as_of):
        p, peak = recent[-1], references.get((REDNESS, view))
        if peak is None:
            continue
        above = p.value - timeline.redness(p.day).high * peak.value
        if above > ASKS_BEYOND * math.hypot(peak.between, p.stderr):
            return p.day
    return None


def rose(
    points: Mapping[Key, Sequence[Point]],
    references: Mapping[Key, Reference],
    clocks: Mapping[str, date],
    *,
    as_of: date,
) -> bool:
    """From day 4: redness above the visit before, beyond noise and by a quarter of the own peak.

    Without a peak any rise beyond noise counts. It asks for the questions, nothing else.
    """
    for view, recent in _still_speaking(points, clocks, as_of):
        if len(recent) < 2:
            continue
        before, after = recent[-2:]
        between = math.sqrt(2) * (between_photos(REDNESS, after.value) or 0.0)
        noise = max(between, math.hypot(before.stderr, after.stderr))
        peak = references.get((REDNESS, view))
        least = max(ASKS_BEYOND * noise, 0.25 * peak.value if peak else 0.0)
        if after.value - before.value > least:
            return True
    return False


def _still_speaking(
    points: Mapping[Key, Sequence[Point]], clocks: Mapping[str, date], as_of: date
) -> Iterator[tuple[str, Sequence[Point]]]:
    """Views and their visits since the last treatment whose newest, from day 4 on, speaks for the
    present.
    """
    for (measurand, view), all_points in points.items():
        if measurand != REDNESS:
            continue
        recent = visits([p for p in all_points if p.taken_on >= clocks[view]])
        if recent and recent[-1].day >= 4:
            newest = recent[-1]
            if as_of - newest.taken_on <= still_speaks(newest.day):
                yield view, recent
