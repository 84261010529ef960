"""How I feel: the questions' frame and answers. The questions stand in the timeline, verbatim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tracker.words.dates import day_month

TITLE = "How I feel"
DURATION = "about a minute"
NONE_OF_THESE = "None of these"
YES, NO = "Yes", "No"
CONTINUE = "Continue"
BACK = "Back"
AGAIN = "Answer again"
DECIDES = "Your answers decide what we say here. Photos never do."
MORNING = "Your practice may read this only in the morning. Do not wait for a reply."
CANNOT_TELL_INFECTED = "This app cannot tell whether skin is infected."
SAVED = "Your answers were saved, with the words you saw."
NOT_SAVED = (
    "Your answers could not be saved. What we say above still counts. Please try again later."
)
EMERGENCY_HEADING = "Call your emergency number at once if"
EMERGENCY_SIGNS = (
    "you have trouble breathing, fast breathing or heartbeat, your face, lips or tongue swell, "
    "hives spread widely, a colour change spreads fast, you vomit again and again, or you feel "
    "dizzy, faint, confused or very unwell."
)
EXTRA_LABELS = {"new_sore_skin": "New sore skin"}
EXTRA_TEXTS = {"new_sore_skin": "Please tell your practitioner about the new sore skin."}
ACT = {
    "emergency": "Please act now",
    "urgent_today": "Please act today",
    "soon_48h": "Please act within 48 hours",
    "routine": "Please ask before any further treatment",
    "practitioner": "Please tell your practitioner",
    "none": "Nothing reported",
}
OPEN_FIRST = "Your answers count more than any photo. See above what to do."
OPEN_UNTIL = "This stays here until your practice records that a professional has looked at it."
ASK_HEADING = "Five quick questions"
ASK_OFFER = "They take about a minute. You can answer them at any time, with or without photos."
HELP_TITLE = "When to seek help"
HELP_INTRO = "These signs count more than any photo. The words beside each say how soon."
HELP_BACK = "Back"
WAS_TOLD = "Was told:"
CLOSE = "A professional has looked"


def step(number: int, total: int) -> str:
    """`Question 1 of 5`."""
    return f"Question {number} of {total}"


def answered_yes(labels: Sequence[str], *, for_client: bool = True) -> str:
    """The answers repeated, to the person or to the practice."""
    who = "You answered yes" if for_client else "Answered yes"
    return f"{who}: {'; '.join(_lower(label) for label in labels)}."


def answered_on(when: date, today: date) -> str:
    """When the open answer was given."""
    return f"Answered on {day_month(when, today)}."


def practice_line(labels: Sequence[str], said: str) -> str:
    """The same for the practice: what was answered, and what was said."""
    return f"Answered yes to: {'; '.join(_lower(label) for label in labels)}. Was told: {said}"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
