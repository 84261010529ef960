"""Which pages a role has, and the way to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from tracker.records import Role
from tracker.words.pages import PLACES as NAMES

PAGES: Final = Path(__file__).parents[1] / "pages"


@dataclass(frozen=True)
class Place:
    """One page; `under` names the place in the bar it belongs to when it has none itself."""

    file: str
    icon: str
    under: str = ""

    @property
    def label(self) -> str:
        """The page's name."""
        return NAMES[self.file]


_CLIENT: Final = (
    Place("today", "today"),
    Place("progress", "show_chart"),
    Place("photos", "add_a_photo"),
    Place("compare", "compare"),
    Place("feel", "ecg_heart"),
    Place("guide", "info", under="today"),
)
_TOUCH_UPS: Final = Place("touchups", "calendar_month")
_STAFF: Final = (
    Place("queue", "inbox"),
    Place("clients", "group"),
    _TOUCH_UPS,
    Place("practice", "settings"),
    Place("client", "group", under="clients"),
    Place("plan", "settings", under="practice"),
    Place("worksheet", "assignment", under="clients"),
)
PLACES: Final[dict[Role, tuple[Place, ...]]] = {
    "client": _CLIENT,
    "practitioner": _STAFF,
    "owner": _STAFF,
    "scheduler": (_TOUCH_UPS,),
    "operator": (),
}


def go(file: str) -> None:
    """Open a page within the session."""
    st.switch_page(PAGES / f"{file}.py")
