"""The stage sentences: what many people see on a day, named before it frightens."""

from __future__ import annotations

from datetime import date

from tracker.words.dates import day_month, ordinal, weekday

HEADING = "What many people see at this stage"
PLAN_HEADING = "What helps at this stage"
PLAN_UNSET = (
    "Sources disagree about these days. Ask your practitioner; their plan replaces these defaults."
)
DO, AVOID = "Do", "Avoid"
DRAWING = "A drawing of the usual order, not your photo and not a promise."
BAND = (
    "The band is a best estimate, not a rule. On any one day about 1 in 5 people may be outside it."
)
_PALE_AHEAD = "From about day 8 dots can look too light or patchy. This often evens out by day 28."

STRIP = (
    ("treatment_day", "Fresh", 0, 3),
    ("flaking", "Flaking", 4, 7),
    ("pale_phase", "Pale", 8, 14),
    ("settling", "Settling", 15, 27),
    ("first_check", "First check", 28, 42),
)
STRIP_DAY = "day"

_LEADS = {
    "treatment_day": "Dots look darker, larger and crisper today than they will later.",
    "calm_down": "Redness often fades day by day. Dots are still dark while fine scabs form.",
    "flaking": "Tiny scabs and flakes lift off by themselves. Dots shrink and lighten with them.",
    "settling": "Colour evens out and may look slightly darker again.",
    "first_check": "The surface has often closed by now. From now on photos show the settled look.",
    "stable_baseline": "The look is often stable now. Slight softening is common in these months.",
    "year_one": "Slow, even lightening is expected in the first year.",
    "maintenance": "Gradual lightening is expected. Many people plan a refresh after some years.",
}


def day_heading(day: int | None) -> str:
    """The heading of Today."""
    return "Your first treatment" if day is None else f"Day {day}"


def after_treatment(number: int, today: date) -> tuple[str, str]:
    """The date above and the words beside the day."""
    return weekday(today), f"after your {ordinal(number)} treatment"


def lead(phase: str, first_check: date, day: int) -> str:
    """One or two sentences about the stage; the pale phase is told before day 8."""
    if phase == "pale_phase":
        return (
            "Dots can look pale or hazy now while new skin is still cloudy. "
            f"Your first settled check is on {day_month(first_check)}."
        )
    said = _LEADS[phase]
    return f"{said} {_PALE_AHEAD}" if day < 8 else said


def strip_alt(day: int, phase: str) -> str:
    """What the drawn strip shows, in words."""
    here = next((name for key, name, low, high in STRIP if low <= day <= high), None)
    order = (
        "Drawing of how dots tend to look from day 0 to day 42: dark and large when fresh, "
        "smaller while flaking, pale and hazy on days 8 to 14, then more even."
    )
    where = f"in the part called {here}" if here else f"after this strip ({phase.lower()})"
    return f"{order} You are on day {day}, {where}."


def next_photo(when: date, day: int) -> tuple[str, str]:
    """When the next photo helps, and which day that is."""
    return (
        f"Next photo: {weekday(when)}",
        f"Day {day}. Same place, same light, about a minute.",
    )


NEXT_PHOTO_NOW = ("Next photo: today", "Same place, same light, about a minute.")
NO_TREATMENT = (
    "No treatment is recorded yet, so there is no day to count. "
    "Your practitioner enters the date; your photos are kept until then."
)
