"""A person around the scalp: whole heads whose masks say what can be seen of the skin."""

from dataclasses import replace

import numpy as np
import pytest

from analysis import colour
from analysis.phantom import (
    Hand,
    Optics,
    Person,
    PhoneOptics,
    Photograph,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
    view,
)
from analysis.phantom.other_optics import CompactOptics
from analysis.phantom.person import View

OPTICS: list[Optics] = [PhoneOptics(), CompactOptics()]
SCALP = draw_scalp(Recipe(seed=3, dots_per_cm2=15))
STATE = state_on(SCALP, Story(), 30)
BALD = Person(brows=False, backdrop="dark")


def seen(name: View, person: Person | None, optics: Optics = OPTICS[0]) -> Photograph:
    pose = view(name, 160, 210, 0.8)
    return photograph(SCALP, STATE, pose, optics, seed=1, person=person)


@pytest.mark.parametrize("name", ["front", "top", "back", "left", "right"])
def test_masks_of_a_whole_head_part_it_without_overlap(name: View) -> None:
    truth = seen(name, Person(beard_mm=3, hair_mm=6, glasses="worn", hand=Hand())).truth
    assert not np.any(truth.hair & truth.skin)
    assert not np.any(truth.reference & truth.treated)
    assert not np.any(truth.treated & ~truth.skin)
    assert not np.any(truth.reference & ~truth.skin)


def test_each_view_shows_its_side_of_the_head() -> None:
    shares = {
        name: photo.truth.treated.mean() / photo.truth.skin.mean()
        for name in ("front", "top", "back")
        if (photo := seen(name, BALD))
    }
    assert shares["front"] < 0.25 < shares["back"]
    assert shares["front"] < 0.25 < shares["top"]


def test_head_stands_upright_in_side_views() -> None:
    for name in ("front", "back", "left", "right"):
        rows = np.nonzero(seen(name, BALD).truth.treated)[0]
        assert rows.mean() < 105


@pytest.mark.parametrize("optics", OPTICS, ids=lambda o: type(o).__name__)
def test_same_person_same_pixels(optics: Optics) -> None:
    person = Person(seed=4, beard_mm=2, hair_mm=4, backdrop="wood")
    first, again = seen("front", person, optics), seen("front", person, optics)
    assert np.array_equal(first.srgb_u8, again.srgb_u8)
    other = seen("front", replace(person, seed=5), optics)
    assert not np.array_equal(first.srgb_u8, other.srgb_u8)


def test_a_hand_covers_treated_skin_and_dots() -> None:
    bare, held = seen("back", BALD), seen("back", replace(BALD, hand=Hand(50, 170, 90)))
    lost = bare.truth.treated & ~held.truth.treated
    assert 0.1 < lost.sum() / bare.truth.treated.sum() < 0.9
    assert not np.any(held.truth.treated & ~bare.truth.treated)
    assert len(held.truth.dots.ids) < len(bare.truth.dots.ids)
    assert len(held.truth.od) == len(held.truth.dots.ids) == len(held.truth.absorptance_mm2)
    x, y = held.truth.dots.xy_px.round().astype(int).T
    assert not lost[y, x].any()


def test_hair_on_the_sides_takes_skin_away_and_is_dark() -> None:
    bare, haired = seen("back", BALD), seen("back", replace(BALD, hair_mm=10))
    hair = haired.truth.hair
    assert hair.mean() > 0.1
    assert not bare.truth.hair.any()
    assert haired.truth.treated.sum() < bare.truth.treated.sum()
    dark = colour.optical_density(haired.srgb_u8) - colour.optical_density(bare.srgb_u8)
    assert np.median(dark[hair]) > 0.2


@pytest.mark.parametrize("length_mm", [0.5, 5.0])
def test_a_beard_is_no_reference_skin_however_short(length_mm: float) -> None:
    shaven = seen("front", BALD).truth.reference
    bearded = seen("front", replace(BALD, beard_mm=length_mm)).truth
    assert np.mean(bearded.reference[125:]) < 0.6 * np.mean(shaven[125:])
    assert bearded.hair[125:].mean() > 0.1


def test_glasses_pushed_up_hide_treated_skin() -> None:
    bare = seen("forehead", BALD).truth.treated
    worn = seen("forehead", replace(BALD, glasses="pushed up")).truth.treated
    assert 0.02 < 1 - worn.sum() / bare.sum() < 0.4


@pytest.mark.parametrize("optics", OPTICS, ids=lambda o: type(o).__name__)
def test_clothes_take_the_colour_they_are_given(optics: Optics) -> None:
    pose = view("back", 100, 200, 0.4)
    red, blue = (
        colour.linear(photograph(SCALP, STATE, pose, optics, seed=1, person=person).srgb_u8)[-9:]
        for person in (
            replace(BALD, cloth_colour=(0.5, 0.1, 0.1)),
            replace(BALD, cloth_colour=(0.1, 0.1, 0.5)),
        )
    )
    assert red[..., 0].mean() > 2 * blue[..., 0].mean()
    assert blue[..., 2].mean() > 2 * red[..., 2].mean()


def test_a_scalp_without_dots_has_no_treated_area() -> None:
    scalp = draw_scalp(Recipe(seed=3, dots_per_cm2=0))
    photo = photograph(
        scalp, state_on(scalp, Story(), 30), view("top", 200, 200, 1.0), OPTICS[0], seed=1
    )
    assert not photo.truth.treated.any()
    assert photo.truth.reference.sum() == photo.truth.skin.sum() > 1000
    assert len(photo.truth.dots.ids) == 0
