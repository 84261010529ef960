"""What hides skin without being skin: hair, clothes, glasses, walls, flakes; painted in layers.

Colours here are linear diffuse reflectances, so that any optics lights them with its own lamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Points

Colour = tuple[float, float, float]
_SHIFT = 4  # cv2 takes coordinates in 1/16 px


@dataclass(frozen=True)
class Cover:
    """`alpha` (H, W): share of each pixel that is hidden. `reflectance` (H, W, 3): of what hides
    it, times alpha. `shine` (H, W): what is left of skin's surface reflection (0 cloth, 1 skin).
    """

    alpha: Floats
    reflectance: Floats
    shine: Floats

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Cover:
        """Nothing hidden yet."""
        return cls(
            np.zeros(shape, dtype=np.float32),
            np.zeros((*shape, 3), dtype=np.float32),
            np.ones(shape, dtype=np.float32),
        )

    def paint(self, alpha: Floats, colour: Floats, shine: float = 0.0) -> None:
        """Lay one more thing on top: `alpha` (H, W), `colour` (3,) or (H, W, 3)."""
        left, share = 1 - alpha, alpha[..., None]
        self.reflectance[:] = self.reflectance * left[..., None] + share * colour
        self.alpha[:] = self.alpha * left + alpha
        self.shine[:] = self.shine * left + shine * alpha

    def over(self, beneath: Floats) -> Floats:
        """Reflectance (H, W, 3) of all that can be seen, with `beneath` showing through."""
        seen = beneath * (1 - self.alpha[..., None]) + self.reflectance
        return np.asarray(seen, dtype=np.float32)


class Ink:
    """Many thin strokes and small shapes, drawn `fine` times finer than the photo."""

    def __init__(self, shape: tuple[int, ...], fine: int = 2) -> None:
        self._fine, self._size = fine, (shape[1], shape[0])
        # Colour is kept as its root, times alpha: dark hair needs more than 1/255 of steps.
        self._image = np.zeros((shape[0] * fine, shape[1] * fine, 4), dtype=np.uint8)

    @property
    def thinnest_px(self) -> float:
        """The thinnest stroke that hides all beneath it."""
        return 1 / self._fine

    def stroke(self, xy_px: Points, colour: Colour, width_px: float) -> None:
        """Draw a line through (n, 2) image points; one too thin to draw hides less."""
        wide = width_px * self._fine
        ink = _ink(colour, min(wide, 1.0))
        at, thickness = self._fixed(xy_px), max(1, round(wide))
        cv2.polylines(self._image, [at], False, ink, thickness, cv2.LINE_AA, _SHIFT)

    def fill(self, xy_px: Points, colour: Colour, alpha: float = 1.0) -> None:
        """Fill a polygon of (n, 2) image points."""
        cv2.fillPoly(self._image, [self._fixed(xy_px)], _ink(colour, alpha), cv2.LINE_AA, _SHIFT)

    def dry(self) -> tuple[Floats, Floats]:
        """Alpha (H, W) and colour (H, W, 3) of all that was drawn, averaged over each pixel."""
        small = cv2.resize(self._image, self._size, interpolation=cv2.INTER_AREA)
        painted = np.asarray(small, dtype=np.float32) / np.float32(255)
        alpha: Floats = painted[..., 3]
        root = painted[..., :3] / np.maximum(alpha, 1 / 255)[..., None]
        return alpha, np.asarray(root**2, dtype=np.float32)

    def _fixed(self, xy_px: Points) -> NDArray[np.int32]:
        fine = (xy_px + 0.5) * self._fine - 0.5
        return np.asarray(np.rint(np.clip(fine, -9999, 99999) * 2**_SHIFT), dtype=np.int32)


def _ink(colour: Colour, alpha: float) -> Any:
    return [*(float(255 * alpha * np.sqrt(c)) for c in colour), 255.0 * alpha]
