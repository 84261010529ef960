"""Progress, for a client: does it follow the expected course."""

import streamlit as st

from tracker import figures, readings
from tracker.web import blocks, identity, parts
from tracker.words import dates, pages, photos, stage

who = identity.viewer("client")
TODAY = identity.services().today()

client = parts.followed(who)
above = f"{dates.capital(pages.day(client.course.day))} · {dates.weekday(TODAY)}"
parts.title(pages.PROGRESS_TITLE, above)
parts.urgent(client, TODAY, for_client=True)
names = list(pages.MEASUREMENTS)
chosen = st.segmented_control(
    pages.MEASUREMENT_LABEL,
    names,
    default=names[0],
    required=True,
    format_func=lambda name: pages.MEASUREMENTS[name],
    label_visibility="collapsed",
    width="stretch",
    key="measurement",
)
views = figures.views(client.course)
left, right = st.columns([7, 5], gap="medium")
measure = next((name for name in figures.MEASURANDS if name == chosen), None)
with left, st.container(border=True, key="card-chart"):
    view = parts.choose_view(views, key="progress-view")
    if measure is None:
        st.html(blocks.h2(pages.MEASUREMENTS["kept"]) + blocks.p(pages.KEPT_EMPTY))
    elif not views:
        st.html(blocks.pill(readings.course_pill(client.standing, for_client=True)))
        st.html(blocks.p(readings.no_photos(client, TODAY)))
    else:
        if measure == "darkness":
            st.html(blocks.pill(readings.darkness_pill(client.standing)))
        parts.chart(client, measure, view, for_client=True)
        if said := readings.power(measure):
            st.html(blocks.p(said, "xs mute"))
        if measure != "evenness":
            st.html(blocks.p(stage.band(client.timeline.fitted_to), "xs mute"))
with right, st.container(border=True, key="card-days"):
    shown = parts.of_view(client.course.photos, view)
    heading = f"{photos.view_name(view)}, {pages.DAYS_HEADING.lower()}" if view else ""
    st.html(blocks.h2(heading or pages.DAYS_HEADING))
    if shown:
        parts.days(shown, TODAY)
    else:
        st.html(blocks.p(photos.EMPTY))
    parts.cameras(client, view, TODAY)
    parts.measuring(client)
