"""Our own Streamlit components: navigation, uploader, before and after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from tracker.intake import MOST_BYTES
from tracker.web.icons import ICONS
from tracker.web.plain import asset, colour_variables
from tracker.words.feel import HELP_TITLE
from tracker.words.pages import SIGN_OUT
from tracker.words.photos import UPLOAD

_MARK: Final = [
    [float(number) for number in found]
    for found in re.findall(r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', asset("mark.svg"))
]


@dataclass(frozen=True)
class NavItem:
    """One place to go."""

    key: str
    label: str
    icon: str
    href: str
    count: int = 0


def _component(name: str) -> ComponentRenderer:
    """Register the component whose script and style lie in `assets`."""
    # A one-line string with a slash would be taken for a path; ours always have many lines.
    css = f"{colour_variables(':host')}\n{asset(f'{name}.css')}\n"
    return st.components.v2.component(f"smp_{name}", css=css, js=f"\n{asset(f'{name}.js')}\n")


_nav: Final = _component("nav")
_uploader: Final = _component("uploader")
_before_after: Final = _component("before_after")
_drawing: Final = _component("drawing")
_account: Final = _component("account")


def _nothing() -> None:
    """Streamlit declares a trigger by its callback, so there must be one."""


def nav(
    items: Sequence[NavItem], current: str, *, brand: str, help_url: str | None = "/help-list"
) -> str | None:
    """Draw the navigation; returns the key of the item just tapped."""
    shown = [
        {
            "key": item.key,
            "label": item.label,
            "icon": ICONS[item.icon],
            "href": item.href,
            "count": item.count,
        }
        for item in items
    ]
    help_link = {
        "href": help_url,
        "label": HELP_TITLE,
        "icon": ICONS["health_and_safety"],
    }
    data = {
        "items": shown,
        "current": current,
        "brand": brand,
        "mark": _MARK,
        "help": help_link if help_url else None,
    }
    tapped = _nav(key="nav", data=data, on_go_change=_nothing).go
    return tapped if isinstance(tapped, str) else None


def uploader(
    *,
    key: str,
    owner: str,
    label: str,
    view: str,
    taken_on: str | None = None,
    client: str | None = None,
) -> list[str]:
    """Draw the uploader; returns the ids it has just saved, as a hint to list anew."""
    heard = f"{key}-heard"

    def hear() -> None:
        # Callbacks run before the script, so the answer goes out with this very run.
        st.session_state[heard] = _ids(st.session_state[key].done)

    data = {
        "key": key,
        "heard": st.session_state.get(heard, []),
        "label": label,
        "fields": {"owner": owner, "view": view, "taken_on": taken_on, "client": client},
        "url": "/api/photos",
        "sign_in": "/account/login",
        "max_bytes": MOST_BYTES,
        "words": dict(UPLOAD),
    }
    done = _uploader(key=key, data=data, on_done_change=hear).done
    return _ids(done)


def _ids(done: Any) -> list[str]:
    """The ids in what the uploader said, which is nothing in most runs."""
    return [str(one) for one in done["ids"]] if done else []


def before_after(
    before_url: str,
    after_url: str,
    label: str,
    *,
    alts: tuple[str, str],
    names: tuple[str, str] = ("Before", "After"),
    key: str = "before_after",
) -> None:
    """Draw two photos with a slider between them."""
    data = {
        "before": before_url,
        "after": after_url,
        "label": label,
        "before_alt": alts[0],
        "after_alt": alts[1],
        "before_name": names[0],
        "after_name": names[1],
    }
    _before_after(key=key, data=data)


def drawing(narrow: str, wide: str, *, key: str) -> None:
    """Show a drawn SVG, in the version that fits the width; the text must be our own."""
    _drawing(key=key, data={"narrow": narrow, "wide": wide})


def account(name: str) -> None:
    """Draw who is signed in, with the way out."""
    _account(key="account", data={"name": name, "label": SIGN_OUT, "action": "/account/logout"})
