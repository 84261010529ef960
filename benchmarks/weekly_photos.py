"""How photos of a scalp that does not change differ from week to week, through the whole pipeline.

`python -m benchmarks.weekly_photos [N]` draws N series (40 unless told; about half a minute of one
core each), measures every photo and writes `benchmarks/data/weekly_noise.json`, from which
`benchmarks.courses` draws its numeric series. The habits of the hand that takes the photos are
assumed, here; what they do to the numbers is measured.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

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

FILE = Path(__file__).parent / "data" / "weekly_noise.json"
FIRST_SEED, N_SERIES, N_WEEKS = 92_000, 40, 12
# Dots, evenness and reference skin are all in this view.
VIEW = Pose(1000, 750, 15, 44, 0, 220)
OPTICS = tuple(CAMERAS.values())
RELATIVE = {"pigment_per_area"}
MEASURANDS = ("pigment_per_area", "density_uniformity", "redness_index")
# Half of this week's pose and light is last week's; one photo in twelve goes wrong.
HABIT, GOES_WRONG = 0.5, 1 / 12
WRONG: tuple[dict[str, float], ...] = (
    {"blur_px": 5.0}, {"gloss": 0.45}, {"exposure": 0.35}, {"exposure": 1.6}, {"light_height": 0.4},
)  # fmt: skip
_BEYOND = 4.0  # robust SDs from the series' median: an outlier


def main() -> None:
    """Draw, measure, estimate, write."""
    n_series = int(sys.argv[1]) if len(sys.argv) > 1 else N_SERIES
    series = []
    for number in range(n_series):
        series.append(_series(FIRST_SEED + number, number))
        print(f"series {number + 1} of {n_series}", file=sys.stderr, flush=True)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps({
        "basis": "drawn photos of unchanged scalps, one a week by the same hand",
        "n_series": n_series,
        "n_weeks": N_WEEKS,
        "refused": round(float(np.mean([[photo is None for photo in s] for s in series])), 4),
        "measurands": {name: estimate(_values(series, name), name) for name in MEASURANDS},
    }, indent=1) + "\n", "utf-8")  # fmt: skip
    print(FILE.read_text("utf-8"))


def estimate(values: NDArray[np.float64], name: str) -> dict[str, float]:
    """Noise of series (n, weeks), NaN = no number: SD without outliers (of the level where noise
    grows with it), autocorrelation of neighbours, share of outliers and their SD over the noise's.
    """
    off = values - np.nanmedian(values, axis=1, keepdims=True)
    if name in RELATIVE:
        off = off / np.abs(np.nanmedian(values, axis=1, keepdims=True))
    n_weeks = values.shape[1]
    # Each series' own median takes up a share of the spread about it.
    sd = 1.4826 * float(np.nanmedian(np.abs(off))) * math.sqrt(n_weeks / (n_weeks - 1.57))
    out = np.abs(off) > _BEYOND * sd
    plain = np.where(out, np.nan, off)
    sd = float(np.sqrt(np.nanmean(plain**2)) * math.sqrt(n_weeks / (n_weeks - 1.57)))
    pairs = plain[:, :-1] * plain[:, 1:]
    lag = float(np.nanmean(pairs) / np.nanmean(plain**2))
    # Taking a mean away biases the lag down (Marriott & Pope 1954, doi:10.1093/biomet/41.3-4.390).
    autocorrelation = (n_weeks * lag + 1) / (n_weeks - 3)
    share = float(out.sum() / np.isfinite(off).sum())
    far = float(np.sqrt(np.mean(off[out] ** 2))) / sd if out.any() else 0.0
    return {
        "sd": round(sd, 5),
        "autocorrelation": round(min(max(autocorrelation, 0.0), 0.9), 3),
        "outlier_share": round(share, 4),
        "outlier_sd": round(far, 2),
        "n": int(np.isfinite(off).sum()),
    }


def _values(series: list[list[dict[str, float] | None]], name: str) -> NDArray[np.float64]:
    return np.array([[photo[name] if photo else math.nan for photo in s] for s in series])


def _series(seed: int, number: int) -> list[dict[str, float] | None]:
    """One scalp's numbers, week by week; None where the photo was refused."""
    person = np.random.default_rng([seed, 5])
    scalp = draw_scalp(Recipe(
        seed=seed, melanin=float(person.uniform(0.08, 0.5)),
        dots_per_cm2=float(person.uniform(95, 125)),
        dot_diameter_mm=float(person.uniform(0.28, 0.36)), dot_od=float(person.uniform(0.35, 0.5)),
    ))  # fmt: skip
    state = state_on(scalp, Story(lost_share=0), 40)
    optics = OPTICS[number % len(OPTICS)]
    hand = np.random.default_rng([seed, 6])
    habit = hand.normal(size=10)
    numbers: list[dict[str, float] | None] = []
    for week in range(N_WEEKS):
        habit = HABIT * habit + math.sqrt(1 - HABIT**2) * hand.normal(size=10)
        pose, conditions = _by_hand(habit)
        if hand.random() < GOES_WRONG:
            conditions |= WRONG[int(hand.integers(len(WRONG)))]
        camera: Any = replace(optics, texture=0.6, **conditions)  # type: ignore[type-var]
        photo = photograph(scalp, state, pose, camera, seed=seed * 100 + week)
        told = measure(photo.srgb_u8, scale=given(pose.px_per_mm))
        values = {name: told.results[name].value for name in MEASURANDS}
        numbers.append(None if told.refusal else values)
    return numbers


def _by_hand(habit: NDArray[np.float64]) -> tuple[Pose, dict[str, float]]:
    """Pose and conditions of one week; normal scores (10,) spread them over their ranges."""

    def between(low: float, high: float, score: float) -> float:
        return low + (high - low) * float(norm.cdf(score))

    pose = replace(
        VIEW,
        px_per_mm=VIEW.px_per_mm * between(0.95, 1.05, habit[0]),
        tilt_deg=between(0, 6, habit[1]),
        tilt_towards_deg=between(0, 360, habit[2]),
        roll_deg=3 * float(habit[3]),
    )
    return pose, {
        "blur_px": between(0.7, 1.2, habit[4]),
        "exposure": between(0.8, 1.1, habit[5]),
        "light_deg": between(215, 265, habit[6]),
        "light_height": between(0.8, 0.93, habit[7]),
        "warmth": 0.08 * float(habit[8]),
        "gloss": between(0.03, 0.12, habit[9]),
    }


if __name__ == "__main__":
    main()
