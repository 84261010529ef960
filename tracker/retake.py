"""How to take the next photo so that it fits the first one better: the one thing that differs most.

Pure. Sides are those of the photo, whatever part of the head it shows.
"""

from __future__ import annotations

from math import log

from analysis.aligned import PoseDifference
from tracker.words import pairs as words

# What a hand without a tripod may do; photos are laid on each other far beyond these.
MOST_SIZE, MOST_ROLL_DEG, MOST_TILT_DEG, MOST_SHIFT = 1.25, 15.0, 25.0, 0.2
_OTHER_WAY_UP_DEG = 60.0


def advice(pose: PoseDifference) -> str | None:
    """One sentence, or None for a photo that was taken much like the first one."""
    sideways, downwards = (float(value) for value in pose.shift)
    beyond = {
        _distance(pose.enlargement): abs(log(pose.enlargement)) / log(MOST_SIZE),
        _turn(pose.roll_deg): abs(pose.roll_deg) / MOST_ROLL_DEG,
        words.TILT: pose.tilt_deg / MOST_TILT_DEG,
        _aim(sideways, downwards): max(abs(sideways), abs(downwards)) / MOST_SHIFT,
    }
    sentence = max(beyond, key=lambda said: beyond[said])
    return sentence if beyond[sentence] > 1 else None


def _distance(enlargement: float) -> str:
    said = words.closer if enlargement < 1 else words.farther
    return said(10 * round(10 * abs(enlargement - 1)))


def _turn(roll_deg: float) -> str:
    """A picture turned clockwise was taken with the phone turned the other way."""
    if abs(roll_deg) > _OTHER_WAY_UP_DEG:
        return words.SAME_WAY_UP
    return words.turn(5 * round(abs(roll_deg) / 5), clockwise=roll_deg > 0)


def _aim(sideways: float, downwards: float) -> str:
    """Towards where the middle of the first photo lies."""
    if abs(sideways) > abs(downwards):
        return words.AIM["right" if sideways > 0 else "left"]
    return words.AIM["down" if downwards > 0 else "up"]
