"""The pigment's hue against the skin it lies in: whether dots turn blue or red.

Light that dots take away in red, green and blue is told relative to the skin between them, so that
lamp, white balance and tone of skin drop out; how much of it blur leaves is alike in all three.
Healed pigment is nearly grey, which has no hue. So it is looked at on a rose ground, from which red
lies one way and blue the other: there its hue turns up as it turns red and down as it turns blue.
"""

from __future__ import annotations

import numpy as np

from analysis import colour
from analysis.arrays import Points

# Linear sRGB of the ground, CIELAB 72, 12, -3; share of its light that dots take on the average.
_ROSE, _DEPTH = np.array([0.55, 0.40, 0.47]), 0.5


def pigment_hue(taken: Points) -> float:
    """CIELAB hue, degrees, of the pigment of dots on the rose ground; `taken` (n, 3): the share of
    red, green and blue light that is missing at each (`Plate.taken`).

    Grey pigment has -15; one that takes a tenth more of red light's density and a tenth less of
    blue's has -30, the other way round 1.
    """
    mean = taken.mean(axis=0)
    left = 1 - _DEPTH * mean / max(float(mean.mean()), 1e-6)
    _, a, b = colour.lab(_ROSE * np.clip(left, 0.02, 1.0))
    return float(np.degrees(np.arctan2(b, a)))


def turned(before: float, after: float) -> float:
    """The shorter way from one hue to another, degrees: above 0 towards red, below towards blue."""
    return (after - before + 180) % 360 - 180
