"""From numbers to a course: bands, references, findings, touch-up; pure, with today as argument."""

import itertools
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm
from scipy.stats import t as student

from tracker import change, findings, lost, plan, rules
from tracker.change import Point, Reference, redness_peak, settled_look
from tracker.clock import days_since
from tracker.course import Course, follow
from tracker.findings import of_series
from tracker.lost import LostSeen
from tracker.records import Measurement, Photo, PhotoState, Treatment
from tracker.timeline import Band, default_timeline
from tracker.touchup import with_border_loss

DAY0 = date(2026, 5, 2)
TIMELINE = default_timeline()


def treatment(on: date = DAY0) -> Treatment:
    return Treatment("t", "p", "c", on, "all")


def state(day: int, *, view: str = "top", verdict: str | None = "measured") -> PhotoState:
    taken = DAY0 + timedelta(days=day)
    photo = Photo(
        id=f"{day}{view}", practice_id="p", client_id="c", view=view, name=f"{day}.jpg",
        format="jpeg", n_bytes=1, received_sha256="", stored_sha256="", taken_on=taken,
        taken_at=None, date_source="given", date_confirmed=True,
        received_at=datetime(2026, 5, 2, tzinfo=UTC),
    )  # fmt: skip
    reasons = ("too-blurred",) if verdict == "refused" else ()
    return PhotoState(photo, day, verdict, "tone", reasons)


def number(day: int, measurand: str, value: float | None, view: str = "top") -> Measurement:
    flags = () if value is not None else ("no-reference-skin",)
    return Measurement(f"{day}{view}", None, measurand, "1", value, value and 0.1, flags)


def course(values: dict[int, dict[str, float]], *, as_of: int, **options: object) -> Course:
    states = [state(day) for day in values]
    numbers = [number(d, m, v) for d, of_day in values.items() for m, v in of_day.items()]
    return follow(
        states,
        numbers,
        [treatment()],
        TIMELINE,
        as_of=DAY0 + timedelta(days=as_of),
        **options,  # type: ignore[arg-type]
    )


def darkness(values: dict[int, float]) -> dict[int, dict[str, float]]:
    """Pigment per area in units of 3 %: -2.0 reads as 0.06."""
    return {day: {"pigment_per_area": -0.03 * value} for day, value in values.items()}


def test_phases_are_contiguous_and_bands_ordered() -> None:
    phases = TIMELINE.phases
    for before, after in itertools.pairwise(phases):
        assert before.end_day is not None
        assert after.start_day == before.end_day + 1
    assert phases[-1].end_day is None
    for day in range(0, 1826):
        for band in (TIMELINE.redness(day), TIMELINE.contrast(day)):
            assert band is not None
            assert band.low <= band.mid <= band.high
    assert TIMELINE.contrast(1826) is None


def test_band_in_the_units_of_a_negative_reference_stays_ordered() -> None:
    assert Band(0.8, 1.0, 1.2).scaled(-2.0) == Band(-2.4, -2.0, -1.6)


def test_days_restart_with_each_treatment() -> None:
    treatments = [treatment(), treatment(DAY0 + timedelta(days=14))]
    assert days_since(treatments, DAY0 - timedelta(days=1)) is None
    assert days_since(treatments, DAY0 + timedelta(days=13)) == 13
    assert days_since(treatments, DAY0 + timedelta(days=15)) == 1


def test_a_treatment_resets_only_the_area_it_was_of() -> None:
    crown = Treatment("u", "p", "c", DAY0 + timedelta(days=40), "crown")
    hairline = Treatment("t", "p", "c", DAY0, "hairline")
    on = DAY0 + timedelta(days=45)
    assert days_since([hairline, crown], on, "hairline close-up") == 45
    assert days_since([hairline, crown], on, "Crown") == 5
    assert days_since([hairline, crown], on, "top") == 5
    assert days_since([hairline], on, "top") == 45
    states = [state(d, view="hairline") for d in (28, 42, 44)]
    numbers = [number(s.day or 0, "pigment_per_area", 0.06, "hairline") for s in states]
    found = follow(states, numbers, [hairline, crown], TIMELINE, as_of=on)
    assert {p.day for p in found.series["pigment_per_area"]} == {28, 42, 44}
    assert {p.area for p in found.series["pigment_per_area"]} == {"hairline"}
    assert all(p.expected for p in found.series["pigment_per_area"])
    # The person as a whole is five days after a treatment.
    assert (found.day, found.reason) == (5, "too-early")


def test_redness_that_rises_asks_for_the_questions() -> None:
    values = {3: 2.0, 5: 2.1, 9: 6.0}
    rising = course({d: {"redness_index": v} for d, v in values.items()}, as_of=10)
    assert rising.redness_rose
    calm = course({d: {"redness_index": 8.0 - d / 2} for d in (0, 5, 9)}, as_of=10)
    assert not calm.redness_rose


def test_a_watch_never_reads_as_nothing_to_do() -> None:
    settled = {28: -2.0, 35: -2.0, 42: -2.0, 49: -2.0}
    watched = course(darkness(settled | {77: -1.4, 84: -1.4}), as_of=85)
    assert watched.verdict == "watch"
    assert watched.touch_up.decision == "ask a practitioner first"


def test_until_day_42_the_settled_look_is_provisional() -> None:
    early = course(darkness({28: -2.0, 35: -2.0}), as_of=36)
    assert (early.verdict, early.reason) == ("cannot tell", "provisional")


def test_references_need_their_days_and_a_signal_beyond_noise() -> None:
    def point(day: int, value: float) -> Point:
        return Point(str(day), DAY0 + timedelta(days=day), day, value, 0.1)

    between = change.between_photos("redness_index", 0)
    assert between is not None
    assert redness_peak([point(3, 9)]) is None
    assert redness_peak([point(0, 2 * between)]) is None
    peak = redness_peak([point(0, 9), point(1, 11)])
    assert peak is not None
    assert peak.value == 11
    one = [point(28, -2.0)]
    window = {"window": (28, 60), "least": 2}
    assert settled_look("coverage_delta_l", one, **window) is None  # type: ignore[arg-type]
    two = settled_look("coverage_delta_l", [*one, point(42, -2.2)], **window)  # type: ignore[arg-type]
    assert two is not None
    assert two.value == pytest.approx(-2.1)
    assert settled_look("never_measured", [*one, point(42, -2.2)], **window) is None  # type: ignore[arg-type]


def test_series_has_bands_only_where_the_timeline_has() -> None:
    values = {
        0: {"redness_index": 10.0, "coverage_delta_l": -3.0},
        28: {"redness_index": 0.1, "coverage_delta_l": -2.0, "density_uniformity": 0.9},
        42: {"redness_index": 0.0, "coverage_delta_l": -2.0, "density_uniformity": 0.9},
    }
    found = course(values, as_of=45)
    redness, dark, even = (
        found.series[m] for m in ("redness_index", "coverage_delta_l", "density_uniformity")
    )
    assert redness[0].expected == Band(10, 10, 10)
    assert dark[0].expected is not None
    assert dark[0].expected.mid == pytest.approx(-3.0)
    assert all(p.expected is None for p in even)


def test_as_expected_needs_a_settled_look_and_a_recent_photo() -> None:
    good = darkness({28: -2.0, 42: -2.05, 58: -1.98})
    assert course(good, as_of=60).verdict == "as expected"
    assert course(good, as_of=60).reason == "inside-band"
    assert course(good, as_of=175).verdict == "cannot tell"
    assert course(darkness({0: -3.0, 7: -2.0}), as_of=8).reason == "too-early"
    assert course(darkness({28: -2.0}), as_of=30).reason == "no-settled-look"


def test_a_number_whose_error_reaches_over_the_bands_edge_is_not_as_expected() -> None:
    """Just below, and just above, its lower edge: on which side it lies cannot be told."""
    days = (28, 42, 58, 72, 76)
    states = [state(day) for day in days]

    def told(last: float) -> tuple[str, str]:
        levels = dict.fromkeys(days, 0.06) | {76: last}
        numbers = [number(day, "pigment_per_area", v) for day, v in levels.items()]
        on = DAY0 + timedelta(days=77)
        found = follow(states, numbers, [treatment()], TIMELINE, as_of=on)
        return found.verdict, found.reason

    band = TIMELINE.contrast(76)
    assert band is not None
    edge, noise = 0.06 * band.low, change.between_photos("pigment_per_area", 0.06)
    assert noise is not None
    assert told(edge + 3 * noise) == ("as expected", "inside-band")
    assert told(edge + 0.5 * noise) == ("cannot tell", "at-edge")
    assert told(edge - 0.5 * noise) == ("cannot tell", "at-edge")
    assert told(edge - 4 * noise)[1] != "at-edge"
    assert told(0.06 * band.high + noise) == ("as expected", "inside-band")


def test_without_a_number_there_is_no_reassurance() -> None:
    refused = [state(day, verdict="refused") for day in (28, 35, 42)]
    found = follow(refused, [], [treatment()], TIMELINE, as_of=DAY0 + timedelta(days=50))
    assert (found.verdict, found.reason) == ("cannot tell", "none-measured")
    assert found.touch_up.decision == "ask a practitioner first"
    assert [f.kind for f in found.findings] == ["photo_quality"]
    nothing = follow([], [], [treatment()], TIMELINE, as_of=DAY0 + timedelta(days=50))
    assert (nothing.verdict, nothing.reason) == ("cannot tell", "no-photos")
    untreated = follow([], [], [], TIMELINE, as_of=DAY0)
    assert (untreated.verdict, untreated.reason) == ("cannot tell", "no-treatment")


def test_fading_is_watched_on_the_second_visit_and_flagged_two_weeks_on() -> None:
    settled = {28: -2.0, 35: -2.0, 42: -2.0, 49: -2.0}
    once = course(darkness(settled | {77: -1.6}), as_of=78)
    assert once.findings == ()
    assert (once.verdict, once.reason) == ("cannot tell", "outside")
    again = course(darkness(settled | {77: -1.55, 84: -1.5}), as_of=85)
    assert [(f.kind, f.level) for f in again.findings] == [("possible_fading", "watch")]
    assert again.verdict == "watch"
    twice = course(darkness(settled | {77: -1.4, 98: -1.3}), as_of=99)
    assert [(f.kind, f.level) for f in twice.findings] == [("possible_fading", "flag")]
    assert twice.verdict == "needs a practitioner's look"
    assert twice.touch_up.decision == "worth a review"
    assert twice.findings[0].since == DAY0 + timedelta(days=77)
    beside = twice.findings[0].beside
    assert beside is not None
    assert beside.ratio == pytest.approx(0.65)
    assert beside.ratio + beside.half_width < beside.usual.low < beside.usual.mid


def test_a_flag_waits_until_the_settled_look_is_no_longer_provisional() -> None:
    early = course(
        {d: {"density_uniformity": v} for d, v in {28: 0.95, 29: 0.95, 30: 0.6, 41: 0.6}.items()},
        as_of=41,
    )
    assert all(f.level == "watch" for f in early.findings)


def test_temporary_pigment_is_never_judged_by_the_permanent_course() -> None:
    values = darkness({28: -2.0, 35: -2.0, 42: -2.0, 77: -0.7, 98: -0.6})
    found = course(values, as_of=99, pigment="temporary")
    assert found.findings == ()
    assert all(p.expected is None for p in found.series["pigment_per_area"])
    assert found.verdict == "cannot tell"


FADING, REDNESS = (
    rules.limits_of(TIMELINE)[kind] for kind in ("possible_fading", "redness_beyond_expected")
)


@given(day=st.integers(0, 27), value=st.floats(0.05, 3))
def test_nothing_is_called_fading_before_day_28(day: int, value: float) -> None:
    pale = [Point(str(d), DAY0 + timedelta(days=d), d, value, 0.01) for d in (0, day)]
    settled = Reference(2.0, 0.05, 0.1, 3)
    assert of_series("possible_fading", pale, settled, TIMELINE, FADING) == []


def test_redness_asks_at_once_and_is_flagged_by_the_second_visit() -> None:
    peak = Reference(10.0, 0.3, 0.3, 1)

    def at(day: int, value: float) -> Point:
        return Point(str(day), DAY0 + timedelta(days=day), day, value, 0.1)

    def levels(*points: Point) -> list[str]:
        found = of_series("redness_beyond_expected", points, peak, TIMELINE, REDNESS)
        return [f.level for f in found]

    assert levels(at(3, 10)) == []
    assert levels(at(5, 9), at(6, 8)) == ["flag"]
    assert levels(at(5, 9), at(6, 8), at(12, 0.1)) == []
    flare = {d: {"redness_index": v} for d, v in {0: 10.0, 5: 2.0, 9: 6.0}.items()}
    assert course(flare, as_of=9).redness_day == 9
    assert course(flare, as_of=8).redness_day is None


def test_several_series_share_the_chance_of_a_false_finding() -> None:
    alone, of_four = FADING, FADING.shared(4)
    assert of_four.beyond > alone.beyond
    chances = [norm.sf(limits.beyond) for limits in (alone, of_four)]
    assert chances[0] == pytest.approx(4 * chances[1])


def test_scores_are_those_of_students_t() -> None:
    for freedom in (2, 5, 30):
        for t in (-1.0, 0.5, 2.0, 4.0):
            exact = norm.isf(student.sf(t, freedom))
            assert rules.score(t, freedom) == pytest.approx(exact, abs=0.04)


def test_rules_judge_one_series_and_many_alike() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(1.2, 1.5, (40, 9))
    z[rng.random(z.shape) < 0.2] = np.nan
    days = np.arange(28, 28 + 7 * 9, 7)
    for judge in (rules.run_start, rules.watched):
        assert [judge(one, FADING) for one in z] == list(judge(z, FADING))
    flags = rules.flagged(z, days, FADING)
    assert [rules.flagged(one, days, FADING) for one in z] == list(flags)
    # As of visits that gave numbers only: gaps change nothing.
    for one, flag in zip(z, flags, strict=True):
        seen = np.isfinite(one)
        assert rules.flagged(one[seen], days[seen], FADING) == flag


def test_personal_noise_lies_between_the_prior_and_ones_own() -> None:
    rng = np.random.default_rng(5)
    noisy = rng.normal(1, 0.1, (200, 12))
    spread = rules.between_visits(noisy, np.full(200, 0.02))
    assert 0.06 < np.median(spread.sd) < 0.11
    nobody = rules.between_visits([1.0], 0.02)
    assert float(nobody.sd) == pytest.approx(0.02)


def test_touch_up_order() -> None:
    good = darkness({28: -2.0, 42: -2.0})
    assert course(good, as_of=20).touch_up.decision == "not before"
    assert course(good, as_of=20).touch_up.not_before == DAY0 + timedelta(days=28)
    assert course(good, as_of=35).touch_up.reasons == ("first-check",)
    assert course(good, as_of=60).touch_up.decision == "nothing to do"
    held = course(good, as_of=60, open_flag_rank=3).touch_up
    assert (held.decision, held.reasons) == ("ask a practitioner first", ("open-answer",))


def test_photos_of_the_future_are_left_out() -> None:
    found = course(darkness({28: -2.0, 42: -2.0, 90: -0.5}), as_of=50)
    assert {s.day for s in found.photos} == {28, 42}


def test_false_alarm_rates_belong_to_the_rules_in_force() -> None:
    for kind in ("redness_beyond_expected", "possible_fading", "patchiness"):
        for level in ("watch", "flag"):
            rate = findings.false_alarm_rate(kind, level)
            assert rate is not None
            assert 0 <= rate < {"watch": 0.03, "flag": 0.01}[level]
    assert findings.false_alarm_rate("photo_quality", "watch") is None
    for level in ("watch", "flag"):
        tried = findings.tried_on_lost_patches(level)
        assert tried is not None
        assert tried.n_seen / tried.n_unchanged < tried.at_most < 0.2
        assert tried.n_found >= 0.95 * tried.n_lost


@pytest.mark.parametrize(("n_seen", "n"), [(0, 100), (3, 100), (2, 14), (5, 5)])
def test_few_tests_leave_open_what_they_do(n_seen: int, n: int) -> None:
    """At the bound so few are seen in one case of twenty; with none seen it is three in n."""
    bound = findings.at_most(n_seen, n)
    if n_seen == n:
        assert bound == 1.0
        return
    assert binom.cdf(n_seen, n, bound) == pytest.approx(0.05)
    if not n_seen:
        assert bound == pytest.approx(3 / n, rel=0.02)


def test_settled_is_shown_by_two_steady_visits_after_the_pale_phase() -> None:
    def look(dark: float, even: float = 0.95, red: float = 0.1) -> dict[str, float]:
        return {"pigment_per_area": dark, "density_uniformity": even, "redness_index": red}

    pale = {0: look(0.09, red=9.0), 7: look(0.06), 14: look(0.053), 10: look(0.053)}
    assert course(pale, as_of=20).settling.state == "not yet"
    steady = course(pale | {28: look(0.06), 42: look(0.0605)}, as_of=43).settling
    assert (steady.state, steady.since) == ("settled", DAY0 + timedelta(days=42))
    moving = course(pale | {28: look(0.06), 44: look(0.07)}, as_of=50).settling
    assert moving.state == "overdue"
    uneven = course(pale | {28: look(0.06, 0.8), 44: look(0.06)}, as_of=50).settling
    assert uneven.state == "overdue"
    red = course(pale | {28: look(0.06), 44: look(0.06, red=4.0)}, as_of=50).settling
    assert red.state == "overdue"
    assert course(darkness({28: -2.0, 44: -2.0}), as_of=50).settling.state == "cannot tell"


def test_a_forecast_needs_four_settled_visits_and_a_fall() -> None:
    def at(days: tuple[int, ...], faster: float) -> dict[int, float]:
        found = {}
        for day in days:
            band = TIMELINE.contrast(day)
            assert band is not None
            found[day] = -2.0 * band.mid**faster
        return found

    days = (28, 42, 56, 90, 150, 210, 270, 330)
    told = course(darkness(at(days, 2.2)), as_of=331).forecast
    assert told is not None
    crossing = next(
        d for d in range(60, 1826) if (b := TIMELINE.contrast(d)) and b.mid**2.2 <= 0.65 * 0.99
    )
    assert told.earliest <= DAY0 + timedelta(days=crossing + 30)
    assert told.latest >= DAY0 + timedelta(days=crossing - 30)
    assert (told.latest - told.earliest).days <= 548
    assert course(darkness(at(days[:3], 2.2)), as_of=60).forecast is None
    assert course(darkness(at(days, 0.0)), as_of=331).forecast is None
    temporary = course(darkness(at(days, 2.2)), as_of=331, pigment="temporary")
    assert temporary.forecast is None


def test_pigment_is_not_added_to_dots_that_spread_nor_to_red_skin() -> None:
    good = darkness({28: -2.0, 35: -2.0, 42: -2.0, 49: -2.0})
    wide = {d: v | {"dot_diameter_mm": 0.3} for d, v in good.items()}
    wide[61] = {"pigment_per_area": 0.06, "dot_diameter_mm": 0.42}
    spread = course(wide, as_of=62).touch_up
    assert (spread.decision, spread.reasons) == ("ask a practitioner first", ("dots-enlarged",))
    lost = with_border_loss(course(good, as_of=60).touch_up)
    assert (lost.decision, lost.reasons) == ("worth a review", ("border-loss",))
    red = {0: {"redness_index": 9.0}} | good | {59: {"redness_index": 5.0}}
    held = with_border_loss(course(red, as_of=60).touch_up)
    assert (held.decision, held.reasons) == ("ask a practitioner first", ("redness", "border-loss"))


def test_a_lost_patch_is_flagged_by_the_second_set_two_weeks_on() -> None:
    def seen(day: int, x: float = 100.0, p_value: float = 0.001) -> LostSeen:
        return LostSeen("28", "top", DAY0 + timedelta(days=day), day, x, 50, 40, 0.7, p_value)

    def levels(*sets: LostSeen) -> list[str]:
        as_of = sets[-1].taken_on
        return [f.level for f in lost.findings(sets, {"top": DAY0}, TIMELINE, as_of=as_of)]

    assert levels(seen(42)) == ["watch"]
    assert levels(seen(42), seen(49)) == ["watch"]
    assert levels(seen(42), seen(56)) == ["flag"]
    assert levels(seen(42), seen(56, x=400)) == ["watch"]
    assert levels(seen(42, p_value=0.04), seen(56)) == ["watch"]
    assert levels(seen(7), seen(27)) == []
    states = [state(day) for day in (28, 42, 56)]
    found = follow(
        states, [], [treatment()], TIMELINE, as_of=DAY0 + timedelta(days=57),
        lost_seen=[seen(42), seen(56)],
    )  # fmt: skip
    assert found.verdict == "needs a practitioner's look"
    assert [(f.kind, f.about) for f in found.findings] == [("patchiness", "lost_patch")]
    assert found.findings[0].tried == findings.tried_on_lost_patches("flag")


def test_a_view_too_noisy_to_tell_does_not_hide_the_course() -> None:
    days = (28, 35, 42, 61)
    states = [state(d, view=v) for d in days for v in ("close-up", "top")]
    noisy = dict(zip(days, (0.033, 0.035, 0.028, 0.034), strict=True))
    numbers = [number(d, "pigment_per_area", 0.06, "close-up") for d in days]
    rough = [number(d, "pigment_per_area", v, "top") for d, v in noisy.items()]

    def verdict(found: list[Measurement]) -> str:
        on = DAY0 + timedelta(days=62)
        return follow(states, found, [treatment()], TIMELINE, as_of=on).verdict

    assert verdict(numbers + rough) == "as expected"
    assert verdict(rough) == "cannot tell"
    outside = [*rough[:-1], number(61, "pigment_per_area", 0.004, "top")]
    assert verdict(numbers + outside) != "as expected"


def test_the_least_change_is_the_persons_own() -> None:
    """Visits that jump by a fifth widen what cannot be told, steady ones narrow it."""
    steady = dict.fromkeys(range(28, 60, 4), 2.0)
    restless = {day: 2.0 * (1 + 0.2 * (-1) ** day) for day in range(28, 60, 5)}
    found = [course(darkness(of), as_of=60) for of in (steady, restless)]
    calm, wild = (one.references["pigment_per_area", "top"] for one in found)
    assert calm.least_change < 1.96 * 2**0.5 * 0.0527 * abs(calm.value) < wild.least_change
    assert calm.least_change / abs(calm.value) == pytest.approx(1.96 * 2**0.5 * calm.between / 0.06)


def test_a_touch_up_is_included_until_the_practices_day() -> None:
    found = course(darkness({28: -2.0}), as_of=30).touch_up
    assert found.included_until == DAY0 + timedelta(days=90)
    states = [state(28)]
    for day, until in ((60, DAY0 + timedelta(days=60)), (None, None)):
        own = plan.merged(TIMELINE, {plan.INCLUDED: day})
        as_of = DAY0 + timedelta(days=30)
        assert follow(states, [], [treatment()], own, as_of=as_of).touch_up.included_until == until
