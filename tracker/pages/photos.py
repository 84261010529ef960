"""Photos, for a client: did it work, and what do I change."""

from datetime import date

import streamlit as st

from tracker.errors import Refused
from tracker.records import PhotoState
from tracker.store import photos as store_photos
from tracker.views import VIEWS
from tracker.web import blocks, identity, parts
from tracker.web.components import uploader
from tracker.words import pages
from tracker.words import photos as words

who = identity.viewer("client")
house = identity.services()
TODAY = house.today()


def confirm(state: PhotoState) -> None:
    """The one question about a photo's date; nothing is taken for granted."""
    photo, taken = state.photo, state.photo.taken_on
    with st.container(border=True, key=f"card-date-{photo.id}"):
        asked = words.NO_DATE if taken is None else words.ask_date(taken, TODAY)
        picture = parts.thumbnail(state, TODAY)
        st.html(blocks.photo_row(picture, words.view_name(photo.view), [], asked))
        if taken is not None and st.button(words.CONFIRM, key=f"yes-{photo.id}", width="stretch"):
            save(photo.id, taken)
        label = words.DATE_INPUT if taken is None else words.OTHER_DATE
        given = st.date_input(
            label, value=None, max_value=TODAY, format="DD/MM/YYYY", key=f"day-{photo.id}"
        )
        if isinstance(given, date) and st.button(
            words.SAVE_DATE, key=f"save-{photo.id}", width="stretch"
        ):
            save(photo.id, given)


def save(photo_id: str, taken_on: date) -> None:
    """Keep a date; what goes wrong is said in place."""
    try:
        store_photos.confirm_date(house.store, who, photo_id, taken_on, now=house.now())
    except Refused:
        st.error(pages.OUR_FAULT)
    else:
        st.rerun()


client = parts.followed(who)
parts.title(words.TITLE)
left, right = st.columns([5, 7], gap="medium")
with left, st.container(border=True, key="card-add"):
    names = list(VIEWS)
    view = st.selectbox(words.VIEW_LABEL, names, names.index("crown"), words.view_name)
    st.html(blocks.p(words.HOW, "s mute"))
    uploader(key="uploader", owner=who.account_id, label=words.ADD, view=view)
with right:
    parts.measuring(client)
    unsure = [s for s in client.photos if not s.photo.date_confirmed]
    if unsure:
        st.header(words.DATES_HEADING, anchor=False)
        for one in unsure[:3]:
            confirm(one)
    # With each upload of the first two weeks the questions are offered too.
    if client.course.day is not None and client.course.day <= 14:
        parts.offer_questions(None)
    st.header(words.LIST_HEADING, anchor=False)
    if client.photos:
        parts.photo_list(client.photos, TODAY)
    else:
        st.html(blocks.p(words.EMPTY))
