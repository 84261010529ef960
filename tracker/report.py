"""A client's course on paper: verdict, findings with their rates, touch-up plan, every number.

Set in the PDF's own Helvetica, whose letters are Latin-1; other signs are written in its letters.
"""

from __future__ import annotations

from typing import Any

from tracker.words import report as words

_LETTERS = str.maketrans({"−": "-", "–": "-", "’": "'", "“": '"', "”": '"', "…": "..."})


def pdf(document: dict[str, Any], *, as_of: str) -> bytes:
    """The PDF of a `follow` document."""
    from fpdf import FPDF  # slow to import, needed here only

    page = FPDF(format="A4")
    page.set_lang("en")
    page.set_title(words.TITLE)
    page.set_auto_page_break(True, margin=15)
    page.add_page()
    _heading(page, words.TITLE, 18)
    _text(page, words.as_of(as_of, document["course"]))
    _heading(page, words.FINDINGS, 13)
    for finding in document["findings"] or [None]:
        _text(page, words.finding(finding) if finding else words.NO_FINDINGS)
    _heading(page, words.TOUCH_UP, 13)
    _text(page, words.touch_up(document["touch_up"]))
    for measurand, points in document["series"].items():
        _heading(page, words.measurand(measurand), 12)
        _table(page, points)
    refused = [p for p in document["photos"] if p["verdict"] == "refused"]
    if refused:
        _heading(page, words.NOT_MEASURED, 13)
        for photo in refused:
            _text(page, f"{photo['photo']}: {photo['reasons'][0]['sentence']}")
    _text(page, words.CAVEAT)
    return bytes(page.output())


def _heading(page: Any, text: str, size: int) -> None:
    page.ln(3)
    page.set_font("Helvetica", "B", size)
    page.multi_cell(0, size * 0.5, _plain(text), new_x="LMARGIN", new_y="NEXT")


def _text(page: Any, text: str) -> None:
    page.set_font("Helvetica", "", 10)
    page.multi_cell(0, 5, _plain(text), new_x="LMARGIN", new_y="NEXT")


def _table(page: Any, points: list[dict[str, Any]]) -> None:
    page.set_font("Helvetica", "", 9)
    with page.table(col_widths=(22, 34, 12, 34, 40), line_height=5) as table:
        for row in (words.COLUMNS, *(words.row(point) for point in points)):
            cells = table.row()
            for cell in row:
                cells.cell(_plain(cell))


def _plain(text: str) -> str:
    return text.translate(_LETTERS).encode("latin-1", "replace").decode("latin-1")
