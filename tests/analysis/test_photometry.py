"""Dots fitted together with their skin: radius, blur and light taken, on dots drawn by hand."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from analysis.dots import Dots
from analysis.photometry import fitted, mean_dot
from analysis.resolution import uncut

FINE, RADIUS_PX, DEPTH = 4, 2.4, 0.5


def crowded(blur_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Light (H, W) of discs on a jittered lattice, 2.3 diameters apart, and their places (n, 2)."""
    rng = np.random.default_rng(3)
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20)), axis=-1).reshape(-1, 2)
    xy = 14 + 11 * grid + rng.uniform(-2, 2, (400, 2))
    side = 240 * FINE
    light = np.full((side, side), 0.6)
    y, x = (np.indices((side, side)) + 0.5) / FINE - 0.5
    for at in xy:
        top, left = (int(max(0, (c - 5) * FINE)) for c in at[::-1])
        near = slice(top, top + 11 * FINE), slice(left, left + 11 * FINE)
        inside = np.hypot(x[near] - at[0], y[near] - at[1]) < RADIUS_PX
        light[near][inside] *= 1 - DEPTH
    soft = gaussian_filter(light, blur_px * FINE)
    seen = soft.reshape(240, FINE, 240, FINE).mean(axis=(1, 3)) + rng.normal(0, 0.004, (240, 240))
    return seen.astype(np.float32), xy


def as_dots(xy: np.ndarray) -> Dots:
    ones = np.ones(len(xy))
    return Dots(xy[:, 0], xy[:, 1], 5 * ones, 0.4 * ones, ones, 0.1 * ones, ones, 0 * ones)


@pytest.mark.parametrize("blur_px", [0.8, 1.5])
def test_crowded_dots_are_told_through_blur(blur_px: float) -> None:
    light, xy = crowded(blur_px)
    size_px = 2.355 * np.hypot(RADIUS_PX / 2, blur_px)
    where = np.ones(light.shape, dtype=bool)
    told = fitted(light, xy, where, mean_dot(light, as_dots(xy), size_px), size_px)
    assert told.radius_px == pytest.approx(RADIUS_PX, rel=0.04)
    assert told.sigma_px == pytest.approx(blur_px, rel=0.1)
    assert told.flux_px2.mean() == pytest.approx(DEPTH * np.pi * RADIUS_PX**2, rel=0.04)
    diameter, error = told.diameter
    of_blur = 0.055 + 0.08 * (blur_px / RADIUS_PX) ** 2
    assert error == pytest.approx(np.hypot(of_blur * diameter, 0.4), rel=0.2)


def test_large_dots_are_told_from_a_smaller_picture() -> None:
    light, xy = crowded(1.2)
    light, xy = cv2.resize(light, None, fx=3, fy=3), 3 * xy + 1
    size_px = 3 * 2.355 * np.hypot(RADIUS_PX / 2, 1.2)
    where = np.ones(light.shape, dtype=bool)
    told = fitted(light, xy, where, mean_dot(light, as_dots(xy), size_px), size_px)
    assert size_px > 2 * 5
    assert told.radius_px == pytest.approx(3 * RADIUS_PX, rel=0.05)
    assert told.flux_px2.mean() == pytest.approx(9 * DEPTH * np.pi * RADIUS_PX**2, rel=0.04)


def test_without_dots_nothing_is_fitted() -> None:
    light, xy = crowded(0.8)
    nowhere = np.zeros(light.shape, dtype=bool)
    mean = mean_dot(light, as_dots(xy), 5.0)
    assert np.isnan(fitted(light, xy, nowhere, mean, 5.0).flux_px2).all()
    few = mean_dot(light, as_dots(xy[:9]), 5.0)
    assert np.isnan(fitted(light, xy, ~nowhere, few, 5.0).diameter).all()


def test_the_rim_is_as_wide_as_dots_are_cut_off_there() -> None:
    within = uncut((40, 60), 7.0)
    assert within[2:-2, 2:-2].all()
    assert within.sum() == 36 * 56
    assert uncut((4, 4), float("nan")).all()
