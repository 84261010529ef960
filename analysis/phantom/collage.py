"""Pictures made of pictures, as clinics post them: before and after, collages, insets, screenshots.

All take and give upright sRGB photos (H, W, 3); lengths in px of the finished picture.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from analysis.arrays import Pixels

Corner = Literal["top left", "top right", "bottom left", "bottom right"]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def side_by_side(
    first: Pixels,
    second: Pixels,
    *,
    gutter_px: int = 0,
    gutter: tuple[int, int, int] = WHITE,
    stacked: bool = False,
) -> Pixels:
    """Two photos beside each other, or one above the other when `stacked`.

    The second is scaled and cut in the middle to the first one's size.
    """
    other = fitted(second, first.shape[1], first.shape[0])
    if stacked:
        return np.vstack([first, _sheet(gutter_px, first.shape[1], gutter), other])
    return np.hstack([first, _sheet(first.shape[0], gutter_px, gutter), other])


def collage(
    photos: tuple[Pixels, Pixels, Pixels, Pixels],
    *,
    gutter_px: int = 0,
    gutter: tuple[int, int, int] = WHITE,
) -> Pixels:
    """Four photos two by two, all at the first one's size."""
    rows = [
        side_by_side(
            fitted(left, *photos[0].shape[1::-1]), right, gutter_px=gutter_px, gutter=gutter
        )
        for left, right in (photos[:2], photos[2:])
    ]
    return side_by_side(rows[0], rows[1], gutter_px=gutter_px, gutter=gutter, stacked=True)


def inset(
    photo: Pixels,
    small: Pixels,
    *,
    share: float = 0.33,
    corner: Corner = "top left",
    margin_px: int = 0,
    rim_px: int = 0,
    rim: tuple[int, int, int] = WHITE,
) -> Pixels:
    """A photo with another pasted into a corner, `share` of its width and height, maybe rimmed."""
    height, width = photo.shape[:2]
    pasted = bordered(
        fitted(small, round(share * width), round(share * height)),
        (rim_px, rim_px, rim_px, rim_px),
        rim,
    )
    high, wide = pasted.shape[:2]
    top = margin_px if corner.startswith("top") else height - high - margin_px
    left = margin_px if corner.endswith("left") else width - wide - margin_px
    made = photo.copy()
    made[top : top + high, left : left + wide] = pasted
    return made


def bordered(
    photo: Pixels, sides_px: tuple[int, int, int, int], colour: tuple[int, int, int] = BLACK
) -> Pixels:
    """Plain bars above, below, left and right of a photo."""
    made = cv2.copyMakeBorder(photo, *sides_px, cv2.BORDER_CONSTANT, value=colour)
    return np.asarray(made, dtype=np.uint8)


def screenshot(
    photo: Pixels, *, bar_px: int, colour: tuple[int, int, int] = BLACK, text: str = "12:07"
) -> Pixels:
    """A photo on a phone's screen, between a bar with the time and one with three buttons."""
    made = bordered(photo, (bar_px, 2 * bar_px, 0, 0), colour)
    ink = WHITE if sum(colour) < 384 else BLACK
    made = captioned(
        made, text, at_px=(bar_px // 2, round(0.75 * bar_px)), tall_px=bar_px // 2, ink=ink
    )
    height, width = made.shape[:2]
    for third in (1, 2, 3):
        cv2.circle(made, (width * third // 4, height - bar_px), bar_px // 3, ink, 2, cv2.LINE_AA)
    return made


def captioned(
    photo: Pixels,
    text: str,
    *,
    at_px: tuple[int, int],
    tall_px: int,
    ink: tuple[int, int, int] = WHITE,
) -> Pixels:
    """Words written over a photo; `at_px` x, y of their lower left corner."""
    made = photo.copy()
    thick = max(1, tall_px // 9)
    cv2.putText(made, text, at_px, cv2.FONT_HERSHEY_SIMPLEX, tall_px / 22, ink, thick, cv2.LINE_AA)
    return made


def fitted(photo: Pixels, width: int, height: int) -> Pixels:
    """A photo scaled to fill a size, what is too much cut off evenly."""
    scale = max(width / photo.shape[1], height / photo.shape[0])
    wide, high = (
        max(n, round(scale * m)) for n, m in ((width, photo.shape[1]), (height, photo.shape[0]))
    )
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    grown = photo if scale == 1 else cv2.resize(photo, (wide, high), interpolation=way)
    left, top = (wide - width) // 2, (high - height) // 2
    return np.asarray(grown[top : top + height, left : left + width], dtype=np.uint8)


def _sheet(height: int, width: int, colour: tuple[int, int, int]) -> Pixels:
    return np.full((height, width, 3), colour, dtype=np.uint8)
