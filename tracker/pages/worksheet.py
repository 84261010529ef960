"""The touch-up worksheet, for the practice: where, how many dots, how long."""

import streamlit as st

from tracker import desk, readings, worksheet
from tracker.errors import NotFound
from tracker.records import Choice, PhotoState
from tracker.store import choices
from tracker.web import blocks, identity, parts
from tracker.web.components import drawing
from tracker.words import pages
from tracker.words import photos as photo_words
from tracker.words import worksheet as words

who = identity.viewer("practitioner", "owner")
house = identity.services()
TODAY = house.today()
client_id = st.query_params.get("client", "")


def keep_pace() -> None:
    """Remember the practitioner's own pace."""
    value = st.session_state["pace"]
    new = Choice(who.practice_id, who.account_id, desk.PACE, value, who.name, house.now())
    choices.add_choice(house.store, who, new)


def tick(found: tuple[worksheet.Zone, ...]) -> list[worksheet.Zone]:
    """The zones to print; nothing unsure is ticked in advance."""
    chosen = []
    with st.container(border=True, key="card-zones"):
        st.html(blocks.h2(words.ZONES))
        for zone in found:
            said = words.ticked(
                zone.name, words.missing(zone.missing, zone.give_or_take, zone.darkness)
            )
            if st.checkbox(said, zone.sure, key=f"zone-{zone.name}"):
                chosen.append(zone)
        st.html(blocks.p(words.UNSURE, "s mute"))
        own = choices.chosen(house.store, who, who.practice_id, desk.PACE, who.account_id)
        st.number_input(
            words.PACE, 1, 1000, own, help=words.PACE_HELP, key="pace", on_change=keep_pace
        )
    return chosen


def show(one: desk.Followed) -> None:
    """The photo with its zones, and the sheet's table: of the newest day's that with most to do."""
    sheets = {s.photo.id: house.sheet(who, s.photo.id) for s in one.course.photos}
    states = [s for s in one.course.photos if (f := sheets[s.photo.id]) and f.zones]
    if not states:
        st.html(blocks.p(words.NO_ZONES))
        return

    def newest_and_most(state: PhotoState) -> tuple[str, float]:
        sheet = sheets[state.photo.id]
        missing, _ = worksheet.together(sheet.zones if sheet else ())
        return str(state.photo.taken_on), missing or 0.0

    by_id = {s.photo.id: s for s in sorted(states, key=newest_and_most, reverse=True)}
    left, right = st.columns([5, 7], gap="medium")
    with left:
        photo_id = st.selectbox(
            words.PHOTO, list(by_id), key="sheet-photo",
            format_func=lambda each: readings.named_photo(by_id[each], TODAY),
        )  # fmt: skip
        sheet = sheets[photo_id]
        assert sheet is not None
        chosen = tick(sheet.zones)
    own = choices.chosen(house.store, who, who.practice_id, desk.PACE, who.account_id)
    with right, st.container(border=True, key="card-sheet"):
        view = photo_words.view_name(by_id[photo_id].photo.view)
        st.html(blocks.h2(view, readings.photo_note(by_id[photo_id], TODAY)))
        picture = worksheet.svg(photo_id, sheet.width_px, sheet.height_px, chosen)
        drawing(picture, picture, key="sheet")
        head, *body = worksheet.rows(chosen, own)
        names = "".join(zone.name for zone in chosen)
        st.html(
            blocks.table(head[:5], [row[:5] for row in body])
            + blocks.p(words.pace(own), "s mute")
            + blocks.p(words.MEANS, "s mute")
            + "<p>"
            + blocks.link(words.PRINT, f"/export/worksheet/{photo_id}?zones={names}")
            + "</p>"
        )


try:
    one = desk.client_course(house.store, who, client_id, TODAY, version=house.version)
except NotFound:
    parts.title(words.TITLE)
    st.html(blocks.p(pages.NO_CLIENT_CHOSEN) + blocks.link(pages.BACK_TO_CLIENTS, "/clients"))
else:
    st.html(blocks.link(one.client.name, blocks.client_link(client_id), "s"))
    parts.title(words.TITLE)
    show(one)
