"""Names for the arrays that the instrument passes around."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (H, W, 3) upright sRGB photo
Floats = NDArray[np.float32]  # (H, W) map, or (H, W, 3) linear colour
Mask = NDArray[np.bool_]  # (H, W)
Points = NDArray[np.float64]  # (n,) values or (n, 2), (n, 3) coordinates

Array = TypeVar("Array", bound=NDArray[Any])


def resized(image: Array, size: tuple[int, int]) -> Array:
    """An image of another (width, height), averaged over areas; masks stay masks."""
    if image.dtype == bool:
        near = cv2.resize(image.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        return cast(Array, near > 0)
    return cast(Array, cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def reduced(image: Array, times: int) -> Array:
    """An image `times` smaller each way."""
    return resized(image, (image.shape[1] // times, image.shape[0] // times))
