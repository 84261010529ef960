"""The strip of words below a picture: what it says, then what each mark means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from analysis.arrays import Pixels

Box = tuple[float, float, float, float]
_STRIP = (24, 24, 24)


@dataclass(frozen=True)
class Key:
    """A mark's meaning, and how it is drawn into a box (left, top, right, bottom) with lines so
    wide.
    """

    text: str
    draw: Callable[[ImageDraw.ImageDraw, Box, int], None]


def strip(text: str, keys: Sequence[Key], width: int, unit: float) -> Pixels:
    """A strip `width` px wide; `unit`: the width of a plain line in the picture, px."""
    size = max(13, round(15 * unit))
    font = ImageFont.load_default(size)
    gap = size // 2
    rows = _wrapped(text, font, width - 2 * gap)
    marks = _placed(keys, font, width, gap)
    n_rows = len(rows) + (marks[-1][1] + 1 if marks else 0)
    picture = Image.new("RGB", (width, round((n_rows * 1.4 + 0.8) * size)), _STRIP)
    pen = ImageDraw.Draw(picture)
    for number, row in enumerate(rows):
        pen.text((gap, (0.4 + 1.4 * number) * size), row, "white", font)
    for key, (x, number) in zip(keys, marks, strict=True):
        y = (0.4 + 1.4 * (len(rows) + number)) * size
        box = (x, y + 0.1 * size, x + size, y + 1.1 * size)
        key.draw(pen, box, max(2, round(1.5 * unit)))
        pen.text((x + 1.4 * size, y), key.text, "white", font)
    return np.asarray(picture, dtype=np.uint8)


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, most: float
) -> list[str]:
    """A text in rows no wider than `most` px."""
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if font.getlength(longer) > most and rows[-1]:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _placed(
    keys: Sequence[Key],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    width: int,
    gap: int,
) -> list[tuple[float, int]]:
    """Where each key goes: x, and its row."""
    places: list[tuple[float, int]] = []
    x, row, size = float(gap), 0, 2 * gap
    for key in keys:
        needed = 1.4 * size + font.getlength(key.text)
        if x + needed > width - gap and x > gap:
            x, row = float(gap), row + 1
        places.append((x, row))
        x += needed + 1.4 * size
    return places
