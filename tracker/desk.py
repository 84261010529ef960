"""What the pages ask of the store about one client: the course, and the timeline it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tracker import hairline, lost, plan
from tracker.clock import days_since
from tracker.course import Course, follow
from tracker.errors import PlanRefused
from tracker.records import (
    Actor,
    Answer,
    BorderLoss,
    Client,
    Outcome,
    Photo,
    PhotoState,
    PlanVersion,
    Treatment,
    Viewer,
)
from tracker.segments import camera_of
from tracker.standing import Standing, standing_of
from tracker.store import (
    Store,
    answers,
    borders,
    choices,
    clients,
    judgements,
    measurements,
    photos,
    plans,
)
from tracker.timeline import Timeline, default_timeline
from tracker.words import plan as words

LATER_EVERY_DAYS = 182
SHOWN, PACE = "findings_shown", "dots_per_minute"


@dataclass(frozen=True)
class Followed:
    """One client with everything their pages show; `photos` holds the undated ones too."""

    client: Client
    treatments: tuple[Treatment, ...]
    course: Course
    photos: tuple[PhotoState, ...]
    open_answers: tuple[Answer, ...]
    timeline: Timeline
    standing: Standing

    @property
    def latest(self) -> PhotoState | None:
        """The newest dated photo; of one day a measured one, else one that has ended."""
        return _latest(self.course)

    @property
    def waiting(self) -> tuple[int, int]:
        """How many photos have been measured or refused, of how many."""
        return sum(s.verdict is not None for s in self.photos), len(self.photos)


def client_course(
    store: Store,
    viewer: Actor,
    client_id: str,
    today: date,
    *,
    version: str,
) -> Followed:
    """One client's course as of today; NotFound for a client this viewer may not see."""
    who = clients.client(store, viewer, client_id)
    timeline = timeline_of(store, viewer, who)
    treated = clients.treatments(store, viewer, client_id)
    outcomes = measurements.outcomes(store, viewer, client_id)
    states = photo_states(photos.photos(store, viewer, client_id), outcomes, treated, version)
    opened = answers.open_answers(store, viewer, client_id)
    compared = _compared(outcomes, states, treated, timeline, today, version)
    course = follow(
        states,
        measurements.measurements(store, viewer, client_id, version=version),
        treated,
        timeline,
        as_of=today,
        pigment=who.pigment,
        open_flag_rank=max((timeline.urgency_rank[a.level] for a in opened), default=0),
        lost_seen=lost.seen(compared, states),
        hair_seen=hairline.seen(compared, states, timeline),
    )
    standing = standing_of(
        course,
        judgements.judgements(store, viewer, client_id),
        opened,
        last_measured=_last_measured(course),
        next_on=_next_photo(course, treated, timeline),
        shown=findings_shown(store, viewer, who.practice_id),
        border_loss=_still_there(borders.border_loss_of(store, viewer, client_id), treated),
    )
    return Followed(who, treated, course, states, opened, timeline, standing)


def _compared(
    outcomes: Iterable[Outcome],
    states: Sequence[PhotoState],
    treated: Sequence[Treatment],
    timeline: Timeline,
    today: date,
    version: str,
) -> list[dict[str, Any]]:
    """The comparisons with the views' baselines; fitted pairs of others do not count."""
    pairs = lost.pairs(states, treated, timeline, as_of=today)
    wanted = {(baseline.photo.id, followup.photo.id) for baseline, followup in pairs}
    return [
        o.document
        for o in outcomes
        if o.version == version and (o.baseline_id, o.photo_id) in wanted
    ]


def findings_shown(store: Store, viewer: Actor, practice_id: str) -> bool:
    """Whether clients of a practice read findings; not until somebody there has chosen so."""
    return choices.chosen(store, viewer, practice_id, SHOWN) is True


def _still_there(loss: BorderLoss | None, treated: Sequence[Treatment]) -> bool:
    """Whether no treatment has followed since it was seen."""
    return loss is not None and all(t.treated_on <= loss.seen_on for t in treated)


def _latest(course: Course) -> PhotoState | None:
    rank = {"measured": 2, None: 0}
    dated = course.photos
    return max(dated, key=lambda s: (s.photo.taken_on, rank.get(s.verdict, 1)), default=None)


def _last_measured(course: Course) -> date | None:
    """When the newest measured photo was taken."""
    taken = [s.photo.taken_on for s in course.photos if s.verdict == "measured"]
    return max((t for t in taken if t), default=None)


def timeline_of(store: Store, viewer: Actor, who: Client) -> Timeline:
    """The timeline with the practice's plan in it, and over that the client's own days."""
    practice = practice_timeline(store, viewer, who.practice_id)
    own = plans.versions(store, viewer, who.practice_id, who.id)
    return plan.merged(practice, own[-1].changes) if own else practice


def practice_timeline(store: Store, viewer: Actor, practice_id: str) -> Timeline:
    """The timeline with the practice's plan in it."""
    own = plans.versions(store, viewer, practice_id)
    return plan.merged(default_timeline(), own[-1].changes) if own else default_timeline()


def save_plan(store: Store, viewer: Viewer, new: PlanVersion) -> None:
    """Put a plan in force; PlanRefused, with the reason, when it cannot be.

    A practice's plan must go with the days that single clients have of their own.
    """
    if new.client_id is not None:
        plan.merged(practice_timeline(store, viewer, new.practice_id), new.changes)
    else:
        practice = plan.merged(default_timeline(), new.changes)
        for client_id, own in plans.client_plans(store, viewer, new.practice_id).items():
            try:
                plan.merged(practice, own.changes)
            except PlanRefused as refused:
                name = clients.client(store, viewer, client_id).name
                raise PlanRefused(words.client_in_the_way(name, str(refused))) from refused
    plans.add_plan(store, viewer, new)


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
    camera = camera_of(document.get("camera"))
    return PhotoState(photo, day, outcome.verdict, document.get("level"), codes, flags, camera)


def _next_photo(course: Course, treated: Sequence[Treatment], timeline: Timeline) -> date | None:
    """When the protocol wants the next photo; the course's day when that has passed without one."""
    if not treated:
        return None
    last = max(t.treated_on for t in treated)
    latest = _latest(course)
    usable = latest is not None and latest.verdict != "refused" and _after(latest, last)
    done = latest.day if latest and usable and latest.day is not None else -1
    days = [d[-1] if isinstance(d, list) else d for d in _protocol(timeline)]
    due = next((d for d in days if d > done), done + LATER_EVERY_DAYS)
    return max(last + timedelta(days=due), course.as_of)


def first_check(followed: Followed) -> date | None:
    """The first day of the stage in which the settled look is judged."""
    if not followed.treatments:
        return None
    last = max(t.treated_on for t in followed.treatments)
    check = next(p for p in followed.timeline.phases if p.key == "first_check")
    return last + timedelta(days=check.start_day)


def _after(state: PhotoState, last: date) -> bool:
    return state.photo.taken_on is not None and state.photo.taken_on >= last


def _protocol(timeline: Timeline) -> list[int | list[int]]:
    days: list[int | list[int]] = timeline.document["photo_protocol"]["schedule_days"]
    return days
