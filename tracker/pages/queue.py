"""The queue, for the practice: who needs me, why, how sure."""

import streamlit as st

from tracker import readings, roster
from tracker.web import blocks, identity, parts, places
from tracker.words import dates, pages, verdicts

who = identity.viewer("practitioner", "owner")
house = identity.services()
TODAY = house.today()

everyone = roster.by_need(house.store, who, TODAY, version=house.version)
waiting = roster.queue(everyone)
parts.title(pages.queue_title(len(waiting)), dates.weekday(TODAY))
for group, (name, note) in pages.GROUPS.items():
    rows = [one for one in waiting if one.standing.group == group]
    if not rows:
        continue
    st.html(
        blocks.heading(name, note, str(len(rows)))
        + blocks.rows(
            blocks.queue_row(
                blocks.client_link(one.client.id),
                one.client.name,
                pages.day(one.standing.day),
                readings.queue_sentence(one.standing, TODAY),
                verdicts.CANNOT_TELL
                if group == "photos"
                else readings.course_pill(one.standing, for_client=False),
            )
            for one in rows
        )
    )
if not everyone:
    st.html(blocks.p(pages.NO_CLIENTS))
elif len(everyone) > len(waiting):
    st.html(blocks.p(pages.others(len(everyone) - len(waiting)), "s mute"))
if st.button(pages.SHOW_ALL, key="to-clients"):
    places.go("clients")
