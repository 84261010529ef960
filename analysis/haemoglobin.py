"""How much more blood one skin shows than another of the same photo, from the ratios of colours.

Red over green alone reads blood low where the skin's surface adds much to little light from
within, as on dark skin, and takes another lamp's light or other melanin for blood. Red over blue
helps to tell them: blood, surface and the rest change the two ratios in unlike proportions
(independent components of skin colour: Tsumura et al. 1999, doi:10.1364/JOSAA.16.002169).
"""

from __future__ import annotations

import numpy as np

from analysis.arrays import Points

# 100 log10 of light from within the skin (red, green, blue) that one mild erythema takes away.
_ERYTHEMA = np.array([1.323, 8.619, 6.048])
_RED_OVER_GREEN = float(_ERYTHEMA[1] - _ERYTHEMA[0])
# Share of green light that the surface sends back colourless (Fresnel: 3 % of all light, over the
# 6 to 60 % that skins send back), as it is to be expected by 100 log10 of skin's red over blue.
_HUES, _SURFACE, _SURFACE_VARIES = (15.0, 60.0), (0.03, 0.27), 0.08
_SHARES = np.linspace(0, 0.4, 41)
_LEAST_FROM_WITHIN = 0.3
# Other light or melanin here than there, as 100 log10 of red over green and of red over blue, that
# does not change smoothly across the photo.
_UNLIKE = 0.45 * np.array([0.43, 1.0])
_UNEXPLAINED = 0.11
_SLOPE_ERROR = 0.05  # from camera to camera and skin to skin, as found on drawn photos


def excess(here: Points, there: Points) -> tuple[float, float]:
    """The excess of `here` over `there` as 100 log10(red / green) of the light from within.

    `here`, `there` (3,): linear colours. Mean and standard deviation over what the surface's share
    and the light's unlikeness may be, both taken as normal, with how cameras and skins differ.
    """
    blood, variance, likely, _ = _told(here, there)
    mean = float(likely @ blood)
    error = np.sqrt(float(likely @ ((blood - mean) ** 2 + variance)) + (_SLOPE_ERROR * mean) ** 2)
    return _RED_OVER_GREEN * mean, _RED_OVER_GREEN * float(error)


def weights(here: Points, there: Points) -> Points:
    """What 100 log10 of red over green and of red over blue (2,), each colour of one skin over that
    of another, add to the index in a photo whose skins are like `here` and `there`, see `excess`.
    """
    _, _, likely, readings = _told(here, there)
    return np.asarray(_RED_OVER_GREEN * (likely @ readings))


def _told(here: Points, there: Points) -> tuple[Points, Points, Points, Points]:
    """For each share (n,) of the surface: erythemas, their variance, how likely the share is, and
    how the two ratios (n, 2) are read.
    """
    taken = 100 * np.log10(there / here)
    seen = np.array([taken[1] - taken[0], taken[2] - taken[0]])
    certain = np.linalg.inv(_UNEXPLAINED**2 * np.eye(2) + np.outer(_UNLIKE, _UNLIKE))
    within = np.maximum(1 - _SHARES[:, None] * there[1] / there, _LEAST_FROM_WITHIN)
    by_one = _ERYTHEMA * within
    by_one = np.stack([by_one[:, 1] - by_one[:, 0], by_one[:, 2] - by_one[:, 0]], axis=1)
    weight = np.einsum("ni,ij,nj->n", by_one, certain, by_one)
    readings = by_one @ certain / weight[:, None]
    blood = readings @ seen
    left = seen - blood[:, None] * by_one
    expected = np.interp(100 * np.log10(there[0] / there[2]), _HUES, _SURFACE)
    misfit = np.einsum("ni,ij,nj->n", left, certain, left)
    misfit += ((_SHARES - expected) / _SURFACE_VARIES) ** 2
    likely = np.exp(-(misfit - misfit.min()) / 2)
    return blood, 1 / weight, likely / likely.sum(), readings
