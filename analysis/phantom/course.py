"""How a phantom scalp looks on a given day: settling, fading, patchy loss, redness, stubble.

The curves are the middle ones of `healing_timeline.json` (priors, not data), bent by a `Story`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Points
from analysis.phantom.scalp import Scalp

_CONTRAST_DAYS = (0, 3, 5, 7, 10, 14, 21, 28, 42, 60, 90, 180, 365, 730, 1095, 1825)
_CONTRAST = (1.5, 1.5, 1.25, 1, 0.88, 0.88, 0.95, 1, 1, 0.99, 0.97, 0.92, 0.85, 0.75, 0.66, 0.51)
_DIAMETER_DAYS = (0, 3, 7, 14, 28, 42, 180, 365)
_DIAMETER = (1.4, 1.5, 1.15, 0.95, 1.0, 1.0, 1.05, 1.1)


@dataclass(frozen=True)
class Patch:
    """Dots lost around one surface point: `share_lost` of those within `radius_mm`, from `day`.

    The others keep `od_left` of their optical density from then on.
    """

    from_top_deg: float
    azimuth_deg: float
    radius_mm: float
    share_lost: float
    day: float
    od_left: float = 1.0


@dataclass(frozen=True)
class RedSpot:
    """Redness around one surface point beyond that of the treated skin, in mild erythemas at its
    peak: even within `radius_mm`, ebbing over a millimetre.
    """

    from_top_deg: float
    azimuth_deg: float
    radius_mm: float
    erythemas: float


@dataclass(frozen=True)
class Story:
    """One person's course since the last treatment.

    `redness` is the peak in mild erythemas (one lowers linear red, green, blue to 0.97, 0.82, 0.87
    of the light that comes out of the skin); it halves every `redness_half_life_days` after
    `redness_delay_days`, as do `red_spots` and `red_dots`, the redness 0.4 mm around each dot.
    `fade_per_week` comes on top of the middle course from day 28.
    """

    redness: float = 1.6
    redness_half_life_days: float = 1.0
    redness_delay_days: float = 0.0
    fade_per_week: float = 0.0
    lost_share: float = 0.03
    patches: tuple[Patch, ...] = ()
    stubble_mm: tuple[float, float] = (0.15, 0.5)
    red_spots: tuple[RedSpot, ...] = ()
    red_dots: float = 0.0


@dataclass(frozen=True)
class State:
    """One day: per dot whether it is there (n,), its optical density and diameter; then the skin.

    `haemoglobin` is the treated skin's excess in mild erythemas, `red_dots` that around each dot;
    `stubble_mm` (m,) hair lengths.
    """

    day: float
    present: NDArray[np.bool_]
    od: Points
    diameter_mm: Points
    haemoglobin: float
    stubble_mm: Points
    red_spots: tuple[RedSpot, ...] = ()
    red_dots: float = 0.0


def state_on(scalp: Scalp, story: Story, day: float, *, n_treatments: int | None = None) -> State:
    """The scalp `day` days after its last treatment; the same arguments give the same state.

    `n_treatments` limits the dots to those set by then (all by default).
    """
    visits = scalp.recipe.n_treatments if n_treatments is None else n_treatments
    dots = scalp.dots
    rng = np.random.default_rng([scalp.recipe.seed, 7])
    fading = np.exp(-story.fade_per_week * max(0.0, day - 28) / 7)
    n = len(dots.od)
    contrast = np.interp(day, _CONTRAST_DAYS, _CONTRAST) * fading * rng.lognormal(0, 0.05, n)
    lost_when = np.where(rng.random(n) < story.lost_share, rng.uniform(4, 60, n), np.inf)
    for patch in story.patches:
        centre = scalp.head.point(patch.from_top_deg, patch.azimuth_deg)
        inside = np.linalg.norm(dots.points_mm - centre, axis=1) < patch.radius_mm
        hit = inside & (rng.random(n) < patch.share_lost)
        lost_when = np.where(hit, np.minimum(lost_when, patch.day), lost_when)
        if day >= patch.day:
            contrast = np.where(inside, patch.od_left * contrast, contrast)
    left = _redness_left(story, day)
    return State(
        day=day,
        present=(dots.treatment <= visits) & (lost_when > day),
        od=dots.od * contrast,
        diameter_mm=dots.diameter_mm * np.interp(day, _DIAMETER_DAYS, _DIAMETER),
        haemoglobin=story.redness * left,
        stubble_mm=_stubble(scalp, story, day),
        red_spots=tuple(replace(s, erythemas=s.erythemas * left) for s in story.red_spots),
        red_dots=story.red_dots * left,
    )


def _redness_left(story: Story, day: float) -> float:
    since = max(0.0, day - story.redness_delay_days)
    return float(0.5 ** (since / story.redness_half_life_days))


def _stubble(scalp: Scalp, story: Story, day: float) -> Points:
    """Same roots, another length each day: cut some days ago and regrown by its own pace."""
    low, high = story.stubble_mm
    length = np.random.default_rng([scalp.recipe.seed, 11, int(day * 24)]).uniform(low, high)
    lengths: Points = length * scalp.stubble.pace
    return lengths
