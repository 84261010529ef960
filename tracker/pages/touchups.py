"""Touch-ups, for whoever plans visits: who, when, why. No photos."""

import streamlit as st

from tracker import readings, roster
from tracker.roster import Listed
from tracker.web import blocks, identity, parts
from tracker.words import pages, verdicts

who = identity.viewer("practitioner", "owner", "scheduler")
house = identity.services()
TODAY = house.today()


def lines(found: list[Listed]) -> str:
    """One line a client; a scheduler's names lead nowhere."""
    rows = [
        (
            blocks.client_link(one.client.id) if who.role != "scheduler" else "",
            (one.client.name, blocks.text(pages.day(one.standing.day)),
             blocks.text(readings.touch_up(one.standing, TODAY))),
        )
        for one in found
    ]  # fmt: skip
    return blocks.link_table(pages.TOUCHUP_HEAD, rows)


everyone = roster.touch_ups(house.store, who, TODAY, version=house.version)
due = [one for one in everyone if readings.in_window(one.standing)]
later = [one for one in everyone if not readings.in_window(one.standing)]
parts.title(pages.TOUCHUPS_TITLE)
with st.container(border=True, key="card-due"):
    st.html(
        blocks.h2(verdicts.DECISIONS["worth a review"].rstrip("."), str(len(due)))
        + blocks.p(pages.TOUCHUPS_INTRO, "s mute")
        + (lines(due) if due else blocks.p(pages.TOUCHUPS_EMPTY))
    )
if later:
    with st.container(border=True, key="card-later"):
        st.html(blocks.h2(pages.OTHERS_HEADING, str(len(later))) + lines(later))
