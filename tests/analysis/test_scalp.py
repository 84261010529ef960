"""Where skin, treated area and reference skin are found, against drawn photos' masks."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from analysis import skin
from analysis.flags import Flag
from analysis.phantom import (
    Hand,
    Patch,
    Person,
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
    view,
)
from analysis.phantom.other_optics import CompactOptics
from analysis.scalp import Surface, find_areas

OPTICS = {"phone": PhoneOptics(), "other": CompactOptics()}
RECIPE = Recipe(seed=51, melanin=0.35, dots_per_cm2=80, stubble_per_cm2=4, pores_per_cm2=20)
CLOSE = Pose(800, 600, 14, 12, 180, distance_mm=200)
HAIRLINE = Pose(1000, 750, 12, 44, 0, distance_mm=220)
TOP = view("top", 900, 1100, 5.0)


@lru_cache(maxsize=16)
def drawn(
    pose: Pose, optics: str = "phone", melanin: float = 0.35, person: Person | None = None
) -> Photograph:
    scalp = draw_scalp(replace(RECIPE, melanin=melanin))
    state = state_on(scalp, Story(), 30)
    return photograph(scalp, state, pose, OPTICS[optics], seed=5, person=person)


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize(("optics", "melanin"), [("phone", 0.7), ("other", 0.1)])
def test_hairline_is_found_on_light_and_dark_skin(optics: str, melanin: float) -> None:
    photo = drawn(HAIRLINE, optics, melanin)
    areas = find_areas(Surface.of(photo.srgb_u8))
    assert overlap(areas.treated, photo.truth.treated) > 0.85
    assert areas.reference.mean() > 0.2
    assert (areas.reference & photo.truth.reference).sum() > 0.98 * areas.reference.sum()
    assert not areas.flags


@pytest.mark.parametrize("optics", OPTICS)
def test_wholly_treated_close_up_gets_no_border(optics: str) -> None:
    areas = find_areas(Surface.of(drawn(CLOSE, optics).srgb_u8))
    assert areas.treated.mean() > 0.95
    assert not areas.reference.any()
    assert Flag.NO_BORDER_FOUND in areas.flags


def test_whole_head_is_parted_from_face_ears_and_wall() -> None:
    photo = drawn(TOP, "other", person=Person(seed=2, backdrop="wood"))
    areas = find_areas(Surface.of(photo.srgb_u8))
    assert overlap(areas.treated, photo.truth.treated) > 0.75
    assert (areas.skin & ~photo.truth.skin).mean() < 0.03


def test_hand_in_frame_is_not_treated_skin() -> None:
    photo = drawn(TOP, person=Person(seed=2, hand=Hand()))
    areas = find_areas(Surface.of(photo.srgb_u8))
    assert overlap(areas.treated, photo.truth.treated) > 0.55
    assert (areas.treated & ~photo.truth.treated).sum() < 0.1 * areas.treated.sum()


def test_head_without_dots_gets_no_border() -> None:
    scalp = draw_scalp(replace(RECIPE, dots_per_cm2=0, stubble_per_cm2=0))
    photo = photograph(scalp, state_on(scalp, Story(), 200), HAIRLINE, PhoneOptics(), seed=5)
    assert Flag.NO_BORDER_FOUND in find_areas(Surface.of(photo.srgb_u8)).flags


def test_outline_drawn_by_hand_wins() -> None:
    outline = np.zeros((750, 1000), dtype=bool)
    outline[100:400, 200:700] = True
    surface = Surface.of(drawn(HAIRLINE).srgb_u8)
    areas = find_areas(surface, outline)
    assert np.array_equal(areas.treated, outline & ~surface.glare)
    assert areas.flags == Flag.REGION_GIVEN


@pytest.mark.parametrize("level", [0, 128, 255])
def test_photo_without_skin_has_no_areas(level: int) -> None:
    areas = find_areas(Surface.of(np.full((300, 400, 3), level, dtype=np.uint8)))
    assert not areas.skin.any()
    assert not areas.treated.any()


@pytest.mark.parametrize("cast", [1.0, 0.88])
def test_a_grey_wall_that_fair_skin_shades_into_is_no_skin(cast: float) -> None:
    """Colours of a drawn head and wall, between which there is no edge; in cold light too."""
    skin_colour, wall = np.array([0.50, 0.40, 0.36]), np.array([0.32, 0.345, 0.355])
    share = np.clip((np.arange(400) - 150) / 200, 0, 1)[None, :, None]
    light = (skin_colour * (1 - share) + wall * share) * [cast, 1, 1 / cast]
    tone = np.clip(np.repeat(light, 300, axis=0), 0, 1) ** (1 / 2.2)
    sure = np.zeros((300, 400), dtype=bool)
    sure[100:200, 20:120] = True
    found = skin.like(np.rint(tone * 255).astype(np.uint8), sure)
    assert found[:, :150].mean() > 0.95
    assert found[:, 330:].mean() < 0.05


@pytest.mark.parametrize("optics", OPTICS)
def test_a_patch_at_the_photo_s_edge_is_no_untreated_skin(optics: str) -> None:
    scalp = draw_scalp(RECIPE)
    pose = Pose(1000, 420, 15, 20, 180, distance_mm=220)
    patch = Patch(14.5, 176.0, 7.0, 0.9, day=0)
    photo = photograph(
        scalp, state_on(scalp, Story(patches=(patch,)), 6), pose, OPTICS[optics], seed=5
    )
    areas = find_areas(Surface.of(photo.srgb_u8))
    assert not areas.reference.any()
    assert areas.treated.mean() > 0.99
    assert Flag.NO_BORDER_FOUND in areas.flags
