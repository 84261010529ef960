"""Which phone, lens and picture mode took the photos, and what of it is compared."""

from __future__ import annotations

from datetime import date

from tracker.words.dates import day_month

HEADING = "Phones and cameras"
UNKNOWN = "a camera the photos do not name"
_STATES = {
    "judged": "newer photos are compared with each other in its numbers.",
    "tied": "photos taken with both on one day tie it to the camera in use, and it is compared.",
    "apart": "not compared with the others until two photos of the same view are taken with each "
    "of the two on one day.",
}


def camera(model: str | None, lens: str | None, mode: str | None) -> str:
    """`Apple iPhone 13, 5.1 mm, portrait mode`."""
    said = [model or UNKNOWN, lens, f"{mode} mode" if mode and mode != "standard" else None]
    return ", ".join(part for part in said if part)


def segment(named: str, since: date, until: date, state: str, n_silent: int, today: date) -> str:
    """One camera's photos of a view, and whether they are compared."""
    when = day_month(since, today)
    span = when if since == until else f"{when} to {day_month(until, today)}"
    said = f"{named} ({span}): {_STATES[state]}"
    return f"{said} {silent(n_silent)}" if n_silent else said


def silent(n_photos: int) -> str:
    """Photos that say nothing are not taken for another camera's."""
    if n_photos == 1:
        return "One photo does not say what took it and is counted with the one before it."
    return f"{n_photos} photos do not say what took them and are counted with the one before them."
