"""Gates: what would make a number wrong is said, and good photos pass without a word."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis import quality
from analysis.arrays import Pixels
from analysis.decode import decode
from analysis.flags import Flag
from analysis.phantom import (
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
from analysis.pipeline import PhotoMeasurement, measure
from benchmarks.processing_rates import portrait

SAMPLES = Path(__file__).parents[2] / "sample_images"
CLOSE = Pose(1200, 900, 20, 12, 180, distance_mm=200, tilt_deg=8)
GATES = (
    Flag.GLARE
    | Flag.CLIPPED
    | Flag.BLURRED
    | Flag.MOTION
    | Flag.STUBBLE
    | Flag.HALO
    | Flag.STEEP
    | Flag.PARTLY_BLURRED
)


@lru_cache(maxsize=8)
def photo(optics: PhoneOptics | CompactOptics, stubble_mm: float = 0.3) -> Photograph:
    per_cm2, on_top = (12.0, 0.15) if stubble_mm < 0.5 else (40.0, 0.8)
    scalp = draw_scalp(Recipe(seed=51, stubble_per_cm2=per_cm2, stubble_on_top=on_top))
    story = Story(lost_share=0, stubble_mm=(stubble_mm, 1.5 * stubble_mm))
    return photograph(scalp, state_on(scalp, story, 30), CLOSE, optics, seed=1)


def moved(srgb_u8: Pixels, length_px: int) -> Pixels:
    """The camera moved along a slanting line during the exposure."""
    kernel = np.eye(round(length_px / np.sqrt(2)) + 1, dtype=np.float32)
    return np.asarray(cv2.filter2D(srgb_u8, -1, kernel / kernel.sum()), dtype=np.uint8)


def pigment_misses_by(result: PhotoMeasurement, shown: Photograph) -> float:
    """Error of `pigment_per_area` in its own stated errors."""
    truth = shown.truth
    light = (truth.absorptance_mm2 * truth.dots.cos_slant).sum() * CLOSE.px_per_mm**2
    pigment = result.results["pigment_per_area"]
    return float(abs(pigment.value - light / truth.treated.sum()) / pigment.stderr)


@pytest.mark.parametrize("optics", [PhoneOptics(), CompactOptics()], ids=["phone", "other"])
def test_good_photos_pass_without_a_word(optics: PhoneOptics | CompactOptics) -> None:
    result = measure(photo(optics).srgb_u8)
    assert result.level == "dot"
    assert not result.flags & GATES


@pytest.mark.parametrize(
    ("optics", "flag"),
    [
        (PhoneOptics(blur_px=3.0), Flag.BLURRED),
        (CompactOptics(blur_px=2.6), Flag.BLURRED),
        (CompactOptics(sharpening=2.0), Flag.HALO),
        (CompactOptics(gloss=2.0), Flag.GLARE),
        (PhoneOptics(exposure=1.6), Flag.CLIPPED),
    ],
)
def test_what_bends_the_pigment_is_flagged_and_its_error_stated(
    optics: PhoneOptics | CompactOptics, flag: Flag
) -> None:
    result = measure(photo(optics).srgb_u8)
    assert flag in result.flags
    if flag in Flag.BLURRED | Flag.HALO:
        assert pigment_misses_by(result, photo(optics)) < 2.5


def test_a_picture_mode_is_flagged() -> None:
    taken = photo(PhoneOptics()).srgb_u8
    flags = {mode: measure(taken, mode=mode).flags for mode in (None, "standard", "vivid")}
    assert {m for m, f in flags.items() if Flag.PICTURE_MODE in f} == {"vivid"}


def test_portrait_mode_is_told() -> None:
    sharp = photo(PhoneOptics()).srgb_u8
    assert Flag.PARTLY_BLURRED in measure(portrait(sharp)).flags


@pytest.mark.parametrize("client", ["alex", "elena"])
def test_a_hairline_in_focus_is_not_partly_blurred(client: str) -> None:
    name = sorted((SAMPLES / client).glob("*hairline*.jpg"))[0]
    taken = decode(name.read_bytes()).srgb_u8
    assert Flag.PARTLY_BLURRED not in measure(taken).flags
    assert Flag.PARTLY_BLURRED in measure(portrait(taken)).flags


def test_motion_is_told_from_blur() -> None:
    sharp = photo(PhoneOptics()).srgb_u8
    little = measure(moved(sharp, 6))
    assert Flag.MOTION in little.flags
    assert Flag.BLURRED not in little.flags
    assert measure(moved(sharp, 12)).reasons == ["dots-moved"]
    softer = photo(PhoneOptics(blur_px=1.5)).srgb_u8
    assert measure(moved(softer, 60)).reasons == ["moved"]


def test_stubble_is_flagged_and_hardly_counted() -> None:
    shaved, grown = (measure(photo(PhoneOptics(), mm).srgb_u8) for mm in (0.2, 2.0))
    assert Flag.STUBBLE not in shaved.flags
    assert Flag.STUBBLE in grown.flags
    assert len(grown.dots) == pytest.approx(len(shaved.dots), rel=0.08)


def test_whole_heads_with_small_dots_are_asked_for_a_closer_one() -> None:
    scalp = draw_scalp(Recipe(seed=52))
    pose = Pose(1000, 1100, 4.5, 20, 180, distance_mm=450)
    image = photograph(scalp, state_on(scalp, Story(), 30), pose, PhoneOptics(), seed=1)
    assert measure(image.srgb_u8).reasons == ["too-far"]


def test_share_that_turns_away() -> None:
    y, x = np.indices((800, 800)) - 400
    head = np.hypot(x, y) < 380
    assert quality.steep_share(head, head) == pytest.approx(0.55, abs=0.05)
    assert quality.steep_share(head, np.hypot(x, y) < 200) == 0
    assert quality.steep_share(np.ones_like(head), head) == 0


def test_detail_is_judged_in_shares_of_a_dot() -> None:
    """The same scalp on twice as many pixels is as sharp for its dots, not for its pixels."""
    small = photo(PhoneOptics(blur_px=1.0))
    pose = replace(CLOSE, width_px=2400, height_px=1800, px_per_mm=40)
    scalp = draw_scalp(Recipe(seed=51))
    state = state_on(scalp, Story(lost_share=0), 30)
    large = photograph(scalp, state, pose, PhoneOptics(blur_px=2.0), seed=1)
    details = []
    for image, unit in ((small, 1.0), (large, 2.0)):
        od = -np.log10(image.srgb_u8[..., 1].astype(np.float32) / 255 + 0.01)
        details.append(quality.fine_detail(od, np.ones(od.shape, dtype=bool), unit))
    assert details[0] == pytest.approx(details[1], rel=0.2)
