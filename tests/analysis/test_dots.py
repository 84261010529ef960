"""Finding dots: strips, sizes, how sure, where, and where they are not resolved."""

from functools import lru_cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from analysis import candidates, colour, dots, network, resolution
from analysis.dots import Dots
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
from analysis.pipeline import measure

CAMERAS = {"phone": PhoneOptics, "compact": CompactOptics}


@lru_cache(maxsize=16)
def close_up(
    camera: str, px_per_mm: float, od: float = 0.4, dots_per_cm2: float = 100, stubble: float = 30
) -> Photograph:
    scalp = draw_scalp(
        Recipe(
            seed=51,
            dot_od=od,
            dots_per_cm2=dots_per_cm2,
            stubble_per_cm2=stubble,
            stubble_on_top=1,
        )
    )
    width = int(np.clip(45 * px_per_mm, 640, 1100))
    pose = Pose(width, int(0.75 * width), px_per_mm, 12, 180, distance_mm=200)
    optics = CAMERAS[camera](blur_px=0.05 * px_per_mm + 0.3)
    return photograph(scalp, state_on(scalp, Story(), 40), pose, optics, seed=3)


def found_in(photo: Photograph) -> Dots:
    od = colour.luminous_density(photo.srgb_u8)
    inside = np.ones(od.shape, dtype=bool)
    found = dots.detect(od, inside, dots.apparent_size(od, inside))
    return found.only(found.confidence > dots.decide(found.confidence)[1])


def matched(photo: Photograph, found: Dots) -> tuple[float, np.ndarray, np.ndarray]:
    """F1 at the strict radius, and pairs of true and found indices."""
    truth = photo.truth.dots
    radius = max(0.5 * float(np.median(truth.diameter_px)), 1.2)
    distance, nearest = cKDTree(found.xy).query(truth.xy_px, distance_upper_bound=radius)
    hit = np.flatnonzero(np.isfinite(distance))
    _, first = np.unique(nearest[hit], return_index=True)
    hit = hit[first]
    return 2 * len(hit) / (len(truth.ids) + len(found)), hit, nearest[hit]


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("px_per_mm", [9, 18, 45])
def test_dots_of_any_size_are_found_without_being_told_it(camera: str, px_per_mm: float) -> None:
    photo = close_up(camera, px_per_mm)
    # Chance is below 0.1 at this radius.
    assert matched(photo, found_in(photo))[0] > 0.9


def test_position_errors_are_as_stated_and_small_against_the_spacing() -> None:
    """Pooled over sizes and cameras; the root mean square along each axis, within 40 %."""
    real, stated, spacings = [], [], []
    for camera in CAMERAS:
        for px_per_mm in (9, 18, 45):
            photo = close_up(camera, px_per_mm)
            found = found_in(photo)
            _, true, own = matched(photo, found)
            off = (found.xy[own] - photo.truth.dots.xy_px[true]) / px_per_mm
            real.append(np.median(np.abs(off)) / 0.6745)
            stated.append(np.median(found.position_stderr_px[own]) / px_per_mm)
            spacings.append(np.median(np.hypot(*off.T)) * px_per_mm / dots.spacing(found)[0])
    assert np.mean(stated) == pytest.approx(np.mean(real), rel=0.4)
    assert max(spacings) < 0.05


def test_confidence_is_the_share_of_real_dots() -> None:
    sure, real = [], []
    for camera in CAMERAS:
        for od, stubble in ((0.2, 2), (0.4, 30), (0.2, 10)):
            photo = close_up(camera, 12, od, stubble=stubble)
            picture = colour.luminous_density(photo.srgb_u8)
            inside = np.ones(picture.shape, dtype=bool)
            found = dots.detect(picture, inside, dots.apparent_size(picture, inside))
            hit = np.zeros(len(found), dtype=bool)
            hit[matched(photo, found)[2]] = True
            sure.append(found.confidence)
            real.append(hit)
    confidence, is_real = np.concatenate(sure), np.concatenate(real)
    middle = (confidence > 0.3) & (confidence < 0.9)
    assert middle.sum() > 200
    assert is_real[middle].mean() == pytest.approx(confidence[middle].mean(), abs=0.2)
    assert is_real[confidence > 0.9].mean() > 0.9


@pytest.mark.parametrize("camera", CAMERAS)
def test_stubble_and_pores_without_dots_are_not_counted(camera: str) -> None:
    photo = close_up(camera, 18, dots_per_cm2=0)
    assert not len(photo.truth.dots.ids)
    result = measure(photo.srgb_u8)
    assert result.level != "dot"
    assert not len(result.dots)


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_sparse_dots_of_a_first_treatment_are_counted(camera: str) -> None:
    scalp = draw_scalp(Recipe(seed=53, dots_per_cm2=70, stubble_per_cm2=5, stubble_on_top=1))
    pose = Pose(1200, 900, 20, 12, 180, distance_mm=200)
    once = state_on(scalp, Story(), 40, n_treatments=1)
    photo = photograph(scalp, once, pose, CAMERAS[camera](blur_px=1.1), seed=3)
    result = measure(photo.srgb_u8)
    assert result.level == "dot"
    assert matched(photo, result.dots)[0] > 0.85


def test_small_treated_area_in_a_wide_frame_is_counted() -> None:
    scalp = draw_scalp(Recipe(seed=51, dot_diameter_mm=0.38, dot_od=0.45))
    pose = Pose(2400, 1800, 10, 50, 0, 220)
    photo = photograph(scalp, state_on(scalp, Story(), 40), pose, PhoneOptics(blur_px=0.6), seed=3)
    assert photo.truth.treated.mean() < 0.15
    result = measure(photo.srgb_u8)
    assert result.level == "dot"
    distance = cKDTree(photo.truth.dots.xy_px).query(result.dots.xy)[0]
    assert (distance < 2).mean() > 0.95
    facing = (photo.truth.dots.cos_slant > 0.6).sum()
    assert len(result.dots) > 0.9 * facing


def test_dots_that_run_together_in_pairs_are_not_counted() -> None:
    scalp = draw_scalp(Recipe(seed=51, dot_diameter_mm=0.34, dot_od=0.45, dots_per_cm2=115))
    pose = Pose(1224, 918, 6.2, 34, 0, 420)
    photo = photograph(scalp, state_on(scalp, Story(), 40), pose, PhoneOptics(), seed=3)
    assert measure(photo.srgb_u8).level == "tone"


def test_candidates_are_judged_only_where_a_sample_promises_dots(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    od = colour.luminous_density(close_up("phone", 9).srgb_u8)
    rng = np.random.default_rng(0)
    wide = rng.normal(np.median(od), 0.004, (2 * od.shape[0], 2 * od.shape[1])).astype(np.float32)
    wide[: od.shape[0], : od.shape[1]] = od
    everywhere = np.ones(wide.shape, dtype=bool)
    whole = dots.detect(wide, everywhere, 3.5)
    judged: list[int] = []
    judge = dots._judged_part
    monkeypatch.setattr(dots, "_judged_part", lambda *a: (judged.append(len(a[1])), judge(*a))[1])
    monkeypatch.setattr(dots, "_MANY", 1000)
    quick = dots.detect(wide, everywhere, 3.5)
    assert sum(judged) < 0.7 * len(candidates.find(wide, 3.5))
    assert (quick.confidence > 0.5).sum() == (whole.confidence > 0.5).sum()


def test_strips_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    od = colour.luminous_density(close_up("phone", 9).srgb_u8)
    whole = candidates.find(od, 3.5)
    monkeypatch.setattr(candidates, "_STRIP_PX", 40_000)
    strips = candidates.find(od, 3.5)
    assert np.median(strips.strong) == pytest.approx(np.median(whole.strong), rel=1e-3)
    ours, theirs = (np.stack([p.x, p.y], axis=1) for p in (whole, strips))
    # Blurs are rounded otherwise in other strips: a peak at its very limit may come or go.
    near = cKDTree(ours).query(theirs)[0] < 0.01
    assert abs(len(ours) - len(theirs)) < 0.001 * len(ours)
    assert near.mean() > 0.999


def test_only_peaks_inside_the_mask_are_found() -> None:
    od = colour.luminous_density(close_up("phone", 9).srgb_u8)
    inside = np.zeros(od.shape, dtype=bool)
    inside[100:200, 50:300] = True
    peaks = candidates.find(od, 3.5).inside(inside)
    assert len(peaks) > 20
    assert peaks.y.min() >= 99
    assert peaks.y.max() <= 200
    assert peaks.x.min() >= 49


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.05, 1), min_size=1, max_size=60))
def test_decision_is_the_best_one_to_expect(confidence: list[float]) -> None:
    values = np.array(confidence)
    best, threshold = dots.decide(values)
    taken = values >= threshold

    def expected(chosen: np.ndarray) -> float:
        return 2 * values[chosen].sum() / max(chosen.sum() + values.sum(), 1e-9)

    assert expected(taken) == pytest.approx(best)
    assert all(expected(values >= other) <= best + 1e-9 for other in values)


def test_no_candidates_are_decided_on_as_none() -> None:
    assert dots.decide(np.empty(0)) == (0.0, 1.0)
    flat = np.full((600, 800), 0.4, dtype=np.float32)
    assert np.isnan(dots.apparent_size(flat, np.ones(flat.shape, dtype=bool)))
    assert not len(dots.detect(flat, np.ones(flat.shape, dtype=bool), float("nan")))


def test_networks_are_kept_and_restored() -> None:
    looks = np.random.default_rng(0).normal(size=(50, candidates.N_LOOKS)).astype(np.float32)
    for name in ("finder", "scaler"):
        net = network.load(name)
        again = network.restored(net.arrays())
        assert np.allclose(net.judge(looks).confidence, again.judge(looks).confidence)
        assert sum(w.size for w in net.weights) < 40_000


def grid_of(confidence: np.ndarray, elongation: np.ndarray) -> Dots:
    y, x = (g.ravel() for g in np.mgrid[5:1000:10, 5:1000:10].astype(float))
    n = len(x)
    return Dots(
        x, y, np.full(n, 5.0), np.full(n, 0.3),
        np.broadcast_to(confidence, n), np.full(n, 0.2),
        np.broadcast_to(elongation, n), np.zeros(n),
    )  # fmt: skip


def test_only_the_sure_half_is_resolved() -> None:
    everywhere = np.ones((1000, 1000), dtype=bool)
    grid = grid_of(np.array(0.9), np.array(1.2))
    half = np.where(grid.x < 500, 0.95, 0.5)
    mask = resolution.resolved(grid_of(half, np.array(1.2)), 0.4, 5.0, everywhere)
    assert mask[:, :400].mean() > 0.95
    assert mask[:, 600:].mean() < 0.05


def test_strokes_are_not_resolved_and_a_bare_patch_is() -> None:
    everywhere = np.ones((1000, 1000), dtype=bool)
    grid = grid_of(np.array(0.95), np.array(1.2))
    strokes = grid_of(np.array(0.95), np.where(grid.x < 500, 1.2, 2.4))
    assert resolution.resolved(strokes, 0.4, 5.0, everywhere)[:, 650:].mean() < 0.05
    bare = grid.only(np.hypot(grid.x - 500, grid.y - 500) > 60)
    assert resolution.resolved(bare, 0.4, 5.0, everywhere).mean() > 0.99


@given(stretched=st.floats(1.0, 3.0), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_the_same_candidate_is_believed_less_where_dots_are_not_round(
    stretched: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    confidence, angle = rng.beta(2, 0.5, 300), rng.uniform(0, 2 * np.pi, 300)
    round_ones, long_ones = (
        Dots(*([rng.uniform(0, 99, 300)] * 4), confidence, np.ones(300), np.full(300, ratio), angle)
        for ratio in (1.1, 1.1 + stretched)
    )
    clear, rough = (dots.of_photo(found).confidence for found in (round_ones, long_ones))
    assert (rough <= clear).all()
    assert (np.diff(clear[np.argsort(confidence)]) >= 0).all()


def test_a_large_photo_is_measured_as_its_half_would_be() -> None:
    """Large dots are measured at half the size, and told in pixels of the photo itself."""
    shown = close_up("compact", 20)
    small, large = (
        cv2.resize(shown.srgb_u8, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
        for times in (1.6, 3.2)
    )
    one, other = measure(small), measure(large)
    assert one.level == other.level == "dot"
    assert len(other.dots) == pytest.approx(len(one.dots), rel=0.03)
    for name in ("dot_spacing", "dot_diameter"):
        assert other.results[name].value == pytest.approx(2 * one.results[name].value, rel=0.05)
    nearest, _ = cKDTree((one.dots.xy + 0.5) * 2 - 0.5).query(other.dots.xy)
    assert np.median(nearest) < 0.5
    assert other.region is not None
    assert other.region.area_px == pytest.approx(3.2**2 * shown.truth.treated.sum(), rel=0.05)


@pytest.mark.parametrize("px_per_mm", [12, 30])
@pytest.mark.parametrize("camera", CAMERAS)
def test_pores_and_stubble_without_dots_are_not_counted(camera: str, px_per_mm: float) -> None:
    scalp = draw_scalp(
        Recipe(seed=53, dots_per_cm2=0, stubble_per_cm2=60, stubble_on_top=1, pores_per_cm2=150)
    )
    pose = Pose(1200, 900, px_per_mm, 12, 180, distance_mm=200)
    optics = CAMERAS[camera](blur_px=0.05 * px_per_mm + 0.3)
    shown = photograph(
        scalp, state_on(scalp, Story(stubble_mm=(0.15, 0.5)), 40), pose, optics, seed=3
    )
    assert measure(shown.srgb_u8).level != "dot"


def test_blurred_dots_that_are_told_apart_are_counted() -> None:
    """Blur is judged by the dots: wide ones stand more of it."""
    shown = close_up("phone", 50)
    soft = cv2.GaussianBlur(shown.srgb_u8, (0, 0), 4.0)
    result = measure(soft)
    assert result.level == "dot"
    assert len(result.dots) == pytest.approx(len(measure(shown.srgb_u8).dots), rel=0.1)
