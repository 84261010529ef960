"""The simulated clients that the rules are measured on, at sizes that take a second."""

from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks import courses, forecasts, lost_rates, reassurance, weekly_photos
from tracker import findings, rules
from tracker.change import Point, settled_look
from tracker.timeline import default_timeline

TIMELINE = default_timeline()
START = date(2026, 1, 5)
DAY = timedelta(days=1)


def test_noise_is_estimated_from_unchanged_series() -> None:
    rng = np.random.default_rng(3)
    noise = courses.Noise(0.03, 0.4, 0.02, 8.0, 0.1)
    told = weekly_photos.estimate(0.05 * (1 + noise.drawn((400, 12), rng)), "pigment_per_area")
    assert told["sd"] == pytest.approx(0.03, rel=0.08)
    assert told["autocorrelation"] == pytest.approx(0.4, abs=0.08)
    assert 0.005 < told["outlier_share"] < 0.025
    assert told["n"] == pytest.approx(0.9 * 400 * 12, rel=0.02)


def test_normal_courses_lie_between_the_outer_percentiles() -> None:
    rng = np.random.default_rng(3)
    found = courses.normal_course("pigment_per_area", courses.DAYS, rng, 500, TIMELINE)[:, 0]
    bands = [TIMELINE.contrast(int(day)) for day in courses.DAYS]
    low, high = (np.array([getattr(b, edge) for b in bands]) for edge in ("low", "high"))
    assert (found >= low - 1e-9).all()
    assert (found <= high + 1e-9).all()
    # Each client keeps the own quantile.
    order = np.argsort(found[:, 10])
    assert (np.diff(found[order], axis=0) >= -1e-9).all()


@pytest.mark.parametrize("kind", ["possible_fading", "patchiness"])
def test_the_simulation_judges_as_a_course_does(kind: findings.Kind) -> None:
    """The same numbers through the many-clients arithmetic and through one client's findings."""
    rng = np.random.default_rng(8)
    measurand = courses.KINDS[kind]
    level = courses.LEVEL[measurand]
    fading = level * np.exp(-0.02 * np.maximum(0, courses.DAYS - 56) / 7)
    values = fading + courses.measured_noise(measurand).drawn((12, 1, len(courses.DAYS)), rng)
    limits = rules.limits_of(TIMELINE)[kind]
    upto = 20
    days = courses.DAYS[:upto]
    watch, flag = courses.judged(kind, values[..., :upto], days, TIMELINE, limits)
    for client in range(12):
        points = [
            Point(str(day), START + day * DAY, day, value, 0.0)
            for day, value in zip(days.tolist(), values[client, 0, :upto].tolist(), strict=True)
            if np.isfinite(value)
        ]
        if points[-1].day != days[-1]:
            continue
        settled = settled_look(measurand, points, window=(28, 60), least=2)
        assert settled is not None
        found = findings.of_series(kind, points, settled, TIMELINE, limits)
        levels = {f.level for f in found}
        assert ("flag" in levels) == flag[client, -1]
        if not flag[client, -1]:
            assert ("watch" in levels) == watch[client, -1]


def test_few_unchanged_clients_are_flagged_and_a_fast_fade_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courses, "N_CLIENTS", 400)
    for kind in courses.KINDS:
        rates = courses._false(kind, "usual", 1)
        assert rates["flag"] <= 0.01
        assert rates["watch"] <= 0.05
        assert rates["flag_while_healing"] == 0
    assert courses._fade_found("usual", 0.015, 0.04) > 0.95
    assert courses._fade_found("unchanged", 0.02, 0.02) > 0.95


def test_most_forecasts_come_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasts, "N_CLIENTS", 300)
    found = forecasts.told(1)
    assert found["given"] > 0.2
    assert 0.65 < found["covered"] < 0.95


def test_a_lost_patch_is_found_at_the_second_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_rates, "N_DOTS", 700)
    monkeypatch.setattr(lost_rates, "SIZE_MM", (30.0, 24.0))
    assert lost_rates.counts(3, 2, first_seed=60_100, patch=True)["flag"] == 3
    assert lost_rates.counts(3, 2, first_seed=60_100, patch=False)["flag"] == 0


def test_unchanged_clients_are_told_as_expected_and_fading_ones_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courses, "N_CLIENTS", 200)
    monkeypatch.setattr(courses, "SEED", 60_200)
    for course in courses.COURSES:
        told = reassurance.told_as_expected(course, 0.0, 1)
        assert min(told.as_expected) > 0.85
        assert max(told.below) == 0.0
    fading = reassurance.told_as_expected("unchanged", 0.05, 1)
    by_day = dict(zip(reassurance.TOLD_DAYS, zip(*vars(fading).values(), strict=True), strict=True))
    # The settled look of a client who fades meanwhile is lower itself.
    assert by_day[49][1] == 0.0
    told_on, below_on = by_day[63]
    assert (told_on < 0.05, below_on) == (True, 1.0)
    assert by_day[91][0] == 0.0
