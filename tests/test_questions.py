"""Answers set the level, nothing else does, and one more yes never lowers it."""

from __future__ import annotations

import inspect
from itertools import combinations

from tracker import questions
from tracker.timeline import default_timeline

TIMELINE = default_timeline()
EVERY = questions.questions(TIMELINE)
SIGNS = tuple(sign for question in EVERY for sign in question.signs)
RANK = TIMELINE.urgency_rank


def test_adding_a_yes_never_lowers_a_level() -> None:
    for n in range(4):
        for yes in combinations(SIGNS, n):
            before = RANK[questions.level(yes, TIMELINE)]
            assert all(RANK[questions.level((*yes, s), TIMELINE)] >= before for s in SIGNS)


def test_history_counts_only_beside_a_sign() -> None:
    assert questions.level((questions.HISTORY,), TIMELINE) == "none"
    assert questions.level(("new_sore_skin",), TIMELINE) == "practitioner"
    assert questions.level(("new_sore_skin", questions.HISTORY), TIMELINE) == "urgent_today"


def test_the_sixth_question_only_after_a_yes() -> None:
    assert len(questions.asked(EVERY, ())) == 5
    assert questions.asked(EVERY, ("fever_chills",))[-1].signs == (questions.HISTORY,)


def test_texts_are_those_of_the_timeline_most_urgent_first() -> None:
    said = questions.texts(("raised_scar", "breathing_face_swelling"), TIMELINE)
    assert said == (
        TIMELINE.red_flags["breathing_face_swelling"].say,
        TIMELINE.red_flags["raised_scar"].say,
    )
    assert questions.texts((), TIMELINE) == (questions.none_text(TIMELINE),)


def test_no_measurement_enters() -> None:
    for function in (questions.level, questions.texts, questions.asked):
        assert set(inspect.signature(function).parameters) <= {"yes", "timeline", "every"}
