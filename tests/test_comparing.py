"""Settled photos are compared in the background, and what was lost comes up in lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.practice import flat_photo, jpeg
from tests.store.makers import SYSTEM, keep_client
from tracker import comparing, desk, intake, readings, roster
from tracker.archive import Archive
from tracker.fitting import Pair
from tracker.records import Client, Measurement, Outcome, Photo, Treatment, new_id
from tracker.store import clients, measurements
from tracker.work import VERSION

TREATED = date(2026, 3, 1)
TODAY = TREATED + timedelta(days=70)
NOW = datetime.fromisoformat("2026-05-10T12:00:00+00:00")
PATCH = {"outline": [[10, 10], [20, 10], [15, 20]], "area_px": 50, "share_lost": 0.7,
         "p_value": 0.001}  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def client(archive: Archive) -> Client:
    made = keep_client(archive.store)
    treatment = Treatment(new_id(), made.practice_id, made.id, TREATED, "all")
    clients.add_treatment(archive.store, SYSTEM, treatment)
    return made


def photo(archive: Archive, client: Client, day: int, *, level: str = "dot") -> Photo:
    """A measured photo, its numbers invented."""
    kept = intake.accept(
        archive, SYSTEM, client.id, jpeg(flat_photo(day)), name="a.jpg", view="top", now=NOW,
        taken_on=TREATED + timedelta(days=day),
    ).photo  # fmt: skip
    number = Measurement(kept.id, None, "pigment_per_area", VERSION, 0.06, 0.001, ())
    outcome = Outcome(kept.id, None, VERSION, "measured", {"level": level})
    measurements.add_outcome(archive.store, SYSTEM, outcome, [number])
    return kept


def compared(
    archive: Archive, pair: Pair, *patches: dict[str, Any], hair: float | None = None
) -> None:
    row = {"measurand": "hair_edge_moved_mm", "value": hair, "stderr": 0.9, "unit": "mm"}
    document = {
        "baseline": pair.on.id, "followup": pair.photo.id, "lost_patches": list(patches),
        "measurements": [row],
    }  # fmt: skip
    outcome = Outcome(pair.photo.id, pair.on.id, VERSION, "measured", document)
    measurements.add_outcome(archive.store, SYSTEM, outcome, [])


def names(pairs: tuple[Pair, ...]) -> list[tuple[str, str]]:
    return [(pair.on.id, pair.photo.id) for pair in pairs]


def test_what_waits_are_settled_dot_photos_against_the_first_and_the_first_settled_one(
    archive: Archive, client: Client
) -> None:
    photo(archive, client, 0, level="tone")
    early, _, first, *later = [photo(archive, client, day) for day in (3, 7, 28, 42, 56)]
    photo(archive, client, 63, level="tone")
    pairs = comparing.waiting(archive, client.id, TODAY)
    of_early = [(early.id, each.id) for each in (first, *later)]
    assert names(pairs) == of_early + [(first.id, each.id) for each in later]
    compared(archive, pairs[0])
    assert names(comparing.waiting(archive, client.id, TODAY)) == names(pairs[1:])
    # Another treatment begins anew.
    again = Treatment(new_id(), client.practice_id, client.id, TREATED + timedelta(days=60), "all")
    clients.add_treatment(archive.store, SYSTEM, again)
    assert comparing.waiting(archive, client.id, TODAY) == ()


def test_each_pair_is_compared_once_and_others_may_go_first(
    archive: Archive, client: Client
) -> None:
    for day in (28, 42, 56):
        photo(archive, client, day)
    seen: dict[str, int] = {}

    def fit(archive: Archive, pair: Pair) -> None:
        compared(archive, pair)

    with patch("tracker.fitting.fit", side_effect=fit) as done:
        assert comparing.compare_pending(archive, TODAY, seen, paused=lambda: True) == 0
        assert seen == {}
        assert comparing.compare_pending(archive, TODAY, seen, paused=lambda: False) == 2
        assert comparing.compare_pending(archive, TODAY, seen, paused=lambda: False) == 0
        assert done.call_count == 2
        with patch("tracker.comparing.waiting", side_effect=AssertionError("gone through again")):
            comparing.compare_pending(archive, TODAY, seen, paused=lambda: False)
        photo(archive, client, 63)
        assert comparing.compare_pending(archive, TODAY, seen, paused=lambda: False) == 1


def test_a_patch_lost_on_two_visits_comes_up_in_lists(archive: Archive, client: Client) -> None:
    for day in (28, 42, 56):
        photo(archive, client, day)
    first, second = comparing.waiting(archive, client.id, TODAY)
    compared(archive, first, PATCH)
    [one] = roster.by_need(archive.store, SYSTEM, TODAY, version=VERSION)
    assert one.standing.findings == ()
    compared(archive, second, PATCH)
    [one] = roster.by_need(archive.store, SYSTEM, TODAY, version=VERSION)
    assert one.standing.group == "look"
    [found] = one.standing.findings
    assert (found.about, found.level, found.view) == ("lost_patch", "flag", "top")
    assert one.standing.touch_up.reasons == ("patchiness",)
    # What was fitted for the slider, on another photo, is no comparison with the baseline.
    other = Pair(photo=first.photo, on=second.photo)
    compared(archive, other, PATCH | {"outline": [[30, 30], [39, 30], [35, 39]]})
    [again] = roster.by_need(archive.store, SYSTEM, TODAY, version=VERSION)
    assert again.standing.findings == (found,)


def test_what_was_lost_before_the_look_settled_is_confirmed_on_day_42(
    archive: Archive, client: Client
) -> None:
    for day in (3, 28, 42):
        photo(archive, client, day)
    for pair in comparing.waiting(archive, client.id, TODAY):
        # Between days 28 and 42 nothing was lost.
        patches = [PATCH] if pair.on.taken_on == TREATED + timedelta(days=3) else []
        compared(archive, pair, *patches)
    on = TREATED + timedelta(days=43)
    [one] = roster.by_need(archive.store, SYSTEM, on, version=VERSION)
    [found] = one.standing.findings
    assert (found.about, found.level) == ("lost_patch", "flag")
    assert found.since == TREATED + timedelta(days=28)


@pytest.mark.parametrize(
    ("days", "moved", "suggested"),
    [
        ((28, 42, 56), (5.0, 5.4), True),
        ((28, 42, 56), (5.0, 2.0), False),
        ((28, 42, 56), (1.0, 5.4), False),
        ((28, 42, 56), (-5.0, -5.4), False),
        ((28, 42, 49), (5.0, 5.4), False),
        ((28, 42, 49, 56), (5.0, None, 5.4), True),
    ],
)
def test_hair_that_moved_back_on_two_visits_is_suggested_to_be_looked_at(
    archive: Archive,
    client: Client,
    days: tuple[int, ...],
    moved: tuple[float | None, ...],
    suggested: bool,
) -> None:
    for day in (3, *days):
        photo(archive, client, day)
    pairs = comparing.waiting(archive, client.id, TODAY)
    early = [pair for pair in pairs if pair.on.taken_on == TREATED + timedelta(days=3)]
    for pair in early:
        # Hair of the first days is not compared with: dots look larger then.
        compared(archive, pair, hair=9.0)
    for pair, hair in zip(pairs[len(early) :], moved, strict=True):
        compared(archive, pair, hair=hair)
    one = desk.client_course(archive.store, SYSTEM, client.id, TODAY, version=VERSION)
    assert bool(one.course.hair_moved) == suggested
    # A suggestion is no finding and decides nothing.
    assert one.course.findings == ()
    assert "border-loss" not in one.standing.touch_up.reasons
    if suggested:
        [told] = one.course.hair_moved
        assert (told.n_visits, told.moved, told.unit) == (2, 5.4, "mm")
        said = readings.hair_moved_back(told, TODAY)
        assert "please look" in said
        assert "begins 5 mm farther back, give or take 2, than on 29 March" in said
