"""How often photos show patches, with and without one on the scalp: a part of `make validate`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context

import cv2
import numpy as np

from analysis.arrays import Pixels
from analysis.patches import PALE, SPARSE
from analysis.phantom import (
    Optics,
    Patch,
    PhoneOptics,
    Pose,
    Recipe,
    Scalp,
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
_PALE = 0.5  # of the dots' optical density


@dataclass(frozen=True)
class Case:
    """Share of dots missing at random, patches, and what makes the photo uneven: `side light`,
    `shine`, `defocus` of one half.
    """

    pose: Pose = _CLOSE
    missing: float = 0.0
    patches: tuple[Patch, ...] = ()
    uneven: str = ""


CASES: dict[str, Case] = {
    "even, close-up": Case(),
    "even, 15 % missing": Case(missing=0.15),
    "even, 30 % missing": Case(missing=0.30),
    "even, hairline": Case(_HAIRLINE),
    "even, tilted by 20 degrees": Case(_TILTED),
    "even, light from one side": Case(uneven="side light"),
    "even, shine on a part": Case(uneven="shine"),
    "even, half out of focus": Case(uneven="defocus"),
    "3 mm radius, 50 % lost": Case(patches=(Patch(13, 180, 3, 0.5, 5),)),
    "6 mm radius, 70 % lost": Case(patches=(Patch(13, 180, 6, 0.7, 5),)),
    "9 mm radius, 95 % lost": Case(patches=(Patch(13, 180, 9, 0.95, 5),)),
    "3 mm radius, half as dense pigment": Case(patches=(Patch(13, 180, 3, 0, 5, _PALE),)),
    "6 mm radius, half as dense pigment": Case(patches=(Patch(13, 180, 6, 0, 5, _PALE),)),
}


def table() -> Iterator[str]:
    """The chapter of the report."""
    jobs = [(name, FIRST_SEED + i) for i in range(N_PHOTOS) for name in CASES]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        shown = list(pool.map(shows, jobs, chunksize=len(CASES)))
    yield from (
        "## Patches",
        "",
        f"{N_PHOTOS} drawn scalps on day 70 each, by turns on the two cameras. Photos that show",
        "any patch, of too few dots (`sparse`), and of too pale ones (`pale`):",
        "",
        "| scalp | any | sparse | pale |",
        "| --- | --- | --- | --- |",
    )
    for number, name in enumerate(CASES):
        kinds = shown[number :: len(CASES)]
        sparse, pale = (sum(kind in k for k in kinds) for kind in (SPARSE, PALE))
        yield f"| {name} | {sum(map(bool, kinds))} of {N_PHOTOS} | {sparse} | {pale} |"


def shows(job: tuple[str, int]) -> set[str]:
    """Kinds of patches that a photo of one case and seed shows."""
    name, seed = job
    case = CASES[name]
    state = state_on(_scalp(seed), Story(lost_share=case.missing, patches=case.patches), 70)
    rng = np.random.default_rng([seed, 6])
    photo = photograph(_scalp(seed), state, case.pose, _optics(case, seed, rng), seed=seed)
    pixels = _half_blurred(photo.srgb_u8, rng) if case.uneven == "defocus" else photo.srgb_u8
    return {p.kind for p in measure(pixels, scale=given(case.pose.px_per_mm)).patches}


@lru_cache(maxsize=1)
def _scalp(seed: int) -> Scalp:
    rng = np.random.default_rng([seed, 5])
    return draw_scalp(Recipe(
        seed=seed, melanin=float(rng.uniform(0.08, 0.5)),
        dots_per_cm2=float(rng.uniform(95, 125)),
        dot_diameter_mm=float(rng.uniform(0.28, 0.36)), dot_od=float(rng.uniform(0.35, 0.5)),
    ))  # fmt: skip


def _optics(case: Case, seed: int, rng: np.random.Generator) -> Optics:
    """By turns one of the two cameras, in the case's light."""
    blur, gloss = float(rng.uniform(0.7, 1.2)), float(rng.uniform(0.03, 0.12))
    cameras: tuple[Optics, Optics] = (
        PhoneOptics(blur_px=blur, gloss=gloss, texture=0.6),
        CompactOptics(),
    )
    light: dict[str, float] = {}
    if case.uneven in {"side light", "shine"}:
        light["light_deg"] = float(rng.uniform(0, 360))
    if case.uneven == "side light":
        light["light_height"] = float(rng.uniform(0.35, 0.6))
    elif case.uneven == "shine":
        light["light_height"] = float(rng.uniform(0.75, 0.98))
        light["gloss"] = float(rng.uniform(0.3, 0.8))
    return replace(cameras[seed % 2], **light)  # type: ignore[type-var]


def _half_blurred(srgb_u8: Pixels, rng: np.random.Generator) -> Pixels:
    """About half of a photo (H, W, 3) out of focus, by a line across it."""
    height, width = srgb_u8.shape[:2]
    turn = float(rng.uniform(0, 2 * np.pi))
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)[:, None]
    beyond = np.cos(turn) * x + np.sin(turn) * y - float(rng.uniform(0, 0.4))
    share = (1 / (1 + np.exp(-beyond / 0.08)))[..., None]
    soft = cv2.GaussianBlur(srgb_u8, (0, 0), float(rng.uniform(1.2, 2.2)))
    return np.rint(srgb_u8 * (1 - share) + soft * share).astype(np.uint8)
