"""What needs no resolved dots: redness and darkness against untreated skin of the same photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from analysis import colour, haemoglobin
from analysis.arrays import Floats, Mask, Points, reduced, resized

_TILES = 24
_CELLS = 8
_MOST_LIGHT = 0.9
_GREY = np.array([[0.3, 0.6, 0.1]], dtype=np.float32)
_UNLIKE, _SURFACE = 0.055, 0.01  # light on the skin against that on the card, and on top of it
_LEAST_TILES, _LEAST_SPREAD = 8, 0.05
_OF_INDEX = 1.3  # a*'s error over what the index's makes in a*, as found on drawn photos
# How much red over green may change across a photo, downwards and to the right, and with the
# natural log of light; and red over blue, as often as that.
_SMOOTH, _CHANGES = (1.0, 1.0, 3.0), (1.0, 1.6)
_OF_STEP, _THINNING, _FEW_CELLS = 0.9, 0.22, 1.5
Estimate = tuple[float, float]  # value, standard error
NOT_MEASURED: Estimate = (float("nan"), float("nan"))


def redness(bare: Floats, treated: Mask, reference: Mask) -> tuple[Estimate, Estimate]:
    """`redness_index` and `redness_delta_a`: skin between the dots against untreated skin.

    The index is 100 log10(red / green) of light from within the skin, treated minus reference (a
    mild erythema is about 7; `haemoglobin.excess`). From medians over tiles of the skin's lighter
    half, so that dots, hair and pores stay out; see `_redder`. a* is that of skin made as light as
    the untreated in red, which blood hardly takes: shading and pigment change it else. `bare`
    (H/4, W/4, 3): see `between_dots`.
    """
    here, there = _tiles(bare, treated), _tiles(bare, reference)
    if len(here.colours) < _LEAST_TILES or len(there.colours) < _LEAST_TILES:
        return NOT_MEASURED, NOT_MEASURED
    ratios, scatter = _redder(here, there)
    usual = np.median(there.colours, axis=0)
    redder = usual * 10 ** (-np.array([0.0, *ratios]) / 100)
    index, error = haemoglobin.excess(redder, usual)
    delta_a = float(colour.lab(redder)[1] - colour.lab(usual)[1])
    error = float(np.hypot(error, scatter))
    return (index, error), (delta_a, _OF_INDEX * _a_per_unit(usual) * error)


def _redder(here: _Tiles, there: _Tiles) -> tuple[Points, float]:
    """100 log10 of red over green and of red over blue (2,), `here` over `there`, and the standard
    error of the first.

    Light from two sides colours skin from one side of a photo to the other, and where less light
    comes from within, more of it comes from the surface: both change smoothly with place and light
    and are fitted along with the step. How much they may change is told to the fit, as tiles that
    lie apart do not tell it from the step (ridge regression: Hoerl & Kennard 1970,
    doi:10.1080/00401706.1970.10488634). Blotches span more than a tile: every other one counts.
    """
    colours = np.concatenate([here.colours, there.colours])
    places = np.concatenate([here.places, there.places]) - here.places.mean(axis=0)
    step = np.repeat([1.0, 0.0], [len(here.colours), len(there.colours)])
    light = np.log(colours[:, colour.RED])
    smooth = np.column_stack([places, light - np.median(light)])
    design = np.column_stack([step, smooth, np.ones(len(step))])
    ratios, errors = np.empty(2), np.empty(2)
    for i, other in enumerate((colour.GREEN, colour.BLUE)):
        ratio = 100 * np.log10(colours[:, colour.RED] / colours[:, other])
        spread = np.mean([_spread(ratio[step == side]) for side in (0, 1)])
        noise = np.sqrt(2) * max(float(spread), _LEAST_SPREAD)
        expected = np.diag([0.0, *1 / (_CHANGES[i] * np.array(_SMOOTH)), 0.0])
        fit = least_squares(
            lambda b, ratio=ratio, noise=noise, expected=expected: np.concatenate(
                [(design @ b - ratio) / noise, expected @ b]
            ),
            np.zeros(design.shape[1]), loss="huber",
        )  # fmt: skip
        ratios[i] = fit.x[0]
        errors[i] = np.sqrt(np.linalg.inv(fit.jac.T @ fit.jac)[0, 0])
    return ratios, float(errors[0])


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
    colours = _tiles(linear, reference).colours
    if len(colours) < _LEAST_TILES:
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

    Dots are part of it. See `border_step`; `half` as in `redness`. Dots thin out towards the
    border, and some of the step passes for shading, more of it in close-ups; the sandwich reads low
    in small photos, whose shading and step are told by few cells: by so much, as found on drawn
    photos.
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
    skin's blotches (Cameron & Miller 2015, doi:10.3368/jhr.50.2.317). `half` as in `redness`.
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


@dataclass(frozen=True)
class _Tiles:
    """Median linear colours (n, 3) of tiles, and their places (n, 2), as shares of the longer side
    of the picture.
    """

    colours: Points
    places: Points


def _tiles(linear: Floats, mask: Mask) -> _Tiles:
    """Those that lie mostly in the mask and are not too light for a camera to keep their ratios."""
    inside = resized(mask, linear.shape[1::-1])
    longer = max(linear.shape[:2])
    side = max(4, longer // _TILES)
    found, places = [], []
    for top in range(0, linear.shape[0] - side + 1, side):
        for left in range(0, linear.shape[1] - side + 1, side):
            window = (slice(top, top + side), slice(left, left + side))
            if inside[window].mean() > 0.8:
                tile = linear[window]
                seen = inside[window] & np.isfinite(tile[..., 0])
                found.append(np.median(tile[seen], axis=0))
                places.append((top / longer, left / longer))
    colours = np.maximum(np.array(found, dtype=float).reshape(-1, 3), 1e-4)
    kept = colours.max(axis=1) < _MOST_LIGHT
    return _Tiles(colours[kept], np.array(places, dtype=float).reshape(-1, 2)[kept])


def _spread(values: Points) -> float:
    """Robust standard deviation of some values (n,)."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _tiles_for_fit(
    linear: Floats, treated: Mask, reference: Mask
) -> tuple[Points, Points, NDArray[np.float64]]:
    """Tile centres (n, 2) in 0..1, log of mean luminance (n,), and 1 where treated, 0 reference."""
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    here, there = (resized(mask, linear.shape[1::-1]) for mask in (treated, reference))
    side = max(4, max(linear.shape[:2]) // _TILES)
    rows = []
    for top in range(0, linear.shape[0] - side + 1, side):
        for left in range(0, linear.shape[1] - side + 1, side):
            window = (slice(top, top + side), slice(left, left + side))
            for label, mask in ((1.0, here), (0.0, there)):
                if mask[window].mean() > 0.8:
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
