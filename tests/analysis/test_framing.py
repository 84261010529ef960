"""Pictures made of pictures are told from single photos; all of them drawn, saved as JPEG."""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
import pytest

from analysis.arrays import Pixels
from analysis.framing import composite
from analysis.phantom import (
    Optics,
    Person,
    PhoneOptics,
    Recipe,
    Story,
    collage,
    draw_scalp,
    photograph,
    state_on,
    view,
)
from analysis.phantom.other_optics import CompactOptics

OPTICS: list[Optics] = [PhoneOptics(), CompactOptics()]
ROOM = Person(glasses="worn", hair_mm=2, backdrop="beige", cloth_colour=(0.4, 0.2, 0.15))
DOOR = Person(beard_mm=2, backdrop="door")


@lru_cache(maxsize=16)
def drawn(which: int = 0, day: int = 1, person: Person = ROOM) -> Pixels:
    """The same head in the same light for each `which`."""
    scalp = draw_scalp(Recipe(seed=3, dots_per_cm2=4, pores_per_cm2=5))
    pose = view("front" if which else "back", 360, 420, 1.7 + 0.005 * day)
    state = state_on(scalp, Story(), day)
    return photograph(scalp, state, pose, OPTICS[which], seed=day, person=person).srgb_u8


def saved(picture: Pixels, quality: int = 80, scale: float = 1.0) -> Pixels:
    """Scaled, then through JPEG."""
    smaller = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", smaller, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


MADE: dict[str, Callable[[Pixels, Pixels], Pixels]] = {
    "side by side": lambda a, b: collage.side_by_side(a, b),
    "stacked": lambda a, b: collage.side_by_side(a, b, stacked=True),
    "white gutter": lambda a, b: collage.side_by_side(a, b, gutter_px=6),
    "black gutter": lambda a, b: collage.side_by_side(a, b, gutter_px=12, gutter=collage.BLACK),
    "two by two": lambda a, b: collage.collage((a, b, b, a)),
    "rimmed inset": lambda a, b: collage.inset(a, b, margin_px=14, rim_px=4),
    "screenshot": lambda a, b: collage.screenshot(a, bar_px=24),
    "caption": lambda a, b: collage.captioned(
        collage.side_by_side(a, b), "before", at_px=(20, 40), tall_px=24
    ),
}


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
@pytest.mark.parametrize(("quality", "scale"), [(92, 1.0), (70, 0.7)])
def test_composites_of_one_head_are_found(
    make: Callable[[Pixels, Pixels], Pixels], which: int, quality: int, scale: float
) -> None:
    assert composite(saved(make(drawn(which), drawn(which, 30)), quality, scale))


def test_an_inset_of_another_person_is_found() -> None:
    for corner in ("top left", "top right", "bottom left", "bottom right"):
        assert composite(saved(collage.inset(drawn(0), drawn(1, person=DOOR), corner=corner)))


@pytest.mark.parametrize("person", [ROOM, DOOR], ids=["room", "door"])
@pytest.mark.parametrize("which", [0, 1])
def test_single_photos_are_not_composites(which: int, person: Person) -> None:
    photo = drawn(which, person=person)
    assert not composite(photo)
    assert not any(composite(saved(photo, quality)) for quality in (60, 70, 80, 90, 95))
    assert not composite(saved(photo, 85, 0.6))


def test_an_edge_that_is_not_quite_upright_is_no_joint() -> None:
    rng = np.random.default_rng(1)
    columns, rows = np.meshgrid(np.arange(600), np.arange(500))
    for lean_px, expected in ((0, True), (5, False)):
        step = np.clip(columns - 300 - lean_px * rows / 500 + 0.5, 0, 1)
        grey = 90 + 40 * step + rng.normal(0, 2, step.shape)
        picture = np.repeat(grey[..., None], 3, axis=2).clip(0, 255).astype(np.uint8)
        assert composite(saved(picture, 90)) is expected


def test_even_and_tiny_pictures_are_not_composites() -> None:
    assert not composite(np.full((300, 400, 3), 90, dtype=np.uint8))
    assert not composite(np.zeros((8, 2000, 3), dtype=np.uint8))


def test_noise_alone_is_not_a_composite() -> None:
    rng = np.random.default_rng(0)
    for quality in (60, 95):
        noise = rng.normal(120, 6, (400, 600, 3)).clip(0, 255).astype(np.uint8)
        assert not composite(saved(noise, quality))


def test_collages_have_the_sizes_they_are_asked_for() -> None:
    a, b = drawn(0), drawn(1)
    assert collage.side_by_side(a, b[:300], gutter_px=5).shape == (420, 725, 3)
    assert collage.side_by_side(a, b, stacked=True).shape == (840, 360, 3)
    assert collage.collage((a, b, a, b), gutter_px=4).shape == (844, 724, 3)
    assert collage.inset(a, b, share=0.25, rim_px=2).shape == a.shape
    assert collage.screenshot(a, bar_px=30).shape == (510, 360, 3)


def test_an_inset_leaves_the_rest_of_the_photo_alone() -> None:
    a, b = drawn(0), drawn(1)
    made = collage.inset(a, b, share=0.25, corner="bottom right")
    assert np.array_equal(made[:315], a[:315])
    assert not np.array_equal(made[315:, 270:], a[315:, 270:])
