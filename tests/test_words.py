"""Every sentence against the words that must never be said."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import tracker.words
from analysis.flags import Flag, names
from analysis.formats.rejected import CODES
from tests.test_segments import NEW, OLD, course, shots
from tracker import questions, series_document
from tracker.findings import least_fade_per_week
from tracker.timeline import default_timeline
from tracker.words import camera, dates, least_change, pages, photos, plan, stage, verdicts
from tracker.words.feel import CANNOT_TELL_INFECTED

TIMELINE = default_timeline()
WORDING = TIMELINE.document["wording"]
AVOID = (
    "healed", "normal", "healthy", "infected", "diagnose", "perfect", "guaranteed", "failed",
    "bad", "you need a touch-up", "don't worry", "no need for a doctor", "all fine", "patient",
)  # fmt: skip
STEMS = ("infect", "diagnos", "allerg", "heal(?!th)")
# Parts of the timeline that people read; the rest are numbers, sources and notes to us.
SHOWN_PARTS = ("aftercare_always", "urgency_levels", "questionnaire")
DAY = date(2026, 5, 29)
SAMPLES: dict[str, Any] = {
    "today": DAY, "when": DAY, "since": DAY, "stated": DAY, "taken_on": DAY, "first_check": DAY,
    "last_measured": DAY, "next_on": DAY, "planned": DAY, "blocked": DAY,
    "not_before": DAY, "until": DAY, "value": 0.9, "half_width": 0.1,
    "rate": 0.011, "moved": 5.2, "unit": "mm", "against": DAY,
    "tried": (0, 100, 0.03, 14, 40, 40), "darkness": 0.6,
    "false_alarm_rate": 0.0, "ratio": 0.8, "text": "text",
    "labels": ["One"],
    "low": 0.8, "mid": 0.9, "high": 1.1, "per_week": 0.012,
    "values": ["day 1: 1"], "unmeasured": [3], "view": "crown",
    "taken": "today", "caption": "Caption", "verdict": "measured", "level": "dot",
    "reasons": ("no-dots",), "said": "Said.", "outside": True, "last": True, "for_client": True,
    "stderr": 0.1, "digits": 2, "line": "redness_index 2026-05-01: 3.1000 ± 0.4000",
    "found": {"sentence": "Said.", "evidence": ["3 ± 1"], "false_alarms": "One in 100."},
    "plan": {"decision": "nothing to do", "not_before": "2026-05-29", "reasons": ["Why."]},
    "point": {
        "taken_on": "2026-05-29", "view": "top", "day": 3, "value": 1.0, "stderr": 0.1,
        "expected_low": 0.8, "expected_high": 1.2,
    },
    "document": {
        "segments": [{"view": "top", "camera": "Phone", "photos_without_camera": 1,
                      "sentence": "Said."}],
        "least_changes": [{"view": "top", "sentence": "Said."}], "power": "Said.",
    },
    "state": "settled", "named": "Phone", "share": 0.65, "earliest": DAY, "latest": DAY,
    "made_at": datetime(2026, 5, 29, tzinfo=UTC), "reported": (0, 10),
    "dots_per_minute": 58.0, "area_cm2": 1.9, "n_dots": 62.0,
    "pale": (8, 14), "lines": ["Non-comedogenic, SPF 30+"],
    "phase": "pale_phase", "kind": "patchiness", "decision": "worth a review", "code": "no-photos",
}  # fmt: skip


def strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from strings(value)
    elif isinstance(thing, tuple | list | frozenset):
        for value in thing:
            yield from strings(value)
    elif is_dataclass(thing) and not isinstance(thing, type):
        yield from strings(asdict(thing))


def said_by(function: Any) -> Iterator[str]:
    arguments = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in SAMPLES:
            arguments[name] = SAMPLES[name]
        else:
            arguments[name] = 12 if "int" in str(parameter.annotation) else "text"
    try:
        yield from strings(function(**arguments))
    except KeyError:
        return  # tried with real codes below


def everything() -> Iterator[tuple[str, str]]:
    for info in pkgutil.iter_modules(tracker.words.__path__):
        module = import_module(f"tracker.words.{info.name}")
        for name, thing in vars(module).items():
            if inspect.isfunction(thing) and thing.__module__ == module.__name__:
                yield from ((f"{info.name}.{name}", text) for text in said_by(thing))
            elif not name.startswith("__") and not inspect.ismodule(thing):
                yield from ((f"{info.name}.{name}", text) for text in strings(thing))
    for code in ("no-treatment", "no-photos", "none-measured", "too-early", "x", *verdicts._WHY):
        yield code, verdicts.reason(code, last_measured=None, next_on=DAY, today=DAY)
    for kind in (
        "possible_fading",
        "patchiness",
        "redness_beyond_expected",
        "photo_quality",
        "lost_patch",
    ):
        for level in ("watch", "flag"):
            yield kind, verdicts.finding(kind, level, DAY, DAY)
        yield kind, verdicts.client_finding(kind, 9)
        yield kind, verdicts.finding_title(kind, "crown")
    for rate in (None, 0.0, 0.011):
        yield "rate", verdicts.rate(rate)
    for state in ("settled", "not yet", "overdue", "cannot tell"):
        yield state, verdicts.settled(state, DAY, DAY)
    for state in camera._STATES:
        for n_silent in (0, 1, 3):
            yield state, camera.segment("Phone", DAY, DAY, state, n_silent, DAY)
    for late in (False, True):
        yield "late", verdicts.client_finding("patchiness", 9, late=late)
        yield "late", verdicts.finding("patchiness", "flag", DAY, DAY, late=late)
        yield "late", verdicts.beside_usual(0.7, 0.05, 0.86, 0.96, 98, late=late)
    for measurand in least_change.NAMES:
        yield measurand, least_change.of_you(measurand, 0.03, 0.12)
        yield measurand, least_change.of_client(measurand, 0.03, 0.12, 1)
    yield "band", stage.band(34)
    yield "bands", plan.change(plan.BANDS_FIELD, None, {"n_clients": 34})
    yield "bands", plan.bands_in_force(None)
    for code in verdicts._TOUCH_UP_REASONS:
        yield code, verdicts.touch_up_reason(code)
    for phase in TIMELINE.phases:
        yield phase.key, stage.lead(phase.key, DAY, phase.start_day)
        yield from ((phase.key, text) for text in (phase.title, *phase.usual, *phase.do))
        yield from ((phase.key, text) for text in phase.avoid)
        yield from ((phase.key, text) for text in (*phase.ask_practitioner, *phase.seek_help))
    for own in TIMELINE.aftercare:
        yield own.key, own.label
    for flag in TIMELINE.red_flags.values():
        yield flag.id, flag.say
        yield flag.id, questions.label(flag.id, TIMELINE)
    for part in SHOWN_PARTS:
        yield from ((part, text) for text in sentences(TIMELINE.document[part]))


def sentences(thing: Any) -> Iterator[str]:
    """What in a part of the timeline is prose."""
    return (text for text in strings(thing) if " " in text)


LOGS = ("log.", "_log.")


def in_source() -> Iterator[tuple[str, str]]:
    """Every literal of the programs that reads as a sentence: errors, reasons, help."""
    root = Path(tracker.words.__file__).parents[2]
    for folder in ("tracker", "analysis"):
        for path in sorted((root / folder).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            unseen = {
                id(node.body[0].value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
                and isinstance(node.body[0], ast.Expr)
            }
            unseen |= {
                id(each)
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and ast.unparse(node.func).lower().startswith(LOGS)
                for each in node.args
            }
            for node in ast.walk(tree):
                literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
                if literal and id(node) not in unseen and node.value.count(" ") > 1:
                    yield f"{path.name}:{node.lineno}", node.value


ALL = sorted(set(everything()))


def test_enough_was_collected() -> None:
    assert len(ALL) > 300


@pytest.mark.parametrize(("where", "text"), ALL)
def test_nothing_forbidden_is_said(where: str, text: str) -> None:
    if CANNOT_TELL_INFECTED in text:
        text = text.replace(CANNOT_TELL_INFECTED, "")
    text = text.replace("bad smell", "smell")  # a sign that is asked for
    assert WORDING["only_exception"] == CANNOT_TELL_INFECTED
    for word in (*AVOID, *WORDING["never_about_the_person"]):
        assert not re.search(rf"(?i)\b{re.escape(word)}\b", text), (where, word, text)
    for stem in STEMS:
        assert not re.search(rf"(?i)\b{stem}", text), (where, stem, text)


def test_no_literal_of_the_programs_says_what_is_forbidden() -> None:
    found = list(in_source())
    assert len(found) > 300
    for where, text in found:
        test_nothing_forbidden_is_said(where, text)


def test_no_document_of_a_series_says_what_is_forbidden() -> None:
    """Whatever `follow` tells of many kinds of course."""
    settled = {28: 2.0, 35: 2.0, 42: 2.0, 49: 2.0}
    courses = [
        course([], as_of=3),
        course(shots(OLD, settled), as_of=50),
        course(shots(OLD, settled | {77: 1.4, 84: 1.4, 91: 1.4}), as_of=92),
        course([*shots(OLD, settled), *shots(NEW, {77: 1.4, 84: 1.4})], as_of=85),
        course(shots(OLD, {0: 300.0, 9: 300.0}), as_of=10, measurand="redness_index"),
    ]
    for one in courses:
        document = series_document.followed(one, [], [], [])
        assert document["power"] == verdicts.least_fade(least_fade_per_week())
        for text in strings(document):
            test_nothing_forbidden_is_said("follow", text)


def test_the_lint_finds_a_planted_word() -> None:
    with pytest.raises(AssertionError):
        test_nothing_forbidden_is_said("planted", "Your skin is healthy.")


@pytest.mark.parametrize(
    "code",
    [
        *CODES,
        "too-small",
        "no-skin",
        "glare",
        "clipped",
        "too-blurred",
        "composite",
        "card-covered",
        "moved",
        "future-date",
        "unknown-view",
        "not-a-date",
    ],
)
def test_every_refusal_has_one_sentence_of_advice(code: str) -> None:
    why, advice = photos.REFUSALS[code]
    assert why.endswith(".")
    assert advice.count(".") == 1


@pytest.mark.parametrize("code", ["too-far", "dots-too-small", "dots-moved", "stubble"])
def test_dots_not_counted_have_one_sentence_of_advice(code: str) -> None:
    assert photos.TONE_REASONS[code].count("Next time: ") == 1
    assert photos.TONE_REASONS[code].count(".") == 2


def test_every_flag_has_words() -> None:
    assert set(names(~Flag.NONE)) == set(photos.FLAGS)


def test_every_touch_up_reason_has_words() -> None:
    source = inspect.getsource(import_module("tracker.touchup"))
    for code in re.findall(r'\("([\w-]+)",\)\)', source):
        assert verdicts.touch_up_reason(code)


def test_rates_are_never_invented() -> None:
    assert verdicts.rate(None) == verdicts.RATE_UNKNOWN
    expected = "In tests on unchanged scalps 1 client in 90 saw this within half a year."
    assert verdicts.rate(1 / 90) == expected
    assert "no client" in verdicts.rate(0.0)


def test_prompts_are_those_of_the_timeline() -> None:
    assert WORDING["redness_prompt_rise"] == verdicts.REDNESS_RISE
    assert WORDING["redness_prompt_level"].format(day=9) == verdicts.redness_prompt(9)


def test_dates_and_numbers() -> None:
    assert dates.day_month(DAY) == "29 May"
    assert dates.day_month(DAY, date(2027, 1, 1)) == "29 May 2026"
    assert dates.give_or_take(-1.234, 0.05) == "−1.23, give or take 0.05"
    assert pages.treatment_mark(2, True) == "2nd treatment"


def test_settled_sentence_only_when_true() -> None:
    assert verdicts.darkness(0.97, 0.05, 61) == verdicts.SETTLED
    assert "lighter" in verdicts.darkness(0.8, 0.05, 61)


def test_evidence_in_plain_words() -> None:
    line = "pigment_per_area 2026-05-01: 0.0512 ± 0.0034"
    assert verdicts.evidence(line) == "1 May: pigment in the area 0.051, give or take 0.003"


def test_levels_have_words() -> None:
    from tracker.words import feel

    assert set(feel.ACT) == set(TIMELINE.urgency_rank)
    assert questions.none_text(TIMELINE).startswith("You reported none of the listed signs today.")
    assert json.dumps(feel.EXTRA_TEXTS)


def test_a_measured_photo_gets_the_weightiest_advice_only() -> None:
    assert set(photos.ADVISED) <= set(photos.FLAGS)
    assert photos.advice(("no-scale", "stubble", "blurred")) == photos.FLAGS["blurred"]
    assert photos.advice(("no-scale", "no-reference-skin")) is None


def test_fading_is_told_beside_what_many_lose() -> None:
    said = verdicts.beside_usual(0.7, 0.05, 0.86, 0.96, 98)
    assert "half of all people are at 0.96 or below" in said
    assert "nine in ten keep 0.86 or more" in said
    assert verdicts.least_fade(None) == verdicts.LEAST_FADE_UNKNOWN
    assert "below 1.2 % a week" in verdicts.least_fade(0.012)


def test_a_lost_patch_in_plain_words() -> None:
    line = "lost_patch 2026-06-03: 0.72 (p 0.005)"
    assert verdicts.evidence(line) == "3 June: 72 % of the dots in one place missing"
