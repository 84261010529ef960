"""What is behind a person, and folds of cloth, as linear reflectances; in the image plane."""

from __future__ import annotations

import cv2
import numpy as np

from analysis.arrays import Floats

_WALLS = {
    "grey": (0.33, 0.34, 0.36),
    "beige": (0.52, 0.42, 0.31),
    "warm": (0.42, 0.25, 0.16),
    "wood": (0.36, 0.21, 0.11),
    "door": (0.50, 0.49, 0.46),
    "dark": (0.03, 0.03, 0.035),
}


def backdrop(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Reflectance (H, W, 3) of a room's wall: plain, of boards, or with a door in it."""
    height, width = shape
    fall = 1 + 0.3 * _drift(shape, 2, rng)
    wall = fall[..., None] * np.array(_WALLS[name], dtype=np.float32)
    if name == "wood":
        wall = wall * _boards(shape, rng)[..., None]
    if name == "door":
        left = float(rng.uniform(0.05, 0.25)) * width
        # No camera is held quite level.
        lean = float(rng.choice((-1, 1)) * rng.uniform(0.006, 0.03)) * height
        for x, wide, colour in (
            (left, 0.04, (0.66, 0.64, 0.6)),
            (left + 0.04 * width, 0.6, (0.28, 0.17, 0.09)),
        ):
            corners = [
                [x, 0],
                [x + wide * width, 0],
                [x + wide * width + lean, height],
                [x + lean, height],
            ]
            cv2.fillPoly(wall, [np.rint(corners).astype(np.int32)], colour, cv2.LINE_AA)
    blurred = cv2.GaussianBlur(wall, (0, 0), max(0.8, width / 900))
    return np.asarray(np.clip(blurred, 0.01, 0.95), dtype=np.float32)


def folds(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Light and dark (H, W) of soft folds in cloth, about 1."""
    ridge = np.abs(_drift(shape, 7, rng)) - 0.6
    return np.asarray(np.clip(1 - 0.25 * ridge, 0.5, 1.4), dtype=np.float32)


def _boards(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Upright boards with grain and dark gaps (H, W), about 1."""
    height, width = shape
    streaks = rng.standard_normal((8, 220)).astype(np.float32)
    grain = cv2.resize(streaks, (width, height), interpolation=cv2.INTER_CUBIC)
    x = np.arange(width, dtype=np.float32)[None, :] + 0.02 * np.arange(height)[:, None]
    board = x / (width / 6.5)
    shade = rng.uniform(0.75, 1.2, 16)[np.floor(board).astype(int) % 16]
    gap = np.exp(-(((board - np.rint(board)) / 0.012) ** 2))
    return np.asarray(shade * (1 + 0.13 * grain) * (1 - 0.7 * gap), dtype=np.float32)


def _drift(shape: tuple[int, ...], cells: int, rng: np.random.Generator) -> Floats:
    """Smooth noise (H, W), about unit range."""
    small = rng.standard_normal((cells + 1, cells + 1)).astype(np.float32) * 0.6
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
