"""From a course to its pills and sentences: for the client and for the practice. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, timedelta

from tracker import desk, figures, questions
from tracker.change import DARKNESS
from tracker.desk import Followed
from tracker.findings import Finding, least_fade_per_week
from tracker.hairline import MovedBack
from tracker.records import PhotoState
from tracker.standing import LOOK, Standing
from tracker.timeline import default_timeline
from tracker.words import camera, feel, least_change, pages, photos, plan, stage, verdicts
from tracker.words.verdicts import Pill

MOST_EVIDENCE = 4


def course_pill(standing: Standing, *, for_client: bool) -> Pill:
    """The course in one pill; an open yes-answer hides whatever else it would say."""
    if standing.answered:
        return verdicts.ANSWERED_YES
    verdict, day = standing.verdict, standing.day
    if for_client and verdict == LOOK and not standing.told:
        verdict = "watch"
    if for_client and day is not None and day < 28 and verdict != LOOK:
        return verdicts.DOTS_EARLY
    return verdicts.course_pill(verdict, standing.judged_day, for_client=for_client)


def course_sentence(standing: Standing, today: date, *, for_client: bool) -> str:
    """The reason behind the pill, and the next step."""
    if for_client and standing.told:
        found = standing.told[0]
        told = verdicts.client_finding(found.topic, found.day, late=found.late)
        return " ".join(filter(None, (told, beside(found))))
    if standing.findings and not for_client:
        return finding_sentence(standing.findings[0], today)
    if standing.verdict == "as expected" and standing.darkness is not None:
        said = verdicts.darkness if for_client else verdicts.darkness_of_client
        return said(*standing.darkness)
    return verdicts.reason(
        standing.reason,
        last_measured=standing.last_measured,
        next_on=standing.next_on,
        today=today,
    )


def stage_lead(followed: Followed, day: int) -> str:
    """What many people see on a day; temporary pigment has its own words once it is settled."""
    phases = {p.key: p for p in followed.timeline.phases}
    if followed.client.pigment == "temporary" and day >= phases["first_check"].start_day:
        return stage.TEMPORARY_LEAD
    pale = phases["pale_phase"]
    check = desk.first_check(followed) or followed.course.as_of
    days = (pale.start_day, pale.end_day or pale.start_day)
    return stage.lead(followed.timeline.phase(day).key, check, day, days)


def aftercare_days(followed: Followed, day: int) -> list[tuple[str, str]]:
    """What is allowed from which day on; nothing once all of it is."""
    known = [(a.label, a.day) for a in followed.timeline.aftercare if a.day is not None]
    if all(day >= first for _, first in known):
        return []
    zero = followed.course.as_of - timedelta(days=day)
    return [
        (label, stage.allowed(first, zero + timedelta(days=first), day)) for label, first in known
    ]


def next_layer(followed: Followed, today: date) -> str:
    """When the next planned layer may be placed, and before when never."""
    last = max(t.treated_on for t in followed.treatments)
    gate = followed.timeline.gate
    planned, blocked = gate("default_spacing_days"), gate("min_days_between_treatments_hard")
    return plan.next_layer(last + timedelta(days=planned), last + timedelta(days=blocked), today)


def evidence(found: Finding) -> list[str]:
    """The newest numbers behind a finding, in plain words."""
    return [verdicts.evidence(line) for line in found.evidence[-MOST_EVIDENCE:]]


def hair_moved_back(moved: MovedBack, today: date) -> str:
    """What is suggested to be looked at, for the practice."""
    view = photos.view_name(moved.view)
    return verdicts.hair_moved_back(view, *astuple(moved)[1:], today=today)


def rate(found: Finding) -> str:
    """How often unchanged scalps get such a finding."""
    return verdicts.rate(*found.rates)


def finding_sentence(found: Finding, today: date) -> str:
    """One finding for the practice; fading beside what many lose by that day."""
    said = verdicts.finding(found.topic, found.level, found.since, today, late=found.late)
    return " ".join(filter(None, (said, beside(found))))


def beside(found: Finding) -> str | None:
    """What fading is always shown beside."""
    at = found.beside
    if at is None:
        return None
    return verdicts.beside_usual(
        at.ratio, at.half_width, at.usual.low, at.usual.mid, found.day, late=found.late
    )


def no_photos(followed: Followed, today: date) -> str:
    """Why there is no chart: no treatment yet, or no photo since."""
    code = "no-treatment" if followed.course.day is None else "no-photos"
    return verdicts.reason(code, last_measured=None, next_on=None, today=today)


def photo_pills(followed: Followed, state: PhotoState) -> tuple[Pill, ...]:
    """The pills of one photo: redness without a tick, dots by the course."""
    if state.verdict is None:
        return (verdicts.WAITING,)
    if state.verdict != "measured":
        return (verdicts.NOT_MEASURED,)
    if followed.open_answers:
        return (verdicts.MEASURED,)
    where = (figures.redness_state(followed.course, state.photo.id) or (None, False))[0]
    named = {"inside": verdicts.REDNESS_INSIDE, "above": verdicts.REDNESS_ABOVE}
    redness = (named[where],) if where and state.day is not None and state.day < 28 else ()
    darkness = followed.course.series.get(DARKNESS, ())
    judged = any(p.photo_id == state.photo.id and p.used for p in darkness)
    early = state.day is not None and state.day < 28
    dots = verdicts.DOTS_EARLY if early else verdicts.MEASURED
    return (
        *redness,
        course_pill(followed.standing, for_client=True) if judged and not early else dots,
    )


def photo_sentence(followed: Followed, state: PhotoState) -> str:
    """What one photo says, or why it says nothing and what to do."""
    if state.verdict != "measured":
        return list_sentence(state)
    if followed.open_answers:
        return feel.OPEN_FIRST
    found = figures.redness_state(followed.course, state.photo.id)
    return figures.redness_words(found, state.day or 0)


def darkness_pill(standing: Standing) -> Pill:
    """The pill beside the darkness chart: by darkness alone, whatever else was found."""
    if standing.answered:
        return verdicts.ANSWERED_YES
    if any(f.kind == "possible_fading" for f in standing.told):
        return verdicts.NEEDS_A_LOOK
    fading = any(f.kind == "possible_fading" for f in standing.findings)
    if fading or standing.verdict != "as expected":
        early = standing.day is not None and standing.day < 28
        return verdicts.DOTS_EARLY if early else verdicts.CANNOT_TELL_YET
    return course_pill(standing, for_client=True)


def least_change_sentence(
    followed: Followed, measure: figures.Measure, view: str, *, for_client: bool
) -> str | None:
    """Which change is too small to be told for this person; None without a level of their own."""
    measurand = figures.MEASURANDS[measure]
    level = followed.course.references.get((measurand, view))
    if level is None:
        return None
    change, share = level.least_change, level.least_change / abs(level.value)
    if for_client:
        return least_change.of_you(measurand, change, share)
    return least_change.of_client(measurand, change, share, level.n)


def power(measure: figures.Measure) -> str | None:
    """From which fade on photos can tell, which stands beside what they told."""
    return verdicts.least_fade(least_fade_per_week()) if measure == "darkness" else None


def cameras(followed: Followed, view: str, today: date) -> tuple[str, ...]:
    """The cameras of a view in words, where there are several; else which photos name none."""
    found = [s for s in followed.course.segments if s.view == view]
    if len(found) == 1:
        return (camera.silent(found[0].n_silent),) if found[0].n_silent else ()
    return tuple(
        camera.segment(
            camera.camera(*astuple(s.camera)), s.first, s.last, s.state, s.n_silent, today
        )
        for s in found
    )


def photo_note(state: PhotoState, today: date) -> str:
    """`Day 12 · 13 May`."""
    return pages.compare_choice(state.day, state.photo.taken_on, today)


def named_photo(state: PhotoState, today: date) -> str:
    """`Crown, close · Day 12 · 13 May`."""
    return f"{photos.view_name(state.photo.view)} · {photo_note(state, today)}"


def photo_alt(state: PhotoState, today: date) -> str:
    """A photo in words."""
    return photos.alt(state.photo.view, state.day, pages.taken(state.photo.taken_on, today))


def list_pill(state: PhotoState) -> Pill:
    """How a photo ended, in lists."""
    if state.verdict is None:
        return verdicts.WAITING
    return verdicts.MEASURED if state.verdict == "measured" else verdicts.NOT_MEASURED


def list_sentence(state: PhotoState) -> str:
    """How a photo ended, and what would make the next one better; a refused one is kept all the
    same.
    """
    said = photos.result(state.verdict, state.level, state.reasons)
    if state.verdict is not None and state.verdict != "measured":
        return f"{said} {photos.STAYS}"
    return " ".join(filter(None, (said, photos.advice(state.flags))))


def prompt(followed: Followed) -> str | None:
    """What a measured redness asks for: the questions, and nothing else; also while a practice does
    not show findings.
    """
    if followed.course.redness_day is not None:
        return verdicts.redness_prompt(followed.course.redness_day)
    return verdicts.REDNESS_RISE if followed.course.redness_rose else None


def answer_labels(yes: Sequence[str]) -> list[str]:
    """What was answered yes, as it was asked."""
    return [questions.label(sign, default_timeline()) for sign in yes]


def queue_sentence(standing: Standing, today: date) -> str:
    """Why a client is in the queue."""
    if standing.answered:
        newest = standing.answered[0]
        said = questions.texts(newest, default_timeline())[0]
        return feel.practice_line(answer_labels(newest), said)
    return course_sentence(standing, today, for_client=False)


def in_window(standing: Standing) -> bool:
    """Whether a review of a touch-up is worth planning now."""
    return standing.touch_up.decision == "worth a review"


def window(standing: Standing) -> str:
    """The same as a word of a table."""
    return verdicts.IN_WINDOW if in_window(standing) else verdicts.NOT_IN_WINDOW


def touch_up(standing: Standing, today: date) -> str:
    """The touch-up decision, its reasons, and what helps to plan it."""
    plan = standing.touch_up
    said = verdicts.touch_up(plan.decision, plan.not_before, today)
    told = [said, *(verdicts.touch_up_reason(code) for code in plan.reasons)]
    if plan.included_until is not None and (in_window(standing) or today <= plan.included_until):
        told.append(verdicts.included(plan.included_until, today))
    if standing.settling.state == "overdue":
        told.append(verdicts.settled("overdue", None, today))
    ahead = standing.forecast
    if ahead is not None:
        told.append(verdicts.forecast(ahead.level, ahead.earliest, ahead.latest))
    return " ".join(told)
