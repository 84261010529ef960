"""Our own plain HTML pages: those somebody may open without a session."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

import streamlit

from tracker.settings import TOKENS
from tracker.timeline import Timeline
from tracker.words import feel
from tracker.words.pages import DEMO_PASSWORD, DEMO_TITLE

ASSETS: Final = Path(__file__).parent / "assets"


def asset(name: str) -> str:
    """The text of one asset file."""
    return (ASSETS / name).read_text(encoding="utf-8")


def colour_variables(selector: str) -> str:
    """The colour tokens as CSS variables that follow the colour scheme in force."""
    colours = TOKENS["color"].items()
    lines = (f"--{name}: light-dark({c['light']}, {c['dark']});" for name, c in colours)
    return f"{selector} {{\n{chr(10).join(lines)}\n}}\n"


# Streamlit brings the font but serves it only behind the gate.
_STATIC: Final = Path(streamlit.__file__).parent / "static"
FONT: Final = next(_STATIC.rglob("SourceSansVF-Upright*.woff2"))

_PLAIN_CSS: Final = colour_variables(":root") + asset("plain.css")
_MARK: Final = asset("mark.svg")


def page(title: str, body: str) -> str:
    """One whole page; `body` must already be escaped."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,">'
        f"<style>{_PLAIN_CSS}</style></head><body><header>"
        f'<span class="brand">{_MARK}SMP tracker</span>'
        '<a class="help" href="/help-list">When to seek help</a></header>'
        f"<main>{body}</main></body></html>"
    )


def login_page(
    *,
    error: str = "",
    name: str = "",
    onward: str = "/",
    demo: Sequence[tuple[str, str]] = (),
) -> str:
    """The sign-in form."""
    alert = f'<p class="alert" role="alert" id="fault">{escape(error)}</p>' if error else ""
    described = ' aria-describedby="fault" aria-invalid="true"' if error else ""
    body = (
        f"<h1>Sign in</h1>{alert}"
        '<form method="post" action="/account/login">'
        f'<input type="hidden" name="next" value="{escape(onward)}">'
        '<label for="name">E-mail</label>'
        f'<input id="name" name="name" value="{escape(name)}" autocomplete="username" '
        f'autocapitalize="none" spellcheck="false" required autofocus{described}>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" '
        f'autocomplete="current-password" required{described}>'
        f'<button type="submit">Sign in</button></form>{_demo(demo)}'
    )
    return page("Sign in", body)


def _demo(accounts: Sequence[tuple[str, str]]) -> str:
    if not accounts:
        return ""
    names = "".join(f"<li>{escape(name)}</li>" for name, _ in accounts)
    words = sorted({word for _, word in accounts})
    return (
        f'<section class="demo"><h2>{DEMO_TITLE}</h2><ul>{names}</ul>'
        f"<p>{DEMO_PASSWORD} <code>{escape(', '.join(words))}</code></p></section>"
    )


def help_page(timeline: Timeline) -> str:
    """The open list of when to seek help: every sign with what is said, most urgent first."""
    ranks = timeline.urgency_rank
    flags = sorted(timeline.red_flags.values(), key=lambda f: -ranks[f.level])
    rows = "".join(
        f"<li><b>{escape(flag.self_report)}</b><p>{escape(flag.say)}</p></li>" for flag in flags
    )
    body = (
        f"<h1>{escape(feel.HELP_TITLE)}</h1><p>{escape(feel.HELP_INTRO)}</p>"
        f'<ul class="signs">{rows}</ul><p>{escape(feel.CANNOT_TELL_INFECTED)}</p>'
        f'<p><a class="back" href="/">{escape(feel.HELP_BACK)}</a></p>'
    )
    return page(feel.HELP_TITLE, body)
