"""How `redness_index` stands up to lights, phones and skin tones: a part of `make validate`.

A scene is laid out once and seen under every light; areas are found anew on each photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from multiprocessing import get_context

import numpy as np

from analysis.measurands import MEASURANDS, PhotoMeasurand
from analysis.phantom import Optics, PhoneOptics, Pose, Recipe, Story, draw_scalp, state_on
from analysis.phantom.other_optics import CompactOptics
from analysis.phantom.scene import stage
from analysis.stages import Stages

FIRST_SEED, N_LIGHTS = 91_500, 15
TONES = (0.05, 0.2, 0.4, 0.65, 0.95)
STEPS = (0.0, 0.5, 1.0, 1.5)
LIT = 1.0  # mild erythemas of the one scalp under all lights
ERYTHEMA = 7.296  # 100 log10(.97 / .82)
CAMERAS: dict[str, Optics] = {"phone": PhoneOptics(), "compact": CompactOptics()}
_POSE = Pose(1000, 420, 10, 44, 0, 260)
_LIGHTS_PER_STEP = 4

# Camera, melanin, erythemas, redness index, whether redder spots are shown.
Read = tuple[str, float, float, float, bool]


def table() -> Iterator[str]:
    """The chapter of the report."""
    jobs = list(product(TONES, STEPS))
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        rows = [row for rows in pool.map(_seen, jobs) for row in rows]
    yield from _told(rows)


def _told(rows: Sequence[Read]) -> Iterator[str]:
    yield from (
        "## Redness across lights and skin tones",
        "",
        f"Five drawn scalps. SD: of one with one mild erythema ({ERYTHEMA:.1f} units) under",
        f"{N_LIGHTS} lights for each camera: from all sides, exposure .6-1.3, white balance 8 %,",
        "tone curve, sharpening, noise, blur and gloss. Slope, 1 = as drawn, and correlation:",
        f"{len(STEPS)} degrees of redness up to {STEPS[-1]}, other lights each. Photos flagged",
        "`clipped` are left out.",
        "",
        "| camera | melanin | told | mean | SD | slope | correlation |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    for name, cameras in {**{c: (c,) for c in CAMERAS}, "all": tuple(CAMERAS)}.items():
        slopes = []
        for melanin in TONES:
            of = [r for r in rows if r[0] in cameras and r[1] == melanin]
            under = np.array([r[3] for r in of if r[2] == LIT])
            truth = ERYTHEMA * np.array([r[2] for r in of])
            read = np.array([r[3] for r in of])
            told = np.isfinite(read)
            slopes.append(float(np.polyfit(truth[told], read[told], 1)[0]))
            alike = float(np.corrcoef(truth[told], read[told])[0, 1])
            yield (
                f"| {name} | {melanin} | {np.isfinite(under).sum()} of {len(under)} "
                f"| {np.nanmean(under):.2f} | {np.nanstd(under, ddof=1):.2f} "
                f"| {slopes[-1]:.2f} | {alike:.3f} |"
            )
        read_at_all = [r for r in rows if r[0] in cameras and np.isfinite(r[3])]
        spots = sum(r[4] for r in read_at_all)
        yield f"| {name} | photos that show a redder spot | {spots} of {len(read_at_all)} | | | | |"
        most = max(slopes) / min(slopes) - 1
        yield f"| {name} | largest slope over smallest | | | | +{most:.0%} | |"


def _seen(job: tuple[float, float], first_seed: int = FIRST_SEED) -> list[Read]:
    """One scalp at one degree of redness, under all lights of both cameras."""
    melanin, erythemas = job
    scalp = draw_scalp(Recipe(seed=first_seed + TONES.index(melanin), melanin=melanin))
    state = state_on(scalp, Story(redness=erythemas, lost_share=0), 0)
    scene, _ = stage(scalp, state, _POSE)
    n = N_LIGHTS if erythemas == LIT else _LIGHTS_PER_STEP
    rows = []
    for camera, light in product(CAMERAS, range(n)):
        seed = [first_seed, int(1000 * erythemas), light, len(camera)]
        optics = lit(CAMERAS[camera], np.random.default_rng(seed))
        stages = Stages(optics.expose(scene, np.random.default_rng([*seed, 1])))
        index = _redness(stages)
        rows.append((camera, melanin, erythemas, index, bool(stages.redness_map.spots)))
    return rows


def lit(camera: Optics, hand: np.random.Generator) -> Optics:
    """A camera in some light, by some hand, with some processing."""
    return replace(  # type: ignore[type-var]
        camera, blur_px=float(hand.uniform(0.6, 1.4)), exposure=float(hand.uniform(0.6, 1.3)),
        light_deg=float(hand.uniform(0, 360)), light_height=float(hand.uniform(0.75, 0.98)),
        warmth=float(hand.normal(0, 0.08)), gloss=float(hand.uniform(0, 0.2)),
        noise=float(hand.uniform(0.003, 0.012)), sharpening=float(hand.uniform(0, 0.6)),
        contrast=float(hand.uniform(0, 0.3)),
    )  # fmt: skip


def _redness(stages: Stages) -> float:
    """The index, NaN where the photo's flags say not to read it."""
    redness = MEASURANDS["redness_index"]
    assert isinstance(redness, PhotoMeasurand)
    clipped, bright = stages.exposure
    return redness.evaluate(stages).value if clipped <= 0.01 and bright <= 0.5 else float("nan")


if __name__ == "__main__":
    print("\n".join(table()))
