"""Hair that moved back beside the dots: suggested to be looked at, never entered by itself. Pure.

By the comparisons with the first settled photo of each view; hair is cut and lies otherwise each
time, which their errors hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.change import Z95, still_speaks
from tracker.records import PhotoState
from tracker.timeline import Timeline

# Standard errors that each of the newest two visits must lie beyond.
BEYOND = 3.0
LEAST_VISITS = 2


@dataclass(frozen=True)
class HairSeen:
    """How far hair lay back on a day against the first settled photo of a view (`against`), in
    `unit`, px of that photo where it has no scale.
    """

    view: str
    against: date
    taken_on: date
    day: int
    moved: float
    stderr: float
    unit: str


@dataclass(frozen=True)
class MovedBack:
    """Hair lies back in a view since a day, in `n_visits` in a row: the newest by `moved`, give or
    take `half_width`, against the photo of `against`.
    """

    view: str
    against: date
    since: date
    n_visits: int
    moved: float
    half_width: float
    unit: str


def seen(
    comparisons: Iterable[Mapping[str, Any]], states: Iterable[PhotoState], timeline: Timeline
) -> list[HairSeen]:
    """What `compare` documents tell of hair, those with a settled baseline."""
    by_id = {s.photo.id: s for s in states}
    settled = timeline.gate("baseline_window_days")[0]
    found = []
    for compared in comparisons:
        before, after = (by_id.get(compared[which]) for which in ("baseline", "followup"))
        if before is None or after is None or (before.day or 0) < settled:
            continue
        rows = {row["measurand"]: row for row in compared.get("measurements", ())}
        for name in ("hair_edge_moved_mm", "hair_edge_moved"):
            row = rows.get(name)
            against, taken = before.photo.taken_on, after.photo.taken_on
            if row and row["value"] is not None and against and taken:
                found.append(
                    HairSeen(
                        after.photo.view, against, taken, after.day or 0, row["value"],
                        row["stderr"], row["unit"],
                    )
                )  # fmt: skip
                break
    return found


def suggestions(
    seen: Sequence[HairSeen], clocks: Mapping[str, date], timeline: Timeline, *, as_of: date
) -> tuple[MovedBack, ...]:
    """One a view, where the newest two visits, at least 14 days apart in all, lie back beyond
    chance. A visit counts by the photo that says least.
    """
    apart = timeline.gate("flag_sets_min_days_apart")
    found = []
    for view in sorted({s.view for s in seen}):
        visits: dict[date, HairSeen] = {}
        for s in seen:
            if s.view == view and clocks[view] <= s.against and s.taken_on <= as_of:
                other = visits.get(s.taken_on, s)
                visits[s.taken_on] = min(s, other, key=lambda one: one.moved / one.stderr)
        run: list[HairSeen] = []
        for day in sorted(visits, reverse=True):
            if visits[day].moved <= BEYOND * visits[day].stderr:
                break
            run.append(visits[day])
        if len(run) < LEAST_VISITS or (run[0].taken_on - run[-1].taken_on).days < apart:
            continue
        newest = run[0]
        if as_of - newest.taken_on <= still_speaks(newest.day):
            found.append(
                MovedBack(
                    view, newest.against, run[-1].taken_on, len(run), newest.moved,
                    Z95 * newest.stderr, newest.unit,
                )
            )  # fmt: skip
    return tuple(found)
