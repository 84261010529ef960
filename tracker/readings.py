"""From a course to its pills and sentences: for the client and for the practice. Pure."""

from __future__ import annotations

from datetime import date

from tracker import desk, figures, questions
from tracker.change import DARKNESS
from tracker.desk import Followed
from tracker.findings import Finding
from tracker.records import PhotoState
from tracker.timeline import Timeline
from tracker.words import feel, pages, photos, verdicts
from tracker.words.verdicts import Pill

_LOOK = "needs a practitioner's look"
MOST_EVIDENCE = 4


def course_pill(followed: Followed, *, for_client: bool) -> Pill:
    """The course in one pill; an open yes-answer hides whatever else it would say."""
    if followed.open_answers:
        return verdicts.ANSWERED_YES
    course = followed.course
    if for_client and course.day is not None and course.day < 28 and course.verdict != _LOOK:
        return verdicts.DOTS_EARLY
    return verdicts.course_pill(course.verdict, course.judged_day, for_client=for_client)


def course_sentence(
    followed: Followed, timeline: Timeline, today: date, *, for_client: bool
) -> str:
    """The reason behind the pill, and the next step."""
    course = followed.course
    shown = [f for f in findings(followed) if f.level == "flag" or not for_client]
    if shown and for_client:
        told = verdicts.client_finding(shown[0].about or shown[0].kind, shown[0].day)
        return " ".join(filter(None, (told, beside(shown[0]))))
    if shown:
        return finding_sentence(shown[0], today)
    ratio = figures.darkness_ratio(course)
    if course.verdict == "as expected" and ratio is not None:
        said = verdicts.darkness if for_client else verdicts.darkness_of_client
        return said(*ratio)
    return verdicts.reason(
        course.reason,
        last_measured=followed.last_measured,
        next_on=desk.next_photo(followed, timeline, today),
        today=today,
    )


def findings(followed: Followed) -> tuple[Finding, ...]:
    """The findings, confirmed ones first."""
    return tuple(sorted(followed.course.findings, key=lambda f: f.level != "flag"))


def evidence(found: Finding) -> list[str]:
    """The newest numbers behind a finding, in plain words."""
    return [verdicts.evidence(line) for line in found.evidence[-MOST_EVIDENCE:]]


def finding_sentence(found: Finding, today: date) -> str:
    """One finding for the practice; fading beside what many lose by that day."""
    said = verdicts.finding(found.about or found.kind, found.level, found.since, today)
    return " ".join(filter(None, (said, beside(found))))


def beside(found: Finding) -> str | None:
    """What fading is always shown beside."""
    at = found.beside
    if at is None:
        return None
    return verdicts.beside_usual(at.ratio, at.half_width, at.usual.low, at.usual.mid, found.day)


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
    return (*redness, course_pill(followed, for_client=True) if judged and not early else dots)


def photo_sentence(followed: Followed, state: PhotoState) -> str:
    """What one photo says, or why it says nothing and what to do."""
    if state.verdict != "measured":
        return list_sentence(state)
    if followed.open_answers:
        return feel.OPEN_FIRST
    found = figures.redness_state(followed.course, state.photo.id)
    return figures.redness_words(found, state.day or 0)


def darkness_pill(followed: Followed) -> Pill:
    """The pill beside the darkness chart: by darkness alone, whatever else was found."""
    if followed.open_answers:
        return verdicts.ANSWERED_YES
    levels = {f.level for f in followed.course.findings if f.kind == "possible_fading"}
    if "flag" in levels:
        return verdicts.NEEDS_A_LOOK
    if levels or followed.course.verdict != "as expected":
        early = followed.course.day is not None and followed.course.day < 28
        return verdicts.DOTS_EARLY if early else verdicts.CANNOT_TELL_YET
    return course_pill(followed, for_client=True)


def photo_note(state: PhotoState, today: date) -> str:
    """`Day 12 · 13 May`."""
    return pages.compare_choice(state.day, state.photo.taken_on, today)


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
    """What a measured redness asks for: the questions, and nothing else."""
    if followed.course.redness_day is not None:
        return verdicts.redness_prompt(followed.course.redness_day)
    return verdicts.REDNESS_RISE if followed.course.redness_rose else None


def answer_sentence(followed: Followed, timeline: Timeline) -> str:
    """The open answers for the practice."""
    newest = followed.open_answers[0]
    said = questions.texts(newest.yes, timeline)[0]
    return feel.practice_line(desk.answer_labels(newest, timeline), said)


def queue_sentence(followed: Followed, timeline: Timeline, today: date) -> str:
    """Why a client is in the queue."""
    if followed.open_answers:
        return answer_sentence(followed, timeline)
    return course_sentence(followed, timeline, today, for_client=False)


def in_window(followed: Followed) -> bool:
    """Whether a review of a touch-up is worth planning now."""
    return followed.course.touch_up.decision == "worth a review"


def window(followed: Followed) -> str:
    """The same as a word of a table."""
    return verdicts.IN_WINDOW if in_window(followed) else verdicts.NOT_IN_WINDOW


def touch_up(followed: Followed, today: date) -> str:
    """The touch-up decision, its reasons, and what helps to plan it."""
    plan = followed.course.touch_up
    said = verdicts.touch_up(plan.decision, plan.not_before, today)
    told = [said, *(verdicts.touch_up_reason(code) for code in plan.reasons)]
    if followed.course.settling.state == "overdue":
        told.append(verdicts.settled("overdue", None, today))
    ahead = followed.course.forecast
    if ahead is not None:
        told.append(verdicts.forecast(ahead.level, ahead.earliest, ahead.latest))
    return " ".join(told)
