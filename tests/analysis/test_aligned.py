"""Laying a follow-up's picture on the baseline's, and telling how the camera stood."""

import cv2
import numpy as np
import pytest

from analysis.aligned import aligned, pose_difference
from analysis.registration import Registration, register
from benchmarks.impostors import pattern

SLOPE = 0.8 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
OFFSET = np.array([120.0, -20.0])


def registration() -> Registration:
    dots = pattern(8)
    found = register(dots, dots @ SLOPE.T + OFFSET, (400, 400))
    assert isinstance(found, Registration)
    return found


def test_a_picture_comes_to_lie_where_it_belongs() -> None:
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(0, 255, (400, 400, 3)).astype(np.uint8), (0, 0), 6)
    moved = cv2.warpAffine(picture, np.c_[SLOPE, OFFSET], (400, 400), flags=cv2.INTER_CUBIC)
    back, known = aligned(moved, registration(), (400, 400))
    assert 0.5 < known.mean() < 1
    off = np.abs(back[known].astype(float) - picture[known])
    assert off.mean() < 1


def test_the_pose_is_told() -> None:
    pose = pose_difference(registration(), (371, 371), (371, 371))
    assert pose.enlargement == pytest.approx(0.8, abs=0.002)
    assert pose.roll_deg == pytest.approx(np.degrees(0.3), abs=0.2)
    assert pose.tilt_deg < 3
    centre = np.array([185.0, 185.0])
    assert pose.shift == pytest.approx((SLOPE @ centre + OFFSET - centre) / 371, abs=0.005)
