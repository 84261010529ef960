"""The stage sentences: what many people see on a day, named before it frightens."""

from __future__ import annotations

from datetime import date

from tracker.words.dates import day_month, ordinal, weekday

HEADING = "What many people see at this stage"
PLAN_HEADING, PLAN_OWN = "What helps at this stage", "Your practitioner's plan"
PLAN_SET = "Days set by your practitioner. The other days are defaults."
PLAN_UNSET = (
    "Sources disagree about these days. Ask your practitioner; their plan replaces these defaults."
)
DO, AVOID = "Do", "Avoid"
ALWAYS = "Always"
DAYS_HEADING = "From which day on"
DAYS_HEAD = ("What", "From")
DRAWING = "A drawing of the usual order, not your photo and not a promise."
BAND = (
    "The band is a best estimate, not a rule. On any one day about 1 in 5 people may be outside it."
)


def band(fitted_to: int | None) -> str:
    """What the band of a chart is."""
    if fitted_to is None:
        return BAND
    return f"{BAND} Your practice has fitted it to {fitted_to} of its own clients."


# The stages of the drawn strip, by the last phase in each.
STRIP = (
    ("calm_down", "Fresh"),
    ("flaking", "Flaking"),
    ("pale_phase", "Pale"),
    ("settling", "Settling"),
    ("first_check", "First check"),
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


def lead(phase: str, first_check: date, day: int, pale: tuple[int, int] = (8, 14)) -> str:
    """One or two sentences about the stage; the pale phase is told before it begins."""
    if phase == "pale_phase":
        return (
            "Dots can look pale or hazy now while new skin is still cloudy. "
            f"Your first settled check is on {day_month(first_check)}."
        )
    said = _LEADS[phase]
    if day >= pale[0]:
        return said
    return (
        f"{said} From about day {pale[0]} dots can look too light or patchy. "
        f"This often evens out in the weeks after day {pale[1]}."
    )


TEMPORARY_LEAD = (
    "Temporary pigment lightens sooner than the lasting kind: it is often touched up after 6 to 18 "
    "months. How dark it should be by now is not known."
)


def allowed(first: int, when: date, day: int) -> str:
    """From when something is allowed: `now`, or `day 7, 20 May`."""
    return "now" if day >= first else f"day {first}, {day_month(when)}"


def strip_alt(day: int, phase: str, here: str, pale: tuple[int, int], last: int) -> str:
    """What the drawn strip shows, in words."""
    order = (
        f"Drawing of how dots tend to look from day 0 to day {last}: dark and large when fresh, "
        f"smaller while flaking, pale and hazy on days {pale[0]} to {pale[1]}, then more even."
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
