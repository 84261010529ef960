"""Photos: refusals with one piece of advice each, what limits a photo, sending, dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tracker.views import label
from tracker.words.dates import day_month
from tracker.words.dates import photos as count_photos

STAYS = "This photo stays in your record. No numbers come from it."

REFUSALS: Mapping[str, tuple[str, str]] = {
    "too-small": (
        "The picture is too small to see the dots.",
        "Next time: send the photo itself, not a screenshot or a copy from a chat.",
    ),
    "composite": (
        "This picture is put together from several, or has a frame.",
        "Next time: send each photo by itself, as the camera took it.",
    ),
    "no-skin": (
        "Hair hides the dots, or the photo shows too little scalp.",
        "Next time: same short cut as before, and let the scalp fill the picture.",
    ),
    "glare": (
        "There is shine on much of the area.",
        "Next time: no flash, turn away from the window.",
    ),
    "clipped": (
        "Much of the area is too bright or too dark for the camera.",
        "Next time: even daylight from the side, no direct sun, no lamp behind you.",
    ),
    "too-blurred": (
        "It is too blurred to see the dots.",
        "Next time: come about 20 % closer; tap the dots on the screen, then press.",
    ),
    "moved": (
        "The phone moved while it was taken.",
        "Next time: rest your elbows, hold still for a second, then press.",
    ),
    "future-date": (
        "The date of this photo lies in the future.",
        "Please enter the day it was taken.",
    ),
    "unknown-view": (
        "We do not know which part of the head this shows.",
        "Please choose the view, then send it again.",
    ),
    "not-a-date": (
        "This is not a date we can read.",
        "Please enter it as day, month and year.",
    ),
    "empty-file": (
        "The file is empty.",
        "Please open the photo once on your phone, then choose it again.",
    ),
    "not-a-photo": (
        "This file is not a photo.",
        "Please choose a photo from your camera.",
    ),
    "format-not-accepted": (
        "We cannot read this kind of picture.",
        "Please send it as JPEG, PNG, WebP or HEIC.",
    ),
    "not-a-still-photo": (
        "This is a moving picture.",
        "Please send a still photo.",
    ),
    "too-large": (
        "This photo is too large (limit 50 megapixels, 25 MB).",
        "Please take it with the camera's ordinary setting.",
    ),
    "damaged": (
        "This photo arrived damaged.",
        "Please choose it again.",
    ),
    "damaged-partly": (
        "Part of this photo is damaged.",
        "Please choose it again, or take a new one.",
    ),
    "metadata-unreadable": (
        "We could not read what the camera wrote into this photo.",
        "Please send the photo as it came from the camera.",
    ),
    "pixels-unreadable": (
        "We could not read this picture.",
        "Please open it once on your phone, then choose it again.",
    ),
    "too-many-bytes": (
        "This photo is too large (limit 25 MB).",
        "Please take it with the camera's ordinary setting.",
    ),
    "damaged-on-the-way": (
        "This photo arrived damaged.",
        "Please choose it again.",
    ),
    "not-readable": (
        "This photo cannot be read.",
        "Please choose it again.",
    ),
    "colours-unknown": (
        "The colours of this picture are stored in a way we cannot read.",
        "Please send the photo as it came from the camera.",
    ),
    "card-covered": (
        "The printed card in this photo is partly hidden.",
        "Next time: all of the card in the photo, or none of it.",
    ),
    "no-colour": (
        "This is a black-and-white photo; skin and dots are told apart by colour.",
        "Next time: the camera's ordinary colour mode.",
    ),
    "region-outside": (
        "The area drawn by hand does not lie in the photo.",
        "Please draw it again on this photo.",
    ),
    "took-too-long": (
        "We could not read this photo in time.",
        "Please choose another.",
    ),
    "not-measured": (
        "Something went wrong on our side while measuring.",
        "The photo is kept; it will be measured again with the next version.",
    ),
    "too-much-memory": (
        "This picture is too heavy for us to open.",
        "Please take it with the camera's ordinary setting.",
    ),
}
TONE_REASONS: Mapping[str, str] = {
    "no-dots": "Too few single dots could be seen, so only darkness and redness were measured.",
    "dots-too-small": (
        "The dots are too small in this picture to be counted. Next time: come closer."
    ),
    "too-far": (
        "The whole head is in the picture, so the dots are too small to be counted. "
        "Next time: hold the phone about a hand's width closer."
    ),
    "dots-moved": (
        "The phone moved, so the dots became strokes and were not counted. "
        "Next time: rest your elbows, hold still for a second, then press."
    ),
    "stubble": ("Stubble hides the dots, so they were not counted. Next time: please shave first."),
    "dots-merged": (
        "The dots run into hair or each other here, so they were not counted. "
        "Next time: same short cut as before."
    ),
}
UNKNOWN_REFUSAL = ("We could not measure this photo.", "Next time: same place, same light.")

FLAGS: Mapping[str, str] = {
    "glare": "Shine hides part of the area. No flash, and turn away from the window.",
    "clipped": "Part of the area is too bright or too dark. Even daylight from the side is best.",
    "blurred": "The photo is a little blurred. Tap the dots on the screen, then press.",
    "no-colour": "A black-and-white photo: nothing about colour can be told.",
    "no-reference-skin": "No untreated skin is in the photo to compare with.",
    "no-scale": "The size of the area is not known without the printed card.",
    "dots-not-resolved": "Single dots cannot be told apart.",
    "not-calibrated": "Colours are not corrected by a card.",
    "blur-dependent": "Only comparable between photos of like sharpness.",
    "not-aligned": "The two photos were not fitted together.",
    "stage-missing": "Not measured yet by this version.",
    "no-border-found": "No border of the treated area was seen; all scalp in the photo counts.",
    "region-given": "The area was drawn by hand.",
    "reduced": "The photo was reduced to 16 megapixels before measuring.",
    "blur-differs": "The two photos differ too much in sharpness.",
    "distance-differs": "The two photos were taken from different distances.",
    "photo-refused": "One of the photos was not measured.",
    "foreshortened": (
        "Too little treated skin is seen face on to judge how evenly the dots lie; "
        "a close-up would show it."
    ),
    "motion": "The phone moved a little. Rest your elbows and hold still for the next one.",
    "stubble": "Stubble is counted with the dots. Please shave before the next one.",
    "halo": "The phone sharpened this photo much. Please switch off filters and beauty modes.",
    "steep": "Much of the area turns away from the camera. Hold the phone straight above it.",
    "card-not-used": "The printed card is partly hidden, so it was not used. Keep all of it free.",
    "partly-blurred": "Part of the area is out of focus. Please switch off portrait mode.",
    "picture-mode": (
        "The phone took this in a mode that changes how skin looks. Please use the standard one."
    ),
    "no-hair-edge": "No edge of hair beside the dots was seen in both photos.",
}

# Limits that the next photo can be without, weightiest first.
ADVISED = (
    "motion",
    "blurred",
    "partly-blurred",
    "clipped",
    "glare",
    "halo",
    "picture-mode",
    "stubble",
    "card-not-used",
)

OVERLAY: Mapping[str, str] = {
    "sure": "dot, sure",
    "fair": "fairly sure",
    "unsure": "unsure",
    "treated": "treated area",
    "reference": "untreated skin",
    "glare": "shine, not measured",
    "thin": "fewer dots",
    "pale": "paler dots",
    "redder": "redness index from 4 on",
    "much_redder": "from 8 on (a mild reddening is about 7)",
    "red_spots": "redder than the skin around",
}
# One, and more than one.
PATCHES: Mapping[str, tuple[str, str]] = {
    "sparse": ("One place has fewer dots.", "{} places have fewer dots."),
    "pale": ("One place is paler.", "{} places are paler."),
}
REDNESS_KINDS: Mapping[str, str] = {
    "spots": "Some places measure redder than the treated skin around them.",
    "around_dots": "Skin beside the dots measures redder than skin between them.",
    "diffuse": "The treated skin measures redder than untreated skin, spread over the area.",
}
NO_SCALE = "No scale: no millimetres."

TITLE = "Photos"
ADD = "Add photos"
VIEW_LABEL = "Which part does it show?"
HOW = "Dry skin, same short cut, same place and light as last time. No flash."
EMPTY = "No photos yet. The first takes about a minute."
LIST_HEADING = "All photos"
DATES_HEADING = "Please confirm the date"
CONFIRM = "Yes, that day"
OTHER_DATE = "It was another day"
DATE_INPUT = "Day it was taken"
SAVE_DATE = "Save this date"
NO_DATE = "This photo does not say when it was taken. Which day was it?"
WAITING = "Saved. Measuring takes about a minute."
MEASURED_DOTS = "Measured, with single dots."
MEASURED_TONE = "Measured: darkness and redness."
NO_DAY = "before the first treatment"

UPLOAD: Mapping[str, str] = {
    "queued": "Next in line.",
    "sending": "Sending.",
    "saved": WAITING,
    "already": "You already sent this one.",
    "waiting": "Waiting for network, then carries on by itself.",
    "not_sent": "Not sent yet. Tap to send again.",
    "server": "Something went wrong on our side. It will be tried again by itself.",
    "server_stopped": "Something went wrong on our side. Not saved yet. Tap to send again.",
    "sign_in": "Please sign in again.",
    "too_large": "This photo is too large (limit 25 MB).",
    "too_many": "That is enough photos for today. Please send the rest tomorrow.",
    "empty": "The phone sent an empty file. Open the photo once, then try again.",
    "unreadable": "The phone did not hand over this photo. Open it once, then try again.",
    "refused": "We could not take this photo. Keep it on your phone.",
}


def refusal(code: str) -> str:
    """Why, and one sentence of advice."""
    return " ".join(REFUSALS.get(code, UNKNOWN_REFUSAL))


def reason(code: str) -> str:
    """Why a photo was refused, or measured without counting dots."""
    return TONE_REASONS.get(code) or refusal(code)


def result(verdict: str | None, level: str | None, reasons: tuple[str, ...]) -> str:
    """How a photo ended, in a sentence or two."""
    if verdict is None:
        return WAITING
    if verdict != "measured":
        return " ".join(refusal(code) for code in reasons[:1]) or " ".join(UNKNOWN_REFUSAL)
    if level == "dot":
        return MEASURED_DOTS
    return next((TONE_REASONS[c] for c in reasons if c in TONE_REASONS), MEASURED_TONE)


def advice(flags: tuple[str, ...]) -> str | None:
    """What would have made a measured photo better: one sentence, the weightiest limit's."""
    return next((FLAGS[name] for name in ADVISED if name in flags), None)


def counted(number: int, give: int) -> str:
    """How many dots a picture shows."""
    return f"{number:,} dots, give or take {give:,}."


def evenness(value: float, stderr: float) -> str:
    """How evenly they lie."""
    return f"Evenness {value:.2f}, give or take {stderr:.2f} (1 = even)."


def patches(kind: str, number: int) -> str:
    """How many places have fewer, or paler, dots."""
    one, more = PATCHES[kind]
    return one if number == 1 else more.format(number)


def scale(value: float, text: str) -> str:
    """The scale and where it comes from."""
    return f"{value:.1f} px per mm ({text})."


def view_name(view: str) -> str:
    """The name of a view; other views as they were named."""
    return label(view)


def title_of(view: str, taken: str) -> str:
    """`Crown, taken today`."""
    return f"{view_name(view)}, taken {taken}"


def ask_date(taken_on: date, today: date) -> str:
    """The one question about a date read from the photo."""
    return f"This photo says {day_month(taken_on, today)}. Is that the day it was taken?"


def future(taken_on: date) -> str:
    """A photo whose own date cannot be."""
    said = f"Your phone says {taken_on.day} {taken_on:%B %Y}."
    return f"{said} That is in the future. When did you take it?"


def measuring(done: int, total: int) -> str:
    """How far measuring has come."""
    return f"Measuring {done} of {total}"


def alt(view: str, day: int | None, taken: str) -> str:
    """What a photo shows, for those who cannot see it."""
    when = NO_DAY if day is None else f"day {day}"
    return f"Photo: {view_name(view).lower()}, {when}, {taken}"


def saved(number: int) -> str:
    """`4 photos saved`."""
    return f"{count_photos(number)} saved"
