"""The printed course."""

from __future__ import annotations

from typing import Any

from tracker.words.verdicts import evidence

TITLE = "Course after scalp micropigmentation"
FINDINGS = "Findings"
NO_FINDINGS = "None in what was measured."
TOUCH_UP = "Touch-up"
NOT_MEASURED = "Photos without numbers"
COLUMNS = ("Taken on", "View", "Day", "Value, give or take", "What many people see")
CAVEAT = (
    "An appearance record and a help for scheduling. The bands are best estimates, not rules; "
    "no figure here has been validated on people. This app cannot tell whether skin is infected."
)


def as_of(day: str, course: str) -> str:
    """The verdict of a day."""
    return f"As of {day}: {course}."


def finding(found: dict[str, Any]) -> str:
    """One finding with its numbers and its rate."""
    numbers = "; ".join(evidence(line) for line in found["evidence"])
    return f"{found['sentence']} {numbers}. {found['false_alarms']}"


def limits(document: dict[str, Any]) -> list[str]:
    """What photos can tell at all: the least changes, the slowest fade, and by which cameras."""
    several = len({s["camera"] for s in document["segments"]}) > 1
    cameras = [s for s in document["segments"] if several or s["photos_without_camera"]]
    return [
        *(f"{c['view']}: {c['sentence']}" for c in document["least_changes"]),
        document["power"],
        *(f"{s['view']}: {s['sentence']}" for s in cameras),
    ]


def touch_up(plan: dict[str, Any]) -> str:
    """The decision and why."""
    not_before = f" (not before {plan['not_before']})" if plan["not_before"] else ""
    return f"{plan['decision'].capitalize()}{not_before}. {' '.join(plan['reasons'])}".strip()


def measurand(name: str) -> str:
    """A measurand's heading."""
    return name.replace("_", " ")


def row(point: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """One value of a series, with its error and its band."""
    band = "-"
    if point["expected_low"] is not None:
        band = f"{_number(point['expected_low'])} to {_number(point['expected_high'])}"
    value = f"{_number(point['value'])} ± {_number(1.96 * point['stderr'])}"
    return point["taken_on"], point["view"], str(point["day"]), value, band


def _number(value: float) -> str:
    """Three digits, never powers of ten."""
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
