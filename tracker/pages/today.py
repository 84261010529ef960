"""Today, for a client: what many people see, and how is mine."""

import streamlit as st

from tracker import readings, strip
from tracker.desk import Followed
from tracker.web import blocks, identity, parts, places
from tracker.web.components import drawing
from tracker.words import guide, pages, photos, stage

who = identity.viewer("client")
TODAY = identity.services().today()


def show_heading(one: Followed) -> None:
    """The day, large."""
    above, beside = stage.after_treatment(len(one.treatments), TODAY)
    with st.container(gap=None, key="day-head"):
        st.html(blocks.p(above, "s mute"))
        st.title(stage.day_heading(one.course.day), anchor=False)
        if one.course.day is not None:
            st.html(blocks.p(beside, "mute"))


def show_stage(one: Followed, day: int) -> None:
    """The stage in a sentence and a drawn strip."""
    with st.container(border=True, key="card-stage"):
        st.html(blocks.h2(stage.HEADING) + blocks.p(readings.stage_lead(one, day)))
        narrow, wide = (strip.stage_strip(day, one.timeline, width) for width in (326, 574))
        drawing(narrow, wide, key="strip")
        st.html(blocks.p(stage.DRAWING, "xs mute"))


def show_latest(one: Followed) -> None:
    """The latest photo, its pills and its sentence; without one the way to the first."""
    state = one.latest
    with st.container(border=True, key="card-latest"):
        if state is None:
            st.html(blocks.h2(pages.LATEST_HEADING) + blocks.p(photos.EMPTY))
            return
        picture = parts.thumbnail(state, TODAY)
        taken = pages.taken(state.photo.taken_on, TODAY)
        name = photos.title_of(state.photo.view, taken)
        shown, said = readings.photo_pills(one, state), readings.photo_sentence(one, state)
        st.html(blocks.h2(pages.LATEST_HEADING) + blocks.photo_row(picture, name, shown, said))
        if state.verdict == "measured" and not one.open_answers and not readings.prompt(one):
            sentence = readings.course_sentence(one.standing, TODAY, for_client=True)
            st.html(blocks.p(sentence, "s"))
        parts.measuring(one)


def show_next(one: Followed) -> None:
    """When the next photo helps."""
    due = one.standing.next_on
    with st.container(border=True, key="card-next"):
        if due is None:
            head, said = pages.ADD_PHOTOS, stage.NO_TREATMENT
        elif due == TODAY:
            head, said = stage.NEXT_PHOTO_NOW
        else:
            head, said = stage.next_photo(due, (one.course.day or 0) + (due - TODAY).days)
        st.html(blocks.h2(head) + blocks.p(said, "s mute"))
        if st.button(pages.ADD_PHOTOS, type="primary", key="to-photos", width="stretch"):
            places.go("photos")


def show_plan(one: Followed, day: int) -> None:
    """What to do and to avoid today, and what is allowed from which day; practitioner first."""
    timeline = one.timeline
    phase = timeline.phase(day)
    with st.container(border=True, key="card-plan"):
        st.html(blocks.h2(stage.PLAN_OWN if timeline.changed else stage.PLAN_HEADING))
        parts.do_and_avoid(phase)
        rows = readings.aftercare_days(one, day)
        if rows:
            st.html(f"<h3>{stage.DAYS_HEADING}</h3>" + blocks.table(stage.DAYS_HEAD, rows))
        st.html(blocks.p(stage.PLAN_SET if timeline.changed else stage.PLAN_UNSET, "xs mute"))
        if st.button(guide.READ_ALL, key="to-guide", width="stretch"):
            places.go("guide")


client = parts.followed(who)
show_heading(client)
parts.urgent(client, TODAY, for_client=True)
asked_for = readings.prompt(client)
if asked_for:
    parts.offer_questions(asked_for)
left, right = st.columns([7, 5], gap="medium")
with left:
    if client.course.day is not None:
        show_stage(client, client.course.day)
    show_latest(client)
with right:
    if not asked_for:
        parts.offer_questions(None)
    show_next(client)
    if client.course.day is not None:
        show_plan(client, client.course.day)
