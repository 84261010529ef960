"""What a measured photo keeps for being compared: its dots and a picture just fine enough for them.

All positions and sizes are in the plate's own px.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from analysis import colour
from analysis.arrays import Floats, Mask, Pixels
from analysis.dots import Dots, spacing


@dataclass(frozen=True)
class Plate:
    """A photo, `times` smaller, at dot level.

    `srgb_u8` (H, W, 3); `dots` taken for dots, `doubtful` all other candidates; `resolved` (H, W)
    where single dots are told apart, shine left out; `size_px` their apparent diameter; `disc_px`
    their diameter and `blur_px` the sigma of the blur in it.
    """

    srgb_u8: Pixels
    dots: Dots
    doubtful: Dots
    resolved: Mask
    size_px: float
    disc_px: float
    blur_px: float
    times: float

    @cached_property
    def spacing_px(self) -> float:
        """Median distance from a dot to its nearest neighbour."""
        return spacing(self.dots)[0]

    @property
    def light(self) -> Floats:
        """Linear light (H, W) of luma, which photos keep sharpest."""
        grey = np.asarray(cv2.cvtColor(self.srgb_u8, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        return colour.linear(grey)

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width."""
        return self.srgb_u8.shape[0], self.srgb_u8.shape[1]
