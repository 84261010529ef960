"""All clients, for the practice: those who need somebody first."""

import streamlit as st

from tracker import readings, roster
from tracker.web import blocks, identity, parts
from tracker.words import pages

who = identity.viewer("practitioner", "owner")
house = identity.services()
TODAY = house.today()

everyone = roster.by_need(house.store, who, TODAY, version=house.version)
parts.title(pages.CLIENTS_TITLE)
with st.container(border=True, key="card-clients"):
    if not everyone:
        st.html(blocks.p(pages.NO_CLIENTS))
    else:
        st.html(
            blocks.link_table(
                pages.CLIENT_HEAD,
                [
                    (
                        blocks.client_link(one.client.id),
                        (
                            one.client.name,
                            blocks.text(pages.day(one.standing.day)),
                            blocks.pill(readings.course_pill(one.standing, for_client=False)),
                            blocks.text(readings.window(one.standing)),
                            blocks.text(readings.touch_up(one.standing, TODAY)),
                        ),
                    )
                    for one in everyone
                ],
            )
        )
