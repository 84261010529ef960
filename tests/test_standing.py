"""What lists show of a course: kept, after what people decided, and out of date by any write."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.store.makers import NOW
from tracker import frozen
from tracker.course import Course
from tracker.findings import Finding
from tracker.records import Judgement
from tracker.standing import Standing, standing_of
from tracker.touchup import TouchUp

DAY = date(2026, 7, 1)
FLAG = Finding("patchiness", "flag", date(2026, 6, 17), "crown", "all", ("1",), 0.01, 58)
WATCH = Finding("possible_fading", "watch", date(2026, 6, 28), "top", "all", (), None, 55)
FLAGGED = Course(
    DAY, 58, (), {}, {}, (FLAG, WATCH), TouchUp("worth a review", DAY, ("patchiness",)),
    "needs a practitioner's look", "finding", 58,
)  # fmt: skip


def decided(found: Finding, decision: Any) -> Judgement:
    return Judgement("p", "c", found.kind, found.view, found.since, 1, decision, "", "Dana", NOW)


def stands(*decisions: Judgement, shown: bool = True, course: Course = FLAGGED) -> Standing:
    return standing_of(course, decisions, (), last_measured=DAY, next_on=None, shown=shown)


def test_a_standing_survives_json() -> None:
    one = replace(stands(), darkness=(0.98, 0.05, 58), answered=(("fever_chills",),))
    assert frozen.restored(Standing, frozen.plain(one)) == one


def test_decisions_move_findings_and_nothing_dismissed_reads_as_expected() -> None:
    assert (stands().group, stands().told) == ("look", (FLAG,))
    assert stands(shown=False).told == ()
    confirmed = stands(decided(FLAG, "confirmed"))
    assert (confirmed.group, confirmed.verdict) == ("watch", FLAGGED.verdict)
    assert confirmed.touch_up == FLAGGED.touch_up
    dismissed = stands(decided(FLAG, "dismissed"))
    assert (dismissed.verdict, dismissed.told) == ("watch", ())
    assert dismissed.touch_up.decision == "ask a practitioner first"
    neither = stands(decided(FLAG, "dismissed"), decided(WATCH, "dismissed"))
    assert (neither.verdict, neither.group) == ("cannot tell", None)
    # Of another view or another time it is another finding.
    other = replace(decided(FLAG, "dismissed"), view="top")
    assert stands(other) == stands()


def test_a_held_touch_up_stays_held_whatever_is_dismissed() -> None:
    held = replace(FLAGGED, touch_up=TouchUp("ask a practitioner first", DAY, ("open-answer",)))
    assert stands(decided(FLAG, "dismissed"), course=held).touch_up == held.touch_up


def test_hair_loss_a_person_saw_is_a_reason_of_its_own_and_lifts_no_hold() -> None:
    def plan(decision: Any, *reasons: str) -> TouchUp:
        course = replace(FLAGGED, findings=(), touch_up=TouchUp(decision, DAY, reasons))
        return standing_of(
            course, (), (), last_measured=DAY, next_on=None, shown=True, border_loss=True
        ).touch_up

    for decision, reasons in (
        ("nothing to do", ()),
        ("ask a practitioner first", ("course-unknown",)),
        ("ask a practitioner first", ("none-measured",)),
    ):
        found = plan(decision, *reasons)
        assert (found.decision, found.reasons) == ("worth a review", ("border-loss",))
    for decision, reason in (
        ("not before", "before-day-28"),
        ("ask a practitioner first", "open-answer"),
        ("ask a practitioner first", "redness"),
    ):
        found = plan(decision, reason)
        assert (found.decision, found.reasons) == (decision, (reason, "border-loss"))
