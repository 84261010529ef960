"""The calibration card on a sheet of paper, with how to hold it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from analysis import card_layout
from tracker.paper import Paper
from tracker.words import card as words

_LEFT_MM, _TOP_MM, _APART_MM = 25.0, 30.0, 12.0
_N_CARDS = 2
# In place of today: the same card is the same file.
_DESIGNED = datetime(2026, 1, 1, tzinfo=UTC)


def pdf() -> bytes:
    """The PDF of the sheet; every print of it is alike."""
    page = Paper(words.TITLE, made_at=_DESIGNED)
    page.heading(words.TITLE, 18)
    for number in range(_N_CARDS):
        _draw(page.sheet, _LEFT_MM, _TOP_MM + number * (card_layout.HEIGHT_MM + _APART_MM))
    page.sheet.set_xy(10, _TOP_MM + _N_CARDS * (card_layout.HEIGHT_MM + _APART_MM))
    for number, step in enumerate(words.HOW, start=1):
        page.text(f"{number}. {step}", size=11)
    for text in (words.COLOURS, words.TWO):
        page.gap(2)
        page.text(text, size=11)
    return page.data()


def _draw(page: Any, left: float, top: float) -> None:
    """One card with its cutting line."""
    for box in card_layout.boxes():
        page.set_fill_color(*box.colour)
        page.rect(left + box.x, top + box.y, box.width, box.height, style="F")
    page.set_draw_color(150)
    page.set_line_width(0.1)
    page.rect(left, top, card_layout.WIDTH_MM, card_layout.HEIGHT_MM, style="D")
