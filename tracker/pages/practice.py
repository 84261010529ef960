"""Practice: what it has set for itself."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from tracker import desk, plan, refit, roster
from tracker.errors import PlanRefused, Refused
from tracker.records import Choice, PlanVersion
from tracker.rules import RULE_VERSION
from tracker.store import choices, clients, judgements, plans
from tracker.timeline import default_timeline
from tracker.web import blocks, identity, parts, places
from tracker.words import pages, verdicts
from tracker.words import plan as words

who = identity.viewer("practitioner", "owner")
house = identity.services()


def show_plan() -> None:
    """The plan in force, and who has days of their own."""
    own = plans.versions(house.store, who, who.practice_id)
    of_clients = plans.client_plans(house.store, who, who.practice_id)
    names = {c.id: c.name for c in clients.clients(house.store, who)}
    with st.container(border=True, key="card-plan"):
        st.html(blocks.h2(words.TITLE))
        told = plan.told(default_timeline(), own[-1].changes) if own else ()
        st.html(blocks.bullets("check", told) if told else blocks.p(words.NO_VERSIONS))
        if st.button(words.OPEN_PLAN, key="to-plan", width="stretch"):
            places.go("plan")
        rows = [
            blocks.link(names[each], blocks.plan_link(each))
            for each, version in of_clients.items()
            if version.changes
        ]
        st.html(
            f"<h3>{words.CLIENTS_HEADING}</h3>"
            + (f"<p>{', '.join(rows)}</p>" if rows else blocks.p(words.NO_CLIENT_PLANS, "s mute"))
        )


def show_bands() -> None:
    """Which bands are in force, what the practice's own clients say, and the switch."""
    own = plans.versions(house.store, who, who.practice_id)
    changes = own[-1].changes if own else {}
    now = plan.merged(default_timeline(), changes)
    fit = roster.band_fit(roster.by_need(house.store, who, house.today(), version=house.version))
    with st.container(border=True, key="card-bands"):
        st.html(
            blocks.h2(words.BANDS_HEADING)
            + blocks.p(words.bands_in_force(now.fitted_to))
            + blocks.p(words.clients_known(fit.n_clients, refit.LEAST_CLIENTS), "s")
        )
        if fit.n_clients >= refit.LEAST_CLIENTS:
            wanted = changes | {plan.BANDS: asdict(fit)}
            fitted = plan.merged(default_timeline(), wanted)
            st.html(blocks.table(words.BANDS_HEAD, plan.bands_table(default_timeline(), fitted)))
            st.html(blocks.p(words.BANDS_RATE, "s mute"))
            name = words.BANDS_USE if now.fitted_to is None else words.BANDS_AGAIN
            if wanted != changes and st.button(name, key="fit-bands", width="stretch"):
                use_bands(wanted, words.BANDS_REASON)
        if now.fitted_to is not None and st.button(words.BANDS_BACK, key="prior-bands"):
            left = {path: value for path, value in changes.items() if path != plan.BANDS}
            use_bands(left, words.BANDS_BACK)


def use_bands(changes: dict[str, Any], reason: str) -> None:
    """Put a version of the plan in force."""
    new = PlanVersion(who.practice_id, None, changes, reason, who.name, house.now())
    try:
        desk.save_plan(house.store, who, new)
    except Refused as refused:
        st.error(str(refused) if isinstance(refused, PlanRefused) else pages.OUR_FAULT)
    else:
        st.rerun()


def show_findings() -> None:
    """The switch, with the practice's own count beside it."""
    shown = desk.findings_shown(house.store, who, who.practice_id)
    counted = judgements.counts(house.store, who, who.practice_id, RULE_VERSION)
    with st.container(border=True, key="card-findings"):
        st.html(blocks.h2(verdicts.SHADOW_HEADING) + blocks.p(verdicts.own_count(*counted)))
        st.toggle(verdicts.SHADOW_SWITCH, shown, key="shown", on_change=switch)
        st.html(blocks.p(verdicts.SHADOW_ON if shown else verdicts.SHADOW_OFF, "s mute"))


def switch() -> None:
    """Keep the choice."""
    value = bool(st.session_state["shown"])
    new = Choice(who.practice_id, None, desk.SHOWN, value, who.name, house.now())
    choices.add_choice(house.store, who, new)


parts.title(pages.PRACTICE_TITLE)
left, right = st.columns(2, gap="medium")
with left:
    show_plan()
with right:
    show_findings()
    show_bands()
