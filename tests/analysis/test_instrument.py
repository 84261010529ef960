"""Every measurand against drawn photos' truth, with its stated error; and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest
from scipy.spatial import cKDTree

from analysis import dots, pipeline, scale
from analysis.arrays import Pixels, at_places
from analysis.flags import Flag, names
from analysis.measurands import MEASURANDS, PHOTO_MEASURANDS
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
from analysis.pipeline import PhotoMeasurement, compare, measure
from analysis.registration import TOO_FEW_DOTS
from analysis.results import Result
from analysis.stages import Stages

CLOSE = Pose(1200, 900, 20, 12, 180, distance_mm=200, tilt_deg=8)
HAIRLINE = Pose(1200, 900, 15, 44, 0, distance_mm=220)
ERYTHEMA = 7.296  # one mild erythema in units of the redness index
OF_A_PHOTO = {m.name: m for m in PHOTO_MEASURANDS}
OPTICS = {"phone": PhoneOptics(), "other": CompactOptics()}


@lru_cache(maxsize=16)
def photo(optics: str, view: str = "close", day: float = 30.0, redness: float = 1.6) -> Photograph:
    scalp = draw_scalp(Recipe(seed=41, melanin=0.2))
    state = state_on(scalp, Story(redness=redness, lost_share=0), day)
    return photograph(
        scalp, state, {"close": CLOSE, "hairline": HAIRLINE}[view], OPTICS[optics], seed=7
    )


@lru_cache(maxsize=16)
def measured(
    optics: str, view: str = "close", day: float = 30.0, redness: float = 1.6
) -> PhotoMeasurement:
    return measure(photo(optics, view, day, redness).srgb_u8, scale=scale.given(CLOSE.px_per_mm))


Check = Callable[[str], tuple[Result, float, float]]


def _count(optics: str) -> tuple[Result, float, float]:
    return measured(optics).results["dot_count"], len(photo(optics).truth.dots.ids), 0.08


def _density(optics: str) -> tuple[Result, float, float]:
    truth = photo(optics).truth
    area_cm2 = truth.treated.sum() / CLOSE.px_per_mm**2 / 100
    return measured(optics).results["dot_density"], len(truth.dots.ids) / area_cm2, 0.08


def _spacing(optics: str) -> tuple[Result, float, float]:
    xy = photo(optics).truth.dots.xy_px
    truth = float(np.median(cKDTree(xy).query(xy, k=2)[0][:, 1]))
    return measured(optics).results["dot_spacing"], truth, 0.08


def _diameter(optics: str) -> tuple[Result, float, float]:
    truth = float(np.median(photo(optics).truth.dots.diameter_px))
    return measured(optics).results["dot_diameter"], truth, 0.25


def _diameter_mm(optics: str) -> tuple[Result, float, float]:
    truth = float(np.median(photo(optics).truth.dots.diameter_px)) / CLOSE.px_per_mm
    return measured(optics).results["dot_diameter_mm"], truth, 0.25


def _pigment(optics: str) -> tuple[Result, float, float]:
    truth = photo(optics).truth
    total = (truth.absorptance_mm2 * truth.dots.cos_slant).sum() * CLOSE.px_per_mm**2
    return measured(optics).results["pigment_per_area"], total / truth.treated.sum(), 0.25


def _redness(optics: str) -> tuple[Result, float, float]:
    result = measured(optics, "hairline", 0.0).results["redness_index"]
    return result, ERYTHEMA * photo(optics, "hairline", 0.0).truth.haemoglobin, 0.25


# Relative tolerances of a first, plain instrument: 8 % for what counts dots, 25 % for what a
# phone's sharpening and tone curve bend. Fresh truth tests belong here with each new measurand.
TRUTH: dict[str, Check] = {
    "dot_count": _count,
    "dot_density": _density,
    "dot_spacing": _spacing,
    "dot_diameter": _diameter,
    "dot_diameter_mm": _diameter_mm,
    "pigment_per_area": _pigment,
    "redness_index": _redness,
}
ORDERED = {"dot_contrast", "coverage_delta_l", "redness_delta_a", "blur_width", "glare_share"}
# On patterns, on cards: test_pattern, test_patches, test_card; on both levels: test_mottle.
ALONE = {"density_uniformity", "mottle", "patchy_share", "skin_ita"}


def test_every_photo_measurand_is_tested() -> None:
    assert set(TRUTH) | ORDERED | ALONE == {m.name for m in PHOTO_MEASURANDS}


@pytest.mark.parametrize("optics", OPTICS)
@pytest.mark.parametrize("name", TRUTH)
def test_value_is_the_truth_within_tolerance(name: str, optics: str) -> None:
    result, truth, tolerance = TRUTH[name](optics)
    assert result.value == pytest.approx(truth, rel=tolerance)
    assert 0 < result.stderr < tolerance * truth


@pytest.mark.parametrize("times", [1.25, 2.5])
def test_contrast_is_the_photo_s_own_where_dots_are_sought_in_a_smaller_one(times: float) -> None:
    once = photo("phone").srgb_u8
    enlarged = cv2.resize(once, None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR)
    stages = Stages.of(np.asarray(enlarged, dtype=np.uint8))
    assert stages.photo_px > 1 or dots.reduction(stages.size_px) > 1
    result = OF_A_PHOTO["dot_contrast"].evaluate(stages)
    assert result.value == pytest.approx(measured("phone").results["dot_contrast"].value, rel=0.03)


def test_dots_that_shine_hides_have_no_colour() -> None:
    stages = Stages.of(photo("phone").srgb_u8, scale.given(CLOSE.px_per_mm))
    assert stages.level == "dot"
    everywhere = np.ones_like(stages.areas.glare)
    vars(stages)["areas"] = replace(stages.areas, glare=everywhere)
    of_light = ("dot_contrast", "dot_diameter", "dot_diameter_mm", "pigment_per_area", "blur_width")
    for name in of_light:
        result = OF_A_PHOTO[name].evaluate(stages)
        assert np.isnan(result.value), name
        assert result.flags == Flag.GLARE, name


@pytest.mark.parametrize("optics", OPTICS)
def test_dots_are_found_where_they_are(optics: str) -> None:
    truth, found = photo(optics).truth.dots, measured(optics).dots
    radius = max(0.5 * float(np.median(truth.diameter_px)), 1.2)
    distance, nearest = cKDTree(found.xy).query(truth.xy_px, distance_upper_bound=radius)
    hits = len(set(nearest[np.isfinite(distance)]))
    f1 = 2 * hits / (len(found) + len(truth.ids))
    # Chance level at this radius is about 0.17.
    assert f1 > 0.9
    assert np.median(distance[np.isfinite(distance)]) < 0.08 * 12


@pytest.mark.parametrize("optics", OPTICS)
def test_no_redness_reads_as_none(optics: str) -> None:
    result = measured(optics, "hairline", 0.0, 0.0).results["redness_index"]
    assert abs(result.value) < 1.5


@pytest.mark.parametrize("optics", OPTICS)
def test_order_of_what_has_no_single_truth(optics: str) -> None:
    """Fresh dots are darker than pale ones, fresh skin is redder."""
    fresh, pale = (measured(optics, "hairline", day).results for day in (0.0, 10.0))
    assert fresh["dot_contrast"].value > pale["dot_contrast"].value
    assert fresh["coverage_delta_l"].value < pale["coverage_delta_l"].value < 0
    assert fresh["redness_delta_a"].value > pale["redness_delta_a"].value + 2


def test_blur_is_seen_and_lowers_contrast() -> None:
    scalp = draw_scalp(Recipe(seed=42))
    state = state_on(scalp, Story(), 30)
    sharp, soft = (
        measure(photograph(scalp, state, CLOSE, PhoneOptics(blur_px=b), seed=1).srgb_u8).results
        for b in (0.8, 1.8)
    )
    assert soft["blur_width"].value > 1.3 * sharp["blur_width"].value
    assert soft["dot_contrast"].value < sharp["dot_contrast"].value
    # What blur conserves: within the stated errors of both.
    limit = 2 * np.hypot(soft["pigment_per_area"].stderr, sharp["pigment_per_area"].stderr)
    assert abs(soft["pigment_per_area"].value - sharp["pigment_per_area"].value) < limit


def test_shine_is_measured_and_left_out() -> None:
    scalp = draw_scalp(Recipe(seed=43))
    state = state_on(scalp, Story(), 30)
    dull, shiny = (
        measure(photograph(scalp, state, CLOSE, PhoneOptics(gloss=g), seed=1).srgb_u8)
        for g in (0.0, 2.5)
    )
    assert dull.results["glare_share"].value < 0.005 < 0.03 < shiny.results["glare_share"].value
    assert dull.region
    assert shiny.region
    assert shiny.region.area_px < dull.region.area_px


def test_evenness_falls_with_a_patch_and_not_with_random_loss() -> None:
    from analysis.phantom import Patch

    patch = Patch(12, 180, radius_mm=9, share_lost=0.8, day=5)
    values = []
    for story in (
        Story(lost_share=0),
        Story(lost_share=0.3),
        Story(lost_share=0, patches=(patch,)),
    ):
        scalp = draw_scalp(Recipe(seed=44))
        image = photograph(scalp, state_on(scalp, story, 70), CLOSE, PhoneOptics(), seed=3)
        values.append(measure(image.srgb_u8).results["density_uniformity"].value)
    even, thinned, patchy = values
    assert even > 0.9
    assert thinned > 0.85
    assert patchy < 0.85


@pytest.mark.parametrize("optics", OPTICS)
def test_treated_area_is_found(optics: str) -> None:
    from analysis.scalp import Surface, find_areas

    image = photo(optics, "hairline")
    found, truth = find_areas(Surface.of(image.srgb_u8)).treated, image.truth.treated
    assert (found & truth).sum() / (found | truth).sum() > 0.75


def test_wholly_treated_close_up_has_no_reference_and_no_redness() -> None:
    result = measured("phone")
    assert Flag.NO_REFERENCE_SKIN in result.flags
    for name in ("redness_index", "redness_delta_a", "coverage_delta_l"):
        assert np.isnan(result.results[name].value)
        assert result.results[name].flags == Flag.NO_REFERENCE_SKIN


def _grey_wall() -> Pixels:
    return np.full((900, 1200, 3), 128, dtype=np.uint8)


def _blurred() -> Pixels:
    scalp = draw_scalp(Recipe(seed=45))
    optics = PhoneOptics(blur_px=7)
    return photograph(scalp, state_on(scalp, Story(), 30), CLOSE, optics, seed=1).srgb_u8


def _blurred_and_compressed() -> Pixels:
    import cv2

    soft = cv2.GaussianBlur(photo("phone").srgb_u8, (0, 0), 14)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", soft)[1], cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_grey_wall, "no-skin"),
        (_blurred, "too-blurred"),
        (_blurred_and_compressed, "too-blurred"),
        (lambda: photo("phone").srgb_u8[:600, :800], "too-small"),
        (lambda: np.full((900, 1200, 3), (255, 240, 230), dtype=np.uint8), "glare"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_its_reason(
    make: Callable[[], Pixels], code: str
) -> None:
    result = measure(make())
    assert (result.verdict, result.level, result.reasons) == ("refused", None, [code])
    assert all(np.isnan(r.value) and r.flags for r in result.results.values())


@lru_cache(maxsize=1)
def from_afar() -> Photograph:
    scalp = draw_scalp(Recipe(seed=46))
    pose = Pose(1024, 1200, 5.0, 32, 0, distance_mm=420)
    return photograph(scalp, state_on(scalp, Story(), 30), pose, PhoneOptics(worms=0.6), seed=1)


def test_dots_smaller_than_pixels_are_not_counted() -> None:
    result = measure(from_afar().srgb_u8)
    assert result.level == "tone"
    assert result.reasons
    assert np.isnan(result.results["dot_count"].value)
    assert np.isfinite(result.results["redness_index"].value)


def test_a_head_without_anything_like_a_dot_has_its_tone_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("analysis.dots.apparent_size", lambda *_: float("nan"))
    result = measure(from_afar().srgb_u8, scale=scale.given(5.0))
    assert (result.level, result.reasons) == ("tone", ["too-far"])
    assert np.isfinite(result.results["redness_index"].value)
    assert np.isfinite(result.results["mottle"].value)
    assert np.isnan(result.results["density_uniformity"].value)
    pair = compare(result, result).results
    assert all(np.isfinite(each.value) or each.flags for each in pair.values())


def test_dots_that_touch_on_a_whole_head_are_in_the_error() -> None:
    scalp = draw_scalp(Recipe(seed=66_312, melanin=0.3, dots_per_cm2=100))
    pose = Pose(1290, 1720, 8.0, 34, 0, distance_mm=420)
    image = photograph(scalp, state_on(scalp, Story(lost_share=0), 40), pose, PhoneOptics(), seed=3)
    stages = Stages.of(image.srgb_u8, scale.given(8.0))
    assert stages.level == "dot"
    n = at_places(stages.dot_area, *image.truth.dots.xy_px.T).sum()
    density = n / (stages.dot_area.sum() / 8.0**2 / 100)
    told, near = (
        OF_A_PHOTO["dot_density"].evaluate(stages),
        measured("phone").results["dot_density"],
    )
    assert told.value == pytest.approx(density, abs=2 * told.stderr)
    assert told.stderr / told.value > 4 * near.stderr / near.value


def test_where_half_of_a_whole_head_s_dots_run_together_the_error_says_so() -> None:
    recipe = Recipe(
        seed=51_102, melanin=0.66, dots_per_cm2=99, dot_diameter_mm=0.4, dot_od=0.42
    )  # fmt: skip
    scalp, optics = draw_scalp(recipe), replace(CompactOptics(), blur_px=1.8)
    pose = Pose(1288, 1718, 8.0, 34, 0, distance_mm=420)
    image = photograph(scalp, state_on(scalp, Story(lost_share=0), 40), pose, optics, seed=3)
    stages = Stages.of(image.srgb_u8, scale.given(8.0))
    n = at_places(stages.dot_area, *image.truth.dots.xy_px.T).sum()
    assert len(stages.found) < 0.6 * n
    assert stages.found.confidence.mean() > 0.85
    told = OF_A_PHOTO["dot_count"].evaluate(stages)
    assert told.value == pytest.approx(n, abs=2 * told.stderr)


def test_region_drawn_by_hand_wins() -> None:
    drawn = np.zeros((900, 1200), dtype=bool)
    drawn[200:700, 300:900] = True
    result = measure(photo("phone").srgb_u8, drawn=drawn)
    assert Flag.REGION_GIVEN in result.flags
    assert result.region
    assert result.region.area_px == pytest.approx(500 * 600, rel=0.02)


def test_half_turn_does_not_matter() -> None:
    """Within a fraction of the stated errors: the grids that photos are cut into do shift."""
    image = photo("phone").srgb_u8
    turned = measure(np.ascontiguousarray(image[::-1, ::-1]))
    for name in ("dot_count", "dot_spacing", "dot_diameter", "pigment_per_area"):
        expected = measured("phone").results[name]
        change = abs(turned.results[name].value - expected.value)
        assert change < 0.5 * expected.stderr + 0.002 * expected.value, name


def test_large_photos_are_reduced_and_told_in_their_own_pixels() -> None:
    image = cv2.resize(photo("phone").srgb_u8, (4800, 3600), interpolation=cv2.INTER_CUBIC)
    result = measure(np.asarray(image, dtype=np.uint8))
    assert Flag.REDUCED in result.flags
    assert result.width_px == 4800
    assert result.region
    assert max(x for x, _ in result.region.outline) > 4700


def test_the_same_photo_gives_the_same_numbers() -> None:
    first, again = (measure(photo("phone").srgb_u8) for _ in range(2))
    rows = [pipeline.measurement_rows(r.results) for r in (first, again)]
    assert rows[0] == rows[1]


def test_fresh_dots_are_known_again_when_healed() -> None:
    """Day 0 and day 30 of a hairline, when dots are half as wide again and darker at first."""
    before, after = (
        measure(photo("phone", "hairline", day).srgb_u8, comparable=True) for day in (0.0, 30.0)
    )
    pair = compare(before, after)
    assert pair.registration
    assert pair.results["dots_kept"].value > 0.99
    change = pair.results["redness_change"]
    assert change.value == pytest.approx(-ERYTHEMA * 1.6, rel=0.25)
    assert Flag.NOT_ALIGNED not in change.flags


def test_photos_without_resolved_dots_are_compared_over_whole_areas() -> None:
    far = replace(measured("phone", "hairline"), level="tone")
    pair = compare(measured("phone", "hairline", 0.0), far)
    assert pair.registration == TOO_FEW_DOTS
    for name in ("dots_kept", "pigment_left", "lost_patch_share"):
        assert np.isnan(pair.results[name].value)
        assert pair.results[name].flags == Flag.DOTS_NOT_RESOLVED
    assert np.isfinite(pair.results["redness_change"].value)


def test_compare_with_a_refused_photo_is_refused() -> None:
    pair = compare(measured("phone"), measure(_grey_wall()))
    assert pair.registration.code == "photo-refused"
    assert all(r.flags == Flag.PHOTO_REFUSED for r in pair.results.values())


def test_rows_never_hold_an_invented_number() -> None:
    rows = pipeline.measurement_rows(measure(_grey_wall()).results)
    assert {row["measurand"] for row in rows} == {m.name for m in PHOTO_MEASURANDS}
    assert all(row["value"] is None and row["stderr"] is None and row["flags"] for row in rows)


def test_flag_bits_never_move() -> None:
    assert [flag.value for flag in Flag if flag] == [1 << bit for bit in range(26)]
    assert names(Flag.GLARE | Flag.NO_SCALE) == ["glare", "no-scale"]


def test_measurands_are_named_once() -> None:
    assert len(MEASURANDS) == 27
    assert all(m.version >= 1 and m.unit and m.meaning for m in MEASURANDS.values())
