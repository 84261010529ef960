"""One piece of advice from how two photos of one scalp were taken."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.aligned import PoseDifference, pose_difference
from analysis.registration import Registration, register
from benchmarks.impostors import pattern
from tracker import retake
from tracker.retake import advice

ALIKE = PoseDifference(enlargement=1.0, roll_deg=0.0, tilt_deg=5.0, shift=np.zeros(2))


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"enlargement": 0.7}, "about 30 % closer"),
        ({"enlargement": 1.5}, "about 50 % farther away"),
        ({"roll_deg": 21.0}, "about 20 degrees clockwise"),
        ({"roll_deg": -34.0}, "about 35 degrees anticlockwise"),
        ({"roll_deg": -170.0}, "the same way up"),
        ({"tilt_deg": 40.0}, "tilt the phone"),
        ({"shift": np.array([-0.3, 0.1])}, "the left side"),
        ({"shift": np.array([0.3, 0.1])}, "the right side"),
        ({"shift": np.array([0.1, -0.3])}, "the top"),
        ({"shift": np.array([0.1, 0.3])}, "the bottom"),
    ],
)
def test_what_differs_is_said(differs: dict[str, Any], said: str) -> None:
    sentence = advice(replace(ALIKE, **differs))
    assert sentence
    assert said in sentence
    assert sentence.count(".") == 1


def test_photos_taken_alike_get_no_advice() -> None:
    just = replace(
        ALIKE,
        enlargement=0.99 * retake.MOST_SIZE,
        roll_deg=-0.99 * retake.MOST_ROLL_DEG,
        tilt_deg=0.99 * retake.MOST_TILT_DEG,
        shift=np.full(2, 0.99 * retake.MOST_SHIFT),
    )
    assert advice(ALIKE) is None
    assert advice(just) is None


def test_what_differs_most_is_said() -> None:
    sentence = advice(replace(ALIKE, roll_deg=20.0, enlargement=0.5))
    assert sentence
    assert "closer" in sentence


def test_the_same_photo_with_fewer_pixels_is_as_near() -> None:
    dots = pattern(8)
    found = register(dots, 0.6 * dots, (222, 222))
    assert isinstance(found, Registration)
    assert advice(pose_difference(found, (371, 371), (222, 222))) is None


def test_a_phone_turned_back_as_told_takes_the_same_photo() -> None:
    """Dots turned clockwise about the middle of the picture (y downwards): x goes to y."""
    dots, turn = pattern(8), np.radians(25)
    slope = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    found = register(dots, (dots - 185) @ slope.T + 185, (371, 371))
    assert isinstance(found, Registration)
    sentence = advice(pose_difference(found, (371, 371), (371, 371)))
    assert sentence
    assert "25 degrees clockwise" in sentence
