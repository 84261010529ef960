"""One map of a drawn series: its dots' histories against the truth, with a bad photo within it."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from analysis.identity import KEPT, LOST, NOT_OBSERVABLE
from analysis.phantom import (
    PhoneOptics,
    Pose,
    Recipe,
    Story,
    Truth,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.pipeline import measure
from analysis.plate import NO_PLATE, Plate
from analysis.series_map import NEW, NOT_YET, SeriesMap, series_map
from benchmarks.scoring import match, match_radius

POSE = Pose(1000, 600, 17, 15, 180)
# Day, treatments so far, pose: the third photo sees half of what the first one does.
PHOTOS = (
    (28, 2, POSE),
    (35, 2, replace(POSE, roll_deg=6, from_top_deg=16)),
    (70, 3, replace(POSE, roll_deg=-5, azimuth_deg=215)),
)
BAD = 2


@lru_cache(maxsize=1)
def series() -> tuple[list[Plate], list[Truth]]:
    """Three photos, and one of another scalp between the second and the third."""
    recipe = Recipe(seed=66_300, melanin=0.2, stubble_per_cm2=4)
    story, scalp = Story(lost_share=0.3), draw_scalp(recipe)
    optics = PhoneOptics(blur_px=0.9)
    shots = [
        photograph(scalp, state_on(scalp, story, day, n_treatments=n), pose, optics, seed=day)
        for day, n, pose in PHOTOS
    ]
    stranger = draw_scalp(replace(recipe, seed=66_301))
    shots.insert(BAD, photograph(stranger, state_on(stranger, story, 40), POSE, optics, seed=1))
    plates = [measure(shot.srgb_u8, comparable=True).plate for shot in shots]
    return plates, [shot.truth for shot in shots]


@lru_cache(maxsize=1)
def told() -> SeriesMap:
    return series_map(series()[0])


def ids(photo: int) -> np.ndarray:
    """Which of the scalp's dots the map's dots first shown by a photo are; -1: none."""
    truth = series()[1][photo]
    index = match(truth.dots.xy_px, told().xy[told().first == photo], match_radius(truth))
    return np.where(index < 0, -1, truth.dots.ids[index])


def test_a_bad_photo_is_left_out_and_breaks_nothing() -> None:
    assert told().laid == (True, True, False, True)
    assert (told().states[BAD] == NOT_OBSERVABLE).all()


@pytest.mark.parametrize("photo", [1, 3])
def test_states_are_those_of_the_truth(photo: int) -> None:
    of_first = told().first == 0
    dots, state = ids(0), told().states[photo, of_first]
    seen = (dots >= 0) & (state != NOT_OBSERVABLE)
    present = np.isin(dots, series()[1][photo].dots.ids)
    assert seen.sum() > 300
    assert ((state == KEPT) == present)[seen].mean() > 0.985
    assert told().n_in(photo, LOST) > 10


def test_dots_of_a_later_treatment_are_new_and_stay_apart() -> None:
    later = told().first == 3
    state = told().states[3, later]
    before = np.isin(ids(3), series()[1][0].dots.ids)
    assert (state == NEW).sum() > 100
    assert before[state == NEW].mean() < 0.03
    assert (told().states[0, later][state == NEW] != KEPT).all()
    assert ((told().states[:3, later] == NOT_YET).any(axis=0) == (state == NEW)).all()


def test_photos_without_dots_make_no_map() -> None:
    empty = series_map([NO_PLATE, NO_PLATE])
    assert empty.laid == (False, False)
    assert empty.states.shape == (2, 0)
    assert series_map([]).states.shape == (0, 0)
