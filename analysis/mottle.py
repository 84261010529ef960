"""`mottle`: how uneven the pigment's tone looks to an eye at arm's length.

Root mean square of the relative change of red light across the treated skin, in waves of 10 to
30 mm, each weighted by how well an eye sees it at 500 mm (Mannos & Sakrison 1974,
doi:10.1109/TIT.1974.1055250). Smooth shading, the head's curve, the design's gradient and its soft
border are taken out first, and the grain of strewn dots. From dots: the light that they take away;
from tone: the skin's light, less what untreated skin shows by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.arrays import Floats, Mask, Points, resized
from analysis.dots import Dots
from analysis.tone import NOT_MEASURED, Estimate
from analysis.trend import SIGMA, SIGMA_PER_WINDOW, Grid, Trend, counted, terms

WINDOW_MM = 6.0
CELL_MM = WINDOW_MM * SIGMA_PER_WINDOW / SIGMA
# The finest band tells the grain of how dots are strewn, which is meant to be seen.
_SIGMAS = np.array([0.9, 1.6, 2.8, 5.0, 8.9]) / CELL_MM
_MM_PER_DEGREE = 8.7
_LEAST_COVER = 0.6
_LEAST_PLACES = 8.0
_ROUNDS, _FAR = 3, 3.0
# Of the error by independent places, as found on drawn photos.
_STATED_OF_DOTS, _STATED_OF_TONE = 0.62, 0.74
_MOST_OF_A_DOT = 3.0  # times the median
# Waves of treated skin by itself over those of untreated skin, whose trend takes more of them in a
# smaller area; its error; grain over white noise's: as found on drawn whole heads.
_SKIN, _SKIN_ERROR, _GRAIN = 1.2, 0.28, 1.1
_BANDS_OF_TONE = 3  # shine on whole heads fills the widest


@dataclass(frozen=True)
class _Waves:
    """Mean square of each band of waves (b,), and from how many independent places it is known."""

    energy: Points
    places: Points


def of_dots(trend: Trend | None, dots: Dots, pigment: float) -> Estimate:
    """Mottle from dots on a trend whose window is 6 mm; without a trend there is too little skin.

    `pigment`: their integrated absorptance per area.
    """
    if trend is None:
        return NOT_MEASURED
    light = dots.contrast * dots.diameter_px**2
    light = np.minimum(light, _MOST_OF_A_DOT * np.median(light))
    grid = trend.grid
    taken = counted(dots.xy, grid.counts.shape, grid.step_px, light / light.mean())
    expected = (trend.expected * grid.used).astype(np.float32)
    found = _waves((pigment * taken * grid.used).astype(np.float32), expected, grid.used)
    return _seen(found)


def of_tone(
    red: Floats, treated: Mask, reference: Mask, skin: Mask, shine: Mask, px_per_mm: float
) -> Estimate:
    """Mottle from red linear light (h, w) of any size; masks (H, W), `px_per_mm` is theirs. Not
    measured without enough untreated skin: skin shows more by itself than pigment does.
    """
    none = np.empty((0, 2))
    parts: list[_Waves] = []
    for mask in (treated, reference):
        grid = Grid.of(none, mask, skin, px_per_mm * CELL_MM, shine)
        if grid.used.sum() * CELL_MM**2 < _LEAST_PLACES * WINDOW_MM**2:
            return NOT_MEASURED
        inside = grid.used.astype(np.float32)
        parts.append(_waves(levelled(red, grid) * inside, inside, grid.used))
    return _seen(*parts)


def of_map(pigment: Floats, used: Mask) -> float:
    """Mottle of a map of pigment itself (H', W'), without grain, on cells of `CELL_MM`."""
    inside = used.astype(np.float32)
    waves = _waves((pigment * inside).astype(np.float32), inside, used)
    return float(np.sqrt(np.sum((_sensitivity() ** 2 * waves.energy)[1:])))


def levelled(red: Floats, grid: Grid) -> Floats:
    """Natural log of light on the grid's cells less its trend, negative = darker."""
    size = (grid.used.shape[1], grid.used.shape[0])
    light = np.log(np.maximum(resized(red, size), 1e-4))
    design = terms(grid, curved=True)[:, grid.used].T
    values = light[grid.used].astype(np.float64)
    near = np.ones(len(values), dtype=bool)
    for _ in range(_ROUNDS):
        fitted = np.linalg.lstsq(design[near], values[near], rcond=None)[0]
        off = values - design @ fitted
        near = np.abs(off) < _FAR * 1.4826 * np.median(np.abs(off))
    levelled = np.zeros(grid.used.shape, dtype=np.float32)
    levelled[grid.used] = off
    return levelled


def _waves(values: Floats, weight: Floats, used: Mask) -> _Waves:
    """Bands of waves of `values` over `weight` (H', W'): differences of neighbouring blurs."""
    total, cover = used.astype(np.float32), []
    levels = []
    for sigma in _SIGMAS:
        levels.append(_blur(values, sigma) / np.maximum(_blur(weight, sigma), 1e-6))
        cover.append(used & (_blur(total, sigma) > _LEAST_COVER))
    energy, places = [], []
    for fine, wide, judged, sigma in zip(levels, levels[1:], cover[1:], _SIGMAS, strict=False):
        energy.append(float(np.mean((fine - wide)[judged] ** 2)) if judged.any() else 0.0)
        places.append(max(float(judged.sum()) / (4 * np.pi * sigma**2), 1.0))
    return _Waves(np.array(energy), np.array(places))


def _blur(image: Floats, sigma: float) -> Floats:
    blurred = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, dtype=np.float32)


def _white() -> Points:
    """Mean square (b,) that white noise of unit variance per cell leaves in each band."""
    one, other = _SIGMAS[:-1] ** 2, _SIGMAS[1:] ** 2
    return np.asarray((1 / one + 1 / other - 4 / (one + other)) / (4 * np.pi))


def _sensitivity() -> Points:
    """How well an eye sees each band (b,), 1 = best, at the frequency where it passes most."""
    one, other = (_SIGMAS[:-1] * CELL_MM) ** 2, (_SIGMAS[1:] * CELL_MM) ** 2
    per_mm = np.sqrt(np.log(other / one) / (2 * np.pi**2 * (other - one)))
    f = 0.114 * per_mm * _MM_PER_DEGREE
    return np.asarray(2.6 * (0.0192 + f) * np.exp(-(f**1.1)) / 0.981)


def _seen(here: _Waves, skin: _Waves | None = None) -> Estimate:
    """The eye's sum over bands, less what bare skin shows, and less grain: the finest band's energy
    as white noise continues it. Error by the number of places, and by how unlike skin may be; half
    the 95 % interval of the sum seen through the root.
    """
    energy, variance, unlike = here.energy, 2 * here.energy**2 / here.places, 0.0
    stated = _STATED_OF_TONE if skin else _STATED_OF_DOTS
    weight = _sensitivity() ** 2
    grain = _white() / _white()[0]
    if skin:
        weight[_BANDS_OF_TONE:] = 0
        by_itself = skin.energy * np.array([1, *[_SKIN] * (len(weight) - 1)])
        energy = energy - by_itself
        variance = variance + 2 * by_itself**2 / skin.places
        unlike = _SKIN_ERROR * float(np.sum((weight * by_itself)[1:]))
        grain = _GRAIN * grain
    weight[0] = -float(np.sum((weight * grain)[1:]))
    total = max(float(np.sum(weight * energy)), 0.0)
    error = 1.96 * float(np.hypot(stated * np.sqrt(np.sum(weight**2 * variance)), unlike))
    low, value, high = (np.sqrt(max(total + s * error, 0.0)) for s in (-1, 0, 1))
    return float(value), float(max(value - low, high - value)) / 1.96
