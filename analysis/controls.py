"""Flux at dots' places in a follow-up, and at places beside them where no dot ever was: those tell
how noisy a flux is, and how often skin, hair or a new dot passes for a dot that was kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Mask, Points
from analysis.effective import whole_over
from analysis.forced import Profile, fit
from analysis.plate import Plate

# A dot of the follow-up this near, in spacings, is taken for the baseline's.
CLAIMED = 0.25
_FREE = 0.5  # spacings from any baseline dot, where a control place is empty
_SHIFT, _TURNS, _MOST_CONTROLS = 1.5, 8, 6000  # spacings, directions


@dataclass(frozen=True)
class Controls:
    """Places without a baseline dot: beside which dot (k,) they lie and the flux (k,) there, px2;
    `noise`: its standard error where the follow-up has no dot either.
    """

    of: NDArray[np.int64]
    flux: Points
    noise: float


def measured(
    followup: Plate, profile: Profile, places: Points, seen: Mask, matched: Mask, unclaimed: Points
) -> tuple[Points, Controls]:
    """Flux (n,) at the places seen or matched, px2 of the follow-up, else NaN; and at controls.

    The follow-up's other dots, `unclaimed` (m, 2), are fitted with them.
    """
    told = seen | matched
    fitted = fit(
        followup.light, np.concatenate([places[told], unclaimed]), profile, followup.size_px
    )
    n = int(told.sum())
    flux = np.full(len(places), np.nan)
    flux[told] = fitted.flux[:n]
    which = np.concatenate([(matched & seen)[told], np.zeros(len(unclaimed), dtype=bool)])
    flux *= whole_over(fitted, which, followup, profile)
    of, xy = _places(places, seen, followup)
    at_control = fitted.flux_left(xy, profile)
    empty = np.ones(len(xy), dtype=bool)
    if len(unclaimed):
        distance, nearest = cKDTree(unclaimed).query(xy)
        claimed = distance < CLAIMED * followup.spacing_px
        at_control[claimed] = fitted.flux[n:][nearest[claimed]]
        empty = distance > _FREE * followup.spacing_px
    quiet = np.abs(at_control[empty] - np.median(at_control[empty])) if empty.any() else np.inf
    return flux, Controls(of, at_control, 1.48 * float(np.median(quiet)))


def _places(places: Points, seen: Mask, followup: Plate) -> tuple[NDArray[np.int64], Points]:
    """Places (k, 2) a step beside dots where no baseline dot lies, and beside which (k,)."""
    turn = 2 * np.pi * np.arange(_TURNS) / _TURNS
    steps = _SHIFT * followup.spacing_px * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    of = np.repeat(np.flatnonzero(seen), _TURNS)
    xy = places[of] + np.tile(steps, (int(seen.sum()), 1))
    free = cKDTree(places).query(xy)[0] > _FREE * followup.spacing_px
    free &= followup.in_sight(xy)
    chosen = np.flatnonzero(free)
    chosen = chosen[:: max(1, len(chosen) // _MOST_CONTROLS)]
    return of[chosen], xy[chosen]
