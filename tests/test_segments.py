"""Another phone, lens or picture mode begins a new segment; photos with both tie two together."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from tests.test_course import DAY0, TIMELINE, number, state, treatment
from tracker.course import Course, follow
from tracker.records import Camera, Measurement, PhotoState
from tracker.segments import camera_of

OLD, NEW = Camera("Apple iPhone 13", "5.1 mm", "standard"), Camera("Pixel 9", "6.9 mm", "standard")
SETTLED = {28: 2.0, 35: 2.0, 42: 2.0, 49: 2.0}
Shots = list[tuple[int, float, Camera]]


def shots(camera: Camera, values: dict[int, float]) -> Shots:
    return [(day, value, camera) for day, value in values.items()]


def course(taken: Shots, *, as_of: int, measurand: str = "pigment_per_area") -> Course:
    states: list[PhotoState] = []
    numbers: list[Measurement] = []
    for n, (day, value, camera) in enumerate(taken):
        one, m = state(day), number(day, measurand, 0.03 * value)
        name = f"{day:03}-{n:03}"
        states.append(replace(one, photo=replace(one.photo, id=name), camera=camera))
        numbers.append(replace(m, photo_id=name, stderr=0.001))
    when = DAY0 + timedelta(days=as_of)
    return follow(states, numbers, [treatment()], TIMELINE, as_of=when)


def states_of(found: Course) -> dict[Camera, str]:
    return {s.camera: s.state for s in found.segments}


def test_what_a_photo_tells_of_its_camera() -> None:
    told = {"make": "Apple", "model": "iPhone 13", "lens": "back 5.1mm f/1.6", "focal_mm": 5.1,
            "mode": "standard"}  # fmt: skip
    assert camera_of(told) == OLD
    assert camera_of(told | {"focal_mm": None}).lens == "back 5.1mm f/1.6"
    assert camera_of(told | {"make": "Canon", "model": "Canon R6"}).model == "Canon R6"
    assert camera_of(None) == Camera()


def test_a_new_phone_that_reads_paler_is_no_fading() -> None:
    paler = {77: 1.5, 84: 1.5, 91: 1.5}
    alone = course(shots(OLD, SETTLED | paler), as_of=92)
    assert [f.kind for f in alone.findings] == ["possible_fading"]
    changed = course([*shots(OLD, SETTLED), *shots(NEW, paler)], as_of=92)
    assert changed.findings == ()
    assert (changed.verdict, changed.reason) == ("cannot tell", "another-camera")
    assert states_of(changed) == {OLD: "apart", NEW: "judged"}
    assert {p.taken_on for p in changed.series["pigment_per_area"] if not p.used} == {
        DAY0 + timedelta(days=day) for day in SETTLED
    }
    assert changed.settled_look("pigment_per_area", "top") is None


@pytest.mark.parametrize("camera", [replace(OLD, lens="1.5 mm"), replace(OLD, mode="portrait")])
def test_lens_and_picture_mode_count_too(camera: Camera) -> None:
    found = course([*shots(OLD, SETTLED), *shots(camera, {77: 1.5, 91: 1.5})], as_of=92)
    assert len(found.segments) == 2
    assert found.findings == ()


def test_silence_is_no_other_camera_but_is_told() -> None:
    silent = {77: 1.5, 84: 1.5, 91: 1.5}
    found = course([*shots(OLD, SETTLED), *shots(Camera(), silent)], as_of=92)
    assert [f.kind for f in found.findings] == ["possible_fading"]
    [one] = found.segments
    assert (one.camera, one.n_photos, one.n_silent) == (OLD, 7, 3)
    # A model without its lens is the same phone; the first photos may be the silent ones.
    partly = [*shots(Camera(), {28: 2.0}), *shots(OLD, {42: 2.0})]
    partly += shots(Camera("Apple iPhone 13"), {56: 2.0})
    assert states_of(course(partly, as_of=57)) == {OLD: "judged"}


def test_photos_with_both_tie_two_cameras_together() -> None:
    both = [*shots(OLD, SETTLED), *shots(OLD, {63: 2.0}), *shots(OLD, {70: 2.0})]
    once = [*both, *shots(NEW, {70: 1.5, 77: 1.5})]
    assert "tied" not in states_of(course(once, as_of=78)).values()
    twice = course([*both, *shots(NEW, {63: 1.5, 70: 1.5, 77: 1.5, 84: 1.5})], as_of=85)
    assert states_of(twice) == {OLD: "tied", NEW: "judged"}
    assert (twice.verdict, twice.findings) == ("as expected", ())
    settled = twice.settled_look("pigment_per_area", "top")
    assert settled is not None
    assert settled.value == pytest.approx(0.03 * 1.5)
    old = [p for p in twice.series["pigment_per_area"] if p.camera == OLD]
    assert all(p.compared == pytest.approx(0.75 * p.value) for p in old)
    # A true fade is still seen across the tie, and the tie's own error counts.
    faded = [*both, *shots(NEW, {63: 1.5, 70: 1.5, 91: 0.9, 98: 0.9, 105: 0.9})]
    assert [f.level for f in course(faded, as_of=106).findings] == ["flag"]
    untied = course(shots(OLD, SETTLED), as_of=50).references["pigment_per_area", "top"]
    assert settled.stderr / settled.value > untied.stderr / untied.value


def test_one_visit_ties_with_two_photos_of_each_unless_they_disagree() -> None:
    same_day = [*shots(OLD, SETTLED), *shots(OLD, {63: 2.0}), *shots(OLD, {63: 2.02})]
    agree = [*same_day, *shots(NEW, {63: 1.5}), *shots(NEW, {63: 1.53}), *shots(NEW, {77: 1.5})]
    assert states_of(course(agree, as_of=78))[OLD] == "tied"
    outlier = [*same_day, *shots(NEW, {63: 1.5}), *shots(NEW, {63: 1.0}), *shots(NEW, {77: 1.5})]
    assert "tied" not in states_of(course(outlier, as_of=78)).values()


def test_a_later_camera_is_judged_from_its_own_first_visits_on() -> None:
    stays = shots(NEW, {100: 1.5, 107: 1.5, 114: 1.5, 121: 1.5})
    found = course([*shots(OLD, SETTLED), *stays], as_of=122)
    late = found.references["pigment_per_area", "top"].late
    assert late == (100, 132)
    assert (found.verdict, found.reason) == ("cannot tell", "another-camera")
    assert found.forecast is None
    faded = [*stays, *shots(NEW, {150: 0.9, 157: 0.9, 164: 0.9})]
    [fading] = course([*shots(OLD, SETTLED), *faded], as_of=165).findings
    assert (fading.kind, fading.level, fading.late) == ("possible_fading", "flag", True)


def test_a_flag_outlives_one_photo_with_another_phone() -> None:
    fading = shots(OLD, SETTLED | {77: 1.4, 84: 1.4, 91: 1.4})
    found = course([*fading, *shots(NEW, {93: 2.0})], as_of=94)
    assert [f.level for f in found.findings] == ["flag"]


def test_redness_goes_on_over_all_cameras() -> None:
    values = [*shots(OLD, {0: 300.0, 3: 100.0}), *shots(NEW, {9: 300.0})]
    assert course(values, as_of=10, measurand="redness_index").redness_day == 9


def test_changing_phones_is_hardly_ever_taken_for_fading() -> None:
    """Unchanged scalps, a camera 15 % paler from day 84 on, tied by two visits with both."""
    rng = np.random.default_rng(61_000)
    n, flagged = 60, 0
    days = range(28, 239, 14)
    for _ in range(n):
        sd = 0.0527 * np.where(rng.random(200) < 0.05, 5.0, 1.0)
        noise = iter(np.exp(rng.normal(0, sd)))
        taken = shots(OLD, {day: 2.0 * next(noise) for day in days if day <= 98})
        taken += shots(NEW, {day: 1.7 * next(noise) for day in days if day >= 84})
        until = [84, 112, 140, 168, 196, 224, 238]
        seen = [course([s for s in taken if s[0] <= day], as_of=day) for day in until]
        flagged += any(f.level == "flag" for one in seen for f in one.findings)
    assert flagged <= 0.05 * n


def test_dates_are_those_of_the_photos() -> None:
    [one] = course(shots(OLD, SETTLED), as_of=50).segments
    assert (one.first, one.last) == (date(2026, 5, 30), date(2026, 6, 20))
