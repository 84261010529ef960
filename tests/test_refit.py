"""Bands re-fitted to a practice's own clients, shrunken towards the prior, and taken back."""

from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import norm

from tests.test_course import DAY0, TIMELINE
from tracker import plan, refit
from tracker.change import Point, settled_look
from tracker.errors import PlanRefused
from tracker.refit import Fit, Place, fit, moved, place

P90 = norm.isf(0.1)
DAYS = (28, 35, 42, 49, 56, 90, 120, 180, 240, 300, 365)


def points(score: float, *, noise: float, seed: int) -> list[Point]:
    """The visits of a client at one place between the percentiles."""
    rng = np.random.default_rng(seed)
    found = []
    for day in DAYS:
        band = TIMELINE.contrast(day)
        assert band is not None
        side = band.high - band.mid if score > 0 else band.mid - band.low
        value = 0.06 * (band.mid + score / P90 * side) * np.exp(rng.normal(0, noise))
        found.append(Point(str(day), DAY0 + timedelta(days=day), day, float(value), 0.0005))
    return found


def placed(score: float, *, noise: float = 0.05, seed: int = 60_001) -> Place | None:
    of = points(score, noise=noise, seed=seed)
    settled = settled_look("pigment_per_area", of, window=(28, 60), least=2)
    assert settled is not None
    return place(of, settled, TIMELINE)


@pytest.mark.parametrize("score", [-1.28, 0.0, 1.0])
def test_a_client_is_placed_between_the_percentiles(score: float) -> None:
    exact = placed(score, noise=0.0)
    assert exact is not None
    assert exact.score == pytest.approx(score, abs=0.06)
    found = [placed(score, seed=60_000 + n) for n in range(60)]
    known = [p for p in found if p is not None]
    assert len(known) > 50
    apart = np.array([p.score - score for p in known])
    stated = np.sqrt(np.mean([p.stderr**2 for p in known]))
    assert 0.6 < apart.std() / stated < 1.4


def test_too_little_tells_nothing() -> None:
    of = points(0.0, noise=0.04, seed=1)
    settled = settled_look("pigment_per_area", of, window=(28, 60), least=2)
    assert settled is not None
    assert place(of[:5], settled, TIMELINE) is None
    # A single visit on day 90 lies nearer to the median than its noise can tell.
    assert place(of[:6], settled, TIMELINE) is None


def test_a_fit_is_drawn_towards_the_prior_by_how_few_they_are() -> None:
    rng = np.random.default_rng(61_001)
    scores = rng.normal(-0.8, 0.6, 600)
    places = [Place(float(s + rng.normal(0, 0.4)), 0.4) for s in scores]
    few, many = fit(places[:30]), fit(places)
    assert -0.65 < few.middle < -0.2
    assert many.middle == pytest.approx(-0.8 * 600 / 630, abs=0.08)
    assert few.n_clients == 30
    assert many.spread == pytest.approx(np.sqrt((30 + 600 * 0.36) / 630), abs=0.08)
    assert fit([]) == Fit(0.0, 1.0, 0)
    # A few who lose far more do not become what is expected.
    wild = [*places[:60], *(Place(-4.0, 0.4) for _ in range(6))]
    assert fit(wild).middle == pytest.approx(fit(places[:60]).middle, abs=0.15)


def test_a_fit_to_clients_who_go_the_usual_way_changes_little() -> None:
    rng = np.random.default_rng(61_002)
    found = fit(Place(float(s), 0.3) for s in rng.normal(0, np.hypot(1, 0.3), 300))
    new = moved(TIMELINE.contrast_knots, found, from_day=42)
    for name in ("p10", "p50", "p90"):
        assert new[name] == pytest.approx(TIMELINE.contrast_knots[name], abs=0.04)
    same = moved(TIMELINE.contrast_knots, Fit(0.0, 1.0, 99), from_day=42)
    assert same["p10"] == pytest.approx(TIMELINE.contrast_knots["p10"])


@pytest.mark.parametrize("found", [Fit(-2, 2, 40), Fit(2, 0.5, 40), Fit(-0.5, 0.6, 40)])
def test_fitted_percentiles_stay_in_order_and_leave_healing_alone(found: Fit) -> None:
    new = moved(TIMELINE.contrast_knots, found, from_day=42)
    low, mid, high = (np.array(new[name]) for name in ("p10", "p50", "p90"))
    assert (low <= mid).all()
    assert (mid <= high).all()
    healing = np.array(new["days"]) <= 42
    assert (mid[healing] == np.array(TIMELINE.contrast_knots["p50"])[healing]).all()
    assert (np.diff(mid[~healing]) < 0).all()


def test_a_practice_switches_the_fit_on_and_back() -> None:
    value = {"middle": -0.5, "spread": 0.8, "n_clients": 34}
    fitted = plan.merged(TIMELINE, {plan.BANDS: value})
    assert fitted.fitted_to == 34
    assert plan.value_at(fitted, plan.BANDS) == value
    before, after = TIMELINE.contrast(365), fitted.contrast(365)
    assert before is not None
    assert after is not None
    assert after.mid < before.mid - 0.03
    assert TIMELINE.fitted_to is None
    assert plan.merged(TIMELINE, {}).contrast(365) == before
    [told] = plan.told(TIMELINE, {plan.BANDS: value})
    assert "34 clients" in told
    assert len(plan.bands_table(TIMELINE, fitted)) == len(plan.BANDS_SHOWN)
    few = value | {"n_clients": refit.LEAST_CLIENTS - 1}
    for wrong, reason in ((few, "too few"), (value | {"middle": 5.0}, "between"), ({}, "changed")):
        with pytest.raises(PlanRefused, match=reason):
            plan.merged(TIMELINE, {plan.BANDS: wrong})
