"""How often the calibration card is found, and how right its scale is: a part of `make validate`.

`python -m benchmarks.card_rates SEED` does the same with scalps from another seed on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import product
from multiprocessing import get_context

import numpy as np

from analysis import card
from analysis.phantom import HeldCard, Pose, Recipe, Scalp, Story, draw_scalp, photograph, state_on
from benchmarks.progress import shown
from benchmarks.redness_rates import CAMERAS

FIRST_SEED, N_PHOTOS, N_SCALPS = 91_800, 30, 5
SCALES, TILTS_DEG = (5.5, 8.0, 12.0, 20.0), (0.0, 10.0, 20.0, 30.0)
# Of the card's left marker, 12 mm wide from 3 mm on, something hides between a third and all but
# 2 mm.
HIDDEN_MM = (7.0, 13.0)
WHOLE, HIDDEN, ABSENT = "whole", "a marker half hidden", "no card"

Job = tuple[str, float, float, int]
Read = tuple[str, float, float, bool, float]  # what, px/mm, tilt, found, relative error


def table(first_seed: int = FIRST_SEED) -> Iterator[str]:
    """The chapter of the report."""
    photos = range(first_seed, first_seed + N_PHOTOS)
    jobs = [
        *product((WHOLE,), SCALES, TILTS_DEG, photos),
        *product((HIDDEN, ABSENT), SCALES, TILTS_DEG[1:2], photos),
    ]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        rows = list(shown(pool.map(seen, jobs, chunksize=5), len(jobs), "card: photo"))
    yield from told(rows)


def told(rows: Sequence[Read]) -> Iterator[str]:
    """Lines of the table."""
    yield from (
        "## The card",
        "",
        f"{N_PHOTOS} drawn photos in each row, by turns on the two cameras, in any light, the card",
        "bent with the skin and upside down in half of them, tilted towards any side. Error: of",
        "px/mm, face on, where the card lies.",
        "",
        "| card | px/mm | tilt, deg | found | bias | SD | worst |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    for cell in dict.fromkeys(row[:3] for row in rows):
        of = [row for row in rows if row[:3] == cell]
        what, px_per_mm, tilt_deg = cell
        errors = np.array([row[4] for row in of if row[3]])
        line = f"| {what} | {px_per_mm:g} | {tilt_deg:g} | {len(errors)} of {len(of)} |"
        if what == WHOLE and len(errors):
            line += f" {errors.mean():+.2%} | {errors.std():.2%} | {np.abs(errors).max():.2%} |"
        else:
            line += " | | |"
        yield line


def seen(job: Job) -> Read:
    """One card by one hand."""
    what, px_per_mm, tilt_deg, seed = job
    hand = np.random.default_rng([seed, int(10 * px_per_mm), int(tilt_deg), len(what)])
    scalp = _scalp(seed - seed % N_SCALPS, seed % N_SCALPS)
    width = int(max(480, 68 * px_per_mm))
    pose = Pose(
        width, int(0.75 * width), px_per_mm, 20, 180, max(200, 1.6 * width / px_per_mm),
        tilt_deg=tilt_deg, tilt_towards_deg=float(hand.uniform(0, 360)),
    )  # fmt: skip
    turn_deg = float(hand.choice([0, 180]) + hand.normal(0, 8))
    hidden_mm = float(hand.uniform(*HIDDEN_MM)) if what == HIDDEN else 0.0
    held = None if what == ABSENT else HeldCard(20, 180, turn_deg, hidden_mm)
    optics = replace(  # type: ignore[type-var]
        CAMERAS[list(CAMERAS)[seed % 2]], blur_px=float(hand.uniform(0.6, 1.6)),
        exposure=float(hand.uniform(0.6, 1.1)), light_deg=float(hand.uniform(0, 360)),
        light_height=float(hand.uniform(0.75, 0.95)), warmth=float(hand.normal(0, 0.1)),
        gloss=float(hand.uniform(0.0, 0.12)), noise=float(hand.uniform(0.003, 0.012)),
    )  # fmt: skip
    photo = photograph(scalp, state_on(scalp, Story(), 30), pose, optics, seed=seed, card=held)
    found = card.find(photo.srgb_u8)
    if not isinstance(found, card.Card):
        return what, px_per_mm, tilt_deg, False, float("nan")
    error = found.scale.px_per_mm / photo.truth.card_px_per_mm - 1
    return what, px_per_mm, tilt_deg, True, error


@lru_cache(maxsize=N_SCALPS)
def _scalp(first_seed: int, number: int) -> Scalp:
    """One of a few scalps, from very light to dark."""
    return draw_scalp(Recipe(
        seed=first_seed + number, melanin=float(np.linspace(0.05, 0.9, N_SCALPS)[number]),
        dots_per_cm2=40, stubble_per_cm2=3, pores_per_cm2=10,
    ))  # fmt: skip


if __name__ == "__main__":
    for line in table(*(int(given) for given in sys.argv[1:])):
        print(line)
