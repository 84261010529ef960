"""Names for the arrays that the instrument passes around, and what every stage does with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (H, W, 3) upright sRGB photo
Floats = NDArray[np.float32]  # (H, W) map, or (H, W, 3) linear colour
Mask = NDArray[np.bool_]  # (H, W)
Points = NDArray[np.float64]  # (n,) values or (n, 2), (n, 3) coordinates

Array = TypeVar("Array", bound=NDArray[Any])
_STRIDE = 16


def resized(image: Array, size: tuple[int, int]) -> Array:
    """An image of another (width, height), averaged over areas; masks stay masks."""
    if image.dtype == bool:
        near = cv2.resize(image.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        return cast(Array, near > 0)
    return cast(Array, cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def reduced(image: Array, times: int) -> Array:
    """An image `times` smaller each way."""
    return resized(image, (image.shape[1] // times, image.shape[0] // times))


def binned(image: Array, times: int) -> Array:
    """Means of whole bins (H // times, W // times); what is over at the far edges is left out."""
    if times == 1:
        return image
    height, width = (side // times * times for side in image.shape[:2])
    return cast(Array, reduced(image[:height, :width], times))


def at_places(mask: Mask, x: NDArray[np.floating], y: NDArray[np.floating]) -> Mask:
    """A mask's values (n,) at the pixels nearest to places; beyond its edge, those of the edge."""
    rows = y.round().astype(int).clip(0, mask.shape[0] - 1)
    columns = x.round().astype(int).clip(0, mask.shape[1] - 1)
    return np.asarray(mask[rows, columns])


def squares_over(mask: Mask, side: int, n: int) -> Iterator[tuple[slice, slice]]:
    """Up to `n` squares of a picture, spread over a mask (H, W); they may overlap."""
    rows, columns = np.nonzero(mask[::_STRIDE, ::_STRIDE])
    if not len(rows):
        return
    for at in np.linspace(0, len(rows) - 1, n + 2)[1:-1].astype(int):
        top, left = (
            int(np.clip(place[at] * _STRIDE - side // 2, 0, length - side))
            for place, length in zip((rows, columns), mask.shape, strict=True)
        )
        yield slice(top, top + side), slice(left, left + side)


def disc(radius: float) -> NDArray[np.uint8]:
    """A round structuring element of at least one pixel's radius."""
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), dtype=np.uint8)
