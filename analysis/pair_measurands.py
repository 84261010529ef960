"""What is reported of two photos: one function and one row for each measurand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.change import Change
from analysis.flags import Flag
from analysis.registration import TOO_FEW_DOTS, RegistrationFailure
from analysis.results import Measurand, Result, Results, told
from analysis.scale import Scale
from analysis.tone import Estimate

_MOST_PIGMENT_ERROR = 0.15


@dataclass(frozen=True)
class PairStages:
    """Two photos' results and flags, and what became of their dots, or why that is not known;
    `scale` of the baseline.
    """

    baseline: Results
    followup: Results
    flags: Flag
    change: Change | RegistrationFailure
    scale: Scale | None = None

    @property
    def is_other_skin(self) -> bool:
        """Whether the dots say that the photos do not show the same skin: nothing changed then."""
        return isinstance(self.change, RegistrationFailure) and self.change != TOO_FEW_DOTS


@dataclass(frozen=True)
class PairMeasurand(Measurand):
    """Measured between a baseline and a follow-up."""

    evaluate: Callable[[PairStages], Result]


def _difference(name: str) -> Callable[[PairStages], Result]:
    def evaluate(pair: PairStages) -> Result:
        if pair.is_other_skin:
            return Result.missing(Flag.NOT_ALIGNED)
        before, after = pair.baseline[name], pair.followup[name]
        flags = before.flags | after.flags
        if not np.isfinite(after.value - before.value):
            return Result.missing(flags)
        stderr = float(np.hypot(before.stderr, after.stderr))
        return Result(after.value - before.value, stderr, flags | Flag.NOT_ALIGNED)

    return evaluate


def _on_shared_skin(
    name: str, both: Callable[[Change], tuple[Estimate, Estimate]]
) -> Callable[[PairStages], Result]:
    """A difference on the skin that both photos show, where they are laid on each other; else of
    their whole areas.
    """

    def evaluate(pair: PairStages) -> Result:
        whole = _difference(name)(pair)
        if not isinstance(pair.change, Change) or not np.isfinite(whole.value):
            return whole
        (before, before_error), (after, after_error) = both(pair.change)
        if not np.isfinite(after - before):
            return whole
        error = float(np.hypot(before_error, after_error))
        return Result(after - before, error, whole.flags & ~Flag.NOT_ALIGNED)

    return evaluate


def _of_dots(
    estimate: Callable[[Change], tuple[float, float]], refused: Flag = Flag.NONE
) -> Callable[[PairStages], Result]:
    """A number of single dots; `refused`: photos' flags under which it is not told."""

    def evaluate(pair: PairStages) -> Result:
        change = pair.change
        if isinstance(change, RegistrationFailure):
            why = Flag.DOTS_NOT_RESOLVED if change.code == TOO_FEW_DOTS.code else Flag.NOT_ALIGNED
            return Result.missing(why)
        if not change.is_known:
            return Result.missing(Flag.DOTS_NOT_RESOLVED)
        if pair.flags & refused:
            return Result.missing(pair.flags & refused)
        return told(estimate(change))

    return evaluate


def _pigment_left(pair: PairStages) -> Result:
    """Not where blur is so wide against the dots that it says nothing."""
    found = _of_dots(lambda c: c.pigment_left, refused=Flag.CLIPPED)(pair)
    if found.stderr > _MOST_PIGMENT_ERROR * found.value:
        return Result.missing(found.flags | Flag.BLURRED)
    return found


def _dot_contrast_ratio(pair: PairStages) -> Result:
    """Not between photos of unlike blur: it would pass as fading."""
    if isinstance(pair.change, Change) and pair.change.blur_differs:
        return Result.missing(Flag.BLUR_DIFFERS)
    return _of_dots(lambda c: c.contrast_ratio, refused=Flag.CLIPPED)(pair)


def _pigment_hue_shift(pair: PairStages) -> Result:
    """Not between photos from unlike distances: it would pass for pigment that turned red."""
    if isinstance(pair.change, Change) and pair.change.size_differs:
        return Result.missing(Flag.DISTANCE_DIFFERS)
    return _of_dots(lambda c: c.hue_shift, refused=Flag.CLIPPED | Flag.NO_COLOUR)(pair)


def _hair_edge_moved(pair: PairStages) -> Result:
    """In full-resolution px of the baseline."""

    def in_photo(change: Change) -> Estimate:
        moved, stderr = change.hair_edge
        return moved * change.baseline.times, stderr * change.baseline.times

    found = _of_dots(in_photo)(pair)
    return found if np.isfinite(found.value) or found.flags else Result.missing(Flag.NO_HAIR_EDGE)


def _hair_edge_moved_mm(pair: PairStages) -> Result:
    moved = _hair_edge_moved(pair)
    if not np.isfinite(moved.value):
        return moved
    if pair.scale is None:
        return Result.missing(Flag.NO_SCALE)
    per_mm = pair.scale.px_per_mm
    return Result(moved.value / per_mm, moved.stderr / per_mm, moved.flags)


PAIR_MEASURANDS: tuple[PairMeasurand, ...] = (
    PairMeasurand(
        "dots_kept",
        2,
        "1",
        "kept / observable baseline dots",
        _of_dots(lambda c: c.dots_kept),
    ),
    PairMeasurand(
        "pigment_left",
        4,
        "1",
        "pigment of the baseline's dots, after / before",
        _pigment_left,
    ),
    PairMeasurand(
        "dot_contrast_ratio",
        4,
        "1",
        "median contrast of the same dots at like blur, after / before",
        _dot_contrast_ratio,
    ),
    PairMeasurand(
        "dot_diameter_ratio",
        1,
        "1",
        "dot diameter, after / before",
        _of_dots(lambda c: c.diameter_ratio),
    ),
    PairMeasurand(
        "pigment_hue_shift",
        2,
        "deg",
        "turn of the pigment's CIELAB hue against the skin around, above 0 towards red",
        _pigment_hue_shift,
    ),
    PairMeasurand(
        "redness_change",
        3,
        "100 log10(R/G)",
        "redness index of the skin that both photos show, after - before",
        _on_shared_skin("redness_index", lambda c: c.redness),
    ),
    PairMeasurand(
        "density_uniformity_change",
        1,
        "1",
        "density uniformity, after - before",
        _difference("density_uniformity"),
    ),
    PairMeasurand(
        "mottle_change",
        2,
        "1",
        "mottle of the skin that both photos show, after - before",
        _on_shared_skin("mottle", lambda c: c.mottle),
    ),
    PairMeasurand(
        "lost_patch_share",
        2,
        "1",
        "share of the observable dots' area inside lost patches",
        _of_dots(lambda c: c.lost_patch_share),
    ),
    PairMeasurand(
        "hair_edge_moved",
        1,
        "px",
        "how much farther from the dots hair begins, px of the baseline",
        _hair_edge_moved,
    ),
    PairMeasurand(
        "hair_edge_moved_mm", 1, "mm", "the same in mm; needs a scale", _hair_edge_moved_mm
    ),
)
