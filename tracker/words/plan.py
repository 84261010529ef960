"""The practice's own plan: its form, its versions, why a change is refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tracker.words.dates import capital, day_month

TITLE = "The plan"
OF_PRACTICE = "The plan of your practice"
INTRO = (
    "Clients read these days as their practitioner's plan. While nothing is set here they read the "
    "defaults, with the words that sources disagree."
)
OF_CLIENT_INTRO = (
    "Days set here are for this client only, where skin type, depth or technique ask for it. "
    "All others follow the plan of the practice."
)
FIXED = (
    "Signs to seek help for, the 7 days between treatments and the wording cannot be changed. "
    "Fading and patches are never judged before day 28."
)
STAGES, STAGES_HELP = "Stages", "A stage ends the day before the next one begins."
BEGINS = "begins on day"
AFTERCARE, AFTERCARE_HELP = "Aftercare", "From which day on; empty means: not in the plan."
VISITS = "Visits and levels"
TEXTS, TEXTS_HELP = "What to do and to avoid", "One line each. They are shown as you write them."
DO, AVOID = "Do", "Avoid"
FIELDS = {
    "gates.default_spacing_days": "Days between two planned treatments",
    "gates.default_assess_before_adding_days": "A touch-up is judged from day",
    "gates.touch_up_included_until_day": "A touch-up is included until day",
    "calendar.review_days": "Days of the first review",
    "decision_defaults.refresh_planning_if_contrast_below": "A refresh is planned below (1 = "
    "settled look)",
}
REVIEW_FIRST, REVIEW_LAST = "First review from day", "First review until day"
REASON = "Why"
REASON_CLIENT_HELP = "Such as skin type, depth or technique"
REASON_NEEDED = "Please say why this client has days of their own."
SAVE = "Save this plan"
NOTHING_NEW = "Nothing differs from the plan in force."
SAVED = "Saved. Pages use it from now on."
VERSIONS = "Versions"
NO_VERSIONS = "Nothing was ever set: the defaults are in force."
USE_AGAIN, TO_DEFAULTS = "Use this version again", "Back to the defaults"
IN_FORCE = "in force"
DEFAULTS_AGAIN = "the defaults"
WENT_BACK = "Went back to an earlier version."
CLIENTS_HEADING = "Clients with days of their own"
NO_CLIENT_PLANS = "No client has days of their own. Set them on a client's page."
OPEN_PLAN = "Open the plan"
CLIENT_PLAN = "Plan for this client"
FOLLOWS_PRACTICE = "Follows the plan of the practice."
OWN_DAYS = "Has days of their own:"

_PHASE_FIELDS = {
    "start_day": "first day",
    "end_day": "last day",
    "do": "what to do",
    "avoid": "what to avoid",
}


def phase_field(title: str, name: str) -> str:
    """`Settling, first day`."""
    return f"{title}, {_PHASE_FIELDS[name]}"


def change(name: str, before: Any, after: Any) -> str:
    """`Razor, no scabs left: 8 instead of 10`."""
    if isinstance(after, dict):
        return f"{name}: {fitted_to(after['n_clients'])}"
    if isinstance(after, list) and after and isinstance(after[0], str):
        return f"{name}: in your own words"
    return f"{name}: {_said(after)} instead of {_said(before)}"


def default_help(default: Any, reported: tuple[int, int] | None = None) -> str:
    """The default beside a field, and what sources report."""
    said = f"Default {_said(default)}."
    return f"{said} Sources report day {reported[0]} to {reported[1]}." if reported else said


def of_client(name: str) -> str:
    """The page's title for one client."""
    return f"The plan for {name}"


def version(number: int, newest: bool) -> str:
    """`Version 3, in force`."""
    return f"Version {number}, {IN_FORCE}" if newest else f"Version {number}"


def made(made_at: datetime, made_by: str, reason: str) -> str:
    """When, by whom and why."""
    said = f"{day_month(made_at.date())} {made_at.year}, {made_by}"
    return f"{said}: {reason}" if reason else said


BANDS_FIELD = "Bands of the settled course"
BANDS_HEADING = "Expected bands"
BANDS_PRIOR = (
    "The bands that are in force came with the program. They are best estimates from what was "
    "published, not data."
)
BANDS_RATE = (
    "How often a finding is false was simulated with the bands that came with the program, and is "
    "not known for fitted ones."
)
BANDS_USE, BANDS_AGAIN = "Use bands fitted to our clients", "Fit again to today's clients"
BANDS_BACK = "Back to the bands that came with the program"
BANDS_HEAD = ("Day", "Half of all people keep", "Fitted", "Nine in ten keep", "Fitted")
BANDS_REASON = "Bands fitted to our own clients."


def fitted_to(n_clients: int) -> str:
    """`fitted to 34 clients of the practice, drawn towards the prior`."""
    return f"fitted to {n_clients} clients of the practice, drawn towards the published estimates"


def bands_in_force(n_clients: int | None) -> str:
    """Which bands are in force."""
    if n_clients is None:
        return BANDS_PRIOR
    return f"The bands that are in force were {fitted_to(n_clients)}."


def clients_known(n_clients: int, least: int) -> str:
    """How many clients tell a settled course, and how many a fit needs."""
    who = "One client has" if n_clients == 1 else f"{n_clients} clients have"
    need = "" if n_clients >= least else f" A fit needs {least}."
    return f"{who} settled photos that tell their course.{need}"


def too_few_clients(n_clients: int, least: int) -> str:
    """Refused: a fit to too few."""
    return f"Bands are fitted to {least} clients or more; {n_clients} are too few."


def next_layer(planned: date, blocked: date, today: date) -> str:
    """When the next planned layer may be placed."""
    return (
        f"Next planned layer: from {day_month(planned, today)} on. "
        f"Never before {day_month(blocked, today)}."
    )


def not_editable(path: str) -> str:
    """Refused: no such path."""
    return f"This cannot be changed by a practice: {path}."


def no_day(name: str) -> str:
    """Refused: not a whole day."""
    return f"{capital(name)}: please give a whole day."


def out_of_range(name: str, low: float, high: float) -> str:
    """Refused: outside what is possible."""
    return f"{capital(name)}: must lie between {low:g} and {high:g}."


def review_backwards(first: int, last: int) -> str:
    """Refused: ends before it begins."""
    return f"The first review cannot end on day {last} when it begins on day {first}."


def too_many_lines(name: str, lines: int, letters: int) -> str:
    """Refused: too long or empty."""
    return f"{capital(name)}: between 1 and {lines} lines of at most {letters} letters, please."


def forbidden_word(name: str, word: str) -> str:
    """Refused: a word that is a verdict about a person."""
    return f"{capital(name)}: please say it without the word “{word}”."


def not_from_the_start(title: str) -> str:
    """Refused: the first stage begins later."""
    return f"{title} must begin on day 0."


def no_days_left(title: str, after: str) -> str:
    """Refused: a stage without a day."""
    return f"{title} would have no day left: {after} must begin later."


def gap(before: str, end_day: int, after: str, start_day: int) -> str:
    """Refused: days that belong to no stage, or to two."""
    return (
        f"{before} ends on day {end_day}, so {after} must begin on day {end_day + 1}, "
        f"not on day {start_day}: every day belongs to one stage."
    )


def last_is_open(title: str) -> str:
    """Refused: an end to the last stage."""
    return f"{title} has no last day."


def client_in_the_way(name: str, why: str) -> str:
    """Refused: the practice's change does not go with a client's own days."""
    return f"This does not go with the days set for {name}. {why}"


def _said(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list):
        return " to ".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
