"""Whether other days' photos show the same zone: laid over one another through their baseline."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from tracker import worksheet, zone_visits
from tracker.words import worksheet as words

SQUARE = [[100.0, 100.0], [140.0, 100.0], [140.0, 140.0], [100.0, 140.0]]
TAKEN = {name: date(2026, 6, n) for n, name in enumerate(("base", "then", "now", "late"), start=1)}
SHIFT = {"base": (0, 0), "then": (30, -20), "now": (-50, 10), "late": (5, 5)}


def document(*outlines: list[list[float]]) -> dict[str, Any]:
    patches = [{"outline": o, "area_px": 1600.0 - n, "area_cm2": 1.0, "dots_missing": 50.0,
                "dots_missing_stderr": 8.0} for n, o in enumerate(outlines)]  # fmt: skip
    return {"width_px": 400, "height_px": 300, "patches": patches}


def moved(outline: list[list[float]], name: str) -> list[list[float]]:
    return (np.array(outline) + SHIFT[name]).tolist()


def compared(name: str) -> dict[str, Any]:
    x, y = SHIFT[name]
    told = [[1, 0, x], [0, 1, y], [0, 0, 1]]
    return {"baseline": "base", "followup": name, "registration": {"homography": told}}


def seen(photos: dict[str, dict[str, Any]], of: str, *names: str) -> list[int | None]:
    laid = zone_visits.others(of, photos, TAKEN, [compared(name) for name in names])
    return [zone.visits for zone in worksheet.zones(photos[of], laid)]


@pytest.mark.parametrize("of", ["base", "now"])
def test_a_zone_that_two_days_show_is_one_place(of: str) -> None:
    elsewhere = [[250.0, 200.0], [290.0, 200.0], [290.0, 240.0], [250.0, 240.0]]
    photos = {
        "base": document(SQUARE),
        "then": document(),
        "now": document(moved(SQUARE, "now"), moved(elsewhere, "now")),
    }
    expected = {"base": [2], "now": [2, 1]}
    assert seen(photos, of, "then", "now") == expected[of]


def test_without_a_comparison_or_outside_the_frame_nothing_is_known() -> None:
    corner = [[388.0, 10.0], [398.0, 10.0], [398.0, 20.0]]
    photos = {"now": document(SQUARE, corner), "base": document(), "late": document()}
    assert seen(photos, "now") == [None, None]
    # The baseline's frame ends 50 px left of this one's right edge.
    assert seen(photos, "now", "now") == [1, None]
    refused = {"baseline": "base", "followup": "now", "registration": {"accepted": False}}
    assert zone_visits.others("now", photos, TAKEN, [refused]) == ()


def test_only_what_two_days_show_is_ticked_where_that_is_known() -> None:
    [zone] = worksheet.zones(document(SQUARE))
    assert zone.sure
    laid = (
        zone_visits.Laid(
            date(2026, 6, 1), (), np.float32([[0, 0], [400, 0], [400, 300], [0, 300]])
        ),
    )
    [once] = worksheet.zones(document(SQUARE), laid)
    assert (once.visits, once.sure) == (1, False)


@pytest.mark.parametrize("stderr", [1.0, 4.5, 6.0, 9.0])
def test_what_is_ticked_follows_from_the_numbers_shown(stderr: float) -> None:
    [zone] = worksheet.zones(document(SQUARE))
    zone = replace(zone, missing=10.0, stderr=stderr)
    said = words.missing(zone.missing, zone.give_or_take)
    missing, give_or_take = (int(number) for number in re.findall(r"\d+", said))
    assert zone.sure == (give_or_take <= missing)


def test_where_no_zone_was_counted_no_number_is_told() -> None:
    corners = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0))
    pale = worksheet.Zone("A", corners, None, None, None, darkness=0.6)
    for chosen in ([], [pale]):
        assert worksheet.together(chosen) == (None, None)
        assert worksheet.rows(chosen, None)[-1][2] == "not counted"
