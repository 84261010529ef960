"""Practice: what it has set for itself."""

import streamlit as st

from tracker import desk, plan
from tracker.records import Choice
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
