"""The touch-up worksheet, on the page and on paper."""

from __future__ import annotations

TITLE = "Touch-up worksheet"
ZONES = "Zones"
PHOTO = "Photo"
NO_ZONES = (
    "No measured photo shows a place with fewer or paler dots than the skin around it. Fewer dots "
    "show only where single dots were counted."
)
UNSURE = (
    "Nothing is ticked whose give or take is more than its number, that was not counted, or that "
    "no other day's photo shows."
)
HEAD = ("Zone", "Area", "Dots missing", "Minutes", "Seen on", "Done, notes")
TOGETHER = "All"
MEANS = (
    "Missing means: to reach the density of the skin around the zone. The practitioner decides "
    "whether to add at all. Paler means: the dots there are lighter than around."
)
CHECKS = (
    "[  ] Skin calm, dry, no scabs     [  ] No open answer     [  ] Dots not enlarged     "
    "[  ] Client agrees",
)
BLANKS = (
    "Pigment ____________________   Lot and expiry ____________________   Needle ____________",
    "Review on ____________________   Signature ______________________________________",
)
HONEST = "Counted by the program in one photo; no figure here has been validated on people."
PACE, PACE_HELP = "Your own pace, dots a minute", "Count it once on a treatment of your own."
PRINT = "Print as PDF"
OPEN = "Worksheet"


def pace(dots_per_minute: float | None) -> str:
    """By which pace minutes were counted; no speed is ever invented."""
    if not dots_per_minute:
        return "Minutes need your own pace: none is set."
    return f"Minutes at your own pace, {dots_per_minute:g} dots a minute."


def area(area_cm2: float | None) -> str:
    """`1.9 cm2`."""
    return "no scale" if area_cm2 is None else f"{area_cm2:.1f} cm²"


def missing(n_dots: float | None, half_width: float | None, darkness: float | None = None) -> str:
    """`62, give or take 18`, or `35 % paler`."""
    if darkness is not None:
        return f"{1 - darkness:.0%} paler".replace("%", " %")
    if n_dots is None or half_width is None:
        return "not counted"
    return f"{n_dots:.0f}, give or take {half_width:.0f}"


def minutes(n_dots: float | None, dots_per_minute: float | None) -> str:
    """`1`, `under 1`, or nothing without a pace."""
    if n_dots is None or not dots_per_minute:
        return "-"
    took = n_dots / dots_per_minute
    return "under 1" if took < 1 else f"{took:.0f}"


def seen_on(n_visits: int | None) -> str:
    """On how many visits, where photos of other days were compared."""
    if n_visits is None:
        return "not known"
    return "this visit only" if n_visits == 1 else f"{n_visits} visits"


def alt(number: int) -> str:
    """The photo with its zones in words."""
    return (
        f"The photo with {number} zone outlined"
        if number == 1
        else (f"The photo with {number} zones outlined")
    )


def about(view: str, taken: str, day: str) -> str:
    """`Crown, photo of 1 July, day 58`."""
    return f"{view}, photo of {taken}, {day}"


def ticked(name: str, said: str) -> str:
    """A zone to tick: letter and number."""
    return f"{name}: {said}"
