"""A photo's colours as the calibration card's patches tell them: tone curve and colour mixing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis import card_layout, colour
from analysis.arrays import Pixels, Points

_RIDGE = 0.02
_LEAST_SLOPE, _MOST_SLOPE = 0.4, 2.5
_MOST_RESIDUAL = 0.15
_CLIPPED = 0.97


@dataclass(frozen=True)
class Correction:
    """From linear light as photographed to reflectance as printed: `curve` (3, 3), a parabola in
    the logarithms for each channel, highest power first, used within `low`, `high` (3,); then
    `matrix` (3, 3). `residual`: relative error left on the card's own patches.
    """

    curve: Points
    low: Points
    high: Points
    matrix: Points
    residual: float

    def apply(self, linear: NDArray[np.floating]) -> NDArray[np.floating]:
        """Corrected linear colours (..., 3)."""
        return np.asarray(np.maximum(self.straight(linear) @ self.matrix.T, 1e-5))

    def straight(self, linear: NDArray[np.floating]) -> NDArray[np.floating]:
        """Linear colours (..., 3) with the tone curve straightened, channels unmixed."""
        light = np.log(np.maximum(linear, 1e-4))
        near = np.clip(light, self.low, self.high)
        square, slope, offset = self.curve.T
        bent = offset + near * (slope + near * square)
        return np.asarray(np.exp(bent + (light - near) * (slope + 2 * near * square)))


def printed() -> Points:
    """Reflectance (n, 3) of the card's patches, linear sRGB, as they should print."""
    srgb_u8: Pixels = np.array([card_layout.COLOURS], dtype=np.uint8)
    return np.asarray(colour.linear(srgb_u8)[0], dtype=np.float64)


@dataclass(frozen=True)
class NoCorrection:
    """The card's colours cannot be used: shine, a finger on them, another print; falsy."""

    def __bool__(self) -> bool:
        return False


NO_CORRECTION = NoCorrection()


def evened(patches: Points, paper: Points, black: Points) -> Points:
    """The patches (n, 3) as if the whole card were lit like its least shiny end.

    Shine adds light, which the markers' black shows; what is left between black and paper tells
    the light itself. Both rise in a line along the card. All in linear light as photographed.
    """
    shine, white = (
        _plane(places, seen, card_layout.patch_centres())
        for places, seen in ((card_layout.BLACK_MM, black), (card_layout.PAPER_MM, paper))
    )
    least, light = shine.min(axis=0), np.maximum(white - shine, 1e-3)
    return np.asarray(least + (patches - shine) * light.mean(axis=0) / light)


def _plane(places_mm: Points, seen: Points, at_mm: Points) -> Points:
    """A plane fitted to colours (n, 3) at places (n, 2), at other places (m, 2)."""
    here, there = (np.c_[np.ones(len(p)), p] for p in (places_mm, at_mm))
    return np.asarray(there @ np.linalg.lstsq(here, seen, rcond=None)[0])


def correction(patches: Points) -> Correction | NoCorrection:
    """Fit to the patches (n, 3) as photographed, linear light.

    Greys tell each channel's tone curve, all patches the mixing, held
    near to none by a ridge.
    """
    truth = printed()
    n = len(card_layout.GREYS)
    rising = np.all(np.diff(patches[:n], axis=0) > 0)
    if patches.max() > _CLIPPED or patches.min() <= 0 or not rising:
        return NO_CORRECTION
    light = np.log(patches)
    curve = np.array([np.polyfit(light[:n, c], np.log(truth[:n, c]), 2) for c in range(3)])
    low, high = light[:n].min(axis=0), light[:n].max(axis=0)
    unmixed = Correction(curve, low, high, np.eye(3), 0.0)
    slopes = np.array([2 * curve[:, 0] * end + curve[:, 1] for end in (low, high)])
    if not np.all((slopes > _LEAST_SLOPE) & (slopes < _MOST_SLOPE)):
        return NO_CORRECTION
    straight = unmixed.straight(patches)
    weight = 1 / truth.mean(axis=1, keepdims=True)
    a, b = straight * weight, (truth - straight) * weight
    mixing = np.linalg.solve(a.T @ a + _RIDGE * len(a) * np.eye(3), a.T @ b).T
    matrix = np.eye(3) + mixing
    error = (straight @ matrix.T) / truth - 1
    residual = float(np.sqrt(np.mean(error**2)))
    found = replace(unmixed, matrix=matrix, residual=residual)
    return found if residual < _MOST_RESIDUAL else NO_CORRECTION
