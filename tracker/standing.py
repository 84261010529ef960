"""Where a client stands on a day: what lists show of a course, with what people decided. Pure.

It is kept by data version, rule version and date (`tracker.store.standings`), so that a list of
thousands is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tracker.change import DARKNESS, Z95, Point
from tracker.course import Course
from tracker.findings import Finding
from tracker.forecast import Forecast
from tracker.records import Answer, Judgement
from tracker.refit import Place
from tracker.settling import Settling
from tracker.touchup import TouchUp, with_border_loss
from tracker.verdict import Verdict

Group = Literal["answers", "look", "watch", "photos"]
LOOK: Verdict = "needs a practitioner's look"
# Photos that tell nothing hold no touch-up for which a person gives the reason.
_NO_NUMBERS = {"none-measured", "no-photos"}


@dataclass(frozen=True)
class Standing:
    """A course in short. `darkness`: ratio, give or take, day; `answered`: the signs of each open
    answer, newest first; `shown`: whether the practice lets clients read findings; `place`: where
    the course lies between the prior's percentiles.
    """

    day: int | None
    judged_day: int | None
    verdict: Verdict
    reason: str
    open: tuple[Finding, ...]
    confirmed: tuple[Finding, ...]
    dismissed: tuple[Finding, ...]
    touch_up: TouchUp
    settling: Settling
    forecast: Forecast | None
    darkness: tuple[float, float, int] | None
    last_measured: date | None
    next_on: date | None
    answered: tuple[tuple[str, ...], ...]
    shown: bool
    place: Place | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those nobody dismissed, confirmed on two visits first."""
        return tuple(sorted((*self.confirmed, *self.open), key=lambda f: f.level != "flag"))

    @property
    def told(self) -> tuple[Finding, ...]:
        """What the client may read: flags, once the practice shows findings."""
        return tuple(f for f in self.findings if f.level == "flag") if self.shown else ()

    @property
    def group(self) -> Group | None:
        """Which group of the queue; answers outrank everything measured, what a practitioner has
        decided needs nobody.
        """
        if self.answered:
            return "answers"
        levels = {f.level for f in self.open if f.kind != "photo_quality"}
        if levels:
            return "look" if "flag" in levels else "watch"
        unmeasured = any(f.kind == "photo_quality" for f in self.open)
        return "photos" if unmeasured or self.reason in _NO_NUMBERS else None


def standing_of(
    course: Course,
    judgements: Sequence[Judgement],
    answers: Sequence[Answer],
    *,
    last_measured: date | None,
    next_on: date | None,
    shown: bool,
    border_loss: bool = False,
) -> Standing:
    """A course in short, after what was decided about its findings."""
    decided = {(j.kind, j.view, j.since): j.decision for j in judgements}
    decisions = [(f, decided.get((f.kind, f.view, f.since))) for f in course.findings]
    dismissed = tuple(f for f, decision in decisions if decision == "dismissed")
    left = [f for f in course.findings if f not in dismissed]
    plan = _touch_up(course.touch_up, left, dismissed)
    return Standing(
        day=course.day,
        judged_day=course.judged_day,
        verdict=_verdict(course, left, dismissed),
        reason=course.reason,
        open=tuple(f for f, decision in decisions if decision is None),
        confirmed=tuple(f for f, decision in decisions if decision == "confirmed"),
        dismissed=dismissed,
        touch_up=with_border_loss(plan) if border_loss else plan,
        settling=course.settling,
        forecast=course.forecast,
        darkness=darkness_ratio(course),
        last_measured=last_measured,
        next_on=next_on,
        answered=tuple(a.yes for a in answers),
        shown=shown,
        place=course.place,
    )


def darkness_ratio(course: Course) -> tuple[float, float, int] | None:
    """The newest darkness of any view against its settled look: ratio, give or take, day."""
    newest: tuple[float, float, int] | None = None
    for p in course.series.get(DARKNESS, ()):
        reference = course.settled_look(DARKNESS, p.view)
        if p.used and reference is not None and (newest is None or p.day >= newest[2]):
            point = Point(p.photo_id, p.taken_on, p.day, p.compared, p.stderr)
            ratio, stderr = reference.ratio(point)
            newest = (ratio, Z95 * stderr, p.day)
    return newest


def _verdict(course: Course, left: Sequence[Finding], dismissed: Sequence[Finding]) -> Verdict:
    """The course's word without the dismissed findings; never "as expected" for their absence."""
    if course.reason != "finding" or not dismissed:
        return course.verdict
    levels = {f.level for f in left if f.kind != "photo_quality"}
    if not levels:
        return "cannot tell"
    return LOOK if "flag" in levels else "watch"


def _touch_up(plan: TouchUp, left: Sequence[Finding], dismissed: Sequence[Finding]) -> TouchUp:
    """A decision that rests on dismissed findings alone is not known any more."""
    gone = {f.kind for f in dismissed} - {f.kind for f in left if f.level == "flag"}
    reasons = tuple(reason for reason in plan.reasons if reason not in gone)
    if plan.decision == "worth a review" and plan.reasons and not reasons:
        return replace(plan, decision="ask a practitioner first", reasons=("course-unknown",))
    return replace(plan, reasons=reasons)
