"""Colour between captures of one scene, on local photos that are never shown: numbers only.

A part of `make validate` where `SMP_REALDATA` names the folder; without it there is no chapter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from analysis import card, colour
from analysis.arrays import Pixels, Points
from analysis.decode import decode

_SIDE_PX, _TILES = 384, 12
_DARKEST, _BRIGHTEST = 0.02, 0.9
SCENES = {
    "one capture, three white balances": (
        "mixedill/IMG-7784_D_CS.png",
        "mixedill/IMG-7784_S_CS.png",
        "mixedill/IMG-7784_T_CS.png",
    ),
    "one cabinet, two captures": ("plantcv/target_img.png", "plantcv/source1_img.png"),
}


def table() -> Iterator[str]:
    """The chapter of the report, if there are photos for it."""
    root = os.environ.get("SMP_REALDATA")
    if not root:
        return
    folder = Path(root) / "colour"
    yield from (
        "## Colour of real scenes",
        "",
        "Photos without skin, kept apart from this project. SD between captures of",
        "100 log10(R/G) of places in the scene, median over places: as it stands, and against the",
        "scene's own median, as redness is told against untreated skin of the same photo.",
        "",
        "| scene | captures | places | as it stands | against the same photo |",
        "| --- | --- | --- | --- | --- |",
    )
    for name, files in SCENES.items():
        captures = [read(folder / file) for file in files]
        n, alone, against = spread(captures)
        yield f"| {name} | {len(captures)} | {n} | {alone:.2f} | {against:.2f} |"
    photos = sorted(folder.glob("*/*.png"))
    found = sum(card.find(read(path)) != card.ABSENT for path in photos)
    yield from (
        "",
        f"Photos with other makers' cards or none taken for ours: {found} of {len(photos)}.",
    )


def read(path: Path) -> Pixels:
    """A photo's pixels."""
    return decode(path.read_bytes()).srgb_u8


def spread(captures: Sequence[Pixels]) -> tuple[int, float, float]:
    """Number of places that no capture clips, and the median SD of their redness between captures,
    as it stands and against each capture's own median.
    """
    tiles = np.array([_tiles(capture) for capture in captures])
    seen = ((tiles > _DARKEST) & (tiles < _BRIGHTEST)).all(axis=(0, 2))
    red = 100 * np.log10(tiles[:, seen, colour.RED] / tiles[:, seen, colour.GREEN])
    against = red - np.median(red, axis=1, keepdims=True)
    alone, relative = (float(np.median(r.std(axis=0, ddof=1))) for r in (red, against))
    return int(seen.sum()), alone, relative


def _tiles(srgb_u8: Pixels) -> Points:
    """Mean linear colour (n, 3) of places, at the same share of the frame in each capture."""
    square = cv2.resize(srgb_u8, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    light = colour.linear(np.asarray(square, dtype=np.uint8))
    small = cv2.resize(light, (_TILES, _TILES), interpolation=cv2.INTER_AREA)
    return np.asarray(small.reshape(-1, 3), dtype=np.float64)


if __name__ == "__main__":
    print("\n".join(table()))
