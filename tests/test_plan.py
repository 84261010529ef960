"""A practice's own plan: what may be changed, what is refused and why."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import plan
from tracker.errors import PlanRefused
from tracker.timeline import default_timeline

DEFAULT = default_timeline()


def test_everything_the_timeline_lets_a_practice_change_can_be_changed() -> None:
    wanted = {
        plan.phase_path("settling", "end_day"): 29,
        plan.phase_path("first_check", "start_day"): 30,
        plan.phase_path("flaking", "do"): ["Rinse with cool water."],
        plan.phase_path("flaking", "avoid"): ["Hats."],
        plan.aftercare_path("first_rinse"): 2,
        plan.aftercare_path("foil_shaver"): 5,
        plan.SPACING: 21,
        plan.ASSESS: 30,
        plan.REFRESH: 0.55,
        plan.REVIEW: [30, 50],
    }
    found = plan.merged(DEFAULT, wanted)
    for path, value in wanted.items():
        assert plan.value_at(found, path) == value
    assert found.changed == frozenset(wanted)
    assert found.phase(29).key == "settling"
    assert found.gate("default_assess_before_adding_days") == 30
    # The default itself is never written to.
    assert plan.value_at(DEFAULT, plan.SPACING) == 14
    told = plan.told(DEFAULT, wanted)
    assert "Days between two planned treatments: 21 instead of 14" in told


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phases.flaking.end_day": 9}, "must begin on day 10"),
        ({"phases.settling.start_day": 20}, "every day belongs to one stage"),
        ({"phases.maintenance.end_day": 900}, "has no last day"),
        ({"phases.treatment_day.start_day": 1}, "must begin on day 0"),
        ({"phases.calm_down.end_day": 0, "phases.flaking.start_day": 1}, "no day left"),
        ({"aftercare_defaults.razor.default_day": -1}, "between 0 and 365"),
        ({"aftercare_defaults.razor.default_day": 2.5}, "whole day"),
        ({"gates.default_spacing_days": 6}, "between 7 and 365"),
        ({"decision_defaults.refresh_planning_if_contrast_below": 0.9}, "between 0.5 and 0.75"),
        ({"calendar.review_days": [40, 30]}, "cannot end on day 30"),
        ({"phases.flaking.do": ["This is normal."]}, "without the word"),
        ({"phases.flaking.do": []}, "between 1 and 10 lines"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(PlanRefused, match=reason):
        plan.merged(DEFAULT, changes)


@pytest.mark.parametrize(
    "path",
    [
        "gates.min_days_between_treatments_hard",
        "gates.no_fading_or_patchiness_flag_before_day",
        "red_flags",
        "red_flags.fever_chills.level",
        "wording.never_about_the_person",
        "questionnaire.questions",
        "phases.flaking.title",
        "phases.nothing.end_day",
        "aftercare_defaults.razor.label",
    ],
)
def test_signs_the_block_and_wording_cannot_be_changed(path: str) -> None:
    with pytest.raises(PlanRefused, match="cannot be changed"):
        plan.merged(DEFAULT, {path: 1})


@given(st.lists(st.integers(1, 1800), min_size=8, max_size=8, unique=True))
def test_any_order_of_first_days_gives_stages_without_gaps(days: list[int]) -> None:
    keys = [p.key for p in DEFAULT.phases[1:]]
    first_days = dict(zip(keys, sorted(days), strict=True))
    found = plan.merged(DEFAULT, plan.starting(DEFAULT, first_days))
    for before, after in itertools.pairwise(found.phases):
        assert before.end_day is not None
        assert after.start_day == before.end_day + 1
    assert {p.key: p.start_day for p in found.phases[1:]} == first_days


def test_only_what_differs_is_kept_and_a_clients_days_lie_over_the_practices() -> None:
    same = plan.starting(DEFAULT, {})
    assert plan.differing(DEFAULT, same) == {}
    practice = plan.merged(DEFAULT, {plan.SPACING: 21, plan.aftercare_path("razor"): 12})
    own = plan.differing(practice, {plan.SPACING: 21, plan.aftercare_path("razor"): 14})
    assert own == {plan.aftercare_path("razor"): 14}
    both = plan.merged(practice, own)
    assert (plan.value_at(both, plan.SPACING), plan.value_at(both, own.popitem()[0])) == (21, 14)
    assert len(both.changed) == 2
