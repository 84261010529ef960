"""Two photos laid on each other: what a picture of them shows, and how to take the next one."""

from __future__ import annotations

from collections.abc import Mapping

FIRST, LATER = "First photo.", "Later photo, laid on the first."

MARKS: Mapping[str, str] = {
    "kept": "kept",
    "lost": "not found again",
    "new": "new",
    "unseen": "not seen in both",
}
PATCH = "more dots not found again than elsewhere"
LAID = "the two photos fit together inside this line"

SAME_WAY_UP = "Next time: hold the phone the same way up as for the first photo."
TILT = "Next time: tilt the phone as for the first photo, so that it looks from the same side."
AIM: Mapping[str, str] = {
    "left": "Next time: aim further towards the left side of this photo.",
    "right": "Next time: aim further towards the right side of this photo.",
    "up": "Next time: aim further towards the top of this photo.",
    "down": "Next time: aim further towards the bottom of this photo.",
}


def marked(mark: str, number: int) -> str:
    """`kept (1,204)`."""
    return f"{MARKS.get(mark, mark)} ({number:,})"


def kept(value: float, stderr: float) -> str:
    """How many dots are still there."""
    give = f"{100 * stderr:.0f}" if stderr > 0.005 else "less than 1"
    return f"{100 * value:.0f} of 100 dots are still there, give or take {give}."


def closer(percent: int) -> str:
    """The photo was taken from farther away than the first."""
    return f"Next time: come about {percent} % closer."


def farther(percent: int) -> str:
    """The photo was taken from closer than the first."""
    return f"Next time: hold the phone about {percent} % farther away."


def turn(degrees: int, clockwise: bool) -> str:
    """The phone was turned otherwise, like the hand of a clock."""
    way = "clockwise" if clockwise else "anticlockwise"
    return f"Next time: turn the phone about {degrees} degrees {way}, like the hand of a clock."
