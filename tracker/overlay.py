"""The photo with what was measured drawn over it: the picture a practitioner checks.

Light lines on a dark casing show on any skin. Widths grow with the photo.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from analysis.arrays import Mask, Pixels, Points
from analysis.flags import Flag, names
from analysis.outlines import Ring
from analysis.pipeline import PhotoMeasurement
from tracker.words import photos as words

Colour = tuple[int, int, int]

# Told apart by colour-blind people too (Okabe & Ito 2008, Color Universal Design), in sRGB. Sure
# dots are many and have no casing: their colour is that for light or for dark skin.
_SURE_ON_LIGHT, _SURE_ON_DARK = (0, 84, 170), (86, 190, 255)
_FAIR, _UNSURE = (240, 228, 66), (255, 110, 20)
_TREATED, _REFERENCE, _THIN = (255, 255, 255), (0, 200, 150), (255, 120, 220)
_GLARE, _CASING, _STRIP = (255, 255, 255), (15, 15, 15), (24, 24, 24)
_LEAST_CONFIDENCE = {"unsure": 0.0, "fair": 0.7, "sure": 0.9}
_DARK_SKIN = 120
_SUBPIXEL_BITS = 4
_QUALITY = 90
_SAID_ELSEWHERE = Flag.NO_SCALE | Flag.NO_REFERENCE_SKIN


def draw(srgb_u8: Pixels, measurement: PhotoMeasurement) -> bytes:
    """A JPEG of the photo with areas, shine, dots by confidence and thin places; legend below."""
    canvas = _Canvas(srgb_u8.copy(), max(1.0, max(srgb_u8.shape[:2]) / 1200))
    outlines = measurement.outlines
    colours = _colours(srgb_u8)
    canvas.hatch(outlines.glare)
    canvas.dashes(outlines.reference, colours["reference"])
    canvas.lines(outlines.treated, colours["treated"])
    _draw_dots(canvas, measurement, colours)
    canvas.lines(outlines.thin, colours["thin"], 2.0)
    picture = np.vstack([canvas.picture, _legend(measurement, canvas, colours)])
    quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    return cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), quality)[1].tobytes()


def _colours(srgb_u8: Pixels) -> dict[str, Colour]:
    """Colour of every mark, in the order of the legend."""
    dark = float(np.median(srgb_u8[::8, ::8])) < _DARK_SKIN
    sure = _SURE_ON_DARK if dark else _SURE_ON_LIGHT
    dots = {"sure": sure, "fair": _FAIR, "unsure": _UNSURE}
    areas = {"thin": _THIN, "treated": _TREATED, "reference": _REFERENCE, "glare": _GLARE}
    return dots | areas


@dataclass(frozen=True)
class _Canvas:
    """A picture (H, W, 3) to draw on, and the width of a plain line in it, px."""

    picture: Pixels
    unit: float

    def lines(self, rings: list[Ring], colour: Colour, width: float = 1.0) -> None:
        """Closed lines with their casing."""
        thick = round(1.5 * width * self.unit)
        self._cased(self._within(rings), colour, thick)

    def dashes(self, rings: list[Ring], colour: Colour) -> None:
        """Closed lines, dashed."""
        pieces = [p for line in self._within(rings) for p in _dashed(line, 9 * self.unit)]
        self._cased(pieces, colour, round(1.5 * self.unit))

    def hatch(self, rings: list[Ring]) -> None:
        """Thin slanting lines inside rings."""
        inside = np.zeros(self.picture.shape[:2], dtype=np.uint8)
        cv2.fillPoly(inside, [np.rint(np.array(ring)).astype(np.int32) for ring in rings], 1)
        stripes = _stripes(self.picture.shape[0], self.picture.shape[1], self.unit)
        for colour, drawn in zip((_CASING, _GLARE), stripes, strict=True):
            self.picture[drawn & (inside > 0)] = colour

    def dots(self, xy: Points, radius: Points, shades: tuple[tuple[Colour, int], ...]) -> None:
        """Rings around dots, drawn once with each shade and width."""
        centres, radii = _fine(xy), _fine(radius + shades[-1][1] / 2)
        for colour, thick in shades:
            for (x, y), r in zip(centres, radii, strict=True):
                at = (int(x), int(y))
                cv2.circle(self.picture, at, int(r), colour, thick, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _cased(self, paths: list[Points], colour: Colour, thick: int) -> None:
        fine = [_fine(path) for path in paths]
        for shade, width in ((_CASING, thick + 2 * round(self.unit)), (colour, thick)):
            cv2.polylines(self.picture, fine, False, shade, width, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _within(self, rings: list[Ring]) -> list[Points]:
        """Rings (n, 2) as lines, without what only follows the photo's own edge."""
        height, width = self.picture.shape[:2]
        return [line for ring in rings for line in _off_edge(np.array(ring), width, height)]


def _draw_dots(canvas: _Canvas, measurement: PhotoMeasurement, colours: dict[str, Colour]) -> None:
    """Unsure ones last, over the others, thicker and cased."""
    dots = measurement.dots
    if not len(dots):
        return
    thin = max(1, round(min(canvas.unit, 0.2 * float(np.median(dots.diameter_px)))))
    kinds = _kinds(dots.confidence)
    for kind in ("sure", "fair", "unsure"):
        of_kind = dots.only(kinds == kind)
        thick = 2 * thin if kind == "unsure" else thin
        cased = () if kind == "sure" else ((_CASING, thick + 2 * thin),)
        canvas.dots(of_kind.xy, 0.8 * of_kind.diameter_px, (*cased, (colours[kind], thick)))


def _kinds(confidence: Points) -> NDArray[np.str_]:
    """Which kind (n,) each confidence belongs to."""
    number = np.searchsorted(list(_LEAST_CONFIDENCE.values()), confidence, "right") - 1
    return np.array(list(_LEAST_CONFIDENCE))[number]


def _off_edge(ring: Points, width: int, height: int) -> list[Points]:
    """A closed ring (n, 2) cut where it follows the edge of the photo."""
    corners = np.vstack([ring, ring[:1]])
    on = np.stack([corners < 3, corners > np.array([width, height]) - 4], axis=-1).reshape(-1, 4)
    cut = np.flatnonzero((on[1:] & on[:-1]).any(axis=1))
    return [piece for piece in np.split(corners, cut + 1) if len(piece) > 1]


def _fine(values: Points) -> NDArray[np.int32]:
    """Pixels as OpenCV takes them with sub-pixel bits."""
    return np.asarray(np.rint(values * 2**_SUBPIXEL_BITS), dtype=np.int32)


def _dashed(corners: Points, length: float) -> list[Points]:
    """Every other piece of a line (n, 2), each `length` long."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))]
    starts = np.arange(0, along[-1], 2 * length)
    steps = starts[:, None] + np.linspace(0, length, 4)
    x, y = (np.interp(steps, along, corners[:, axis]) for axis in (0, 1))
    return list(np.stack([x, y], axis=-1))


def _stripes(height: int, width: int, unit: float) -> tuple[Mask, Mask]:
    """Slanting stripes (H, W): dark casings, and the light lines in them."""
    period = max(6, round(9 * unit))
    phase = (np.arange(height)[:, None] + np.arange(width)) % period
    return phase < 0.35 * period, phase < 0.18 * period


def _legend(measurement: PhotoMeasurement, canvas: _Canvas, colours: dict[str, Colour]) -> Pixels:
    """The strip below: what was measured, then what each mark means; as wide as the photo."""
    width = canvas.picture.shape[1]
    size = max(13, round(15 * canvas.unit))
    font = ImageFont.load_default(size)
    gap = size // 2
    rows = _wrapped(_said(measurement), font, width - 2 * gap)
    keys = [name for name in colours if name in _shown(measurement)]
    marks = _placed(keys, font, width, gap)
    n_rows = len(rows) + (marks[-1][1] + 1 if marks else 0)
    strip = Image.new("RGB", (width, round((n_rows * 1.4 + 0.8) * size)), _STRIP)
    pen = ImageDraw.Draw(strip)
    for number, text in enumerate(rows):
        pen.text((gap, (0.4 + 1.4 * number) * size), text, "white", font)
    for name, (x, row) in zip(keys, marks, strict=True):
        y = (0.4 + 1.4 * (len(rows) + row)) * size
        shown = _SURE_ON_DARK if name == "sure" else colours[name]
        box = (x, y + 0.1 * size, x + size, y + 1.1 * size)
        _swatch(pen, name, shown, box, max(2, round(1.5 * canvas.unit)))
        pen.text((x + 1.4 * size, y), words.OVERLAY[name], "white", font)
    return np.asarray(strip, dtype=np.uint8)


def _said(measurement: PhotoMeasurement) -> str:
    """Level, counts and scale."""
    level = words.result(measurement.verdict, measurement.level, tuple(measurement.reasons))
    said = [level]
    count, even = (measurement.results[m] for m in ("dot_count", "density_uniformity"))
    if isfinite(count.value):
        said.append(words.counted(round(count.value), round(count.stderr)))
    if isfinite(even.value):
        said.append(words.evenness(even.value, even.stderr))
    scale = measurement.scale
    said.append(words.scale(scale.px_per_mm, scale.source) if scale else words.NO_SCALE)
    said += [words.FLAGS[name] for name in names(measurement.flags & ~_SAID_ELSEWHERE)]
    return " ".join(said)


def _shown(measurement: PhotoMeasurement) -> set[str]:
    """The marks that this picture has."""
    areas = {name for name, rings in vars(measurement.outlines).items() if rings}
    return areas | set(_kinds(measurement.dots.confidence).tolist())


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
    keys: list[str],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    width: int,
    gap: int,
) -> list[tuple[float, int]]:
    """Where each key goes: x, and its row."""
    places: list[tuple[float, int]] = []
    x, row, size = float(gap), 0, 2 * gap
    for name in keys:
        needed = 1.4 * size + font.getlength(words.OVERLAY[name])
        if x + needed > width - gap and x > gap:
            x, row = float(gap), row + 1
        places.append((x, row))
        x += needed + 1.4 * size
    return places


def _swatch(
    pen: ImageDraw.ImageDraw,
    name: str,
    colour: Colour,
    box: tuple[float, float, float, float],
    width: int,
) -> None:
    """A mark as it is drawn in the picture."""
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    if name in _LEAST_CONFIDENCE:
        pen.ellipse((left + 2, top + 2, right - 2, bottom - 2), outline=colour, width=width)
    elif name == "thin":
        pen.rounded_rectangle(box, radius=width * 2, outline=colour, width=width)
    elif name == "treated":
        pen.line((left, middle, right, middle), fill=colour, width=width)
    elif name == "reference":
        third = (right - left) / 3
        for start in (left, right - third):
            pen.line((start, middle, start + third, middle), fill=colour, width=width)
    else:
        for shift in (-0.3, 0.0, 0.3):
            move = shift * (right - left)
            pen.line((left + move + width, bottom, right + move - width, top), fill=colour, width=1)
