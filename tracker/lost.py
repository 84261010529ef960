"""Lost patches: one place whose dots are missing in several sets since the last treatment. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tracker.change import still_speaks
from tracker.findings import Finding, false_alarm_rate
from tracker.timeline import Timeline

# A scalp that lost dots anywhere at random shows some patch at 5 % in one comparison of twenty, and
# shows it again in the next: both sets must be this unlikely.
LEAST_P = 0.01


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
        newest = of_view[-1]
        if as_of - newest.taken_on > still_speaks(newest.day):
            continue
        place = [s for s in of_view if s.same_place(newest)]
        confirmed = (newest.taken_on - place[0].taken_on).days >= apart
        level: Literal["watch", "flag"] = "flag" if confirmed else "watch"
        evidence = tuple(
            f"lost_patch {s.taken_on.isoformat()}: {s.share_lost:.2f} (p {s.p_value:.3f})"
            for s in place
        )
        rate = false_alarm_rate("lost_patch", level)
        found.append(
            Finding(
                "patchiness", level, place[0].taken_on, view, "all", evidence, rate, newest.day,
                about="lost_patch",
            )
        )  # fmt: skip
    return tuple(found)
