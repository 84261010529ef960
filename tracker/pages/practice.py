"""Practice: what it has set for itself."""

import streamlit as st

from tracker import plan
from tracker.store import clients, plans
from tracker.timeline import default_timeline
from tracker.web import blocks, identity, parts, places
from tracker.words import pages
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


parts.title(pages.PRACTICE_TITLE)
show_plan()
