"""Laying dot patterns on each other: true pairs, other scalps, other areas, mirrored photos."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import registration
from analysis.registration import Registration, register
from benchmarks.impostors import pattern

FRAME = (420, 420)


@dataclass(frozen=True)
class Pair:
    """Two views of one pattern: places, and which dot each of them is (-1: spurious)."""

    source: np.ndarray
    target: np.ndarray
    source_id: np.ndarray
    target_id: np.ndarray


def seen(
    dots: np.ndarray, rng: np.random.Generator, missed: float, spurious: float, jitter: float
) -> tuple[np.ndarray, np.ndarray]:
    """What a detector tells of dots: places and ids."""
    ids = np.flatnonzero(rng.random(len(dots)) > missed)
    extra = rng.uniform(dots.min(axis=0), dots.max(axis=0), (int(spurious * len(dots)), 2))
    places = np.concatenate([dots[ids] + rng.normal(0, jitter, (len(ids), 2)), extra])
    order = rng.permutation(len(places))
    return places[order], np.concatenate([ids, np.full(len(extra), -1)])[order]


def another_view(dots: np.ndarray, turn_deg: float = 25.0, size: float = 0.9) -> np.ndarray:
    """Turned, tilted, in perspective, on a curved head, with stretched skin."""
    x, y = ((dots - 185) / 185).T
    x, y = x * (1 + 0.03 * y) + 0.01 * np.sin(3 * y), 0.93 * y + 0.012 * np.sin(2.5 * x)
    bulge = 1 - 0.08 * (x**2 + y**2) + 0.06 * x
    turn = np.radians(turn_deg)
    turned = np.stack([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y], 1)
    view: np.ndarray = 200 + 170 * size * turned * bulge[:, None]
    return view


def true_pair(
    seed: int,
    *,
    new: float = 0.0,
    missed: float = 0.15,
    spurious: float = 0.15,
    overlap: float = 1.0,
    turn_deg: float = 25.0,
) -> Pair:
    rng = np.random.default_rng(seed)
    dots = pattern(seed)
    added = rng.random(len(dots)) < new / (1 + new)
    first = np.flatnonzero(~added & (dots[:, 0] < 370 * (1 + overlap) / 2))
    second = np.flatnonzero(dots[:, 0] > 370 * (1 - overlap) / 2)
    source, source_id = seen(dots[first], rng, missed, spurious, 0.4)
    target, target_id = seen(another_view(dots[second], turn_deg), rng, missed, spurious, 0.4)
    return Pair(
        source,
        target,
        np.where(source_id < 0, -1, first[source_id]),
        np.where(target_id < 0, -1, second[target_id]),
    )


def quality(pair: Pair, found: Registration) -> tuple[float, float]:
    """Share of true dots' matches that are right, and of the dots in both that are matched."""
    of, to = found.pairs.T
    true = pair.source_id[of] >= 0
    right = true & (pair.source_id[of] == pair.target_id[to])
    both = np.intersect1d(pair.source_id[pair.source_id >= 0], pair.target_id)
    return float(right.sum() / true.sum()), float(right.sum() / len(both))


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"missed": 0.05, "spurious": 0.05, "turn_deg": 170.0},
        {"new": 1.0},
        {"overlap": 0.45},
    ],
    ids=["missed and spurious", "upside down", "half the dots new", "half seen"],
)
def test_the_same_scalp_is_recognised(conditions: dict[str, float]) -> None:
    for seed in (1, 2):
        pair = true_pair(seed, **conditions)
        found = register(pair.source, pair.target, FRAME)
        assert isinstance(found, Registration)
        right, recall = quality(pair, found)
        # Partners of dots that the follow-up misses are chance: spurious ones in a hole.
        assert right > 0.95
        assert recall > 0.93
        assert 0.2 < found.residual_px < 1.0


def test_another_scalp_is_refused() -> None:
    found = register(pattern(11), pattern(12), FRAME)
    assert not found
    assert found == registration.ANOTHER


def test_a_mirrored_photo_is_named_as_such() -> None:
    pair = true_pair(3)
    mirrored = pair.target * [-1, 1] + [FRAME[1] - 1, 0]
    assert register(pair.source, mirrored, FRAME) == registration.MIRRORED


def test_too_few_dots_are_not_matched() -> None:
    dots = pattern(4)
    assert register(dots[:50], dots, FRAME) == registration.TOO_FEW_DOTS


def test_the_same_dots_give_the_same_matches() -> None:
    pair = true_pair(5)
    first, again = (register(pair.source, pair.target, FRAME) for _ in range(2))
    assert isinstance(first, Registration)
    assert isinstance(again, Registration)
    assert np.array_equal(first.pairs, again.pairs)


def test_the_map_is_as_exact_as_it_says() -> None:
    pair = true_pair(6, missed=0.05, spurious=0.05)
    found = register(pair.source, pair.target, FRAME)
    assert isinstance(found, Registration)
    dots = pattern(6)
    placed, known = found.place(dots)
    off = np.linalg.norm(placed.xy - another_view(dots), axis=1)[known]
    assert known.mean() > 0.9
    assert np.median(off) < 0.5
    assert found.residual_px == pytest.approx(0.4 * np.sqrt(2), rel=0.4)


def test_the_map_is_carried_over_a_hole_but_not_over_what_does_not_match() -> None:
    """Nearly all dots of a place are gone, or the follow-up shows others there."""
    rng = np.random.default_rng(9)
    dots = pattern(9)
    middle = np.median(dots, axis=0)
    inside = np.linalg.norm(dots - middle, axis=1) < 90
    assert inside.sum() > 100
    gone = inside & (rng.random(len(dots)) < 0.95)
    turned = another_view(dots)
    others = another_view(middle + rng.uniform(-1, 1, (int(1.3 * inside.sum()), 2)) * 90)
    middle_there = another_view(middle[None])
    others = others[np.linalg.norm(others - middle_there, axis=1) < 80]
    found = register(dots, turned[~gone], FRAME)
    assert isinstance(found, Registration)
    placed, known = found.place(dots)
    assert known[inside].mean() > 0.95
    assert np.quantile(np.linalg.norm(placed.xy - turned, axis=1)[inside], 0.95) < 2.0
    assert len(found.off_px) == len(found.pairs)
    assert len(found.bridged) > 0.3 * inside.sum()
    failed = register(dots, np.vstack([turned[~inside], others]), FRAME)
    assert isinstance(failed, Registration)
    assert len(failed.bridged) < 0.05 * inside.sum()


@given(turn_deg=st.floats(-180, 180), size=st.floats(0.75, 1.3))
@settings(max_examples=5, deadline=None)
def test_turn_and_size_do_not_matter(turn_deg: float, size: float) -> None:
    dots = pattern(7)
    found = register(dots, another_view(dots, turn_deg, size), FRAME)
    assert isinstance(found, Registration)
    assert (found.pairs[:, 0] == found.pairs[:, 1]).mean() > 0.99
