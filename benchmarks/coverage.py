"""How often 95 % intervals hold the truth of drawn photos, and bias: a part of `make validate`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
from scipy.spatial import cKDTree

from analysis.measurands import PHOTO_MEASURANDS
from analysis.phantom import (
    Photograph,
    Pose,
    Recipe,
    State,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.scene import integrated_absorptance_mm2, pigment_tint
from analysis.scale import given
from analysis.stages import Stages
from benchmarks.redness_rates import CAMERAS, ERYTHEMA

FIRST_SEED, N_SCALPS, DAYS = 90_500, 125, (2.0, 6.0, 14.0, 40.0)
POSES = (Pose(1000, 420, 16, 20, 180, 220), Pose(1000, 420, 14, 40, 0, 220))
BLURS = ((0.6, 1.0), (1.0, 1.4), (1.4, 1.8))
_Z95 = 1.96

Told = tuple[float, float, float]  # value, standard error, truth
Seen = tuple[str, float, dict[str, Told]]  # camera, blur, by measurand


def table() -> Iterator[str]:
    """The chapter of the report."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        scalps = pool.map(seen, range(FIRST_SEED, FIRST_SEED + N_SCALPS), chunksize=5)
        yield from told([photo for photos in scalps for photo in photos])


def told(photos: Sequence[Seen]) -> Iterator[str]:
    """Lines of the table."""
    yield from (
        "## Intervals",
        "",
        f"{len(photos)} small photos at dot level, of scalps of all tones, days {DAYS[0]:.0f} to",
        f"{DAYS[-1]:.0f}, in any light. Held: share of 95 % intervals with the truth of the area",
        "in which dots are counted. Bias and SD of the error and the median stated error are",
        "relative to the truth, but for redness. Smallest change that two photos tell: 2.77 SD.",
        "",
        "| measurand | photos | blur, px | camera | held | bias | SD | stated | smallest change |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    strata: dict[tuple[str, str, str], list[Told]] = defaultdict(list)
    for camera, blur, numbers in photos:
        width = next(f"{low}-{high}" for low, high in BLURS if blur < high)
        for name, number in numbers.items():
            if np.isfinite(number[0]):
                for key in ((name, "all", "all"), (name, width, camera)):
                    strata[key].append(number)
    for (name, width, camera), numbers_of in sorted(strata.items()):
        value, stderr, truth = np.array(numbers_of).T
        held = np.mean(np.abs(value - truth) < _Z95 * stderr)
        unit = np.ones_like(truth) if name == "redness_index" else truth
        error, stated = (value - truth) / unit, np.median(stderr / unit)
        yield (
            f"| {name} | {len(value)} | {width} | {camera} | {held:.0%} | {error.mean():+.3f} "
            f"| {error.std():.3f} | {stated:.3f} | {2.77 * error.std():.3f} |"
        )


def seen(seed: int) -> list[Seen]:
    """One scalp on some days, each photo by another hand in another light."""
    hand = np.random.default_rng([seed, 9])
    scalp = draw_scalp(Recipe(
        seed=seed, melanin=float(hand.uniform(0.05, 0.7)),
        dots_per_cm2=float(hand.uniform(90, 125)),
        dot_diameter_mm=float(hand.uniform(0.26, 0.38)), dot_od=float(hand.uniform(0.3, 0.5)),
    ))  # fmt: skip
    photos = []
    for day in DAYS:
        pose = POSES[int(hand.integers(2))]
        pose = replace(pose, px_per_mm=pose.px_per_mm * float(hand.uniform(0.87, 1.15)))
        story = Story(lost_share=float(hand.uniform(0, 0.15)), redness=float(hand.uniform(0, 4)))
        camera, blur = list(CAMERAS)[int(hand.integers(2))], float(hand.uniform(0.6, 1.8))
        optics = replace(  # type: ignore[type-var]
            CAMERAS[camera], blur_px=blur, exposure=float(hand.uniform(0.7, 1.1)),
            light_deg=float(hand.uniform(0, 360)), light_height=float(hand.uniform(0.78, 0.95)),
            warmth=float(hand.normal(0, 0.06)), gloss=float(hand.uniform(0.02, 0.12)), texture=0.6,
        )  # fmt: skip
        state = state_on(scalp, story, day)
        photo = photograph(scalp, state, pose, optics, seed=seed)
        stages = Stages.of(photo.srgb_u8, given(pose.px_per_mm))
        if stages.level == "dot":
            photos.append((camera, blur, _numbers(photo, state, stages)))
    return photos


def _numbers(photo: Photograph, state: State, stages: Stages) -> dict[str, Told]:
    truth = truth_of(photo, state, stages)
    results = {m.name: m.evaluate(stages) for m in PHOTO_MEASURANDS if m.name in truth}
    return {name: (r.value, r.stderr, truth[name]) for name, r in results.items()}


def truth_of(photo: Photograph, state: State, stages: Stages) -> dict[str, float]:
    """What is really there in the area in which dots were counted; pigment in red light."""
    truth, area = photo.truth, stages.dot_area
    xy = truth.dots.xy_px
    x, y = (np.rint(xy[:, i]).astype(int).clip(0, area.shape[1 - i] - 1) for i in (0, 1))
    inside = area[y, x]
    ids, red = truth.dots.ids, pigment_tint(state)[0]
    taken = integrated_absorptance_mm2(state.diameter_mm[ids], red * state.od[ids])
    light = (taken * truth.dots.cos_slant)[inside].sum() * truth.px_per_mm**2
    diameter = float(np.median(truth.dots.diameter_px[inside]))
    return {
        "dot_count": float(inside.sum()),
        "dot_density": float(inside.sum() / (area.sum() / truth.px_per_mm**2 / 100)),
        "dot_spacing": float(np.median(cKDTree(xy).query(xy[inside], k=2)[0][:, 1])),
        "dot_diameter": diameter,
        "dot_diameter_mm": diameter / truth.px_per_mm,
        "pigment_per_area": float(light / area.sum()),
        "redness_index": ERYTHEMA * truth.haemoglobin,
    }


if __name__ == "__main__":
    print("\n".join(table()))
