"""What the pages ask for, on top of the store: a client's course, the roster, the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from tracker import questions
from tracker.course import Course, days_since, follow
from tracker.records import (
    Actor,
    Answer,
    Client,
    Outcome,
    Photo,
    PhotoState,
    System,
    Treatment,
    Viewer,
)
from tracker.settling import UNKNOWN
from tracker.store import Store, answers, clients, measurements, photos
from tracker.timeline import Timeline, default_timeline

Group = Literal["answers", "look", "watch", "photos"]
LATER_EVERY_DAYS = 182
_NO_NUMBERS = {"none-measured", "no-photos"}
_TOUCH_UP_ORDER = ("worth a review", "ask a practitioner first", "not before", "nothing to do")


@dataclass(frozen=True)
class Followed:
    """One client with everything the pages show; `photos` holds the undated ones too."""

    client: Client
    treatments: tuple[Treatment, ...]
    course: Course
    photos: tuple[PhotoState, ...]
    open_answers: tuple[Answer, ...]

    @property
    def latest(self) -> PhotoState | None:
        """The newest dated photo; of one day a measured one, else one that has ended."""
        rank = {"measured": 2, None: 0}
        dated = self.course.photos
        return max(dated, key=lambda s: (s.photo.taken_on, rank.get(s.verdict, 1)), default=None)

    @property
    def last_measured(self) -> date | None:
        """When the newest measured photo was taken."""
        taken = [s.photo.taken_on for s in self.course.photos if s.verdict == "measured"]
        return max((t for t in taken if t), default=None)

    @property
    def waiting(self) -> tuple[int, int]:
        """How many photos have been measured or refused, of how many."""
        return sum(s.verdict is not None for s in self.photos), len(self.photos)


@dataclass(frozen=True)
class QueueRow:
    """A client who needs somebody, and in which group."""

    group: Group
    followed: Followed


def client_course(
    store: Store,
    viewer: Actor,
    client_id: str,
    today: date,
    *,
    version: str,
    timeline: Timeline | None = None,
) -> Followed:
    """One client's course as of today; NotFound for a client this viewer may not see."""
    timeline = timeline or default_timeline()
    who = clients.client(store, viewer, client_id)
    treated = clients.treatments(store, viewer, client_id)
    states = photo_states(
        photos.photos(store, viewer, client_id),
        measurements.outcomes(store, viewer, client_id),
        treated,
        version,
    )
    opened = answers.open_answers(store, viewer, client_id)
    course = follow(
        states,
        measurements.measurements(store, viewer, client_id, version=version),
        treated,
        timeline,
        as_of=today,
        pigment=who.pigment,
        open_flag_rank=max((timeline.urgency_rank[a.level] for a in opened), default=0),
    )
    return Followed(who, treated, course, states, opened)


def measured(store: Store, viewer: Actor, client_id: str, *, version: str) -> tuple[int, int]:
    """How many of a client's photos have an outcome, of how many."""
    every = photos.photos(store, viewer, client_id)
    ended = measurements.outcomes(store, viewer, client_id)
    states = photo_states(every, ended, (), version)
    return sum(s.verdict is not None for s in states), len(states)


def photo_states(
    of: Iterable[Photo],
    outcomes: Iterable[Outcome],
    treated: Sequence[Treatment],
    version: str,
) -> tuple[PhotoState, ...]:
    """Each photo with how it ended under one version of the instrument, None while it waits."""
    ended = {o.photo_id: o for o in outcomes if o.baseline_id is None and o.version == version}
    return tuple(_state(photo, ended.get(photo.id), treated) for photo in of)


def _state(photo: Photo, outcome: Outcome | None, treated: Sequence[Treatment]) -> PhotoState:
    day = days_since(treated, photo.taken_on, photo.view) if photo.taken_on else None
    if outcome is None:
        return PhotoState(photo, day, None, None, ())
    document = outcome.document
    codes = tuple(str(r["code"]) for r in document.get("reasons", ()))
    flags = tuple(document.get("flags", ()))
    return PhotoState(photo, day, outcome.verdict, document.get("level"), codes, flags)


def roster(store: Store, viewer: Actor, today: date, *, version: str) -> tuple[Followed, ...]:
    """All clients this viewer may know of, those who need somebody first, then by name."""
    followed = [
        client_course(store, viewer, each.id, today, version=version)
        for each in clients.clients(store, viewer)
    ]
    order: dict[Group | None, int] = {"answers": 0, "look": 1, "watch": 2, "photos": 3, None: 4}
    return tuple(sorted(followed, key=lambda f: (order[group_of(f)], f.client.name)))


def group_of(followed: Followed) -> Group | None:
    """Which group of the queue a client belongs to; answers outrank everything measured."""
    if followed.open_answers:
        return "answers"
    verdict = followed.course.verdict
    if verdict == "needs a practitioner's look":
        return "look"
    if verdict == "watch":
        return "watch"
    no_numbers = followed.course.reason in _NO_NUMBERS
    if no_numbers or any(f.kind == "photo_quality" for f in followed.course.findings):
        return "photos"
    return None


def queue(everyone: Iterable[Followed]) -> tuple[QueueRow, ...]:
    """The rows of the queue in the roster's order."""
    grouped = ((group_of(f), f) for f in everyone)
    return tuple(QueueRow(group, f) for group, f in grouped if group is not None)


def touch_ups(store: Store, viewer: Viewer, today: date, *, version: str) -> tuple[Followed, ...]:
    """All clients by touch-up decision, for whoever plans visits.

    A scheduler may not read photos, numbers or answers: the decision is worked out by the program
    and stripped of all else, and of the reason where that would tell of an answer.
    """
    reader: Actor = viewer if viewer.role != "scheduler" else System("touch-up list")
    followed = [
        client_course(store, reader, each.id, today, version=version)
        for each in clients.clients(store, viewer)
    ]
    if viewer.role == "scheduler":
        followed = [_decision_only(f) for f in followed]
    return tuple(sorted(followed, key=_touch_up_rank))


def _touch_up_rank(followed: Followed) -> tuple[int, int, date, str]:
    plan = followed.course.touch_up
    confirmed = {"possible_fading", "patchiness", "redness"} & set(plan.reasons)
    soonest = plan.not_before or date.max
    rank = _TOUCH_UP_ORDER.index(plan.decision)
    return rank, 0 if confirmed else 1, soonest, followed.client.name


def _decision_only(followed: Followed) -> Followed:
    plan = followed.course.touch_up
    if "open-answer" in plan.reasons or "redness" in plan.reasons:
        plan = replace(plan, reasons=())
    bare = replace(
        followed.course,
        photos=(),
        series={},
        references={},
        findings=(),
        touch_up=plan,
        verdict="cannot tell",
        reason="",
        settling=UNKNOWN,
        forecast=None,
    )
    return replace(followed, course=bare, photos=(), open_answers=())


def next_photo(followed: Followed, timeline: Timeline, today: date) -> date | None:
    """When the protocol wants the next photo; today when that day has passed without one."""
    if not followed.treatments:
        return None
    last = max(t.treated_on for t in followed.treatments)
    latest = followed.latest
    usable = latest is not None and latest.verdict != "refused" and _after(latest, last)
    done = latest.day if latest and usable and latest.day is not None else -1
    days = [d[-1] if isinstance(d, list) else d for d in _protocol(timeline)]
    due = next((d for d in days if d > done), done + LATER_EVERY_DAYS)
    return max(last + timedelta(days=due), today)


def first_check(followed: Followed, timeline: Timeline) -> date | None:
    """The first day on which the settled look may be judged."""
    if not followed.treatments:
        return None
    last = max(t.treated_on for t in followed.treatments)
    return last + timedelta(days=timeline.gate("default_assess_before_adding_days"))


def answer_labels(answer: Answer, timeline: Timeline) -> tuple[str, ...]:
    """What was answered yes, as it was asked."""
    return tuple(questions.label(sign, timeline) for sign in answer.yes)


def _after(state: PhotoState, last: date) -> bool:
    return state.photo.taken_on is not None and state.photo.taken_on >= last


def _protocol(timeline: Timeline) -> list[int | list[int]]:
    days: list[int | list[int]] = timeline.document["photo_protocol"]["schedule_days"]
    return days
