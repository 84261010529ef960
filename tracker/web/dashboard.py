"""The frame of every page: who is it, which pages, where now."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tracker.store import clients
from tracker.web import identity
from tracker.web.components import NavItem, account, nav
from tracker.web.icons import icon_css
from tracker.web.places import PAGES, PLACES
from tracker.web.plain import asset, colour_variables
from tracker.words import pages as words

STYLE: Final = (
    f"<style>{colour_variables(':root')}{asset('streamlit.css')}{asset('blocks.css')}"
    f"{icon_css()}</style>"
)


def main() -> None:
    """Draw the frame and run the page asked for."""
    who = identity.viewer()
    st.set_page_config(layout="wide")
    st.html(STYLE)
    places = PLACES[who.role]
    if not places:
        st.error(words.NOT_YOURS)
        st.stop()
    pages = {
        place.file: st.Page(
            PAGES / f"{place.file}.py", title=place.label, default=place is places[0]
        )
        for place in places
    }
    current = st.navigation(list(pages.values()), position="hidden")
    items = [
        # The first page lives at "/"; its own name would open "Page not found".
        NavItem(p.file, p.label, p.icon, "/" if p is places[0] else f"/{p.file}")
        for p in places
        if not p.under
    ]
    at = next((place for place in places if pages[place.file] == current), places[0])
    client = who.role == "client"
    brand = clients.own_practice(identity.services().store, who).name
    tapped = nav(items, at.under or at.file, brand=brand, help_url=_help(client))
    if tapped in pages and tapped != at.file:
        st.switch_page(pages[tapped])
    try:
        current.run()
    finally:
        account(who.name)


def _help(client: bool) -> str | None:
    return "/help-list" if client else None
