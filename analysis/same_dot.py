"""How sure two photos together are that a mark which lies in both is one pigment dot.

What is taken for a dot and is none mostly lies there weeks later as well: pores, blotches, hair at
its root. But the dots of a photo are alike. Other marks are paler, smaller or browner: melanin and
blood take more of blue light than of red (Jacques 2013, doi:10.1088/0031-9155/58/11/R37), pigment
does not. And dots change alike from one day to another.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analysis.arrays import Mask, Points
from analysis.dots import Dots, log_odds

# Fitted to matches on drawn pairs by two cameras.
_CONFIDENT, _PALER, _SMALLER, _BROWNER, _CHANGED, _OFFSET = 0.54, -2.3, -3.6, -2.4, -7.2, 3.0
_MOST_CONFIDENT, _MOST_BROWNER = 0.999, 5.0
_LEAST_SPREAD, _LEAST_TAKEN, _LEAST = 0.1, 0.003, 1e-3


def odds(dots: tuple[Dots, Dots], taken: tuple[Points, Points], left: Points) -> Points:
    """Log odds (n,) that what both photos show at a place is a pigment dot.

    `dots` (n each) and `taken` (n, 3), red, green and blue light that is missing there, of each
    photo; `left` (n,): share left over the median of all dots, NaN where it is not known.
    """
    confident = sum(log_odds(np.minimum(d.confidence, _MOST_CONFIDENT)) for d in dots)
    changed = np.abs(np.log(np.maximum(np.nan_to_num(left, nan=1.0), _LEAST)))
    return np.asarray(
        _CONFIDENT * confident
        + _PALER * _less(d.contrast for d in dots)
        + _SMALLER * _less(d.diameter_px for d in dots)
        + _BROWNER * _browner(taken, np.asarray(confident >= np.median(confident)))
        + _CHANGED * changed
        + _OFFSET
    )


def _less(both: Iterable[Points]) -> Points:
    """Natural log of how far two photos' values (n,) lie below the typical ones, else 0."""
    logs = [np.log(np.maximum(values, _LEAST)) for values in both]
    return np.asarray(np.maximum(-np.mean([v - np.median(v) for v in logs], axis=0), 0))


def _browner(taken: tuple[Points, Points], sure: Mask) -> Points:
    """How much less red and more blue light each (n,) takes than the sure ones do, in their own
    spread; 0 where not less.
    """
    red_over_blue = np.mean(
        [np.log(t[:, 0] / t[:, 2]) for t in (np.clip(t, _LEAST_TAKEN, 1) for t in taken)], axis=0
    )
    off = red_over_blue - np.median(red_over_blue[sure])
    spread = 1.48 * float(np.median(np.abs(off[sure])))
    return np.asarray(np.clip(-off / np.hypot(spread, _LEAST_SPREAD), 0, _MOST_BROWNER))
