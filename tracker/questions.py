"""The questions about how somebody feels: answers in, level and texts out.

Only answers set the level: nothing measured is an argument of anything here. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tracker.timeline import Timeline
from tracker.words import feel

HISTORY = "higher_risk"
NO_LEVEL = "none"


@dataclass(frozen=True)
class Question:
    """One screen: `signs` are the ids of what can be answered yes."""

    id: str
    ask: str
    signs: tuple[str, ...]
    only_after_yes: bool
    ends_at_yes: bool


def questions(timeline: Timeline) -> tuple[Question, ...]:
    """All questions in order, the first about emergencies."""
    found = timeline.document["questionnaire"]["questions"]
    return tuple(
        Question(
            id=q["id"],
            ask=q["ask"],
            signs=(*q["flags"], *q.get("extra_options", ())),
            only_after_yes="show_if" in q,
            ends_at_yes=number == 0,
        )
        for number, q in enumerate(found)
    )


def asked(every: Collection[Question], yes: Collection[str]) -> tuple[Question, ...]:
    """The questions to ask after these answers: one about health history only after a yes."""
    any_yes = any(sign != HISTORY for sign in yes)
    return tuple(q for q in every if any_yes or not q.only_after_yes)


def label(sign: str, timeline: Timeline) -> str:
    """What a sign reads like as a choice."""
    flags = timeline.red_flags
    return flags[sign].self_report if sign in flags else feel.EXTRA_LABELS[sign]


def sign_level(sign: str, timeline: Timeline) -> str:
    """The level a single yes stands for."""
    flags = timeline.red_flags
    if sign in flags:
        return flags[sign].level
    for question in timeline.document["questionnaire"]["questions"]:
        if sign in question.get("extra_option_level", {}):
            return str(question["extra_option_level"][sign])
    raise ValueError(f"sign={sign!r} is not one the timeline knows")


def level(yes: Collection[str], timeline: Timeline) -> str:
    """The highest level answered yes; health history alone, without a sign, is none."""
    ranks = timeline.urgency_rank
    counted = [sign_level(sign, timeline) for sign in _counted(yes)]
    return max(counted, key=lambda each: ranks[each], default=NO_LEVEL)


def texts(yes: Collection[str], timeline: Timeline) -> tuple[str, ...]:
    """What is said, most urgent first, each text once; without a yes the one text for that."""
    ranks, flags = timeline.urgency_rank, timeline.red_flags
    ordered = sorted(_counted(yes), key=lambda s: (-ranks[sign_level(s, timeline)], s))
    said = [flags[s].say if s in flags else feel.EXTRA_TEXTS[s] for s in ordered]
    return tuple(dict.fromkeys(said)) or (none_text(timeline),)


def none_text(timeline: Timeline) -> str:
    """What is said when no sign was answered yes."""
    levels = timeline.document["urgency_levels"]
    return str(next(u["say"] for u in levels if u["level"] == NO_LEVEL))


def _counted(yes: Collection[str]) -> tuple[str, ...]:
    any_sign = any(sign != HISTORY for sign in yes)
    return tuple(sorted(set(yes))) if any_sign else ()
