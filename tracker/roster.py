"""Lists of clients with where each stands: kept as worked out, so that thousands are only read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tracker import frozen
from tracker.desk import client_course
from tracker.records import Actor, Client, System, Viewer
from tracker.refit import Fit, fit
from tracker.rules import RULE_VERSION
from tracker.settling import UNKNOWN
from tracker.standing import Group, Standing
from tracker.store import Store, clients, standings
from tracker.store.standings import Edition, Kept

LISTING = System("lists")
_BATCH = 200
_TOUCH_UP_ORDER = ("worth a review", "ask a practitioner first", "not before", "nothing to do")


@dataclass(frozen=True)
class Listed:
    """One client of a list: who, and where they stand."""

    client: Client
    standing: Standing


def by_need(store: Store, viewer: Actor, today: date, *, version: str) -> tuple[Listed, ...]:
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
