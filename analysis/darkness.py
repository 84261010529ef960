"""How dark dots are, or pigmented skin where they are not told apart, against a smooth trend.

Pale places are sought in it as sparse ones are in the dots' counts (`analysis.patches`).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from analysis import colour, mottle, tone
from analysis.arrays import Floats, Mask, Points, resized
from analysis.trend import (
    CELLS_PER_WINDOW,
    FINE_SIGMA,
    SIGMA,
    Grid,
    Trend,
    blurred,
    counted,
    fit,
    relative,
    terms,
)

_MOST_OF_A_DOT = 3.0  # times the median
_LEAST_SEEN = 0.5  # of the dots expected
_MOST_VEILED, _LEAST_HUE = 0.6, 0.2
# Of the step at the border, and how much wider than dots' are the windows that skin is judged in:
# its own blotches hide smaller places.
_MOST_DOUBT, _WIDER = 0.25, 2.0
_LEAST_WINDOWS = 16


def of_dots(density: Trend | None, xy: Points, flux: Points, half: Floats) -> Trend | None:
    """The trend of dots' darkness on the cells of their density's.

    `xy` (n, 2), px, and what light each takes away `flux` (n,), any unit, of dots that no shine
    hides; `half` (h, w, 3): linear light of the same photo. In cells `counts` is what is taken
    away, in dots of the usual darkness, and `expected` what as many dots would take by the trend.
    None where there is no trend of density, or the dots' light is not known.
    """
    if density is None or not len(xy) or not np.isfinite(flux).all():
        return None
    grid = density.grid
    shape, step_px = grid.counts.shape, grid.step_px
    rows, columns = (
        np.minimum(((xy[:, axis] + 0.5) / step_px).astype(int), shape[1 - axis] - 1)
        for axis in (1, 0)
    )
    share = flux / np.median(flux) / (1 - veil(half, grid.used)[rows, columns])
    taken = counted(xy, shape, step_px, np.clip(share, 0, _MOST_OF_A_DOT))
    seen = counted(xy, shape, step_px)
    used = grid.used & (blurred(seen, SIGMA) > _LEAST_SEEN * blurred(density.expected, SIGMA))
    return fit(replace(grid, counts=taken, treated=seen, used=used), curved=True)


def of_tone(
    half: Floats, treated: Mask, reference: Mask, skin: Mask, shine: Mask, px_per_mm: float
) -> Trend | None:
    """The trend of the skin's optical density, in steps from untreated to treated skin.

    `half` (h, w, 3): linear light; masks (H, W), `px_per_mm` is theirs. None where there is too
    little skin, or the step at the treated area's border is not known to a quarter.
    """
    step, error = tone.border_step(half, treated, reference)
    if not error < -_MOST_DOUBT * step:
        return None
    cell_px = px_per_mm * mottle.CELL_MM * _WIDER
    grid = Grid.of(np.empty((0, 2)), treated, skin, cell_px, shine)
    # How far a border reaches does not grow with the windows.
    grid = replace(grid, from_border=grid.from_border * np.float32(_WIDER))
    if grid.used.sum() < _LEAST_WINDOWS * CELLS_PER_WINDOW:
        return None
    red = resized(np.ascontiguousarray(half[..., colour.RED]), grid.used.shape[::-1])
    off = mottle.levelled(red * (1 - veil(half, grid.used)), grid)
    dark = np.where(grid.used, 1 + off / np.float32(step), 0).astype(np.float32)
    expected = grid.used.astype(np.float32)
    grid = replace(grid, counts=dark, treated=expected)
    return Trend(grid, expected, *relative(grid, expected), terms(grid, curved=True))


def veil(half: Floats, used: Mask) -> Floats:
    """Share of red light (H', W') on a grid's cells that the surface sends back colourless.

    By how much bluer than the usual skin of cells `used` (H', W') a place is: pigment hardly
    changes that, shine does. `half` (h, w, 3): linear light.
    """
    small = cv2.GaussianBlur(resized(half, used.shape[::-1]), (0, 0), FINE_SIGMA)
    red, blue = small[..., colour.RED], small[..., colour.BLUE]
    hue = np.asarray(blue / np.maximum(red, 1e-4))
    usual = float(np.median(hue[used])) if used.any() else 1.0
    share = (hue - usual) / max(1 - usual, _LEAST_HUE)
    return np.clip(share, 0, _MOST_VEILED).astype(np.float32)
