"""Two photos of one scalp side by side, the later one laid on the first, each dot by its state.

A dot's state is told by shape as well as by colour: a disc is kept, a ring not found again, a plus
new, a dash not seen in both photos.
"""

from __future__ import annotations

from functools import partial
from math import isfinite

import numpy as np
from PIL import ImageDraw

from analysis.aligned import aligned
from analysis.arrays import Points, at_places, resized
from analysis.change import Change
from analysis.identity import KEPT, LOST
from analysis.outlines import Ring, outlines_of
from analysis.pipeline import PairMeasurement
from tracker import legend, retake
from tracker.canvas import CASING, Canvas, Colour, jpeg
from tracker.legend import Box, Key
from tracker.words import pairs as words

# Told apart by colour-blind people too, as in the picture of one photo.
_COLOURS: dict[str, Colour] = {
    "kept": (86, 190, 255),
    "lost": (255, 130, 30),
    "new": (240, 228, 66),
    "unseen": (225, 225, 225),
}
_PATCH: Colour = (255, 120, 220)
_LAID: Colour = (255, 255, 255)
_LEAST_DOT_PX, _MOST_SIDE_PX = 12.0, 3000


def draw(pair: PairMeasurement) -> bytes | None:
    """A JPEG of both photos with their dots by state, lost patches outlined and a legend below;
    None for photos that are not laid on each other.
    """
    change = pair.change
    if change is None:
        return None
    baseline, followup = change.baseline, change.followup
    height, width = baseline.frame
    most = _MOST_SIDE_PX / max(height, width)
    times = float(np.clip(_LEAST_DOT_PX / baseline.size_px, min(1.0, most), max(1.0, most)))
    size = round(width * times), round(height * times)
    laid, known = aligned(followup.srgb_u8, change.registration, baseline.frame)
    unit = max(1.0, max(size) / 1200)
    states = _states(change)
    patches = _outlines(pair, times / baseline.times)
    panels = []
    for title, picture, shown in (
        (words.FIRST, baseline.srgb_u8, np.ones_like(known)),
        (words.LATER, laid, known),
    ):
        canvas = Canvas(resized(picture, size).copy(), unit)
        for state, xy in states.items():
            places = (xy[at_places(shown, *xy.T)] + 0.5) * times - 0.5
            _mark(canvas, state, places, times * baseline.size_px)
        canvas.lines(patches, _PATCH, 2.0)
        canvas.dashes(outlines_of(shown, times), _LAID)
        panels.append(np.vstack([legend.strip(title, [], size[0], unit), canvas.picture]))
    gap = np.full((len(panels[0]), round(4 * unit), 3), CASING, dtype=np.uint8)
    both = np.hstack([panels[0], gap, panels[1]])
    keys = _keys(states, patches)
    return jpeg(np.vstack([both, legend.strip(_said(pair), keys, both.shape[1], unit)]))


def _states(change: Change) -> dict[str, Points]:
    """Places (n, 2) in the baseline's plate by state, the many first, so that the few lie on top;
    as many of each as the numbers of the pair say.
    """
    told, xy = change.identity, change.baseline.dots.xy
    return {
        "unseen": xy[told.sure & ~change.counted],
        "kept": xy[change.counted & (told.state == KEPT)],
        "new": change.new_places,
        "lost": xy[change.counted & (told.state == LOST)],
    }


def _outlines(pair: PairMeasurement, times: float) -> list[Ring]:
    """Lost patches in a picture so many times as large as the baseline photo."""
    rings = [(np.array(area.outline) + 0.5) * times - 0.5 for area in pair.lost_areas]
    return [ring.tolist() for ring in rings]


def _mark(canvas: Canvas, state: str, xy: Points, size_px: float) -> None:
    """Dots of one state, their apparent diameter given; kept ones leave their rims to be seen."""
    colour, thin = _COLOURS[state], max(1, round(0.12 * size_px))
    if state == "kept":
        canvas.discs(xy, np.full(len(xy), 0.25 * size_px), colour, thin)
    elif state == "lost":
        shades = ((CASING, 4 * thin), (colour, 2 * thin))
        canvas.dots(xy, np.full(len(xy), 0.75 * size_px), shades)
    else:
        reach = (0.75 if state == "new" else 0.5) * size_px
        bars = [[[-reach, 0.0], [reach, 0.0]], [[0.0, -reach], [0.0, reach]]]
        shown = bars if state == "new" else bars[:1]
        canvas.strokes([at + np.array(bar) for at in xy for bar in shown], colour, 2 * thin, thin)


def _said(pair: PairMeasurement) -> str:
    """How many dots are still there, and what to do otherwise next time."""
    kept = pair.results["dots_kept"]
    said = [words.kept(kept.value, kept.stderr)] if isfinite(kept.value) else []
    advice = retake.advice(pair.pose) if pair.pose else None
    return " ".join([*said, advice or ""]).strip()


def _keys(states: dict[str, Points], patches: list[Ring]) -> list[Key]:
    """The marks that this picture has, in the order of the words."""
    keys = [
        Key(words.marked(state, len(states[state])), partial(_swatch, state, _COLOURS[state]))
        for state in words.MARKS
    ]
    if patches:
        keys.append(Key(words.PATCH, partial(_swatch, "patch", _PATCH)))
    return [*keys, Key(words.LAID, partial(_swatch, "laid", _LAID))]


def _swatch(mark: str, colour: Colour, pen: ImageDraw.ImageDraw, box: Box, width: int) -> None:
    """A mark as it is drawn in the picture."""
    left, top, right, bottom = box
    across, down, part = (left + right) / 2, (top + bottom) / 2, (right - left) / 4
    inner = (left + part, top + part, right - part, bottom - part)
    if mark == "kept":
        pen.ellipse(inner, fill=colour)
    elif mark == "lost":
        pen.ellipse((left + 2, top + 2, right - 2, bottom - 2), outline=colour, width=width)
    elif mark == "patch":
        pen.rounded_rectangle(box, radius=width * 2, outline=colour, width=width)
    elif mark == "laid":
        for start in (left, right - 1.5 * part):
            pen.line((start, down, start + 1.5 * part, down), fill=colour, width=width)
    else:
        pen.line((left, down, right, down), fill=colour, width=width)
        if mark == "new":
            pen.line((across, top, across, bottom), fill=colour, width=width)
