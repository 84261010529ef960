"""What the pages ask for, on top of the store: a client's course, the roster, the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tracker import frozen, hairline, lost, plan
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
    System,
    Treatment,
    Viewer,
)
from tracker.refit import Fit, fit
from tracker.rules import RULE_VERSION
from tracker.segments import camera_of
from tracker.settling import UNKNOWN
from tracker.standing import Group, Standing, standing_of
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
    standings,
)
from tracker.store.standings import Edition, Kept
from tracker.timeline import Timeline, default_timeline
from tracker.words import plan as words

LATER_EVERY_DAYS = 182
SHOWN, PACE = "findings_shown", "dots_per_minute"
LISTING = System("lists")
_BATCH = 200
_TOUCH_UP_ORDER = ("worth a review", "ask a practitioner first", "not before", "nothing to do")


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


@dataclass(frozen=True)
class Listed:
    """One client of a list: who, and where they stand."""

    client: Client
    standing: Standing


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


def roster(store: Store, viewer: Actor, today: date, *, version: str) -> tuple[Listed, ...]:
    """All clients this viewer may know of, those who need somebody first, then by name."""
    order: dict[Group | None, int] = {"answers": 0, "look": 1, "watch": 2, "photos": 3, None: 4}
    return tuple(
        sorted(
            _listed(store, viewer, today, version),
            key=lambda one: (order[one.standing.group], one.client.name),
        )
    )


def _listed(store: Store, viewer: Actor, today: date, version: str) -> list[Listed]:
    """Every client with where they stand: read where that still holds, else worked out and kept."""
    edition = Edition(version, RULE_VERSION, today)
    everyone = clients.clients(store, viewer)
    known = standings.current(store, LISTING, edition)
    missing = [one.id for one in everyone if one.id not in known]
    known |= _work_out(store, missing, edition)
    return [Listed(one, frozen.restored(Standing, known[one.id])) for one in everyone]


def refresh(store: Store, today: date, *, version: str) -> int:
    """Work out where those clients stand for whom that no longer holds; returns how many."""
    edition = Edition(version, RULE_VERSION, today)
    known = standings.current(store, LISTING, edition)
    every = standings.data_versions(store, LISTING)
    return len(_work_out(store, [each for each in every if each not in known], edition))


def _work_out(
    store: Store, client_ids: Sequence[str], edition: Edition
) -> dict[str, dict[str, Any]]:
    """The standings of some clients, kept; data written meanwhile makes them out of date again."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(client_ids), _BATCH):
        batch = client_ids[start : start + _BATCH]
        versions = standings.data_versions(store, LISTING)
        new = []
        for client_id in batch:
            one = client_course(
                store, LISTING, client_id, edition.as_of, version=edition.instrument
            )
            found[client_id] = frozen.plain(one.standing)
            practice_id = one.client.practice_id
            new.append(Kept(client_id, practice_id, versions[client_id], found[client_id]))
        standings.keep(store, LISTING, edition, new)
    return found


def band_fit(everyone: Iterable[Listed]) -> Fit:
    """What the clients of a list say of the settled course's bands."""
    return fit(one.standing.place for one in everyone if one.standing.place is not None)


def queue(everyone: Iterable[Listed]) -> tuple[Listed, ...]:
    """Those who need somebody, in the roster's order."""
    return tuple(one for one in everyone if one.standing.group is not None)


def touch_ups(store: Store, viewer: Viewer, today: date, *, version: str) -> tuple[Listed, ...]:
    """All clients by touch-up decision, for whoever plans visits.

    A scheduler may not read photos, numbers or answers: the decision is worked out by the program
    and stripped of all else, and of the reason where that would tell of an answer.
    """
    listed = _listed(store, viewer, today, version)
    if viewer.role == "scheduler":
        listed = [_decision_only(one) for one in listed]
    return tuple(sorted(listed, key=_touch_up_rank))


def _touch_up_rank(one: Listed) -> tuple[int, int, date, str]:
    plan = one.standing.touch_up
    confirmed = {"possible_fading", "patchiness", "redness"} & set(plan.reasons)
    soonest = plan.not_before or date.max
    rank = _TOUCH_UP_ORDER.index(plan.decision)
    return rank, 0 if confirmed else 1, soonest, one.client.name


def _decision_only(one: Listed) -> Listed:
    plan = one.standing.touch_up
    if "open-answer" in plan.reasons or "redness" in plan.reasons:
        plan = replace(plan, reasons=())
    bare = Standing(
        day=one.standing.day,
        judged_day=None,
        verdict="cannot tell",
        reason="",
        open=(),
        confirmed=(),
        dismissed=(),
        touch_up=plan,
        darkness=None,
        last_measured=None,
        next_on=None,
        answered=(),
        shown=False,
        settling=UNKNOWN,
        forecast=None,
    )
    return Listed(one.client, bare)


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
