"""A practice's own plan: the days and levels it sets in place of the timeline's defaults. Pure.

Changes are kept by the path of what they replace, such as `phases.flaking.end_day`. What is no path
here cannot be changed: signs to seek help for, the block of a few days between treatments, wording.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from typing import Any

from tracker import refit
from tracker.errors import PlanRefused
from tracker.refit import Fit
from tracker.timeline import LAST_EXPECTED_DAY, Timeline
from tracker.words import plan as words

Changes = Mapping[str, Any]

MOST_DAYS = 365
BANDS_SHOWN = (90, 180, 365, 1095)
MOST_LINES, MOST_LETTERS = 10, 200
SPACING = "gates.default_spacing_days"
ASSESS = "gates.default_assess_before_adding_days"
INCLUDED = "gates.touch_up_included_until_day"
REFRESH = "decision_defaults.refresh_planning_if_contrast_below"
REVIEW = "calendar.review_days"
BANDS = "curves.contrast_relative_to_healed.fit"


def phase_path(key: str, name: str) -> str:
    """The path of a stage's `start_day`, `end_day`, `do` or `avoid`."""
    return f"phases.{key}.{name}"


def aftercare_path(key: str) -> str:
    """The path of the day from which a thing of aftercare is allowed."""
    return f"aftercare_defaults.{key}.default_day"


def merged(base: Timeline, changes: Changes) -> Timeline:
    """The timeline with a plan's changes in it; PlanRefused, with the reason, for one that cannot
    be: of something that may not be changed, out of its range, or with a gap between stages.
    """
    document = copy.deepcopy(base.document)
    for path, value in changes.items():
        _put(document, path, _checked(path, value, base))
    found = Timeline(document, base.changed | frozenset(changes))
    _refuse_gaps(found)
    return found


def value_at(timeline: Timeline, path: str) -> Any:
    """What a timeline has at an editable path."""
    place, name = _place(timeline.document, path)
    value: Any = place.get(name) if path == BANDS else place[name]
    return value[0] if path == REVIEW else value


def starting(timeline: Timeline, first_days: Mapping[str, int]) -> dict[str, Any]:
    """The changes that let stages begin on these days, each ending the day before the next."""
    changes: dict[str, Any] = {}
    phases = timeline.phases
    for before, phase in pairwise(phases):
        first = first_days.get(phase.key, phase.start_day)
        changes[phase_path(before.key, "end_day")] = first - 1
        changes[phase_path(phase.key, "start_day")] = first
    return changes


def differing(base: Timeline, wanted: Changes) -> dict[str, Any]:
    """Only those changes that change something."""
    return {path: value for path, value in wanted.items() if value_at(base, path) != value}


def told(base: Timeline, changes: Changes) -> tuple[str, ...]:
    """Each change in words."""
    return tuple(
        words.change(_name(base, path), value_at(base, path), value)
        for path, value in changes.items()
    )


def bands_table(before: Timeline, after: Timeline) -> list[tuple[str, ...]]:
    """What half and nine in ten keep, by day, before and after."""
    rows = []
    for day in BANDS_SHOWN:
        bands = before.contrast(day), after.contrast(day)
        kept = [f"{getattr(b, edge):.2f}" for edge in ("mid", "low") for b in bands if b]
        rows.append((str(day), *kept))
    return rows


def _place(document: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """The mapping that holds what a path names, and its key there."""
    if path in (SPACING, ASSESS, INCLUDED, REFRESH, REVIEW):
        part, name = path.split(".")
        return document[part], name
    if path == BANDS:
        return document["curves"]["contrast_relative_to_healed"], "fit"
    match = re.fullmatch(r"(phases)\.(\w+)\.(start_day|end_day|do|avoid)", path)
    match = match or re.fullmatch(r"(aftercare_defaults)\.(\w+)\.(default_day)", path)
    rows = document[match[1]] if match else []
    for row in rows:
        if match and row["key"] == match[2]:
            return row, match[3]
    raise PlanRefused(words.not_editable(path))


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    place, name = _place(document, path)
    if path == BANDS and value is not None:
        from_day = document["gates"]["provisional_until_day"]
        place["knots"] = refit.moved(place["knots"], Fit(**value), from_day=from_day)
    place[name] = [value] if path == REVIEW else value


def _checked(path: str, value: Any, base: Timeline) -> Any:
    """A value of the kind and range its path allows."""
    place, _ = _place(base.document, path)
    name = _name(base, path)
    if path.endswith((".do", ".avoid")):
        return _lines(name, value, base)
    if path == REFRESH:
        low, high = base.decision("refresh_level_practice_range")
        return _number(name, value, low, high)
    if path == BANDS:
        return _fit(name, value)
    if path == REVIEW:
        first, last = (_day(name, each, 0, MOST_DAYS) for each in value)
        if last < first:
            raise PlanRefused(words.review_backwards(first, last))
        return [first, last]
    if path == INCLUDED and value is None:
        return None
    if path in (SPACING, ASSESS, INCLUDED):
        return _day(name, value, base.gate("min_days_between_treatments_hard"), MOST_DAYS)
    if path.startswith("aftercare_defaults."):
        return None if value is None else _day(name, value, 0, MOST_DAYS)
    last_phase = place is base.document["phases"][-1]
    if path.endswith(".end_day") and last_phase and value is None:
        return None
    return _day(name, value, 0, LAST_EXPECTED_DAY)


def _fit(name: str, value: Any) -> dict[str, Any] | None:
    """A re-fit of the bands, to enough clients and not beyond what the prior can carry."""
    if value is None:
        return None
    if set(value) != {f.name for f in fields(Fit)}:
        raise PlanRefused(words.not_editable(name))
    if value["n_clients"] < refit.LEAST_CLIENTS:
        raise PlanRefused(words.too_few_clients(value["n_clients"], refit.LEAST_CLIENTS))
    middle = _number(name, value["middle"], -refit.FURTHEST, refit.FURTHEST)
    spread = _number(name, value["spread"], refit.NARROWEST, refit.WIDEST)
    return {"middle": middle, "spread": spread, "n_clients": int(value["n_clients"])}


def _day(name: str, value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PlanRefused(words.no_day(name))
    if not low <= value <= high:
        raise PlanRefused(words.out_of_range(name, low, high))
    return value


def _number(name: str, value: Any, low: float, high: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise PlanRefused(words.out_of_range(name, low, high))
    return float(value)


def _lines(name: str, value: Any, base: Timeline) -> list[str]:
    """A practice's own lines; words that no page may say of a person are refused here too."""
    lines = [str(line).strip() for line in value if str(line).strip()]
    if not 1 <= len(lines) <= MOST_LINES or max(map(len, lines), default=0) > MOST_LETTERS:
        raise PlanRefused(words.too_many_lines(name, MOST_LINES, MOST_LETTERS))
    for word in base.document["wording"]["never_about_the_person"]:
        if re.search(rf"(?i)\b{re.escape(word)}\b", " ".join(lines)):
            raise PlanRefused(words.forbidden_word(name, word))
    return lines


def _refuse_gaps(timeline: Timeline) -> None:
    phases = timeline.phases
    if phases[0].start_day != 0:
        raise PlanRefused(words.not_from_the_start(phases[0].title))
    for before, after in pairwise(phases):
        if before.end_day is None or before.end_day < before.start_day:
            raise PlanRefused(words.no_days_left(before.title, after.title))
        if after.start_day != before.end_day + 1:
            raise PlanRefused(words.gap(before.title, before.end_day, after.title, after.start_day))
    if phases[-1].end_day is not None:
        raise PlanRefused(words.last_is_open(phases[-1].title))


def _name(timeline: Timeline, path: str) -> str:
    """What a path names, in words."""
    if path == BANDS:
        return words.BANDS_FIELD
    part, key, *rest = path.split(".")
    if part == "phases":
        title = next(p.title for p in timeline.phases if p.key == key)
        return words.phase_field(title, rest[0])
    if part == "aftercare_defaults":
        return next(a.label for a in timeline.aftercare if a.key == key)
    return words.FIELDS[path]
