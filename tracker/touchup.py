"""When a touch-up may be reviewed and why: a fixed order of rules. Pure; a practitioner decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from tracker.change import DARKNESS, Z95, Point, Reference, visits
from tracker.findings import Finding
from tracker.timeline import Timeline

Decision = Literal["not before", "worth a review", "nothing to do", "ask a practitioner first"]
HOLDING_RANK = 2
_UNKNOWN = {"course-unknown", "none-measured"}
DIAMETER = "dot_diameter_mm"


@dataclass(frozen=True)
class TouchUp:
    """`reasons` are codes whose sentences stand in `tracker.words`. `included_until`: the last day
    on which the practice does it within the price; None where it says nothing of that.
    """

    decision: Decision
    not_before: date | None
    reasons: tuple[str, ...]
    included_until: date | None = None


def plan(
    findings: Sequence[Finding],
    *,
    day: int | None,
    last_treated_on: date | None,
    timeline: Timeline,
    any_measured: bool,
    course_known: bool,
    open_flag_rank: int,
    pigment: str,
    references: Mapping[tuple[str, str], Reference],
    points: Mapping[tuple[str, str], Sequence[Point]],
    redness_back: bool = True,
) -> TouchUp:
    """Decide by the timeline's order; without a usable measurement never "nothing to do".

    Ready are calm skin (`redness_back`) and dots that have not grown.
    """
    assess = int(timeline.gate("default_assess_before_adding_days"))
    not_before = last_treated_on + timedelta(days=assess) if last_treated_on else None
    if open_flag_rank >= HOLDING_RANK:
        return TouchUp("ask a practitioner first", not_before, ("open-answer",))
    if day is None:
        return TouchUp("ask a practitioner first", None, ("no-treatment",))
    if day < assess:
        return TouchUp("not before", not_before, ("before-day-28",))
    flags = {f.kind for f in findings if f.level == "flag"}
    if not redness_back or "redness_beyond_expected" in {f.kind for f in findings}:
        return TouchUp("ask a practitioner first", not_before, ("redness",))
    if _enlarged(references, points, timeline):
        return TouchUp("ask a practitioner first", not_before, ("dots-enlarged",))
    if flags & {"possible_fading", "patchiness"}:
        return TouchUp("worth a review", not_before, tuple(sorted(flags)))
    if pigment == "permanent" and _needs_refresh(references, points, timeline):
        return TouchUp("worth a review", not_before, ("refresh-level",))
    if not any_measured:
        return TouchUp("ask a practitioner first", not_before, ("none-measured",))
    first, last = timeline.document["calendar"]["review_days"][0]
    if first <= day <= last:
        return TouchUp("worth a review", not_before, ("first-check",))
    if not course_known:
        return TouchUp("ask a practitioner first", not_before, ("course-unknown",))
    return TouchUp("nothing to do", not_before, ())


def with_border_loss(plan: TouchUp) -> TouchUp:
    """The plan when a person saw new hair loss at the border: a reason of its own that lifts no
    hold.
    """
    reasons = (*(r for r in plan.reasons if r not in _UNKNOWN), "border-loss")
    free = plan.decision in ("nothing to do", "worth a review") or set(plan.reasons) <= _UNKNOWN
    if free and plan.decision != "not before":
        return replace(plan, decision="worth a review", reasons=reasons)
    return replace(plan, reasons=(*plan.reasons, "border-loss"))


def _enlarged(
    references: Mapping[tuple[str, str], Reference],
    points: Mapping[tuple[str, str], Sequence[Point]],
    timeline: Timeline,
) -> bool:
    """Dots wider than at the settled look by more than the limit and its noise, on the last visit:
    pigment is not added to dots that spread.
    """
    most = float(timeline.decision("blur_flag_dot_diameter_ratio_above"))
    for key, reference in references.items():
        if key[0] == DIAMETER:
            ratio, error = reference.ratio(visits(points[key])[-1])
            if ratio - Z95 * error > most:
                return True
    return False


def _needs_refresh(
    references: Mapping[tuple[str, str], Reference],
    points: Mapping[tuple[str, str], Sequence[Point]],
    timeline: Timeline,
) -> bool:
    """Darkness below the refresh level, beyond its noise, on two visits at least 14 days apart."""
    level = float(timeline.decision("refresh_planning_if_contrast_below"))
    apart = timedelta(days=int(timeline.gate("flag_sets_min_days_apart")))
    for key, reference in references.items():
        if key[0] != DARKNESS or reference.late:
            continue
        ratios = [(p.taken_on, *reference.ratio(p)) for p in visits(points[key])]
        pale = [ratio + Z95 * error < level for _, ratio, error in ratios]
        if not pale or not pale[-1]:
            continue
        first = len(pale) - 1
        while first and pale[first - 1]:
            first -= 1
        if ratios[-1][0] - ratios[first][0] >= apart:
            return True
    return False
