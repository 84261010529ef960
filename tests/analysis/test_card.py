"""The calibration card on drawn skin: found, measured, refused when not wholly seen."""

from functools import lru_cache

import numpy as np
import pytest

from analysis import card, card_colour, card_layout, colour
from analysis.flags import Flag
from analysis.phantom import (
    HeldCard,
    Optics,
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.other_optics import CompactOptics
from analysis.pipeline import measure

ABOVE_HAIRLINE = HeldCard(58, 0)


def drawn(
    px_per_mm: float,
    tilt_deg: float,
    held: HeldCard | None,
    optics: Optics | None = None,
    warmth: float = 0.0,
) -> Photograph:
    scalp = draw_scalp(Recipe(seed=62_111, dots_per_cm2=40, stubble_per_cm2=3, pores_per_cm2=10))
    width = int(max(480, 64 * px_per_mm))
    pose = Pose(
        width, int(0.6 * width), px_per_mm, 20, 180, max(200, 1.6 * width / px_per_mm),
        tilt_deg=tilt_deg, tilt_towards_deg=70,
    )  # fmt: skip
    optics = optics or PhoneOptics(warmth=warmth)
    return photograph(scalp, state_on(scalp, Story(), 30), pose, optics, seed=3, card=held)


@pytest.mark.parametrize("px_per_mm", [5.5, 10, 20])
@pytest.mark.parametrize("tilt_deg", [0, 15, 30])
def test_found_and_right_within_one_per_cent(px_per_mm: float, tilt_deg: float) -> None:
    photo = drawn(px_per_mm, tilt_deg, HeldCard(20, 180, 8))
    found = card.find(photo.srgb_u8)
    assert found
    assert found.scale.px_per_mm == pytest.approx(photo.truth.card_px_per_mm, rel=0.01)
    assert 0 < found.scale.stderr < 0.03 * found.scale.px_per_mm
    under = ~photo.truth.treated & photo.truth.skin
    hidden = found.covers(photo.srgb_u8.shape)
    assert (under & ~hidden).sum() < 0.01 * hidden.sum()


def test_upside_down_and_on_another_camera() -> None:
    photo = drawn(9, 10, HeldCard(20, 180, 180), CompactOptics())
    found = card.find(photo.srgb_u8)
    assert found
    assert found.scale.px_per_mm == pytest.approx(photo.truth.card_px_per_mm, rel=0.01)


def test_none_where_there_is_none() -> None:
    assert card.find(drawn(10, 0, None).srgb_u8) == card.ABSENT
    noise = np.random.default_rng(1).integers(0, 255, (900, 1200, 3)).astype(np.uint8)
    assert card.find(noise) == card.ABSENT


@pytest.mark.parametrize("px_per_mm", [6, 16])
@pytest.mark.parametrize("hidden_mm", [6.0, 9.0, 13.0])
def test_half_hidden_markers_are_refused(px_per_mm: float, hidden_mm: float) -> None:
    found = card.find(drawn(px_per_mm, 10, HeldCard(20, 180, 0, hidden_mm)).srgb_u8)
    assert not found
    assert found == card.PARTLY_COVERED


def test_a_finger_between_the_markers_is_seen() -> None:
    photo = drawn(16, 0, HeldCard(20, 180))
    found = card.find(photo.srgb_u8)
    assert found
    covered = photo.srgb_u8.copy()
    height, width = covered.shape[:2]
    covered[: height // 2 + 40, width // 2 - 60 : width // 2 + 60] = (190, 140, 115)
    assert card.find(covered) == card.PARTLY_COVERED


def test_colours_are_brought_back() -> None:
    """A warm photo with a tone curve: skin patches within 8 % of their print, greys grey."""
    photo = drawn(14, 0, HeldCard(20, 180), PhoneOptics(warmth=0.25, gloss=0.02))
    found = card.find(photo.srgb_u8)
    assert found
    assert found.colour
    assert found.colour.residual < 0.08


def test_the_correction_undoes_cast_and_curve() -> None:
    truth = card_colour.printed()
    seen = (0.9 * truth * [1.15, 1.0, 0.8]) ** 1.2
    found = card_colour.correction(seen)
    assert found
    # The ridge holds the mixing near to none.
    assert found.apply(seen) == pytest.approx(truth, rel=0.06)
    assert not card_colour.correction(np.full_like(truth, 0.3))


def test_layout_is_on_the_card_and_markers_are_whole() -> None:
    for box in card_layout.boxes():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= card_layout.WIDTH_MM
        assert box.y + box.height <= card_layout.HEIGHT_MM
    plain = np.pad(card_layout.picture(12), ((40, 40), (40, 40), (0, 0)), constant_values=128)
    found = card.find(plain)
    assert found
    assert found.scale.px_per_mm == pytest.approx(12, rel=0.003)


@lru_cache(maxsize=2)
def hairline(held: HeldCard | None) -> Photograph:
    scalp = draw_scalp(Recipe(seed=62_112))
    pose = Pose(1260, 940, 14, 44, 0, distance_mm=240)
    optics = PhoneOptics(warmth=0.2, gloss=0.03)
    return photograph(scalp, state_on(scalp, Story(), 0), pose, optics, seed=5, card=held)


def test_measure_takes_scale_and_colour_from_the_card() -> None:
    photo = hairline(ABOVE_HAIRLINE)
    result = measure(photo.srgb_u8)
    assert result.scale
    assert result.scale.source == "card"
    assert result.scale.px_per_mm == pytest.approx(photo.truth.card_px_per_mm, rel=0.01)
    assert Flag.NO_SCALE not in result.flags
    assert result.results["dot_diameter_mm"].value > 0
    angle = result.results["skin_ita"]
    # Of the phantom's skin without texture: linear light 0.574, 0.413, 0.303.
    light, _, yellow = colour.lab(np.array([0.574, 0.413, 0.303]))
    assert angle.value == pytest.approx(np.degrees(np.arctan2(light - 50, yellow)), abs=6)
    assert 0 < angle.stderr < 6
    redness = result.results["redness_index"]
    assert redness.value == pytest.approx(7.296 * photo.truth.haemoglobin, rel=0.15)
    assert len(result.dots) == pytest.approx(len(photo.truth.dots.ids), rel=0.1)


def test_a_hidden_card_is_told_and_not_used() -> None:
    photo = hairline(HeldCard(58, 0, turn_deg=14, hidden_mm=9))
    result = measure(photo.srgb_u8)
    assert result.scale is None
    assert Flag.CARD_NOT_USED in result.flags or result.refusal == "card-covered"
    assert np.isnan(result.results["skin_ita"].value)
