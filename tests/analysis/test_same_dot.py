"""What both photos show is a dot unless paler, browner or changed unlike the others."""

import numpy as np
import pytest

from analysis import same_dot
from analysis.arrays import Points
from analysis.dots import Dots

N = 400


def seen(day: int) -> tuple[Dots, Points]:
    """Dots alike but for some scatter, of grey pigment."""
    rng = np.random.default_rng([day, 67])
    ones = np.ones(N)
    contrast = 0.4 * np.exp(rng.normal(0, 0.15, N))
    dots = Dots(
        *rng.uniform(0, 900, (2, N)), 6 * ones, contrast, 0.95 * ones, 0.2 * ones, ones, ones
    )
    return dots, contrast[:, None] * np.exp(rng.normal(0, 0.05, (N, 3)))


def off() -> Points:
    """How far dots lie from where the map of the others puts them, px."""
    return np.hypot(*np.random.default_rng(3).normal(0, 0.2, (2, N)))


@pytest.mark.parametrize("what", ["paler", "browner", "changed", "doubtful", "longer", "elsewhere"])
def test_other_marks_stand_out_among_dots(what: str) -> None:
    (before, here), (after, there) = seen(0), seen(1)
    left = np.exp(np.random.default_rng(2).normal(0, 0.06, N))
    other = np.arange(N) < 20
    for dots, taken in ((before, here), (after, there)):
        if what == "paler":
            dots.contrast[other] *= 0.3
        if what == "browner":
            taken[other] *= [0.8, 1.0, 1.2]
        if what == "doubtful":
            dots.confidence[other] = 0.4
        if what == "longer":
            dots.elongation[other] = 2.0
    off_px = off()
    if what == "changed":
        left[other] = 0.6
    if what == "elsewhere":
        off_px[other] *= 8
    odds = same_dot.odds((before, after), (here, there), left, off_px)
    assert np.median(odds[other]) < np.median(odds[~other]) - 1
    assert (odds[~other] > 2).mean() > 0.97


def test_redder_or_darker_than_the_others_is_no_fault_and_what_is_not_known_neither() -> None:
    (before, here), (after, there) = seen(0), seen(1)
    plain = same_dot.odds((before, after), (here, there), np.ones(N), off())
    unknown = same_dot.odds((before, after), (here, there), np.full(N, np.nan), off())
    assert unknown == pytest.approx(plain)
    for dots, taken in ((before, here), (after, there)):
        dots.contrast[:20] *= 1.5
        taken[:20] *= [1.2, 1.0, 0.8]
    odds = same_dot.odds((before, after), (here, there), np.ones(N), off())
    assert (odds[:20] >= plain[:20] - 0.3).all()


def test_dots_that_scatter_more_are_dots_all_the_same() -> None:
    (before, here), (after, there) = seen(0), seen(1)
    left = np.exp(np.random.default_rng(2).normal(0, 0.3, N))
    odds = same_dot.odds((before, after), (here, there), left, off())
    assert (odds > 2.25).mean() > 0.95
