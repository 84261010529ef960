"""`python -m benchmarks.calibrate`: fit the detector's confidence to photos of kinds that count.

One photo of every stated kind by each of two cameras, of seeds that nothing is scored on. What a
candidate's confidence means in a photo depends on how clear that photo's dots are: `dots.of_photo`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import minimize

from analysis import dots, network
from analysis.arrays import Floats, Points
from analysis.phantom import Photograph
from analysis.phantom.other_optics import CompactOptics
from analysis.stages import Stages
from benchmarks.scoring import ignored, match, match_radius
from benchmarks.strata import STRATA, drawn
from benchmarks.train import WEIGHTS
from benchmarks.training_photos import any_camera

FIRST_SEEDS = {"compact": 51_000, "any": 52_000}


def photo_odds() -> Points:
    """Stretch, shift and two weights (4,) that make confidences fit."""
    parts = [part for photo in _photos() if (part := _candidates(photo)) is not None]
    looks, real = (np.concatenate(column) for column in zip(*parts, strict=True))

    def misfit(p: Points) -> float:
        odds = looks @ p
        return float(np.mean(np.logaddexp(0, odds) - real * odds))

    return np.asarray(minimize(misfit, np.array([1.0, 0.0, 0.0, 0.0]), method="BFGS").x)


def _photos() -> Iterator[Photograph]:
    for number, stratum in enumerate(STRATA):
        for name, first in FIRST_SEEDS.items():
            seed = first + number
            rng = np.random.default_rng([seed, 5])
            yield drawn(stratum, seed, CompactOptics if name == "compact" else any_camera(rng))


def _candidates(photo: Photograph) -> tuple[Points, Floats] | None:
    """Log-odds, 1 and clarity (n, 4) of a photo's candidates, and which are real (n,)."""
    stages = Stages.of(photo.srgb_u8)
    if stages.level != "dot":
        return None
    truth = photo.truth
    found = dots.detect(stages.od, stages.areas.treated & truth.treated, stages.size_px)
    truth_of = match(truth.dots.xy_px, found.xy, match_radius(truth))
    usable = (truth_of < 0) | ~ignored(truth, photo.srgb_u8.shape)[truth_of]
    looks = dots.log_odds(found.confidence)[:, None]
    same = np.tile([1.0, *dots.clarity(found)], (len(looks), 1))
    return np.hstack([looks, same])[usable], (truth_of >= 0)[usable].astype(np.float32)


def main() -> None:
    """Fit and keep."""
    with np.load(WEIGHTS) as stored:
        kept = dict(stored)
    np.savez_compressed(WEIGHTS, **(kept | {network.PHOTO_ODDS: photo_odds()}))


if __name__ == "__main__":
    main()
