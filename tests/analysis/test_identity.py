"""The same dots weeks apart on drawn photos: identity, kept and lost, pigment, patches."""

from dataclasses import replace
from functools import lru_cache
from unittest.mock import patch

import numpy as np
import pytest

from analysis import blotches, identity, lost_patches, pipeline
from analysis.change import Change
from analysis.dots import NO_DOTS
from analysis.flags import Flag
from analysis.forced import Profile, fit
from analysis.identity import LOST
from analysis.phantom import PhoneOptics
from analysis.pipeline import PairMeasurement, PhotoMeasurement, compare, measure
from analysis.plate import NO_PLATE
from analysis.registration import MIRRORED, Registration
from benchmarks.pair_photos import KINDS, DrawnPair, PairKind, drawn_pair
from benchmarks.pairs import quality

USUAL = replace(KINDS[0], lost=(0.08, 0.12), shift=(0.05, 0.1))


@lru_cache(maxsize=1)
def pair() -> DrawnPair:
    return drawn_pair(USUAL, 66_001, PhoneOptics)


@lru_cache(maxsize=1)
def photos() -> tuple[PhotoMeasurement, PhotoMeasurement]:
    before, after = (
        measure(p.srgb_u8, comparable=True) for p in (pair().baseline, pair().followup)
    )
    return before, after


@lru_cache(maxsize=1)
def told() -> PairMeasurement:
    return compare(*photos())


def test_dots_of_both_photos_are_matched_and_lost_ones_counted() -> None:
    precision, _, recall = quality(pair(), *photos(), told())
    assert precision > 0.995
    assert recall > 0.97
    kept = told().results["dots_kept"]
    assert kept.value == pytest.approx(pair().kept, abs=min(0.01, 3 * kept.stderr))
    assert pair().kept < 0.93


def test_what_lies_in_both_photos_and_is_no_dot_is_no_match() -> None:
    """Brown skin's blotches and pores are taken for dots at the same places in both."""
    drawn = drawn_pair(kind_named("brown skin"), 63_901, PhoneOptics)
    before, after = (measure(p.srgb_u8, comparable=True) for p in (drawn.baseline, drawn.followup))
    both = compare(before, after)
    change = both.change
    assert change
    precision, of_dots, recall = quality(drawn, before, after, both)
    assert precision > 0.975
    assert of_dots > 0.998
    assert recall > 0.97
    laid, _ = identity._partners(len(before.dots), change.registration, after.plate)
    taken = change.identity.partner >= 0
    assert ((laid >= 0) & ~taken).sum() > 10


def test_numbers_of_a_pair_come_with_errors_that_hold() -> None:
    results = told().results
    pigment = results["pigment_left"]
    assert pigment.value == pytest.approx(pair().pigment_left, abs=2.5 * pigment.stderr)
    for name in ("dot_contrast_ratio", "dot_diameter_ratio"):
        assert results[name].value == pytest.approx(1, abs=3 * results[name].stderr)


def test_counts_add_up_and_matches_are_in_the_photos() -> None:
    measured = told()
    assert isinstance(measured.registration, Registration)
    dots = measured.dots
    assert dots
    assert dots.kept + dots.lost == dots.observable > 1000
    assert dots.new < 0.01 * dots.observable
    baseline, followup = measured.matches
    assert baseline.shape == followup.shape
    assert 0 <= baseline.min() < baseline.max() < 1200


def test_a_mirrored_photo_gives_no_numbers() -> None:
    flipped = np.ascontiguousarray(pair().followup.srgb_u8[:, ::-1])
    measured = compare(photos()[0], measure(flipped, comparable=True))
    assert measured.registration == MIRRORED
    assert measured.dots is None
    assert all(np.isnan(result.value) for result in measured.results.values())


def test_photos_to_compare_must_be_measured_for_it() -> None:
    photo = replace(photos()[0], plate=NO_PLATE)
    with pytest.raises(ValueError, match="comparable"):
        compare(photo, photo)


def test_a_photo_compared_with_itself_keeps_everything() -> None:
    photo = photos()[0]
    same = compare(photo, photo)
    assert same.results["dots_kept"].value == pytest.approx(1, abs=1e-6)
    assert same.results["pigment_left"].value == pytest.approx(1, abs=1e-4)
    assert same.lost_areas == ()
    assert len(same.matches[0]) > 0.99 * len(photo.dots)


@pytest.mark.parametrize("wider", [0.9, 1.1])
def test_a_wrong_diameter_of_one_photo_passes_for_no_change_of_pigment(wider: float) -> None:
    before, after = photos()
    plate = replace(after.plate, disc_px=wider * after.plate.disc_px)
    other = compare(before, replace(after, plate=plate)).results
    results = told().results
    assert other["pigment_left"].value == pytest.approx(results["pigment_left"].value, abs=0.01)
    grown = other["dot_diameter_ratio"].value / results["dot_diameter_ratio"].value
    assert grown == pytest.approx(wider)


def test_a_flatter_tone_curve_is_told_by_the_skin_and_hardly_passes_for_fading() -> None:
    """Light to the power of 0.8: all contrast is 0.8 times what it was, dots' and skin's."""
    photo = photos()[0]
    codes = np.round(255 * (np.arange(256) / 255) ** 0.8).astype(np.uint8)
    flat = replace(photo, plate=replace(photo.plate, srgb_u8=codes[photo.plate.srgb_u8]))
    change = compare(photo, flat).change
    assert change
    told, error = blotches.strength_ratio(photo.plate, flat.plate, change.registration)
    assert told == pytest.approx(np.log(0.8), abs=0.03)
    assert error < 0.03
    assert 0.85 < change.pigment_left[0] < 0.97
    assert 0.85 < change.contrast_ratio[0] < 0.97


def test_what_skin_tells_of_contrast_is_believed_up_to_a_limit() -> None:
    before, after = photos()
    change = told().change
    assert change
    with patch("analysis.blotches.strength_ratio", return_value=(0.9, 0.02)):
        strong = Change(before.plate, after.plate, change.registration, change.identity)
        assert strong.pigment_left[0] > 0.9 * change.pigment_left[0]
    with patch("analysis.blotches.strength_ratio", return_value=(np.nan, np.nan)):
        unknown = Change(before.plate, after.plate, change.registration, change.identity)
        assert unknown.pigment_left[1] > 1.3 * change.pigment_left[1]


def test_pigment_is_not_told_where_blur_is_as_wide_as_the_dots() -> None:
    before, after = photos()
    plate = replace(after.plate, blur_px=0.9 * after.plate.disc_px)
    pigment = compare(before, replace(after, plate=plate)).results["pigment_left"]
    assert np.isnan(pigment.value)
    assert pigment.flags & Flag.BLURRED


def test_diameters_are_compared_with_both_photos_errors() -> None:
    change = told().change
    assert change
    doubtful = replace(change.followup, disc_error=0.5)
    other = Change(change.baseline, doubtful, change.registration, change.identity)
    assert other.diameter_ratio[0] == change.diameter_ratio[0]
    assert other.diameter_ratio[1] > 0.5 * other.diameter_ratio[0] > change.diameter_ratio[1]


def test_the_same_pigment_keeps_its_hue() -> None:
    shift = told().results["pigment_hue_shift"]
    assert abs(shift.value) < 2 * shift.stderr


def test_hue_is_not_told_between_photos_from_unlike_distances() -> None:
    """Cameras keep less of the colours of dots that are a few pixels wide."""
    before, after = photos()
    sizes = 1.25 * before.plate.size_px, 1.4 * before.plate.size_px
    near, farther = (
        compare(before, replace(after, plate=replace(after.plate, size_px=size))).results
        for size in sizes
    )
    assert np.isfinite(near["pigment_hue_shift"].value)
    assert np.isnan(farther["pigment_hue_shift"].value)
    assert farther["pigment_hue_shift"].flags == Flag.DISTANCE_DIFFERS


def test_mottle_is_compared_on_the_skin_that_both_show() -> None:
    """A few dots lost at random make no mottle; half of the follow-up without dots is no change of
    the half that both show.
    """
    before, after = photos()
    change = told().results["mottle_change"]
    assert Flag.NOT_ALIGNED not in change.flags
    assert abs(change.value) < 2 * change.stderr
    left = after.plate.resolved.copy()
    left[:, : left.shape[1] // 2] = False
    bare = replace(after.plate, resolved=left, dots=after.plate.dots.only(
        after.plate.dots.x > left.shape[1] // 2
    ))  # fmt: skip
    half = compare(before, replace(after, plate=bare)).results["mottle_change"]
    assert Flag.NOT_ALIGNED not in half.flags
    assert abs(half.value) < 2 * half.stderr


def test_a_thin_place_of_the_follow_up_raises_mottle() -> None:
    change = told().change
    assert change
    dots = change.followup.dots
    middle = np.array(change.followup.frame[::-1]) / 2
    far = np.linalg.norm(dots.xy - middle, axis=1) > 0.9 * change.followup.window_px
    thin = replace(change.followup, dots=dots.only(far | (np.arange(len(dots)) % 6 == 0)))
    (before, error), (after, other) = replace(change, followup=thin).mottle
    assert after - before > 2 * np.hypot(error, other)


def kind_named(name: str) -> PairKind:
    return next(kind for kind in KINDS if kind.name == name)


def test_dots_of_a_wide_hole_are_lost_and_make_one_patch() -> None:
    """Where nothing matches for many spacings the skin around tells where dots would lie."""
    drawn = drawn_pair(kind_named("wide hole"), 66_031, PhoneOptics)
    both = compare(*(measure(p.srgb_u8, comparable=True) for p in (drawn.baseline, drawn.followup)))
    assert both.change
    assert both.results["dots_kept"].value == pytest.approx(drawn.kept, abs=0.02)
    (hole,) = both.change.patches
    assert hole.share_lost > 0.75
    assert hole.p_value < 1e-6


def test_what_a_smear_hides_is_not_lost() -> None:
    drawn = drawn_pair(kind_named("smear on the lens"), 66_032, PhoneOptics)
    both = compare(*(measure(p.srgb_u8, comparable=True) for p in (drawn.baseline, drawn.followup)))
    change = both.change
    assert change
    assert both.results["dots_kept"].value == pytest.approx(drawn.kept, abs=0.015)
    middle = np.array(change.followup.frame[::-1]) / 2
    near = np.linalg.norm(change.identity.xy - middle, axis=1) < 4 * change.followup.spacing_px
    hidden = change.baseline.dots.xy[near].mean(axis=0)
    reach_px = 8 * change.baseline.spacing_px
    assert all(np.linalg.norm(p.centre - hidden) > reach_px for p in change.patches)
    assert (change.identity.state[near] != LOST).mean() > 0.9


def test_what_shine_hides_is_not_lost() -> None:
    before, after = photos()
    hidden = replace(after.plate, resolved=np.zeros_like(after.plate.resolved))
    unseen = compare(before, replace(after, plate=hidden))
    assert unseen.dots
    assert unseen.dots.observable == unseen.dots.lost == 0
    assert unseen.results["dots_kept"].flags == Flag.DOTS_NOT_RESOLVED
    half = after.plate.resolved.copy()
    half[: len(half) // 2] = False
    seen = compare(before, replace(after, plate=replace(after.plate, resolved=half)))
    assert seen.dots
    assert seen.dots.lost < 0.15 * seen.dots.observable < 0.15 * unseen.dots.not_observable


def test_forced_photometry_tells_neighbours_apart() -> None:
    """Two discs a diameter apart, one twice as dark, and a place without any."""
    profile = Profile.of(5.0, 1.0, 6.0)
    places = np.array([[40.3, 40.6], [46.0, 41.0], [80.0, 80.0], [60.5, 20.2]])
    flux = np.array([4.0, 8.0, 0.0, 6.0])
    y, x = np.indices((120, 120))
    taken = sum(
        f * profile(np.hypot(x - px, y - py)) for f, (px, py) in zip(flux, places, strict=True)
    )
    light = (0.4 * (1 + 0.001 * x) * (1 - taken)).astype(np.float32)
    assert fit(light, places, profile, 6.0).flux == pytest.approx(flux, abs=0.25)


def strewn(seed: int, *, patch: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 50, (2000, 2))
    lost = rng.random(2000) < 0.08
    lost |= patch & (np.linalg.norm(xy - 20, axis=1) < 3.5) & (rng.random(2000) < 0.6)
    return xy, lost


def test_a_patch_of_lost_dots_is_found_where_it_is() -> None:
    xy, lost = strewn(1, patch=True)
    found, *_ = lost_patches.lost_patches(xy, lost, np.zeros(2000))
    assert np.linalg.norm(found.centre - 20) < 2.5
    assert found.share_lost > 0.35
    assert found.p_value < 0.02


def test_losses_by_chance_are_no_patches() -> None:
    seeds = range(40, 46)
    alarms = [
        lost_patches.lost_patches(*strewn(seed, patch=False), np.zeros(2000)) for seed in seeds
    ]
    # One in twenty is allowed to; none of these seeds does.
    assert not any(alarms)


def test_nothing_is_made_of_no_dots() -> None:
    assert len(NO_DOTS) == 0
    assert lost_patches.lost_patches(np.empty((0, 2)), np.empty(0, bool), np.empty(0)) == ()
    assert pipeline.NO_PLACES.shape == (0, 2)
