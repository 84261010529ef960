"""Laying a follow-up's picture on the baseline's, and telling how the camera stood."""

import cv2
import numpy as np
import pytest

from analysis.aligned import aligned, pose_difference, shared
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


def test_what_both_photos_show_is_the_same_skin_in_both() -> None:
    laid, left = registration(), np.zeros((400, 400), dtype=bool)
    left[:, :200] = True
    of_followup = shared(laid.warp.inverted(), 0.8 * laid.reach_px, np.ones_like(left), left)
    of_baseline = shared(laid.warp, laid.reach_px, left, np.ones_like(left))
    assert of_followup.sum() == pytest.approx(of_baseline.sum() * 0.8**2, rel=0.08)
    y, x = np.nonzero(of_followup)
    back = (np.stack([x, y], axis=1) - OFFSET) @ np.linalg.inv(SLOPE).T
    assert back[:, 0].max() < 211  # half a step of its grid, in the other photo
    assert shared(laid.warp, laid.reach_px, left, np.zeros_like(left)).sum() == 0
