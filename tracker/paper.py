"""The one room for everything that is printed: A4 pages with headings, texts, tables, pictures.

Set in the PDF's own Helvetica, whose letters are Latin-1; other signs are written in its letters.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

_LETTERS = str.maketrans({"−": "-", "–": "-", "’": "'", "“": '"', "”": '"', "…": "..."})
WIDTH_MM, MARGIN_MM = 210.0, 10.0

Outline = Sequence[Sequence[float]]


class Paper:
    """One document in the making; `sheet` is the library's own, for drawings in millimetres."""

    def __init__(self, title: str, *, made_at: datetime | None = None) -> None:
        from fpdf import FPDF  # slow to import, needed here only

        self.sheet: Any = FPDF(format="A4", unit="mm")
        self.sheet.set_lang("en")
        self.sheet.set_title(title)
        if made_at is not None:
            self.sheet.set_creation_date(made_at)
        self.sheet.set_auto_page_break(True, margin=15)
        self.sheet.add_page()

    def heading(self, text: str, size: int = 13) -> None:
        """A bold line."""
        self.sheet.ln(3)
        self._line(text, "B", size, size * 0.5)

    def text(self, text: str, *, size: int = 10) -> None:
        """A paragraph over the whole width."""
        self._line(text, "", size, size * 0.5)

    def gap(self, height_mm: float) -> None:
        """Some white."""
        self.sheet.ln(height_mm)

    def table(self, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
        """A table whose first row is its head."""
        self.sheet.set_font("Helvetica", "", 9)
        with self.sheet.table(col_widths=tuple(widths), line_height=5) as table:
            for row in rows:
                cells = table.row()
                for cell in row:
                    cells.cell(plain(cell))

    def picture(
        self, image: bytes, alt: str, outlines: Iterable[tuple[str, Outline]], width_px: float
    ) -> None:
        """A picture over the whole width, with named outlines (x, y in px of `width_px`) on it."""
        left, top = MARGIN_MM, self.sheet.get_y() + 2
        width = WIDTH_MM - 2 * MARGIN_MM
        placed = self.sheet.image(io.BytesIO(image), left, top, w=width, alt_text=plain(alt))
        scale = width / width_px
        for name, outline in outlines:
            ring = [(left + x * scale, top + y * scale) for x, y in outline]
            self._outlined(ring)
            self._named(name, ring)
        self.sheet.set_xy(left, top + placed.rendered_height + 3)

    def data(self) -> bytes:
        """The finished PDF."""
        return bytes(self.sheet.output())

    def _line(self, text: str, style: str, size: int, height_mm: float) -> None:
        self.sheet.set_font("Helvetica", style, size)
        self.sheet.multi_cell(0, height_mm, plain(text), new_x="LMARGIN", new_y="NEXT")

    def _outlined(self, ring: Sequence[tuple[float, float]]) -> None:
        """White below black dashes: seen on light and on dark skin."""
        self.sheet.set_draw_color(255)
        self.sheet.set_line_width(1.0)
        self.sheet.polygon(ring, style="D")
        self.sheet.set_draw_color(0)
        self.sheet.set_line_width(0.5)
        self.sheet.set_dash_pattern(dash=2, gap=1.5)
        self.sheet.polygon(ring, style="D")
        self.sheet.set_dash_pattern()

    def _named(self, name: str, ring: Sequence[tuple[float, float]]) -> None:
        x = sum(each[0] for each in ring) / len(ring)
        y = sum(each[1] for each in ring) / len(ring)
        self.sheet.set_fill_color(255)
        self.sheet.circle(x, y, 3, style="DF")
        self.sheet.set_font("Helvetica", "B", 10)
        self.sheet.set_xy(x - 3, y - 2.5)
        self.sheet.cell(6, 5, name, align="C")


def plain(text: str) -> str:
    """A text in the letters the page has."""
    return text.translate(_LETTERS).encode("latin-1", "replace").decode("latin-1")
