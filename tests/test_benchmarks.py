"""Scoring of dot detection on places given by hand; the examiner's camera does what it says."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analysis.dots import Dots
from analysis.flags import Flag
from analysis.phantom import PhoneOptics
from analysis.plate import NO_PLATE, Plate
from analysis.registration import Registration, register
from benchmarks import (
    card_rates,
    coverage,
    impostors,
    laying,
    pairs,
    processing_rates,
    real_colour,
    redness_rates,
    scaling,
    validate,
)
from benchmarks.examination import iou
from benchmarks.examiner_optics import ExaminerOptics, moffat
from benchmarks.peers import Task, opencv_dog
from benchmarks.scoring import ignored, interval, match, score, score_points
from benchmarks.strata import STRATA, drawn


def points(*pairs: tuple[float, float]) -> np.ndarray:
    return np.array(pairs, dtype=float).reshape(-1, 2)


def test_the_nearest_pair_is_matched_first_and_each_dot_once() -> None:
    true = points((0, 0), (3, 0))
    found = points((1.4, 0), (2.0, 0), (2.9, 0))
    assert match(true, found, 2.5).tolist() == [0, -1, 1]


def test_nothing_beyond_the_radius_is_matched() -> None:
    assert match(points((0, 0)), points((2, 0)), 1.9).tolist() == [-1]
    assert match(np.empty((0, 2)), points((2, 0)), 9).tolist() == [-1]
    assert match(points((2, 0)), np.empty((0, 2)), 9).tolist() == []


def test_precision_recall_and_f1() -> None:
    true = points((0, 0), (10, 0), (20, 0), (30, 0))
    one = score_points(true, points((0.5, 0), (10, 0), (50, 0)), 1.0, np.zeros(4, dtype=bool))
    assert (one.precision, one.recall) == (2 / 3, 0.5)
    assert one.f1 == pytest.approx(2 * (2 / 3) * 0.5 / (2 / 3 + 0.5))
    assert one.error_px[0].tolist() == [0.5, 0.0]
    assert math.isnan(one.error_px[2, 0])


def test_an_ignored_dot_costs_nothing_found_or_not() -> None:
    true, ignore = points((0, 0), (10, 0)), np.array([False, True])
    found = score_points(true, points((0, 0), (10, 0)), 1.0, ignore)
    missed = score_points(true, points((0, 0)), 1.0, ignore)
    assert found.f1 == missed.f1 == 1.0
    assert found.scored.tolist() == [True, False]
    assert score_points(true, points((0, 0), (12, 0)), 1.0, ignore).precision == 0.5


def test_finding_nothing_scores_nothing() -> None:
    empty = score_points(points((0, 0)), np.empty((0, 2)), 1.0, np.zeros(1, dtype=bool))
    assert (empty.precision, empty.recall, empty.f1) == (0.0, 0.0, 0.0)


def test_the_interval_holds_the_mean_and_narrows_with_more_photos() -> None:
    rng = np.random.default_rng(3)
    few, many = (rng.normal(0.8, 0.1, n).tolist() for n in (8, 200))
    for values in (few, many):
        mean, low, high = interval(values)
        assert low < mean < high
        assert mean == pytest.approx(np.mean(values))
    width = interval(many)[2] - interval(many)[1]
    assert width == pytest.approx(2 * 1.96 * 0.1 / math.sqrt(200), rel=0.2)
    assert interval([0.5, 0.5]) == (0.5, 0.5, 0.5)


def test_areas_are_compared_by_intersection_over_union() -> None:
    left, both = np.eye(2, dtype=bool), np.ones((2, 2), dtype=bool)
    assert iou(left, both) == 0.5
    assert iou(~both, ~both) == 1.0


@pytest.mark.parametrize("width", [0.6, 1.3, 3.0])
def test_the_blur_has_the_width_asked_for(width: float) -> None:
    kernel = moffat(width, 1.25, 0.7).astype(float)
    at = np.arange(len(kernel)) - len(kernel) // 2
    variance = (kernel * (at**2 + at[:, None] ** 2)).sum() / 2
    assert math.sqrt(variance) == pytest.approx(width, rel=0.02)
    assert kernel.sum() == pytest.approx(1)


def test_a_drawn_photo_is_the_same_again_and_its_dots_are_where_truth_says() -> None:
    photo = drawn(STRATA[1], 12, ExaminerOptics, size=(320, 240))
    again = drawn(STRATA[1], 12, ExaminerOptics, size=(320, 240))
    assert (photo.srgb_u8 == again.srgb_u8).all()
    task = Task.of(photo)
    one = score(photo, task.inside(opencv_dog(task, 0.03, 1.0)))
    assert one.f1 > 0.85
    assert np.nanmedian(np.abs(one.error_px)) < 0.25
    assert np.abs(np.nanmean(one.error_px, axis=0)).max() < 0.1
    assert ignored(photo.truth, photo.srgb_u8.shape).mean() < 0.2


def test_a_bent_and_turned_pattern_is_laid_where_icp_is_not() -> None:
    source, target, truth = scaling.pair(2000, 2000)
    laid = register(source, target, (2000, 2000))
    assert isinstance(laid, Registration)
    assert np.median(np.linalg.norm(laid.place(source)[0].xy - truth, axis=1)) < 1
    assert np.median(np.linalg.norm(scaling.icp(source, target) - truth, axis=1)) > 5


def strewn(xy: np.ndarray) -> Plate:
    ones = np.ones(len(xy))
    dots = Dots(*xy.T, 6 * ones, 0.3 * ones, ones, 0.2 * ones, ones, 0 * ones)
    side = int(xy.max()) + 2
    frame = np.zeros((side, side, 3), dtype=np.uint8)
    return replace(NO_PLATE, srgb_u8=frame, dots=dots, size_px=6.0, times=1.0)


def test_ways_of_laying_on_are_scored_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target, truth = scaling.pair(2000, 2000)
    ways = {"ours": laying.by_dots, "ICP": laying.by_icp, "nowhere": lambda *_: None}
    monkeypatch.setattr(laying, "ways", lambda: ways)
    drawn: Any = [
        SimpleNamespace(
            xy_px=xy, truth=SimpleNamespace(dots=SimpleNamespace(ids=np.arange(len(xy))))
        )
        for xy in (source, truth)
    ]
    measured: Any = [SimpleNamespace(plate=strewn(xy)) for xy in (source, target)]
    pair: Any = SimpleNamespace(baseline=drawn[0], followup=drawn[1])
    tries = laying.tried(pair, *measured)
    assert tries["ours"].right > 0.95
    assert tries["ICP"].right < 0.5
    assert tries["nowhere"].right == 0
    lines = list(laying.told([tries, tries]))
    assert any(line.startswith("ours") and "2 of 2" in line for line in lines)
    assert any(line.startswith("nowhere") and "0 of 2" in line for line in lines)
    assert any("astroalign" in line for line in lines)


def test_the_summary_of_pairs_has_the_worst_and_what_always_saying_one_costs() -> None:
    kept, pigment = ((0.01, 0.004), (-0.01, 0.02)), ((0.05, 0.1), (float("nan"),) * 2)
    told = [
        pairs.Examined(
            pairs.KINDS[0],
            True,
            True,
            p,
            0.999,
            0.98,
            0.9,
            {"dots_kept": k, "pigment_left": m},
            0,
            1.0,
            {},
            NO_PLATE,
        )
        for p, k, m in zip((0.99, 0.97), kept, pigment, strict=True)
    ]
    text = "\n".join(pairs._summary(told))
    assert "P: median 0.9800, worst accepted pair 0.9700" in text
    assert "rms error 0.0100, of always answering 1 0.1000" in text
    rows = {line.split()[0]: line.split()[1:] for line in pairs._summary(told)}
    assert rows["dots_kept"] == ["2", "+0", "0.01", "0.012", "0.50"]
    assert rows["pigment_left"] == ["1", "+0.05", "0", "0.1", "1.00"]
    assert "2 of 2, of those laid: 2" in text
    others = [impostors.sighted(seed) for seed in (66_501, 66_502, 66_503)]
    assert next(pairs._others([strewn(xy) for xy in others])).startswith(
        "Other scalps taken for the same: 0 of 3"
    )


def test_two_shots_of_a_scalp_differ_and_are_the_same_scalp() -> None:
    shots = [impostors.sighted(66_500, shot) for shot in (0, 1)]
    assert len(shots[0]) != len(shots[1]) or not np.allclose(*shots)
    assert register(*shots, impostors.FRAME[::-1])


def test_intervals_are_held_by_the_share_that_their_errors_say() -> None:
    rng = np.random.default_rng(4)
    numbers = [(float(v), 2.0, 100.0) for v in rng.normal(101, 1.5, 400)]
    numbers[0] = (float("nan"), 2.0, 100.0)
    optics = PhoneOptics(blur_px=0.7, light_height=0.8)
    seen = [coverage.Seen("phone", optics, 0.5, "dot", {"dot_count": n}) for n in numbers]
    lines = list(coverage.told(seen))
    of_all = next(line for line in lines if line.startswith("| dot_count") and "| all |" in line)
    cells = [cell.strip() for cell in of_all.strip("|").split("|")]
    assert cells[1] == "399"
    assert float(cells[4].rstrip("%")) > 95
    assert float(cells[5]) == pytest.approx(0.01, abs=0.002)
    assert float(cells[6]) == pytest.approx(0.015, abs=0.002)
    by_kind = dict(zip(coverage.KINDS, [c.strip() for c in lines[-1].split("|")[2:]], strict=False))
    told = {kind for kind, cell in by_kind.items() if cell.endswith(" of 399")}
    assert told == {"dark", "lit from the side", "bright", "dot level"}


def test_redness_is_told_by_slope_spread_and_correlation() -> None:
    rows = [
        (camera, melanin, step, 0.9 * redness_rates.ERYTHEMA * step + off, False)
        for camera in redness_rates.CAMERAS
        for melanin in redness_rates.TONES
        for step in redness_rates.STEPS
        for off in (-0.5, 0.5)
    ]
    first = next(line for line in redness_rates._told(rows) if line.startswith("| phone | 0.05"))
    told, mean, sd, slope = (c.strip() for c in first.strip("|").split("|")[2:6])
    assert (told, slope) == ("2 of 2", "0.90")
    assert float(mean) == pytest.approx(0.9 * redness_rates.ERYTHEMA, abs=0.01)
    assert float(sd) == pytest.approx(0.71)


@pytest.mark.parametrize(
    ("what", "tilt_deg"), [(card_rates.WHOLE, 30.0), (card_rates.HIDDEN, 10.0)]
)
def test_a_small_card_leaning_far_over_is_found_and_a_hidden_one_is_not(
    what: str, tilt_deg: float
) -> None:
    *_, found, error = card_rates.seen((what, 5.5, tilt_deg, 62_900))
    assert found == (what == card_rates.WHOLE)
    assert not found or abs(error) < 0.01


def test_the_cards_table_counts_those_found_and_tells_their_error() -> None:
    rows = [(card_rates.WHOLE, 8.0, 0.0, True, error) for error in (0.002, -0.004)]
    rows += [(card_rates.WHOLE, 8.0, 0.0, False, math.nan), ("no card", 8.0, 10.0, False, math.nan)]
    whole, absent = list(card_rates.told(rows))[-2:]
    assert whole == "| whole | 8 | 0 | 2 of 3 | -0.10% | 0.30% | 0.40% |"
    assert absent == "| no card | 8 | 10 | 0 of 1 | | | |"


def test_the_same_colours_in_display_p3_are_read_alike() -> None:
    skin = np.random.default_rng(5).integers([90, 60, 40], [220, 170, 140], (40, 60, 3))
    photo = skin.astype(np.uint8)
    assert np.abs(processing_rates.wide_gamut(photo).astype(int) - photo).max() <= 2
    assert (processing_rates.plain(photo) == photo).all()
    assert np.abs(processing_rates.vivid(photo).astype(int) - photo).max() > 20


def test_processing_is_told_in_stated_errors() -> None:
    plain = ("plain", "dot", Flag.NO_SCALE, {"dot_count": (100.0, 3.0)})
    moved = [
        (name, "dot", Flag.NO_SCALE | Flag.HALO, {"dot_count": (110.0, 4.0)})
        for name in processing_rates.PROCESSINGS
    ]
    lines = list(processing_rates.told([[plain, *moved]]))
    assert next(line for line in lines if line.startswith("| dot_count")).count("2.0, 2.0") == 6
    assert lines[-1] == "| noise reduction | dot 1 | halo 1 |"


def test_a_cast_spreads_colours_but_not_against_the_same_photo() -> None:
    scene = np.random.default_rng(6).integers(60, 160, (12, 12, 3)).astype(np.float32)
    scene = np.kron(scene, np.ones((40, 40, 1)))
    casts = [np.rint(scene * gain).astype(np.uint8) for gain in ([1, 1, 1], [1.2, 1, 0.8])]
    n, alone, against = real_colour.spread(casts)
    assert n > 100
    assert alone > 8
    assert against < 0.5


def test_without_the_folder_there_is_no_chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMP_REALDATA", raising=False)
    assert list(real_colour.table()) == []


def test_chapters_of_the_report_are_kept_apart() -> None:
    chapters = {"Forecasts": "## Forecasts\n\nnew", "Patches": "## Patches\n\n| a |"}
    whole = validate.report({"Gone": "## Gone\n\nx", **chapters})
    assert validate.told(whole) == chapters
    kept = validate.told(validate.REPORT.read_text("utf-8"))
    assert list(kept) == [title for title in validate.CHAPTERS if title in kept]
