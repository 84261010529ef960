"""Guidance, for a client: what helps at each stage, and why."""

import streamlit as st

from tracker.timeline import Phase
from tracker.web import blocks, identity, parts
from tracker.words import dates, feel, guide

who = identity.viewer("client")


def show_stage(phase: Phase, *, here: bool) -> None:
    """One stage of the plan; the client's own is open."""
    name = guide.stage_name(phase.title, phase.start_day, phase.end_day, here=here)
    with st.expander(name, expanded=here):
        usual = [dates.capital(line) for line in phase.usual]
        st.html(f"<h3>{guide.SEES}</h3>" + blocks.bullets("visibility", usual))
        parts.do_and_avoid(phase)
        for heading, lines in (
            (guide.ASK, phase.ask_practitioner),
            (guide.SEEK, phase.seek_help),
        ):
            if lines:
                shown = [dates.capital(line) for line in lines]
                st.html(f"<h3>{heading}</h3>" + blocks.bullets("info", shown))


def show_section(number: int, section: guide.Section) -> None:
    """One part of the article, with its terms explained below it."""
    with st.container(border=True, key=f"card-section-{number}"):
        st.html(
            blocks.h2(section.title)
            + (blocks.p(dates.capital(section.days), "s mute") if section.days else "")
            + "".join(blocks.p(text) for text in section.text)
        )
        for heading, icon, lines in (
            (guide.DO, "check", section.do),
            (guide.AVOID, "back_hand", section.avoid),
        ):
            if lines:
                st.html(f"<h3>{heading}</h3>" + blocks.bullets(icon, lines))
        parts.explained((*section.text, *section.do, *section.avoid))


client = parts.followed(who)
day = client.course.day
st.html(blocks.link(guide.TO_TODAY, "/", "s"))
parts.title(guide.TITLE)
st.html(
    blocks.p(guide.INTRO)
    + blocks.p(feel.CANNOT_TELL_INFECTED, "s mute")
    + "<p>"
    + blocks.link(guide.HELP_LINK, "/help-list")
    + "</p>"
)
left, right = st.columns([7, 5], gap="medium")
with left:
    st.html(blocks.p(guide.WHY_INTRO, "s mute"))
    for number, section in enumerate(guide.SECTIONS):
        show_section(number, section)
with right:
    if client.client.pigment == "temporary":
        with st.container(border=True, key="card-temporary"):
            st.html(blocks.h2(guide.TEMPORARY_TITLE) + blocks.p(guide.TEMPORARY))
    st.header(guide.STAGES, anchor=False)
    current = client.timeline.phase(day) if day is not None else None
    for phase in client.timeline.phases:
        show_stage(phase, here=phase == current)
