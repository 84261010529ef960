"""Names, headings, empty places and faults of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tracker.words.dates import capital, day_month, give_or_take, relative, rounded

DEMO_TITLE = "Demonstration accounts"
DEMO_PASSWORD = "The password of each is"
SIGN_OUT = "Sign out"
SIGN_IN_AGAIN = "Please sign in again."
OUR_FAULT = "Something went wrong on our side. What you saved is kept."
NOT_YOURS = "There is nothing here for this account."
NOT_STARTED = "This page only runs inside the tracker. Start it with `smp-tracker serve`."

PLACES: Mapping[str, str] = {
    "today": "Today",
    "progress": "Progress",
    "photos": "Photos",
    "compare": "Compare",
    "feel": "How I feel",
    "queue": "Queue",
    "clients": "Clients",
    "client": "Client",
    "touchups": "Touch-ups",
    "guide": "Guidance",
    "practice": "Practice",
    "plan": "Plan",
    "worksheet": "Worksheet",
}

# Progress
PROGRESS_TITLE = "Your course so far"
MEASUREMENT_LABEL = "Measurement"
MEASUREMENTS: Mapping[str, str] = {
    "darkness": "Darkness",
    "evenness": "Evenness",
    "redness": "Redness",
    "kept": "Dots kept",
}
CAPTIONS: Mapping[str, str] = {
    "darkness": "Darkness of dots · 1 = {whose} settled look",
    "darkness-band": "Darkness of dots · the band only, until the settled look is known",
    "redness": "Redness · 1 = {whose} own first-day peak",
    "redness-plain": "Redness, treated against untreated skin · 0 = no difference",
    "evenness": "Evenness of dots · 1 = even",
}
KEPT_EMPTY = "Not measured yet by this version. Comparing single dots comes with a later one."
BAND_ONLY = "No settled look yet, so only the band is drawn, without own values."
REDNESS_NO_PEAK = (
    "There is no photo of day 0 or 1 with a clear redness to compare with, so no band is drawn."
)
EVENNESS_NO_BAND = "No band is known for evenness, so there is no verdict. Values as measured."
NO_VALUES: Mapping[str, str] = {
    "darkness": "No photo of this view has a darkness yet. It needs untreated skin in the picture.",
    "redness": "No photo of this view has a redness yet. It needs untreated skin in the picture.",
    "evenness": "No photo of this view shows single dots yet. Come closer, with a short cut.",
}
SHOW_TABLE = "Show as table"
TABLE_HEAD = ("Day", "Date", "Value", "Give or take", "What many people see")
X_AXIS = "days since last treatment"
TODAY_MARK = "today"
BAND_MARK = "what many people see"
LEGEND: Mapping[str, str] = {
    "photo": "one photo, with its error",
    "outside": "outside the band",
    "refused": "not measured",
    "settled": "settled look",
    "treatment": "treatment",
    "middle": "middle of the band",
}
DAYS_HEADING = "By day"
VIEW_LABEL = "View"

# Compare
COMPARE_TITLE = "What changed?"
COMPARE_FIRST, COMPARE_SECOND = "First photo", "Second photo"
COMPARE_NEEDS_TWO = "Two photos of one view are needed to compare. Add a photo of the same view."
ALIGNED = (
    "The second photo is laid on the first, so that each dot lies in the same place. "
    "Black means that it shows nothing there."
)
FITTING = "These two photos are being fitted together. Until then each is shown as it was taken."
NOT_ALIGNED = (
    "These two photos could not be aligned. "
    "Compare the dots, not the exact place or the skin colour."
)
NO_DATE_YET = "No date yet"
SAME_PHOTO = "Please choose two different photos."

# Today
LATEST_HEADING = "Your latest photo"
ADD_PHOTOS = "Add photos"

# Practice
PRACTICE_TITLE = "Practice"
QUEUE_TITLE_NONE = "Nobody needs you now"
GROUPS: Mapping[str, tuple[str, str]] = {
    "answers": ("Answers", "from the five questions"),
    "look": ("Needs a look", "confirmed on two visits"),
    "watch": ("To watch", "one visit only, not shown to clients"),
    "photos": ("Photos", "nothing can be said without them"),
}
SHOW_ALL = "Show all clients"
CLIENTS_TITLE = "Clients"
NO_CLIENTS = "No clients yet. Add the first with `smp-tracker users`."
CLIENT_HEAD = ("Client", "Day", "Status", "Touch-up window", "Why")
TOUCHUP_HEAD = ("Client", "Day", "Decision and why")
NO_CLIENT_CHOSEN = "Choose a client from the list."
BACK_TO_CLIENTS = "All clients"
BACK = "Back"
NO_SUCH_CLIENT = "There is no such client."
EVIDENCE = "Numbers behind it"
TREATMENTS_HEADING = "Treatments"
NO_TREATMENTS = "No treatment is recorded yet. Add the first one here."
TREATMENT_HEAD = ("Treatment", "Date", "Area")
ADD_TREATMENT = "Add a treatment"
TREATED_ON, AREA, SAVE = "Date", "Area", "Save"
AREA_DEFAULT = "whole scalp"
TOUCH_UP_HEADING = "Touch-up"
BEFORE_AFTER_HEADING = "Then and now"
PHOTOS_HEADING = "Photos"
NO_PHOTOS_CLIENT = "No photos yet. The client adds them from the phone."
TOUCHUPS_TITLE = "Touch-ups"
TOUCHUPS_INTRO = "Who is in the window for a review, and why. The practitioner decides."
TOUCHUPS_EMPTY = "Nobody is in the window for a review now."
OTHERS_HEADING = "Not in the window"
ASK_HEADING = "Ask a practitioner first"


def caption(key: str, *, for_client: bool) -> str:
    """What a chart's values are, said to the client or of the client."""
    return CAPTIONS[key].format(whose="your" if for_client else "the client's")


def day(number: int | None) -> str:
    """`day 58`."""
    return "no treatment yet" if number is None else f"day {number}"


def after_treatment(day_number: int | None, n_treatments: int) -> str:
    """`Day 58 after treatment 3`."""
    if day_number is None:
        return capital(day(None))
    return f"Day {day_number} after treatment {n_treatments}"


def queue_title(number: int) -> str:
    """`7 clients need something`."""
    if number == 0:
        return QUEUE_TITLE_NONE
    return "1 client needs something" if number == 1 else f"{number} clients need something"


def others(number: int) -> str:
    """`187 others have no open question.`"""
    if number == 1:
        return "1 other has no open question."
    return f"{number} others have no open question."


def treatment_mark(number: int, last: bool) -> str:
    """`2nd treatment` at the newest line, `1st` at the others."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    return f"{number}{ending} treatment" if last else f"{number}{ending}"


def chart_alt(verdict: str, caption: str, values: list[str], unmeasured: list[int]) -> str:
    """A chart in words: verdict, values by day, days not measured."""
    said = f"{verdict.rstrip('.')}. {caption}. "
    said += f"{'; '.join(values)}." if values else "No value is drawn."
    if unmeasured:
        days = ", ".join(str(each) for each in unmeasured)
        said += f" Photos that could not be measured: day {days}."
    return said


def value_on(day_number: int, value: float, half_width: float, outside: bool) -> str:
    """One value of a chart in words."""
    beyond = ", outside the band" if outside else ""
    return f"day {day_number}: {give_or_take(value, half_width)}{beyond}"


def band_range(low: float, high: float) -> str:
    """`0.85 to 1.05`."""
    return f"{rounded(low)} to {rounded(high)}"


def move_between(first: int | None, second: int | None) -> str:
    """The slider's name."""
    return f"Move between the photos of {day(first)} and {day(second)}"


def compare_choice(number: int | None, taken_on: date | None, today: date) -> str:
    """A photo in a list to choose from."""
    if taken_on is None:
        return NO_DATE_YET
    return f"{capital(day(number))} · {day_month(taken_on, today)}"


def taken(taken_on: date | None, today: date) -> str:
    """`today`, `29 May` or that nobody knows."""
    return "on a day not known" if taken_on is None else relative(taken_on, today)
