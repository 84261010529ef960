"""Lost patches: one place whose dots are missing in several sets since the last treatment. Pure.

Settled photos are compared with the first one of their view and with its first settled one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

from tracker.change import still_speaks
from tracker.clock import last_by_view
from tracker.findings import Finding, tried_on_lost_patches
from tracker.records import PhotoState, Treatment
from tracker.timeline import Timeline

# A scalp that lost dots anywhere at random shows some patch at 5 % in one comparison of twenty, and
# shows it again in the next. Half a year has some 27 comparisons: both sets must be this unlikely.
LEAST_P = 0.001


@dataclass(frozen=True)
class LostSeen:
    """A lost patch that one set (`taken_on`, `day`) shows against the photo `baseline_id` of its
    view: round, in px of that photo.
    """

    baseline_id: str
    view: str
    taken_on: date
    day: int
    x: float
    y: float
    radius: float
    share_lost: float
    p_value: float

    def same_place(self, other: LostSeen) -> bool:
        """Whether the one lies on the other."""
        apart = math.hypot(self.x - other.x, self.y - other.y)
        return self.baseline_id == other.baseline_id and apart < max(self.radius, other.radius)


def baselines_of(states: Iterable[PhotoState], timeline: Timeline) -> tuple[PhotoState, ...]:
    """What one view's photos, oldest first, are compared with: the first since its last treatment,
    which shows what is lost before the look has settled, and the first settled one.
    """
    days = [s for s in states if s.day is not None]
    settled = timeline.gate("baseline_window_days")[0]
    early = days[:1] if days and (days[0].day or 0) < settled else []
    first_settled = [s for s in days if (s.day or 0) >= settled][:1]
    return (*early, *first_settled)


def pairs(
    states: Sequence[PhotoState],
    treatments: Sequence[Treatment],
    timeline: Timeline,
    *,
    as_of: date,
) -> tuple[tuple[PhotoState, PhotoState], ...]:
    """Which photos are compared with which baselines: those with single dots, since the last
    treatment and settled, later than the baseline.
    """
    treated = [t for t in treatments if t.treated_on <= as_of]
    clocks = last_by_view((s.photo.view for s in states), treated)
    settled = timeline.gate("baseline_window_days")[0]
    by_view: dict[str, list[PhotoState]] = {}
    for s in states:
        taken, clock = s.photo.taken_on, clocks.get(s.photo.view)
        if s.level == "dot" and taken is not None and clock is not None and clock <= taken <= as_of:
            by_view.setdefault(s.photo.view, []).append(s)
    found = []
    for of_view in by_view.values():
        ordered = sorted(of_view, key=lambda s: (str(s.photo.taken_on), s.photo.id))
        for baseline in baselines_of(ordered, timeline):
            first = max(settled, (baseline.day or 0) + 1)
            found += [(baseline, s) for s in ordered if (s.day or 0) >= first]
    return tuple(found)


def seen(comparisons: Iterable[Mapping[str, Any]], states: Iterable[PhotoState]) -> list[LostSeen]:
    """The lost patches of `compare` documents as round places."""
    by_id = {s.photo.id: s for s in states}
    found = []
    for compared in comparisons:
        followup = by_id.get(compared["followup"])
        if followup is None or followup.photo.taken_on is None:
            continue
        for patch in compared["lost_patches"]:
            outline = np.array(patch["outline"])
            x, y = outline.mean(axis=0).tolist()
            radius = float(np.linalg.norm(outline - (x, y), axis=1).mean())
            found.append(
                LostSeen(
                    compared["baseline"], followup.photo.view, followup.photo.taken_on,
                    followup.day or 0, x, y, radius, patch["share_lost"], patch["p_value"],
                )
            )  # fmt: skip
    return found


def findings(
    seen: Sequence[LostSeen], clocks: Mapping[str, date], timeline: Timeline, *, as_of: date
) -> tuple[Finding, ...]:
    """One finding a view: a watch from the first set that shows a place, a flag when another, at
    least 14 days later, shows it too. Sets count from day 28 on, since the last treatment.
    """
    first_day = timeline.gate("no_fading_or_patchiness_flag_before_day")
    apart = timeline.gate("flag_sets_min_days_apart")
    counted = sorted(
        (
            s
            for s in seen
            if s.day >= first_day and s.p_value <= LEAST_P and clocks[s.view] <= s.taken_on <= as_of
        ),
        key=lambda s: s.taken_on,
    )
    found = []
    for view in sorted({s.view for s in counted}):
        of_view = [s for s in counted if s.view == view]
        last = of_view[-1].taken_on
        if as_of - last > still_speaks(of_view[-1].day):
            continue
        # Of several places the one that was seen first, so that what was confirmed comes up.
        places = [[s for s in of_view if s.same_place(n)] for n in of_view if n.taken_on == last]
        place = min(places, key=lambda place: place[0].taken_on)
        confirmed = (last - place[0].taken_on).days >= apart
        level: Literal["watch", "flag"] = "flag" if confirmed else "watch"
        evidence = tuple(
            f"lost_patch {s.taken_on.isoformat()}: {s.share_lost:.2f} (p {s.p_value:.3f})"
            for s in place
        )
        tried = tried_on_lost_patches(level)
        rate = tried.n_seen / tried.n_unchanged if tried else None
        found.append(
            Finding(
                "patchiness", level, place[0].taken_on, view, "all", evidence, rate, place[-1].day,
                about="lost_patch", tried=tried,
            )
        )  # fmt: skip
    return tuple(found)
