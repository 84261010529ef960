"""The photo with what was measured drawn over it: the picture a practitioner checks.

Light lines on a dark casing show on any skin. Widths grow with the photo.
"""

from __future__ import annotations

from functools import partial
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw

from analysis.arrays import Pixels, Points
from analysis.flags import Flag, names
from analysis.pipeline import PhotoMeasurement
from tracker import legend
from tracker.canvas import CASING, HATCHING, Canvas, Colour, jpeg
from tracker.legend import Box, Key
from tracker.words import photos as words

# Told apart by colour-blind people too (Okabe & Ito 2008, Color Universal Design), in sRGB. Sure
# dots are many and have no casing: their colour is that for light or for dark skin.
_SURE_ON_LIGHT, _SURE_ON_DARK = (0, 84, 170), (86, 190, 255)
_FAIR, _UNSURE = (240, 228, 66), (255, 110, 20)
_TREATED, _REFERENCE, _PATCH = (255, 255, 255), (0, 200, 150), (255, 120, 220)
_RED, _RED_SPOT, _TINT = (200, 0, 60), (255, 90, 70), 0.16
_REDNESS = ("redder", "much_redder")  # the second over the first: twice as much of the tint
_LEAST_CONFIDENCE = {"unsure": 0.0, "fair": 0.7, "sure": 0.9}
_DARK_SKIN = 120
_MIDDLE_SKIN = (190, 150, 130)
_SAID_ELSEWHERE = Flag.NO_SCALE | Flag.NO_REFERENCE_SKIN


def draw(srgb_u8: Pixels, measurement: PhotoMeasurement) -> bytes:
    """A JPEG of the photo with areas, shine, dots by confidence, thin and pale places; legend
    below.
    """
    canvas = Canvas(srgb_u8.copy(), max(1.0, max(srgb_u8.shape[:2]) / 1200))
    outlines = measurement.outlines
    colours = _colours(srgb_u8)
    for name in _REDNESS:
        canvas.tint(getattr(outlines, name), colours[name], _TINT)
    canvas.hatch(outlines.glare)
    canvas.dashes(outlines.reference, colours["reference"])
    canvas.lines(outlines.treated, colours["treated"])
    _draw_dots(canvas, measurement, colours)
    canvas.lines(outlines.thin, colours["thin"], 2.0)
    canvas.dashes(outlines.pale, colours["pale"], 2.0)
    canvas.lines(outlines.red_spots, colours["red_spots"])
    picture = np.vstack([canvas.picture, _legend(measurement, canvas, colours)])
    return jpeg(picture)


def _colours(srgb_u8: Pixels) -> dict[str, Colour]:
    """Colour of every mark, in the order of the legend."""
    dark = float(np.median(srgb_u8[::8, ::8])) < _DARK_SKIN
    sure = _SURE_ON_DARK if dark else _SURE_ON_LIGHT
    dots = {"sure": sure, "fair": _FAIR, "unsure": _UNSURE}
    patches = {"thin": _PATCH, "pale": _PATCH}
    areas = {"treated": _TREATED, "reference": _REFERENCE, "glare": HATCHING}
    redness = {"redder": _RED, "much_redder": _RED, "red_spots": _RED_SPOT}
    return dots | patches | areas | redness


def _draw_dots(canvas: Canvas, measurement: PhotoMeasurement, colours: dict[str, Colour]) -> None:
    """Unsure ones last, over the others, thicker and cased."""
    dots = measurement.dots
    if not len(dots):
        return
    thin = max(1, round(min(canvas.unit, 0.2 * float(np.median(dots.diameter_px)))))
    kinds = _kinds(dots.confidence)
    for kind in ("sure", "fair", "unsure"):
        of_kind = dots.only(kinds == kind)
        thick = 2 * thin if kind == "unsure" else thin
        cased = () if kind == "sure" else ((CASING, thick + 2 * thin),)
        canvas.dots(of_kind.xy, 0.8 * of_kind.diameter_px, (*cased, (colours[kind], thick)))


def _kinds(confidence: Points) -> NDArray[np.str_]:
    """Which kind (n,) each confidence belongs to."""
    number = np.searchsorted(list(_LEAST_CONFIDENCE.values()), confidence, "right") - 1
    return np.array(list(_LEAST_CONFIDENCE))[number]


def _legend(measurement: PhotoMeasurement, canvas: Canvas, colours: dict[str, Colour]) -> Pixels:
    """The strip below: what was measured, then what each mark means; as wide as the photo."""
    shown = _shown(measurement)
    keys = [
        Key(
            words.OVERLAY[name],
            partial(_swatch, name, _SURE_ON_DARK if name == "sure" else colour),
        )
        for name, colour in colours.items()
        if name in shown
    ]
    return legend.strip(_said(measurement), keys, canvas.picture.shape[1], canvas.unit)


def _said(measurement: PhotoMeasurement) -> str:
    """Level, counts and scale."""
    level = words.result(measurement.verdict, measurement.level, tuple(measurement.reasons))
    said = [level]
    count, even = (measurement.results[m] for m in ("dot_count", "density_uniformity"))
    if isfinite(count.value):
        said.append(words.counted(round(count.value), round(count.stderr)))
    if isfinite(even.value):
        said.append(words.evenness(even.value, even.stderr))
    if measurement.redness and measurement.redness.kind:
        said.append(words.REDNESS_KINDS[measurement.redness.kind])
    kinds = [patch.kind for patch in measurement.patches]
    said += [words.patches(kind, n) for kind in words.PATCHES if (n := kinds.count(kind))]
    scale = measurement.scale
    said.append(words.scale(scale.px_per_mm, scale.source) if scale else words.NO_SCALE)
    said += [words.FLAGS[name] for name in names(measurement.flags & ~_SAID_ELSEWHERE)]
    return " ".join(said)


def _shown(measurement: PhotoMeasurement) -> set[str]:
    """The marks that this picture has."""
    areas = {name for name, rings in vars(measurement.outlines).items() if rings}
    return areas | set(_kinds(measurement.dots.confidence).tolist())


def _swatch_tint(name: str) -> Colour:
    """A tint as it shows on skin in the middle between light and dark."""
    left = (1 - _TINT) ** (1 + _REDNESS.index(name))
    red, green, blue = (
        round(skin * left + tint * (1 - left))
        for skin, tint in zip(_MIDDLE_SKIN, _RED, strict=True)
    )
    return red, green, blue


def _swatch(
    name: str,
    colour: Colour,
    pen: ImageDraw.ImageDraw,
    box: Box,
    width: int,
) -> None:
    """A mark as it is drawn in the picture."""
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    if name in _LEAST_CONFIDENCE:
        pen.ellipse((left + 2, top + 2, right - 2, bottom - 2), outline=colour, width=width)
    elif name in _REDNESS:
        pen.rectangle(box, fill=_swatch_tint(name))
    elif name in {"thin", "red_spots"}:
        pen.rounded_rectangle(box, radius=width * 2, outline=colour, width=width)
    elif name == "treated":
        pen.line((left, middle, right, middle), fill=colour, width=width)
    elif name in {"reference", "pale"}:
        third = (right - left) / 3
        for start in (left, right - third):
            pen.line((start, middle, start + third, middle), fill=colour, width=width)
    else:
        for shift in (-0.3, 0.0, 0.3):
            move = shift * (right - left)
            pen.line((left + move + width, bottom, right + move - width, top), fill=colour, width=1)
