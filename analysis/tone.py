"""What needs no resolved dots: redness and darkness against untreated skin of the same photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis import colour, haemoglobin
from analysis.arrays import Floats, Mask, Points, reduced, resized
from analysis.skin_hue import LEAST_INSIDE, LEAST_TILES, SkinHue, Tiles, tiled

_CELLS = 8
_GREY = np.array([[0.3, 0.6, 0.1]], dtype=np.float32)
_UNLIKE, _SURFACE = 0.055, 0.01  # light on the skin against that on the card, and on top of it
_OF_INDEX = 1.3  # a*'s error over what the index's makes in a*, as found on drawn photos
_OF_STEP, _THINNING, _FEW_CELLS = 0.9, 0.22, 1.5
Estimate = tuple[float, float]  # value, standard error
NOT_MEASURED: Estimate = (float("nan"), float("nan"))


def redness(hue: SkinHue | None) -> tuple[Estimate, Estimate]:
    """`redness_index` and `redness_delta_a`: skin between the dots against untreated skin.

    The index is 100 log10(red / green) of light from within the skin, treated minus reference (a
    mild erythema is about 7; `haemoglobin.excess`). a* is that of skin made as light as the
    untreated in red, which blood hardly takes: shading and pigment change it else.
    """
    if hue is None:
        return NOT_MEASURED, NOT_MEASURED
    index, error = haemoglobin.excess(hue.treated, hue.usual)
    error = float(np.hypot(error, hue.stderr))
    delta_a = float(colour.lab(hue.treated)[1] - colour.lab(hue.usual)[1])
    return (index, error), (delta_a, _OF_INDEX * _a_per_unit(hue.usual) * error)


def _a_per_unit(skin: Points) -> float:
    """How much a* one unit of the index makes on a skin (3,)."""
    redder = skin * 10 ** np.array([0.0, -0.01, 0.0])
    return float(colour.lab(redder)[1] - colour.lab(skin)[1])


def typology_angle(linear: Floats, reference: Mask) -> Estimate:
    """`skin_ita`: atan((L* - 50) / b*) in degrees of untreated skin, for calibrated colours only.

    Chardon, Cretois & Hourseau 1991 (doi:10.1111/j.1467-2494.1991.tb00561.x). Median of the medians
    of tiles; `linear` (H/2, W/2, 3). Skin's surface sends back a hundredth of the light beyond what
    a print does, which is taken off. The error is the tiles' scatter, that hundredth, and that
    light on the skin may be a little more or less than on the card, as found on drawn photos.
    """
    colours = Tiles.of(linear, reference).colours
    if len(colours) < LEAST_TILES:
        return NOT_MEASURED
    seen = np.median(colours, axis=0)
    within = seen - _SURFACE
    value, less, more, bare, shiny = _angle(
        np.maximum(
            [within, within * (1 - _UNLIKE), within * (1 + _UNLIKE), seen, within - _SURFACE], 1e-3
        )
    )
    scatter = 1.2533 * float(np.std(_angle(colours))) / np.sqrt(max(len(colours) / 4, 1))
    return float(value), float(np.linalg.norm([scatter, (more - less) / 2, (bare - shiny) / 2]))


def _angle(colours: Points) -> Points:
    """Individual typology angle (...,) of linear colours (..., 3)."""
    lab = colour.lab(colours)
    return np.asarray(np.degrees(np.arctan2(lab[..., 0] - 50, lab[..., 2])))


def coverage(half: Floats, treated: Mask, reference: Mask) -> Estimate:
    """`coverage_delta_l`: the step in CIELAB L* at the treated area's border, negative = darker.

    Dots are part of it. See `border_step`; `half` (H/2, W/2, 3): linear light. Dots thin out
    towards the border, and some of the step passes for shading, more of it in close-ups; the
    sandwich reads low in small photos, whose shading and step are told by few cells: by so much, as
    found on drawn photos.
    """
    step, error, base = _border_step(half, treated, reference)
    step, error = step / _OF_STEP, float(np.hypot(_FEW_CELLS * error, _THINNING * step))
    slope = (colour.lab(np.full(3, base * 1.01))[0] - colour.lab(np.full(3, base))[0]) / np.log(
        1.01
    )
    return float(step * slope), float(error * slope)


def border_step(half: Floats, treated: Mask, reference: Mask) -> Estimate:
    """The step in natural log of luminance at the treated area's border, negative = darker.

    One least-squares fit over tiles: log light = smooth shading (quadratic) + step where treated.
    Standard error by the cluster-robust sandwich over an 8 x 8 grid, whose cells are wider than the
    skin's blotches (Cameron & Miller 2015, doi:10.3368/jhr.50.2.317). `half` as in `coverage`.
    """
    return _border_step(half, treated, reference)[:2]


def _border_step(half: Floats, treated: Mask, reference: Mask) -> tuple[float, float, float]:
    """Step, its standard error, and the untreated skin's luminance; all NaN where not measured."""
    places, light, step = _tiles_for_fit(reduced(half, 2), treated, reference)
    if step.sum() < 6 or (1 - step).sum() < 6:
        return (*NOT_MEASURED, float("nan"))
    return (*_step(places, light, step), float(np.exp(np.median(light[step == 0]))))


def between_dots(linear: Floats) -> Floats:
    """Linear colour (H/4, W/4, 3) of the skin between dots: the lighter places; NaN where none is.

    `linear` (H/2, W/2, 3).
    """
    grey = np.asarray(cv2.transform(linear, _GREY), dtype=np.float32)
    light = (grey > cv2.blur(grey, (25, 25))).astype(np.float32)
    weight = reduced(light, 2)[..., None]
    total = reduced(linear * light[..., None], 2)
    return np.where(weight > 0.1, total / np.maximum(weight, np.float32(0.1)), np.float32(np.nan))


def _tiles_for_fit(
    linear: Floats, treated: Mask, reference: Mask
) -> tuple[Points, Points, NDArray[np.float64]]:
    """Tile centres (n, 2) in 0..1, log of mean luminance (n,), and 1 where treated, 0 reference."""
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    here, there = (resized(mask, linear.shape[1::-1]) for mask in (treated, reference))
    rows = []
    for window in tiled(linear.shape):
        top, left = (side.start for side in window)
        for label, mask in ((1.0, here), (0.0, there)):
            if mask[window].mean() > LEAST_INSIDE:
                mean = np.log(float(luminance[window][mask[window]].mean()) + 1e-4)
                rows.append((top / linear.shape[0], left / linear.shape[1], mean, label))
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return table[:, :2], table[:, 2], table[:, 3]


def _step(places: Points, light: Points, step: Points) -> Estimate:
    y, x = places[:, 0] - 0.5, places[:, 1] - 0.5
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, step], axis=1)
    inverse = np.linalg.pinv(design.T @ design)
    fit = inverse @ design.T @ light
    residual = light - design @ fit
    cells = (places[:, 0] * _CELLS).astype(int) * _CELLS + (places[:, 1] * _CELLS).astype(int)
    scores = [design[cells == c].T @ residual[cells == c] for c in np.unique(cells)]
    middle = sum(np.outer(score, score) for score in scores)
    variance = (inverse @ middle @ inverse)[-1, -1]
    return float(fit[-1]), float(np.sqrt(max(variance, 0)))
