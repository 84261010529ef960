"""Verdicts, pills and findings: for the client and for the practice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tracker.words.dates import capital, day_month, give_or_take, one_in

State = Literal["expected", "plain", "watch", "look", "urgent", "cannot", "early", "unmeasured"]
ICONS: dict[State, str] = {
    "expected": "check_circle",
    "plain": "show_chart",
    "watch": "visibility",
    "look": "person_search",
    "urgent": "medical_services",
    "cannot": "help",
    "early": "schedule",
    "unmeasured": "hide_image",
}


@dataclass(frozen=True)
class Pill:
    """A word with its icon and shape."""

    state: State
    text: str


NEEDS_A_LOOK = Pill("look", "Needs a look")
WATCH = Pill("watch", "Watch")
ANSWERED_YES = Pill("urgent", "Answered yes")
SEEN_TOO = Pill("look", "Seen by a practitioner")
CANNOT_TELL = Pill("cannot", "Cannot tell")
CANNOT_TELL_YET = Pill("cannot", "Cannot tell yet")
NOT_MEASURED = Pill("unmeasured", "Not measured")
WAITING = Pill("early", "Being measured")
MEASURED = Pill("plain", "Measured")
REDNESS_INSIDE = Pill("plain", "Redness: inside the band")
REDNESS_ABOVE = Pill("plain", "Redness: above the band")
DOTS_EARLY = Pill("early", "Dots: judged from day 28")

SETTLED = "Your dots are as dark as at your settled look, within what our photos can tell."
CANNOT_YET = "We cannot tell yet."
REDNESS_LIKE_UNTREATED = (
    "Your treated skin measures about as red as your untreated skin, "
    "give or take what a phone photo can show. How it feels counts too."
)
REDNESS_ABOVE_UNTREATED = (
    "Your treated skin measures redder than your untreated skin. How it feels counts too."
)
REDNESS_UNKNOWN = "Redness could not be measured in this photo. How it feels counts."
REVIEW = "It is worth a practitioner review."
LEAST_FADE_UNKNOWN = "How slow a fade can be told has not been measured yet."
RATE_UNKNOWN = "How often this is a false alarm has not been measured yet."

# Name, and the decimals that tell two photos apart.
_MEASURANDS = {
    "pigment_per_area": ("pigment in the area", 3),
    "redness_index": ("redness", 1),
    "density_uniformity": ("evenness", 2),
}
_TITLES = {
    "possible_fading": "Possible fading",
    "patchiness": "Less even than before",
    "lost_patch": "Dots missing in one place",
    "redness_beyond_expected": "Redness above the band",
    "photo_quality": "Photos without numbers",
}


def as_expected(day: int) -> Pill:
    """Only where a band was met by a measured photo, never for redness."""
    return Pill("expected", f"As expected for day {day}")


def course_pill(verdict: str, day: int | None, *, for_client: bool) -> Pill:
    """A course's one word; what the practice watches a client reads as not known yet."""
    if verdict == "as expected" and day is not None:
        return as_expected(day)
    if verdict == "needs a practitioner's look":
        return NEEDS_A_LOOK
    if verdict == "watch":
        return CANNOT_TELL_YET if for_client else WATCH
    return CANNOT_TELL


def darkness(ratio: float, half_width: float, day: int) -> str:
    """The newest value against the settled look; the first sentence only when it is true."""
    if abs(ratio - 1) <= half_width:
        return SETTLED
    change = "lighter" if ratio < 1 else "darker"
    return (
        f"Your dots measure {give_or_take(ratio, half_width)} of your settled look on day {day}: "
        f"{change}, and inside what many people see."
    )


def darkness_of_client(ratio: float, half_width: float, day: int) -> str:
    """The same for the practice: the number, without a verdict of its own."""
    return f"Darkness {give_or_take(ratio, half_width)} of the settled look on day {day}."


def redness_of_client(value: float, half_width: float, day: int, *, above: bool) -> str:
    """Redness against the own peak for the practice."""
    where = "above the band" if above else "not above the band"
    return f"Redness {give_or_take(value, half_width)} of the first-day peak on day {day}, {where}."


ANOTHER_CAMERA = (
    "Photos are taken with another phone, lens or picture mode now, whose numbers do not compare "
    "with the ones before."
)
TIE_CAMERAS = (
    "Two photos of the same view with each of the two, on one day, would tie them together."
)
_WHY = {
    "another-camera": f"We cannot tell: {ANOTHER_CAMERA[0].lower()}{ANOTHER_CAMERA[1:]} "
    f"{TIE_CAMERAS}",
    "no-settled-look": f"{CANNOT_YET} Two measured days between day 28 and day 60 give your "
    "settled look.",
    "window-passed": "We cannot tell: no settled look could be measured between day 28 and day 60.",
    "temporary": "This pigment is temporary; its course is not known, so photos are shown only.",
    "at-edge": "We cannot tell: your newest number lies so near the lower edge of the band that "
    "its error reaches both sides. Two or three photos a visit, in the same place and light, make "
    "the error smaller.",
    "too-noisy": "We cannot tell: the numbers of your photos differ too much from visit to visit. "
    "The same place, light and distance each time help most.",
    "provisional": f"{CANNOT_YET} Until day 42 your settled look is provisional.",
}


def reason(code: str, *, last_measured: date | None, next_on: date | None, today: date) -> str:
    """Why a course cannot be told, and what to do."""
    if code == "no-treatment":
        return "No treatment is recorded yet, so there is nothing to compare photos with."
    if code == "no-photos":
        return "No photos since the last treatment. The first takes about a minute."
    if code == "none-measured":
        since = "the last treatment" if last_measured is None else day_month(last_measured, today)
        return f"We cannot tell: no photo since {since} could be measured."
    if code == "too-early":
        return "Dots are judged from day 28. Until then photos show the way there."
    if code in _WHY:
        return _WHY[code]
    help_on = f" Your next photo on {day_month(next_on, today)} will help." if next_on else ""
    return f"{CANNOT_YET}{help_on}"


def finding_title(topic: str, view: str) -> str:
    """What a finding is of, and where."""
    return f"{_TITLES[topic]}, {view}" if view else _TITLES[topic]


def finding(kind: str, level: str, since: date, today: date, *, late: bool = False) -> str:
    """One sentence for the practice, and the next step of a confirmed one; `late`: compared with
    the first photos of another camera.
    """
    flag, when = level == "flag", day_month(since, today)
    visits = f"since {when}, on two visits or more" if flag else f"since {when}, not confirmed yet"
    said = {
        "possible_fading": f"Darkness lies below what nine in ten people keep, {visits}.",
        "redness_beyond_expected": f"Redness lies above what nine in ten people show, {visits}.",
        "patchiness": f"Dots lie less evenly than {_looked(late)}, {visits}.",
        "lost_patch": f"Dots seen before are missing in one place, {visits}.",
        "photo_quality": "The last three photos gave no numbers. Better photos are needed first.",
    }[kind]
    return f"{said} {REVIEW}" if flag else said


def beside_usual(
    ratio: float, half_width: float, low: float, mid: float, day: int, *, late: bool = False
) -> str:
    """What was measured beside what many lose, which fading is never told without."""
    look = "what the first photos with this camera showed" if late else "the settled look"
    return (
        f"Darkness measures {give_or_take(ratio, half_width)} of {look}. By day {day} "
        f"half of all people are at {mid:.2f} or below, and nine in ten keep {low:.2f} or more."
    )


def _looked(late: bool) -> str:
    return "in the first photos with this camera" if late else "at the settled look"


def client_finding(kind: str, day: int, *, late: bool = False) -> str:
    """The same for the client: never a watch, never more than worth a review."""
    if kind == "redness_beyond_expected":
        return redness_prompt(day)
    if kind == "lost_patch":
        return f"Some of your dots are missing in one place, on two visits. {REVIEW}"
    if kind == "patchiness":
        look = _looked(late).replace("the settled", "your settled")
        return f"Your dots lie less evenly than {look}, on two visits. {REVIEW}"
    return f"Your dots measure lighter than expected on two visits. {REVIEW}"


def redness_prompt(day: int) -> str:
    """Asks the questions; a measured redness does nothing else."""
    return (
        f"Your treated skin measures redder than we would expect on day {day}. "
        "Please answer five quick questions."
    )


REDNESS_RISE = (
    "Your treated skin measures redder than in your last photo. Please answer five quick questions."
)


def rate(
    false_alarm_rate: float | None, tried: tuple[int, int, float, int, int, int] | None = None
) -> str:
    """How often unchanged scalps get a finding; never invented. Of few tests (`tried`: seen, of how
    many, at most, sets of photos, lost patches found, of how many) with what they leave open.
    """
    if false_alarm_rate is None:
        return RATE_UNKNOWN
    if tried is None:
        who = one_in(false_alarm_rate)
        return f"In tests on unchanged scalps {who} saw this within half a year."
    n_seen, n_unchanged, at_most, n_sets, n_found, n_lost = tried
    return (
        f"In tests {n_seen or 'none'} of {n_unchanged} unchanged scalps saw this in {n_sets} sets "
        f"of photos two weeks apart: at most {100 * at_most:.0f} in 100 do. Of lost patches 12 mm "
        f"across {n_found} of {n_lost} were found by the second set."
    )


def least_fade(per_week: float | None) -> str:
    """From which fade on photos can tell; never invented."""
    if per_week is None:
        return LEAST_FADE_UNKNOWN
    return (
        f"In tests, fading below {100 * per_week:.1f} % a week could not be told from the usual "
        "course within half a year."
    )


BORDER_HEADING, BORDER_ADD = "New hair loss at the border", "Enter what you saw"
BORDER_PLACE, BORDER_SAVE, BORDER_BACK = "Where", "Save", "Take back"
BORDER_NONE = "None entered. It is a reason for a touch-up of its own, and a person sees it best."
I_SEE_IT = "I see it too"
NOT_SO, DISMISS, DISMISSED = "I do not see it", "Dismiss this finding", "Dismissed findings"
WHY_NOT, WHY_NEEDED = "What is it instead?", "Please say what it is instead, in a few words."
SHADOW_HEADING = "Findings for clients"
SHADOW_SWITCH = "Clients read findings confirmed on two visits"
SHADOW_OFF = (
    "Switched off: only practitioners see findings, clients read “Cannot tell yet”. Switch it on "
    "when you have seen enough of them here. The five questions are asked either way."
)
SHADOW_ON = "Switched on: clients read “Needs a look” and why, never a watch."


def border_seen(place: str, when: date, made_by: str, today: date) -> str:
    """What was entered, when and by whom."""
    return f"{capital(place)}, seen on {day_month(when, today)} by {made_by}."


def hair_moved_back(
    view: str,
    against: date,
    since: date,
    n_visits: int,
    moved: float,
    half_width: float,
    unit: str,
    *,
    today: date,
) -> str:
    """A suggestion to look; only a person enters new hair loss."""
    return (
        f"{capital(view)}: hair beside the dots begins {moved:.0f} {unit} farther back, give or "
        f"take {half_width:.0f}, than on {day_month(against, today)}, on {n_visits} visits since "
        f"{day_month(since, today)}. Hair may be cut or combed otherwise: please look, and enter "
        "it only if you see it too."
    )


def decided_here(confirmed: int, dismissed: int) -> str:
    """The practice's own count for the rules in force."""
    total = confirmed + dismissed
    if total == 0:
        return "Here nobody has confirmed or dismissed a finding yet."
    return f"Here {dismissed} of {total} were dismissed."


def own_count(confirmed: int, dismissed: int) -> str:
    """The same beside the switch."""
    return f"In this practice, by the rules in force: {confirmed} confirmed, {dismissed} dismissed."


def evidence(line: str) -> str:
    """One line of a finding's evidence, in plain words."""
    lost = re.fullmatch(r"lost_patch (\d{4}-\d\d-\d\d): ([\d.]+) \(p [\d.]+\)", line)
    if lost is not None:
        when = capital(day_month(date.fromisoformat(lost[1])))
        return f"{when}: {100 * float(lost[2]):.0f} % of the dots in one place missing"
    match = re.fullmatch(r"(\w+) (\d{4}-\d\d-\d\d): (-?[\d.]+) ± ([\d.]+)", line)
    if match is None:
        name, _, codes = line.rpartition(": ")
        return f"{name}: {codes.replace('-', ' ')}"
    what, digits = _MEASURANDS.get(match[1], (match[1].replace("_", " "), 2))
    value = give_or_take(float(match[3]), float(match[4]), digits)
    return f"{capital(day_month(date.fromisoformat(match[2])))}: {what} {value}"


_SETTLED = {
    "not yet": "Photos do not show a settled look yet; dots are judged from day 28.",
    "overdue": "By now photos should show a settled look, with evenness, redness and darkness "
    f"steady over two visits, and they do not. {REVIEW}",
    "cannot tell": "Whether the look has settled cannot be told: it takes two visits, two weeks "
    "apart, that measure darkness, evenness and redness.",
}


def settled(state: str, since: date | None, today: date) -> str:
    """Whether photos show the settled look."""
    if state == "settled" and since is not None:
        return (
            "Photos show a settled look: evenness, redness and darkness stayed the same, within "
            f"what photos can tell, over two visits up to {day_month(since, today)}."
        )
    return _SETTLED[state]


def forecast(share: float, earliest: date, latest: date) -> str:
    """When a refresh may be planned; a help for planning, not a finding."""
    return (
        f"For planning only: darkness may come down to {share:.2f} of the settled look, where a "
        f"refresh is usually planned, between {_month(earliest)} and {_month(latest)} "
        "(in four cases of five)."
    )


def _month(when: date) -> str:
    return f"{when:%B %Y}"


DECISIONS = {
    "worth a review": "Worth a practitioner review.",
    "nothing to do": "Nothing to do.",
    "ask a practitioner first": "Ask a practitioner first.",
}
_TOUCH_UP_REASONS = {
    "open-answer": "An answer to the questions is still open.",
    "no-treatment": "No treatment is recorded.",
    "before-day-28": "It is too early to judge a touch-up.",
    "redness": "Redness lies above the band.",
    "dots-enlarged": "Dots measure wider than at the settled look by more than a quarter.",
    "possible_fading": "Fading beyond the band was confirmed on two visits.",
    "patchiness": "Dots lie less evenly than at the settled look, on two visits.",
    "refresh-level": "Darkness is below the refresh level on the last two photos.",
    "first-check": "The first settled check is due.",
    "none-measured": "No photo since the treatment could be measured.",
    "border-loss": "New hair loss at the border was seen.",
    "course-unknown": "The photos so far do not tell the course.",
}
IN_WINDOW, NOT_IN_WINDOW = "Yes", "No"


def touch_up(decision: str, not_before: date | None, today: date) -> str:
    """The decision in the words of the plan."""
    if decision == "not before" and not_before is not None:
        return f"Not before {day_month(not_before, today)}."
    return DECISIONS[decision]


def included(until: date, today: date) -> str:
    """Until when the practice does a touch-up within the price."""
    when = day_month(until, today)
    return f"Included until {when}." if today <= until else f"It was included until {when}."


def touch_up_reason(code: str) -> str:
    """Why a touch-up decision came out as it did."""
    return _TOUCH_UP_REASONS[code]
