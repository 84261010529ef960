"""Whether the look has settled, measured: evenness, redness and pigment steady over two visits.

Pigment is called stabilised when the dots look even, without patches. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from tracker.change import DARKNESS, Z95, Point, between_photos, least_difference, visits
from tracker.timeline import Timeline

State = Literal["settled", "not yet", "overdue", "cannot tell"]
STEADY = (DARKNESS, "density_uniformity")
Key = tuple[str, str]


@dataclass(frozen=True)
class Settling:
    """`since`: the first visit that showed it, of `view`. `overdue`: by now photos should show it,
    and do not.
    """

    state: State
    since: date | None = None
    view: str | None = None


UNKNOWN = Settling("cannot tell")


def settling(
    points: Mapping[Key, Sequence[Point]],
    clocks: Mapping[str, date],
    timeline: Timeline,
    *,
    day: int | None,
) -> Settling:
    """What the photos since the last treatment of each view show, `day` days after it.

    Visits count from the day the pale phase ends, for that is steady as well, and are at least as
    far apart as those of a flag.
    """
    current = {
        key: [p for p in found if p.taken_on >= clocks[key[1]]] for key, found in points.items()
    }
    calm = _calm(current)
    shown = [
        (since, view)
        for view in sorted({view for measurand, view in current if measurand == DARKNESS})
        if (since := _steady_since(current, view, calm, timeline)) is not None
    ]
    if shown:
        since, view = min(shown)
        return Settling("settled", since, view)
    if day is None:
        return UNKNOWN
    if day <= timeline.gate("provisional_until_day"):
        return Settling("not yet")
    judged = any(len(_together(current, view, calm, timeline)) > 1 for _, view in current)
    return Settling("overdue") if judged else UNKNOWN


def _steady_since(
    points: Mapping[Key, Sequence[Point]],
    view: str,
    calm: Mapping[date, bool],
    timeline: Timeline,
) -> date | None:
    """The later of the first two visits of a view between which nothing changed beyond noise."""
    together = _together(points, view, calm, timeline)
    apart = timeline.gate("flag_sets_min_days_apart")
    pairs = sorted(combinations(sorted(together), 2), key=lambda pair: pair[::-1])
    for before, after in pairs:
        if (after - before).days < apart or not (calm[before] and calm[after]):
            continue
        if all(
            _within_noise(measurand, together[before][measurand], together[after][measurand])
            for measurand in STEADY
        ):
            return after
    return None


def _together(
    points: Mapping[Key, Sequence[Point]],
    view: str,
    calm: Mapping[date, bool],
    timeline: Timeline,
) -> dict[date, dict[str, Point]]:
    """The visits of a view that gave all three numbers, from the end of the pale phase on."""
    first = next(p.start_day for p in timeline.phases if p.key == "settling")
    found: dict[date, dict[str, Point]] = {}
    for measurand in STEADY:
        for p in visits(points.get((measurand, view), [])):
            if p.day >= first and p.taken_on in calm:
                found.setdefault(p.taken_on, {})[measurand] = p
    return {taken_on: each for taken_on, each in found.items() if len(each) == len(STEADY)}


def _calm(points: Mapping[Key, Sequence[Point]]) -> dict[date, bool]:
    """By date, whether no view was redder than untreated skin beyond noise; close-ups, which show
    no untreated skin, rest on the other views of their day.
    """
    calm: dict[date, bool] = {}
    for (measurand, _), found in points.items():
        if measurand != "redness_index":
            continue
        for p in visits(found):
            noise = math.hypot(between_photos(measurand, p.value) or 0.0, p.stderr)
            calm[p.taken_on] = calm.get(p.taken_on, True) and p.value <= Z95 * noise
    return calm


def _within_noise(measurand: str, before: Point, after: Point) -> bool:
    between = between_photos(measurand, before.value)
    return between is not None and abs(after.value - before.value) <= least_difference(between)
