"""The hue of treated and untreated skin of one photo, and how both change across it with light."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from analysis import colour
from analysis.arrays import Floats, Mask, Points, resized

LEAST_TILES, LEAST_INSIDE = 8, 0.8  # of a tile in the mask
_TILES = 24
_MOST_LIGHT = 0.9
_LEAST_SPREAD = 0.05
# How much red over green may change across a photo, downwards and to the right, and with the
# natural log of light; and red over blue, as often as that.
_SMOOTH, _CHANGES = (1.0, 1.0, 3.0), (1.0, 1.6)


@dataclass(frozen=True)
class Tiles:
    """Median linear colours (n, 3) of tiles, and their places (n, 2), down and to the right, as
    shares of the longer side of the picture.
    """

    colours: Points
    places: Points

    @classmethod
    def of(cls, linear: Floats, mask: Mask) -> Tiles:
        """Those that lie mostly in the mask (H, W) and are not too light for a camera to keep their
        ratios. `linear` (h, w, 3) is NaN where nothing is to be seen.
        """
        inside = resized(mask, linear.shape[1::-1])
        found, places = [], []
        for window in tiled(linear.shape):
            if inside[window].mean() > LEAST_INSIDE:
                tile = linear[window]
                seen = inside[window] & np.isfinite(tile[..., 0])
                found.append(np.median(tile[seen], axis=0))
                places.append([side.start for side in window])
        colours = np.maximum(np.array(found, dtype=float).reshape(-1, 3), 1e-4)
        kept = colours.max(axis=1) < _MOST_LIGHT
        at = np.array(places, dtype=float).reshape(-1, 2) / max(linear.shape[:2])
        return cls(colours[kept], at[kept])


def tiled(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """The whole square tiles of a picture of that shape."""
    side = max(4, max(shape[:2]) // _TILES)
    for top in range(0, shape[0] - side + 1, side):
        for left in range(0, shape[1] - side + 1, side):
            yield slice(top, top + side), slice(left, left + side)


@dataclass(frozen=True)
class SkinHue:
    """Hues are 100 log10 of red over green and of red over blue (2,).

    `usual` (3,): linear colour of untreated skin. `redder`: hue of treated skin less that of
    untreated skin, and `stderr` of its first. `level`: hue of untreated skin at the `origin` (3,):
    place, as in `Tiles`, and natural log of red light. `slopes` (2, 3): how hues change with those.
    """

    usual: Points
    redder: Points
    stderr: float
    level: Points
    slopes: Points
    origin: Points

    @classmethod
    def of(cls, bare: Floats, treated: Mask, reference: Mask) -> SkinHue | None:
        """By medians over tiles of `bare` skin (h, w, 3) between the dots; None of too few.

        Light from two sides colours skin from one side of a photo to the other, and where less
        light comes from within, more of it comes from the surface: both change smoothly with place
        and light and are fitted along with the step. How much they may change is told to the fit,
        as tiles that lie apart do not tell it from the step (ridge regression: Hoerl & Kennard
        1970, doi:10.1080/00401706.1970.10488634). Blotches span more than a tile: every other one
        counts.
        """
        here, there = Tiles.of(bare, treated), Tiles.of(bare, reference)
        if min(len(here.colours), len(there.colours)) < LEAST_TILES:
            return None
        step = np.repeat([1.0, 0.0], [len(here.colours), len(there.colours)])
        colours = np.concatenate([here.colours, there.colours])
        hues, at = _hues(colours), _at(np.concatenate([here.places, there.places]), colours)
        origin = np.append(here.places.mean(axis=0), np.median(at[:, 2]))
        design = np.column_stack([step, np.ones(len(step)), at - origin])
        fits, errors = zip(
            *(_fit(design, hues[:, i], _CHANGES[i] * np.array(_SMOOTH)) for i in range(2)),
            strict=True,
        )
        told = np.array(fits)
        usual = np.median(there.colours, axis=0)
        return cls(usual, told[:, 0], errors[0], told[:, 1], told[:, 2:], origin)

    @property
    def treated(self) -> Points:
        """Untreated skin's colour (3,) with the hue of treated skin, as light in red."""
        return np.asarray(self.usual * 10 ** (-np.array([0.0, *self.redder]) / 100))

    def beyond(self, colours: Floats, places: Points) -> Points:
        """Hues (..., 2) of colours (..., 3) at some places (..., 2), less those that untreated skin
        has there in such light.
        """
        seen = np.maximum(colours, 1e-4).astype(float)
        usual = self.level + (_at(places, seen) - self.origin) @ self.slopes.T
        return np.asarray(_hues(seen) - usual)


def _hues(colours: Points) -> Points:
    red, others = colours[..., [colour.RED]], colours[..., [colour.GREEN, colour.BLUE]]
    return np.asarray(100 * np.log10(red / others))


def _at(places: Points, colours: Points) -> Points:
    """Place and light (..., 3) of colours (..., 3)."""
    return np.concatenate([places, np.log(colours[..., [colour.RED]])], axis=-1)


def _fit(design: Points, hue: Points, changes: Points) -> tuple[Points, float]:
    """Step, level and slopes (5,) of tiles' hue (n,), and the step's standard error; slopes are of
    the order of `changes` (3,).
    """
    step = design[:, 0] > 0
    spread = np.mean([_spread(hue[step]), _spread(hue[~step])])
    noise = np.sqrt(2) * max(float(spread), _LEAST_SPREAD)
    expected = np.diag([0.0, 0.0, *1 / changes])

    def misfit(b: Points) -> Points:
        return np.concatenate([(design @ b - hue) / noise, expected @ b])

    found = least_squares(misfit, np.zeros(design.shape[1]), loss="huber")
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    return found.x, float(np.sqrt(covariance[0, 0]))


def _spread(values: Points) -> float:
    """Robust standard deviation of some values (n,)."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
