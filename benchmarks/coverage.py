"""How often 95 % intervals hold the truth of drawn photos, and bias: a part of `make validate`.

`python -m benchmarks.coverage SEED N` does the same for N scalps from another seed on.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np

from analysis import card
from analysis.measurands import MEASURANDS, PHOTO_MEASURANDS, PhotoMeasurand
from analysis.phantom import (
    HeldCard,
    Optics,
    Patch,
    Pose,
    Recipe,
    Scalp,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.scale import given
from analysis.stages import Stages
from benchmarks import truths
from benchmarks.progress import shown
from benchmarks.redness_rates import CAMERAS
from benchmarks.truths import Taken

FIRST_SEED, N_SCALPS, DAYS = 90_500, 150, (2.0, 6.0, 14.0, 40.0)
TONE_DAYS = (6.0, 40.0)
TOP, HAIRLINE = Pose(1000, 420, 16, 20, 180, 220), Pose(1000, 420, 14, 40, 0, 220)
_WHOLE_HEAD = Pose(918, 1224, 5.7, 34, 0, 420)
_HAIRLINE_SHARE, _PATCH_SHARE, _SCALE_ERROR = 0.6, 0.6, 0.02
_WITH_CARD, _CARD = Pose(1000, 720, 11, 46, 0, 240), HeldCard(60, 0)
BLURS = ((0.6, 1.0), (1.0, 1.4), (1.4, 1.8))
ABSOLUTE = {"redness_index", "redness_delta_a", "skin_ita", "density_uniformity", "patchy_share"}
ABSOLUTE |= {"mottle", "coverage_delta_l"}
_Z95 = 1.96

Told = tuple[float, float, float]  # value, standard error, truth


@dataclass(frozen=True)
class Seen:
    """A drawn photo as it was measured: camera, its settings, skin, level, numbers by measurand."""

    camera: str
    optics: Optics
    melanin: float
    level: str | None
    numbers: dict[str, Told]


KINDS: dict[str, Callable[[Seen], bool]] = {
    "light skin": lambda p: p.melanin < 0.25,
    "medium": lambda p: 0.25 <= p.melanin < 0.45,
    "dark": lambda p: p.melanin >= 0.45,
    "lit from the side": lambda p: p.optics.light_height < 0.865,  # type: ignore[attr-defined]
    "lit from the front": lambda p: p.optics.light_height >= 0.865,  # type: ignore[attr-defined]
    "dim": lambda p: p.optics.exposure < 0.9,  # type: ignore[attr-defined]
    "bright": lambda p: p.optics.exposure >= 0.9,  # type: ignore[attr-defined]
    "dot level": lambda p: p.level == "dot",
    "tone level": lambda p: p.level == "tone",
}


def table(first_seed: int = FIRST_SEED, n_scalps: int = N_SCALPS) -> Iterator[str]:
    """The chapter of the report."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        scalps = pool.map(seen, range(first_seed, first_seed + n_scalps))
        yield from told([p for of in shown(scalps, n_scalps, "intervals: scalp") for p in of])


def told(photos: Sequence[Seen]) -> Iterator[str]:
    """Lines of the tables."""
    yield from (
        "## Intervals",
        "",
        f"{len(photos)} small photos, of scalps of all tones, days {DAYS[0]:.0f} to",
        f"{DAYS[-1]:.0f}, in any light, with a scale off by 2 % (`skin_ita`: with a card); a third",
        "of whole heads; three in five have a patch. Held: share of 95 % intervals with the truth",
        "of the area measured.",
        "Bias and SD of the error and the median stated error are relative to the truth, but for",
        "redness, tone and unevenness. Smallest change that two photos tell: 2.77 SD.",
        "`dot_contrast` is held against the same photo of even skin without noise, `blur_width`",
        "against the lens's alone.",
        "",
        "| measurand | photos | blur, px | camera | held | bias | SD | stated | smallest change |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    strata: dict[tuple[str, str, str], list[Told]] = defaultdict(list)
    kinds: dict[str, dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for photo in photos:
        for name, number in photo.numbers.items():
            if np.isfinite(number).all():
                for key in ((name, "all", "all"), (name, _looks(photo), photo.camera)):
                    strata[key].append(number)
                for kind, is_such in KINDS.items():
                    if is_such(photo):
                        kinds[name][kind].append(number)
    for (name, looks, camera), numbers in sorted(strata.items()):
        value, stderr, truth = np.array(numbers).T
        unit = np.ones_like(truth) if name in ABSOLUTE else truth
        error, stated = (value - truth) / unit, np.median(stderr / unit)
        yield (
            f"| {name} | {len(value)} | {looks} | {camera} | {_held(numbers):.0%} "
            f"| {error.mean():+.2g} | {error.std():.2g} | {stated:.2g} | {2.77 * error.std():.2g} |"
        )
    yield from (
        "",
        "Held, of how many photos: by skin tone (melanin below .25, .45, above), light, level.",
        "",
        f"| measurand | {' | '.join(KINDS)} |",
        f"| --- |{' --- |' * len(KINDS)}",
    )
    for name, by_kind in sorted(kinds.items()):
        cells = [f"{_held(n):.0%} of {len(n)}" if (n := by_kind[kind]) else "" for kind in KINDS]
        yield f"| {name} | {' | '.join(cells)} |"


def _held(numbers: Sequence[Told]) -> float:
    value, stderr, truth = np.array(numbers).T
    return float(np.mean(np.abs(value - truth) < _Z95 * stderr))


def _looks(photo: Seen) -> str:
    """The photo's blur where dots are told apart."""
    if photo.level != "dot":
        return "tone level"
    width = photo.optics.blur_px  # type: ignore[attr-defined]
    return next(f"{low}-{high}" for low, high in BLURS if width < high)


def seen(seed: int) -> list[Seen]:
    """One scalp on some days, each photo by another hand in another light; once with a card."""
    hand = np.random.default_rng([seed, 9])
    scalp = draw_scalp(Recipe(
        seed=seed, melanin=float(hand.uniform(0.05, 0.7)),
        dots_per_cm2=float(hand.uniform(90, 125)),
        dot_diameter_mm=float(hand.uniform(0.26, 0.38)), dot_od=float(hand.uniform(0.3, 0.5)),
    ))  # fmt: skip
    photos = [_with_card(scalp, hand)]
    near = [(day, HAIRLINE if hand.uniform() < _HAIRLINE_SHARE else TOP) for day in DAYS]
    for day, pose in [*near, *((day, _WHOLE_HEAD) for day in TONE_DAYS)]:
        camera, taken, px_per_mm = _taken(scalp, day, pose, hand)
        stages = Stages.of(taken.photo.srgb_u8, given(px_per_mm))
        if stages.level:
            numbers = _numbers(taken, stages)
            photos.append(Seen(camera, taken.optics, scalp.recipe.melanin, stages.level, numbers))
    return photos


def _taken(
    scalp: Scalp, day: float, pose: Pose, hand: np.random.Generator
) -> tuple[str, Taken, float]:
    """Camera, photo, and the scale that is told with it: off by as much as is taken for it."""
    patch = _patch(pose, hand) if hand.uniform() < _PATCH_SHARE else None
    pose = replace(pose, px_per_mm=pose.px_per_mm * float(hand.uniform(0.87, 1.15)))
    story = Story(
        lost_share=float(hand.uniform(0, 0.15)), redness=float(hand.uniform(0, 4)),
        patches=(patch,) if patch else (),
    )  # fmt: skip
    camera, optics = _camera(hand)
    state = state_on(scalp, story, day)
    seed = int(hand.integers(2**31))
    photo = photograph(scalp, state, pose, optics, seed=seed)
    told = pose.px_per_mm * float(np.exp(hand.normal(0, _SCALE_ERROR)))
    return camera, Taken(photo, scalp, state, pose, optics, patch), told


def _camera(hand: np.random.Generator) -> tuple[str, Optics]:
    camera = list(CAMERAS)[int(hand.integers(2))]
    return camera, replace(  # type: ignore[type-var]
        CAMERAS[camera], blur_px=float(hand.uniform(0.6, 1.8)),
        exposure=float(hand.uniform(0.7, 1.1)),
        light_deg=float(hand.uniform(0, 360)), light_height=float(hand.uniform(0.78, 0.95)),
        warmth=float(hand.normal(0, 0.06)), gloss=float(hand.uniform(0.02, 0.12)), texture=0.6,
    )  # fmt: skip


def _patch(pose: Pose, hand: np.random.Generator) -> Patch:
    """A patch not far from the middle of the photo."""
    return Patch(
        pose.from_top_deg - float(hand.uniform(0, 6)), pose.azimuth_deg + float(hand.normal(0, 4)),
        float(hand.uniform(3, 8)), float(hand.uniform(0.4, 0.9)), day=0,
    )  # fmt: skip


def _with_card(scalp: Scalp, hand: np.random.Generator) -> Seen:
    """The tone of untreated skin beside a card."""
    camera, optics = _camera(hand)
    state = state_on(scalp, Story(redness=float(hand.uniform(0, 4))), 14)
    photo = photograph(scalp, state, _WITH_CARD, optics, seed=scalp.recipe.seed, card=_CARD)
    found = card.find(photo.srgb_u8)
    seen = partial(Seen, camera, optics, scalp.recipe.melanin)
    if not isinstance(found, card.Card):
        return seen(None, {})
    stages = Stages.of(card.taken_out(photo.srgb_u8, found), found.scale, seen=found)
    measurand = MEASURANDS["skin_ita"]
    assert isinstance(measurand, PhotoMeasurand)
    told = measurand.evaluate(stages)
    truth = truths.skin_ita(camera, scalp.recipe.melanin)
    return seen(stages.level, {"skin_ita": (told.value, told.stderr, truth)})


def _numbers(taken: Taken, stages: Stages) -> dict[str, Told]:
    truth = truths.of_photo(taken, stages)
    results = {m.name: m.evaluate(stages) for m in PHOTO_MEASURANDS if m.name in truth}
    return {name: (r.value, r.stderr, truth[name]) for name, r in results.items()}


if __name__ == "__main__":
    for line in table(*(int(given) for given in sys.argv[1:])):
        print(line)
