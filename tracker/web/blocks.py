"""Small pieces of HTML for `st.html`: pills, rows, tables. Everything put in is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from tracker.web.icons import ICONS
from tracker.words.verdicts import ICONS as STATE_ICONS
from tracker.words.verdicts import Pill


def icon(name: str) -> str:
    """An icon as a mask: `st.html` takes no SVG."""
    if name not in ICONS:
        raise ValueError(f"name={name!r} is not an icon of ours")
    return f'<span class="icon i-{name}" aria-hidden="true"></span>'


def pill(shown: Pill) -> str:
    """A word with its icon and shape."""
    text = escape(shown.text)
    return f'<span class="pill p-{shown.state}">{icon(STATE_ICONS[shown.state])}{text}</span>'


def pills(shown: Iterable[Pill]) -> str:
    """Several pills, one below or beside the other."""
    return f'<div class="pills">{"".join(pill(each) for each in shown)}</div>'


def text(plain: str) -> str:
    """Text as HTML."""
    return escape(plain)


def p(text: str, style: str = "") -> str:
    """A paragraph; `style` is `s`, `xs`, `mute` or several of them."""
    return f'<p class="{style}">{escape(text)}</p>' if style else f"<p>{escape(text)}</p>"


def h2(text: str, beside: str = "") -> str:
    """A heading, with a quiet word or number beside it."""
    more = f' <span class="mute">{escape(beside)}</span>' if beside else ""
    return f"<h2>{escape(text)}{more}</h2>"


def heading(text: str, note: str, beside: str = "") -> str:
    """A heading with a note at the other end of the line."""
    quiet = f'<span class="s mute wide">{escape(note)}</span>'
    return f'<div class="gh">{h2(text, beside)}{quiet}</div>'


def link(text: str, href: str, style: str = "") -> str:
    """A link within the app."""
    shown = f' class="{style}"' if style else ""
    return f'<a{shown} href="{escape(href, quote=True)}" target="_self">{escape(text)}</a>'


def alert(html: str) -> str:
    """What must be read at once."""
    return f'<div role="alert">{html}</div>'


def status(text: str) -> str:
    """What goes on meanwhile."""
    return f'<p class="s mute" role="status">{escape(text)}</p>'


def bullets(icon_name: str, lines: Iterable[str]) -> str:
    """A list with an icon before each line."""
    mark = icon(icon_name)
    rows = "".join(f"<li>{mark}<span>{escape(line)}</span></li>" for line in lines)
    return f'<ul class="bl">{rows}</ul>'


def terms(pairs: Iterable[tuple[str, str]]) -> str:
    """Technical words with what they mean."""
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in pairs)
    return f'<dl class="terms">{rows}</dl>'


def thumbnail(photo_id: str, alt: str, *, ready: bool) -> str:
    """A small photo from our own route, which has a tile for one that is not `ready`."""
    # Two addresses: a browser shows again what it has of an address it has seen in this page.
    src = f"/photo/{quote(photo_id)}?small{'' if ready else '&amp;soon'}"
    return (
        f'<img class="thumb" src="{src}" alt="{escape(alt, quote=True)}" '
        'loading="lazy" width="112" height="112">'
    )


def photo_row(picture: str, title: str, shown: Iterable[Pill], text: str, note: str = "") -> str:
    """A photo beside its title, pills and sentence."""
    return (
        f'<div class="ph-row">{picture}<div><h3>{escape(title)}</h3>'
        f"{p(note, 's mute') if note else ''}{pills(shown)}</div></div>{p(text, 's')}"
    )


def photo_line(picture: str, title: str, note: str, shown: Pill, said: str) -> str:
    """One photo of a list."""
    return (
        f'<div>{picture}<div class="about"><div class="top"><h3>{escape(title)}</h3>'
        f'<span class="s mute">{escape(note)}</span></div>{pill(shown)}{p(said, "s")}</div></div>'
    )


def photo_lines(lines: Iterable[str]) -> str:
    """A list of photos."""
    return f'<div class="pl">{"".join(lines)}</div>'


def client_link(client_id: str) -> str:
    """The address of a client's page."""
    return f"/client?client={quote(client_id)}"


def plan_link(client_id: str) -> str:
    """The address of a client's own plan."""
    return f"/plan?client={quote(client_id)}"


def worksheet_link(client_id: str) -> str:
    """The address of a client's touch-up worksheet."""
    return f"/worksheet?client={quote(client_id)}"


def queue_row(href: str, name: str, day: str, sentence: str, shown: Pill) -> str:
    """One client of the queue: a link, one sentence, one pill."""
    return (
        f'<a class="q" href="{escape(href, quote=True)}" target="_self"><span class="grow">'
        f'<span><b>{escape(name)}</b> <span class="s mute">{escape(day)}</span></span>'
        f'<span class="s">{escape(sentence)}</span></span>{pill(shown)}</a>'
    )


def rows(drawn: Iterable[str]) -> str:
    """A card of rows."""
    return f'<div class="ql">{"".join(drawn)}</div>'


def table(head: Sequence[str], body: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table of plain texts."""
    return _table(head, ([escape(cell) for cell in row] for row in body), caption)


def link_table(head: Sequence[str], body: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table whose first cell is a link where it leads anywhere; the others are HTML already."""
    linked = (
        [link(cells[0], href, "row-link") if href else f"<b>{escape(cells[0])}</b>", *cells[1:]]
        for href, cells in body
    )
    return _table(head, linked, "", " stack")


def _table(
    head: Sequence[str], body: Iterable[Sequence[str]], caption: str, style: str = ""
) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = (
        "<tr>"
        + "".join(
            f'<td data-head="{escape(name, quote=True)}">{cell}</td>'
            for name, cell in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in body
    )
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    whole = f"<thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<table class="t{style}">{said}{whole}</table>'


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """Which mark means what."""
    shown = "".join(
        f'<span><i class="k-{name}" aria-hidden="true"></i>{escape(text)}</span>'
        for name, text in entries
    )
    return f'<div class="lg">{shown}</div>'
