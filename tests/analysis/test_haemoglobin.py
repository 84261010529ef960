"""Blood is told from the skin's own surface, from other lamps and from other melanin."""

import numpy as np
import pytest

from analysis.haemoglobin import excess, weights

ERYTHEMA = 7.296  # one mild erythema, 100 log10(.97 / .82)
FAIR, BROWN, DARK = (
    np.array([0.80, 0.66, 0.57]) * 10 ** (-m * np.array([0.72, 1.02, 1.37]))
    for m in (0.1, 0.45, 0.95)
)
BLOOD = np.array([0.97, 0.82, 0.87])
SURFACE = 0.028


def seen(skin: np.ndarray, erythemas: float) -> tuple[float, float]:
    """Of skin with a colourless surface, against the same without redness."""
    return excess(0.8 * (skin * BLOOD**erythemas + SURFACE), skin + SURFACE)


@pytest.mark.parametrize("skin", [FAIR, BROWN, DARK])
@pytest.mark.parametrize("erythemas", [0.5, 1.0, 2.0])
def test_blood_reads_alike_on_all_skins(skin: np.ndarray, erythemas: float) -> None:
    value, stderr = seen(skin, erythemas)
    assert value == pytest.approx(ERYTHEMA * erythemas, rel=0.08)
    assert 0 < stderr < 1 + 0.02 * value


def test_the_plain_ratio_reads_dark_skin_low() -> None:
    """What the surface's share is good for."""
    here, there = DARK * BLOOD + SURFACE, DARK + SURFACE
    plain = 100 * np.log10(here[0] / here[1] * there[1] / there[0])
    assert plain < 0.75 * ERYTHEMA


@pytest.mark.parametrize("shift", [0.03, -0.03])
def test_other_melanin_and_another_lamp_are_mostly_not_blood(shift: float) -> None:
    melanin = FAIR * 10 ** (-shift * np.array([0.72, 1.02, 1.37]))
    lamp = FAIR * np.array([1 + shift, 1, 1 - 1.4 * shift])
    for other in (melanin, lamp):
        plain = 100 * np.log10(other[0] / other[1] * FAIR[1] / FAIR[0])
        assert abs(excess(other, FAIR)[0]) < 0.6 * abs(plain)


def test_light_and_white_balance_of_the_whole_photo_do_not_matter_much() -> None:
    cast = 0.5 * np.array([1.05, 1.0, 0.95])
    here, there = BROWN * BLOOD + SURFACE, BROWN + SURFACE
    assert excess(here * cast, there * cast)[0] == pytest.approx(excess(here, there)[0], rel=0.05)


def test_the_two_ratios_read_with_their_weights_give_the_index() -> None:
    here, there = 0.8 * (FAIR * BLOOD + SURFACE), FAIR + SURFACE
    taken = 100 * np.log10(there / here)
    read = weights(here, there) @ [taken[1] - taken[0], taken[2] - taken[0]]
    assert read == pytest.approx(excess(here, there)[0])
