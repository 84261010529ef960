"""The picture of two photos: which mark lies where, in which shape."""

import cv2
import numpy as np
import pytest

from analysis.arrays import Pixels
from analysis.change import Change
from analysis.dots import Dots
from analysis.flags import Flag
from analysis.identity import KEPT, LOST, NOT_OBSERVABLE, Identity
from analysis.pair_measurands import PAIR_MEASURANDS
from analysis.pipeline import LostArea, PairMeasurement, compare
from analysis.plate import NO_PLATE, Plate
from analysis.registration import ANOTHER, Registration, register
from analysis.results import Result
from benchmarks.impostors import pattern
from tracker import pair_overlay

SIDE, SIZE_PX, TIMES = 372, 6.0, 2.0  # the picture is twice as large as the plates
MOVED = np.array([9.0, -6.0])


def plate(xy: np.ndarray, shade: int) -> Plate:
    ones, zeros = np.ones(len(xy)), np.zeros(len(xy))
    x, y = xy.T
    return Plate(
        srgb_u8=np.full((SIDE, SIDE, 3), shade, dtype=np.uint8),
        dots=Dots(x, y, SIZE_PX * ones, 0.3 * ones, ones, 0.2 * ones, ones, zeros),
        doubtful=NO_PLATE.doubtful,
        resolved=np.ones((SIDE, SIDE), dtype=bool),
        treated=np.ones((SIDE, SIDE), dtype=bool),
        clear=np.ones((SIDE, SIDE), dtype=bool),
        reference=np.zeros((SIDE, SIDE), dtype=bool),
        head=np.ones((SIDE, SIDE), dtype=bool),
        half=np.full((SIDE // 2, SIDE // 2, 3), 0.3, dtype=np.float16),
        size_px=SIZE_PX,
        disc_px=5.0,
        disc_error=0.1,
        blur_px=1.0,
        window_px=9 * SIZE_PX,
        pigment=0.1,
        times=1.0,
    )


def dressed(shade: int) -> tuple[PairMeasurement, dict[str, np.ndarray]]:
    """A pair with one lost, one unseen and one new dot among the kept ones, and those places."""
    before = pattern(8)
    middle = np.argsort(np.linalg.norm(before - SIDE / 2, axis=1))
    lost, unseen, gone, *_ = middle
    first = np.delete(before, gone, axis=0)  # seen in the follow-up only: new
    after = before + MOVED
    laid = register(first, after, (SIDE, SIDE))
    assert isinstance(laid, Registration)
    state = np.full(len(before), KEPT, dtype=np.int8)
    state[[lost, unseen]] = LOST, NOT_OBSERVABLE
    state = np.delete(state, gone)
    n = len(first)
    nothing = np.zeros(n)
    identity = Identity(
        state=state, xy=first + MOVED, partner=np.full(n, -1), before=nothing, after=nothing,
        stderr=nothing, left=nothing, p_kept=nothing, sure=np.ones(n, dtype=bool),
        counted=state != NOT_OBSERVABLE, smeared=nothing > 0, new=np.array([gone]), chance=0.0,
    )  # fmt: skip
    change = Change(plate(first, shade), plate(after, shade + 20), laid, identity)
    corner = [[20.0, 20.0], [90.0, 20.0], [90.0, 90.0], [20.0, 90.0]]
    results = {m.name: Result.missing(Flag.STAGE_MISSING) for m in PAIR_MEASURANDS}
    area = LostArea(corner, 4900.0, 0.6, 0.01)
    pair = PairMeasurement(laid, results, lost_areas=(area,), change=change)
    kept = next(dot for dot in middle[3:] if state[dot - (dot > gone)] == KEPT)
    marked = {"lost": lost, "unseen": unseen, "new": gone, "kept": kept}
    return pair, {name: before[dot] for name, dot in marked.items()}


def panels(pair: PairMeasurement) -> list[Pixels]:
    """First and later photo of the picture, without the title."""
    jpeg = pair_overlay.draw(pair)
    assert jpeg
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    top = next(row for row in range(len(picture)) if picture[row, 2].min() > 40)
    side = round(SIDE * TIMES)
    assert picture.shape[1] - 2 * side in range(1, 9)
    shown = picture[top : top + side]
    return [shown[:, :side].astype(np.int16), shown[:, -side:].astype(np.int16)]


@pytest.mark.parametrize("shade", [60, 190])
def test_each_state_has_its_mark_on_both_photos(shade: int) -> None:
    pair, places = dressed(shade)
    for panel in panels(pair):
        looks = {}
        for state, place in places.items():
            x, y = np.rint((place + 0.5) * TIMES - 0.5).astype(int)
            looks[state] = panel[y - 12 : y + 13, x - 12 : x + 13]
        blue, red = (
            {state: look[12, 12, channel] for state, look in looks.items()} for channel in (2, 0)
        )
        assert blue["kept"] - red["kept"] > 50
        assert red["new"] - blue["new"] > 50
        assert abs(red["lost"] - blue["lost"]) < 40  # a ring's middle is free
        ring = looks["lost"]
        assert (ring[..., 0] - ring[..., 2]).max() > 120
        assert looks["unseen"][12, 12].min() > 170
        across, along = looks["unseen"][5:9, 12], looks["new"][5:9, 12]
        assert across.mean() - shade < 60
        assert (along[:, 0] - along[:, 2]).max() > 50  # a plus stands up, a dash does not


def test_lost_patches_are_outlined_on_both_photos() -> None:
    for panel in panels(dressed(128)[0]):
        edge = panel[100:120, 35:48]
        assert (edge[..., 0] - edge[..., 1]).max() > 80


def test_photos_that_do_not_fit_get_no_picture() -> None:
    assert pair_overlay.draw(compare(None, None)) is None
    assert pair_overlay.draw(PairMeasurement(ANOTHER, {})) is None
