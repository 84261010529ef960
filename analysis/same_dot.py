"""How sure two photos together are that a mark which lies in both is one pigment dot.

What is taken for a dot and is none mostly lies there weeks later as well: pores, blotches, hair at
its root. But the dots of a photo are alike. Other marks are paler or browner: melanin and blood
take more of blue light than of red (Jacques 2013, doi:10.1088/0031-9155/58/11/R37), pigment does
not. And dots change alike from one day to another, are as round as each other and lie where the
others say, while hair is cut and regrown. All that is told by how far a mark lies beyond the spread
that the sure dots have, which is another camera's and another skin's own.
"""

from __future__ import annotations

import numpy as np

from analysis.arrays import Mask, Points
from analysis.dots import Dots, log_odds

# Fitted to matches on drawn pairs by six cameras.
_CONFIDENT, _TYPICAL, _OFFSET = 0.48, -0.08, 3.54
_PALER, _BROWNER, _CHANGED, _FAR, _LONGER = -0.51, -1.14, -0.60, -0.60, -0.24
_MOST_CONFIDENT, _MOST_BEYOND, _MOST_BROWNER = 0.999, 6.0, 5.0
_NEAREST, _FARTHEST = -1.0, 3.0  # natural log
_LEAST_SPREAD, _LEAST_BROWN_SPREAD, _LEAST_LONG_SPREAD = 0.05, 0.02, 0.03
_LEAST_TAKEN, _LEAST = 0.003, 1e-3


def odds(
    dots: tuple[Dots, Dots], taken: tuple[Points, Points], left: Points, off_px: Points
) -> Points:
    """Log odds (n,) that what both photos show at a place is a pigment dot.

    `dots` (n each) and `taken` (n, 3), red, green and blue light that is missing there, of each
    photo; `left` (n,): share left over the median of all dots, NaN where it is not known; `off_px`
    (n,): from where the map of all others puts it.
    """
    confident = np.asarray(sum(log_odds(np.minimum(d.confidence, _MOST_CONFIDENT)) for d in dots))
    typical = float(np.median(confident))
    sure = confident >= typical
    contrast = np.mean([np.log(np.maximum(d.contrast, _LEAST)) for d in dots], axis=0)
    changed = np.log(np.maximum(np.nan_to_num(left, nan=1.0), _LEAST))
    red_over_blue = np.mean(
        [np.log(t[:, 0] / t[:, 2]) for t in (np.clip(t, _LEAST_TAKEN, 1) for t in taken)], axis=0
    )
    elongation = np.asarray(sum(np.log(d.elongation) for d in dots))
    far = np.log(np.maximum(off_px, _LEAST) / max(float(np.median(off_px[sure])), _LEAST))
    browner = -_spreads(red_over_blue, sure, _LEAST_BROWN_SPREAD)
    return np.asarray(
        _CONFIDENT * confident
        + _TYPICAL * typical
        + _PALER * np.clip(-_spreads(contrast, sure, _LEAST_SPREAD) - 1, 0, _MOST_BEYOND)
        + _BROWNER * np.clip(browner - 1, 0, _MOST_BROWNER)
        + _CHANGED * np.clip(np.abs(_spreads(changed, sure, _LEAST_SPREAD)) - 1, 0, _MOST_BEYOND)
        + _FAR * np.clip(far, _NEAREST, _FARTHEST)
        + _LONGER * np.clip(_spreads(elongation, sure, _LEAST_LONG_SPREAD) - 1, 0, _MOST_BEYOND)
        + _OFFSET
    )


def _spreads(values: Points, sure: Mask, least: float) -> Points:
    """How far values (n,) lie from the sure ones' median, in their own robust spread."""
    off = values - np.median(values[sure])
    spread = 1.4826 * float(np.median(np.abs(off[sure])))
    return np.asarray(off / np.hypot(spread, least))
