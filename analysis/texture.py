"""How much a photo's fine texture looks like pigment dots: dark specks on a lighter ground.

Relief, noise and compression are as often bright as dark; dots are dark only. What tells them
apart is therefore asymmetry of a band-pass, and it does so on dark skin and in shade too, where
both are weak: it is taken relative to the band's own bright half. Round dots also have edges that
run every way within a few pixels; hairs, furrows, fibres and shape have edges that run one way.
"""

from __future__ import annotations

import cv2
import numpy as np

from analysis import colour
from analysis.arrays import Floats, Pixels, reduced, resized

_WORK_SIDE_PX = 1400
_FINEST_PX = 0.8  # sigma; each octave is twice as wide
_OCTAVES = 3
_LEAST_WINDOW_PX = 6.0
_EDGE_WINDOW_PX = 2.0
_MOST_SIGMAS = 4.0
_MOST_BAND_OD = 0.25
_WINDOW = 1 / 160  # sigma of the local mean over the longer side


def features(srgb_u8: Pixels, size: tuple[int, int]) -> Floats:
    """Asymmetry and log strength of dark detail by octave, then coherence of edges (H, W, 7).

    On a grid (width, height).
    """
    side = max(srgb_u8.shape[:2])
    od = colour.optical_density(reduced(srgb_u8, max(1, side // _WORK_SIDE_PX)))
    window = max(max(od.shape) * _WINDOW, _LEAST_WINDOW_PX)
    coherence = resized(_coherence(od, window), size)
    maps = []
    for octave in range(_OCTAVES):
        fine, coarse = (cv2.GaussianBlur(od, (0, 0), _FINEST_PX * times) for times in (1, 1.6))
        band = np.asarray(fine - coarse, dtype=np.float32)
        maps += [resized(m, size) for m in _asymmetry(band, window / 2**octave)]
        od = reduced(od, 2)
    return np.dstack([*maps, coherence])


def _coherence(od: Floats, window: float) -> Floats:
    """Share of edges that run one way (Bigun & Granlund 1987): 0 round, 1 straight lines."""
    smooth = cv2.GaussianBlur(od, (0, 0), _FINEST_PX)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    squares = (np.asarray(product, dtype=np.float32) for product in (x * x, y * y, x * y))
    xx, yy, xy = (_mean(square, _EDGE_WINDOW_PX) for square in squares)
    one_way = np.asarray(cv2.magnitude(xx - yy, 2 * xy), dtype=np.float32)
    total = np.asarray(xx + yy, dtype=np.float32)
    return _mean(one_way, window / 2) / (_mean(total, window / 2) + 1e-9)


def _asymmetry(band: Floats, window: float) -> tuple[Floats, Floats]:
    """Third moment over the bright half's spread, and log of dark power beyond bright power."""
    band = np.clip(band, -_MOST_BAND_OD, _MOST_BAND_OD)
    dark, bright = (_mean(np.maximum(half, 0) ** 2, window) for half in (band, -band))
    spread = np.sqrt(2 * bright + 1e-9)
    scaled = band / cv2.resize(spread, band.shape[::-1], interpolation=cv2.INTER_LINEAR)
    scaled = np.clip(scaled, -_MOST_SIGMAS, _MOST_SIGMAS)
    beyond = np.maximum(dark - 0.8 * bright, 0)
    # Not as a power, which NumPy works out fifty times slower.
    third = scaled * scaled * scaled
    return _mean(third, window), np.asarray(0.5 * np.log(beyond + 1e-7), dtype=np.float32)


def _mean(image: Floats, window: float) -> Floats:
    """Local mean, on a grid a few times finer than the window."""
    step = max(2, int(window / 3))
    small = reduced(image, step)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), window / step), dtype=np.float32)
