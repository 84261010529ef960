"""How much each number scatters between photos of one scalp: a part of `make validate`.

Writes the package data that the rules read.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from analysis.measurands import PHOTO_MEASURANDS
from analysis.phantom import (
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.pipeline import measure
from analysis.scale import given
from benchmarks.redness_rates import CAMERAS
from tracker import change

FILE = Path(__file__).parent.parent / "tracker" / "data" / "repeatability.json"
FIRST_SEED, N_SCALPS, N_PHOTOS = 90_000, 8, 4
VIEWS: dict[str, Pose] = {
    "close-up": Pose(1200, 900, 18, 13, 180, 220),
    "hairline": Pose(1200, 900, 15, 44, 0, 220),
    "top": Pose(918, 1224, 5.7, 34, 0, 420),
}
# What a change is divided by decides how its noise grows with level.
RELATIVE = {"coverage_delta_l", "pigment_per_area", "dot_contrast", "dot_count", "dot_density"}

Row = tuple[str, str, int, dict[str, tuple[float, float]]]


def table() -> Iterator[str]:
    """The chapter of the report; the package's data are written beside it."""
    found = _repeatability(list(_measured()))
    kept = {
        "basis": "drawn photos of one scalp on one day: other pose, light, white balance, blur",
        "measurands": {
            name: {"relative" if name in RELATIVE else "absolute": round(worst, 4)}
            for name, worst in _worst(found).items()
        },
    }
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    change._repeatability.cache_clear()
    yield from (
        "## Repeatability",
        "",
        f"{N_SCALPS} drawn scalps on day 40, {N_PHOTOS} photos each by hand: other pose, light,",
        "exposure, white balance, blur. `phone`: the optics methods are tried on; `compact`: built",
        "apart and never tuned on. SD within scalps; repeatability coefficient 2.77 SD; stated:",
        "median standard error.",
        "",
        "| measurand | optics | view | photos | mean | SD | coefficient | stated |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    for (name, optics, view), (n, mean, within, stated) in found.items():
        yield (
            f"| {name} | {optics} | {view} | {n} of {N_SCALPS * N_PHOTOS} | {mean:.3g} "
            f"| {within:.2g} | {2.77 * within:.2g} | {stated:.2g} |"
        )
    yield from ("", "A row that is missing was measured on fewer than three scalps twice.")


def _measured() -> Iterator[Row]:
    jobs = [
        (optics, view, seed, shot)
        for optics in CAMERAS
        for view in VIEWS
        for seed in range(FIRST_SEED, FIRST_SEED + N_SCALPS)
        for shot in range(N_PHOTOS)
    ]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield from pool.map(_one, jobs, chunksize=N_PHOTOS)


def _one(job: tuple[str, str, int, int]) -> Row:
    """One photo of one scalp on day 40, taken by hand in whatever light there is."""
    optics_name, view, seed, shot = job
    person = np.random.default_rng([seed, 5])
    scalp = draw_scalp(Recipe(
        seed=seed, melanin=float(person.uniform(0.08, 0.5)),
        dots_per_cm2=float(person.uniform(95, 125)),
        dot_diameter_mm=float(person.uniform(0.28, 0.36)), dot_od=float(person.uniform(0.35, 0.5)),
    ))  # fmt: skip
    hand = np.random.default_rng([seed, shot, len(view), len(optics_name)])
    scale = float(hand.uniform(0.95, 1.05))
    pose = replace(
        VIEWS[view], px_per_mm=VIEWS[view].px_per_mm * scale,
        tilt_deg=float(hand.uniform(0, 6)), tilt_towards_deg=float(hand.uniform(0, 360)),
        roll_deg=float(hand.normal(0, 3)),
    )  # fmt: skip
    optics = replace(  # type: ignore[type-var]
        CAMERAS[optics_name], blur_px=float(hand.uniform(0.7, 1.2)),
        exposure=float(hand.uniform(0.8, 1.1)), light_deg=float(hand.uniform(215, 265)),
        light_height=float(hand.uniform(0.8, 0.93)), warmth=float(hand.normal(0, 0.08)),
        gloss=float(hand.uniform(0.03, 0.12)), texture=0.6,
    )  # fmt: skip
    # Redness on day 2 is small but there: a change of it must be told from none.
    state = state_on(scalp, Story(lost_share=0), 40)
    photo = photograph(scalp, state, pose, optics, seed=seed + shot)
    results = measure(photo.srgb_u8, scale=given(pose.px_per_mm)).results
    return optics_name, view, seed, {k: (r.value, r.stderr) for k, r in results.items()}


def _repeatability(rows: list[Row]) -> dict[tuple[str, str, str], tuple[int, float, float, float]]:
    """By measurand, optics, view: photos, mean, SD within scalps, median stated stderr."""
    by_scalp: dict[tuple[str, str, str, int], list[tuple[float, float]]] = defaultdict(list)
    for optics, view, seed, results in rows:
        for name, (value, stderr) in results.items():
            if math.isfinite(value):
                by_scalp[name, optics, view, seed].append((value, stderr))
    table = {}
    for name in [m.name for m in PHOTO_MEASURANDS]:
        for optics in CAMERAS:
            for view in VIEWS:
                groups = [
                    np.array(by_scalp[name, optics, view, seed])
                    for seed in range(FIRST_SEED, FIRST_SEED + N_SCALPS)
                    if len(by_scalp[name, optics, view, seed]) > 1
                ]
                if len(groups) < 3:
                    continue
                freedom = sum(len(g) - 1 for g in groups)
                within = math.sqrt(sum(g[:, 0].var() * len(g) for g in groups) / freedom)
                everything = np.vstack(groups)
                table[name, optics, view] = (
                    len(everything), float(everything[:, 0].mean()), within,
                    float(np.median(everything[:, 1])),
                )  # fmt: skip
    return table


def _worst(
    table: dict[tuple[str, str, str], tuple[int, float, float, float]],
) -> dict[str, float]:
    """Per measurand the larger SD of the two optics, in the mean over views: rules rest on it."""
    worst: dict[str, float] = {}
    for name in [m.name for m in PHOTO_MEASURANDS]:
        for optics in CAMERAS:
            found = [
                within / abs(mean) if name in RELATIVE else within
                for (n, o, _), (_, mean, within, _) in table.items()
                if n == name and o == optics
            ]
            if found:
                value = math.sqrt(float(np.mean(np.square(found))))
                worst[name] = max(worst.get(name, 0.0), value)
    return worst
