"""The map of redness on drawn skin: even, with a redder spot, with redness around the dots."""

from functools import lru_cache

import numpy as np
import pytest

from analysis import pipeline, redness, tone
from analysis.arrays import Pixels
from analysis.phantom import (
    PhoneOptics,
    Pose,
    Recipe,
    RedSpot,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.scale import given
from analysis.skin_hue import SkinHue
from tracker import documents

PX_PER_MM = 15
ERYTHEMA = 7.296
STORIES = {
    "even": Story(redness=1.0, lost_share=0),
    "spot": Story(redness=0.5, lost_share=0, red_spots=(RedSpot(36, 0, 5, 1.0),)),
    "dots": Story(redness=0.3, lost_share=0, red_dots=1.0),
}


@lru_cache(maxsize=3)
def drawn(story: str) -> Pixels:
    scalp = draw_scalp(Recipe(seed=62_501, melanin=0.25))
    pose = Pose(1020, 720, PX_PER_MM, 42, 0, distance_mm=230)
    optics = PhoneOptics(texture=0.6, gloss=0.05)
    return photograph(scalp, state_on(scalp, STORIES[story], 0), pose, optics, seed=4).srgb_u8


@lru_cache(maxsize=3)
def measured(story: str) -> pipeline.PhotoMeasurement:
    return pipeline.measure(drawn(story), scale=given(PX_PER_MM))


@pytest.mark.parametrize(("story", "kind"), [("even", "diffuse"), ("dots", "around_dots")])
def test_spread_redness_has_no_spots(story: str, kind: str) -> None:
    told = measured(story).redness
    assert told is not None
    assert (told.kind, told.spots, told.share) == (kind, (), 0)


def test_the_map_agrees_with_the_index_and_varies_within_its_error() -> None:
    told, index = measured("even").redness, measured("even").results["redness_index"]
    assert told is not None
    assert told.median == pytest.approx(index.value, abs=2 * index.stderr)
    assert told.median == pytest.approx(ERYTHEMA, abs=1.5)
    assert 0 < told.stderr < 1
    assert told.high - told.low < 2 * 1.28 * 3 * told.stderr


def test_a_redder_spot_is_found_where_it_is() -> None:
    told = measured("spot").redness
    assert told is not None
    assert told.kind == "spots"
    (spot,) = told.spots
    assert spot.area_px / PX_PER_MM**2 == pytest.approx(np.pi * 5**2, rel=0.5)
    assert spot.excess == pytest.approx(ERYTHEMA, rel=0.35)
    x = np.mean([corner[0] for corner in spot.outline])
    assert abs(x - 510) < 2 * PX_PER_MM
    assert 0 < told.share < 0.2


def test_without_colour_or_untreated_skin_there_is_no_map_and_a_flag() -> None:
    grey = np.repeat(drawn("even")[..., 1:2], 3, axis=2)
    treated = np.ones(grey.shape[:2], dtype=bool)
    for photo, why in ((grey, "no-colour"), (drawn("even"), "no-reference-skin")):
        told = pipeline.measure(photo, drawn=treated, is_grey=photo is grey)
        assert told.redness is None
        said = documents._redness_map(told)
        assert (said["median"], said["flags"]) == (None, [why])
        assert documents._redness_spots(told)["n"] is None


def test_too_little_skin_is_not_mapped() -> None:
    half = np.full((200, 300, 3), 0.4, dtype=np.float32)
    none = np.zeros((400, 600), dtype=bool)
    assert not redness.map_redness(half, none, ~none, SkinHue.of(half, none, ~none)).is_known


@pytest.mark.parametrize("drawn_index", [0.0, ERYTHEMA])
def test_light_of_two_colours_is_no_redness(drawn_index: float) -> None:
    down, right = np.mgrid[0:1:180j, 0:1:240j]
    rng = np.random.default_rng(5)
    light = 1 - 0.3 * right[..., None] + 0.02 * rng.standard_normal((180, 240, 1))
    skin = light * np.array([0.42, 0.29, 0.21])
    # From above a lamp as much redder as a third of a mild erythema is, and bluer by the same.
    skin *= 10 ** (np.multiply.outer(down - 0.5, [-0.008, 0.012, 0.020]))
    treated, reference = np.repeat(down < 0.45, 2, 0), np.repeat(down > 0.55, 2, 0)
    skin[down < 0.45] *= 10 ** (-drawn_index / ERYTHEMA * np.array([0.0132, 0.0862, 0.0605]))
    bare = skin.astype(np.float32)
    hue = SkinHue.of(bare, treated, reference)
    (index, error), (delta_a, _) = tone.redness(hue)
    told = redness.map_redness(bare, treated, reference, hue)
    low, median, high = np.nanpercentile(told.index, [10, 50, 90])
    assert median == pytest.approx(index, abs=0.1)
    assert high - low < 0.5
    assert not told.spots
    assert index == pytest.approx(drawn_index, abs=1.96 * error)
    assert error < 0.7
    assert (delta_a > 3) == (drawn_index > 0)
