"""How often photos show patches, with and without one on the scalp: a part of `make validate`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from analysis.phantom import (
    Optics,
    Patch,
    PhoneOptics,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.other_optics import CompactOptics
from analysis.pipeline import measure
from analysis.scale import given

FIRST_SEED, N_PHOTOS = 91_000, 40
_CLOSE = Pose(1200, 900, 18, 13, 180, 220)
_HAIRLINE = Pose(1200, 900, 15, 44, 0, 220)
_TILTED = Pose(1200, 900, 16, 25, 200, 220, tilt_deg=20)
_Case = tuple[Pose, float, tuple[Patch, ...]]
# Pose, share of dots missing at random, patches.
CASES: dict[str, _Case] = {
    "even, close-up": (_CLOSE, 0.0, ()),
    "even, 15 % missing": (_CLOSE, 0.15, ()),
    "even, 30 % missing": (_CLOSE, 0.30, ()),
    "even, hairline": (_HAIRLINE, 0.0, ()),
    "even, tilted by 20 degrees": (_TILTED, 0.0, ()),
    "3 mm radius, 50 % lost": (_CLOSE, 0.0, (Patch(13, 180, 3, 0.5, 5),)),
    "6 mm radius, 70 % lost": (_CLOSE, 0.0, (Patch(13, 180, 6, 0.7, 5),)),
}


def table() -> Iterator[str]:
    """The chapter of the report."""
    jobs = [(name, FIRST_SEED + i) for name in CASES for i in range(N_PHOTOS)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        shown = np.array(list(pool.map(_shows, jobs, chunksize=5))).reshape(-1, N_PHOTOS)
    yield from (
        "## Patches",
        "",
        f"{N_PHOTOS} drawn scalps on day 70 each, by turns on the two cameras. Share of photos",
        "that show any patch:",
        "",
        "| scalp | shown |",
        "| --- | --- |",
    )
    for name, found in zip(CASES, shown, strict=True):
        yield f"| {name} | {found.sum()} of {N_PHOTOS} |"


def _shows(job: tuple[str, int]) -> bool:
    name, seed = job
    pose, missing, patches = CASES[name]
    rng = np.random.default_rng([seed, 5])
    scalp = draw_scalp(Recipe(
        seed=seed, melanin=float(rng.uniform(0.08, 0.5)),
        dots_per_cm2=float(rng.uniform(95, 125)),
        dot_diameter_mm=float(rng.uniform(0.28, 0.36)), dot_od=float(rng.uniform(0.35, 0.5)),
    ))  # fmt: skip
    state = state_on(scalp, Story(lost_share=missing, patches=patches), 70)
    blur, gloss = float(rng.uniform(0.7, 1.2)), float(rng.uniform(0.03, 0.12))
    cameras: tuple[Optics, Optics] = (
        PhoneOptics(blur_px=blur, gloss=gloss, texture=0.6),
        CompactOptics(),
    )
    photo = photograph(scalp, state, pose, cameras[seed % 2], seed=seed)
    return bool(measure(photo.srgb_u8, scale=given(pose.px_per_mm)).patches)
