"""THE TABLE of everything that is reported: one function and one row for each measurand.

Photo measurands read `Stages` of one photo, pair measurands `PairStages` of two. A result without
a value is NaN with a flag that says why. A change in what a number means raises its version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.change import Change
from analysis.flags import Flag
from analysis.registration import TOO_FEW_DOTS, RegistrationFailure
from analysis.scale import Scale
from analysis.stages import Stages
from analysis.tone import Estimate

NAN = float("nan")


@dataclass(frozen=True)
class Result:
    """A value with its standard error, NaN where there is none, and what limits it."""

    value: float
    stderr: float
    flags: Flag = Flag.NONE

    @classmethod
    def missing(cls, why: Flag) -> Result:
        """No number, and why."""
        return cls(NAN, NAN, why)


@dataclass(frozen=True)
class Measurand:
    """What is reported: name, version of its meaning, unit (1 = a ratio or count), meaning."""

    name: str
    version: int
    unit: str
    meaning: str


@dataclass(frozen=True)
class PhotoMeasurand(Measurand):
    """Measured on one photo."""

    evaluate: Callable[[Stages], Result]


Results = Mapping[str, Result]


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


def _result(estimate: tuple[float, float], flags: Flag = Flag.NONE) -> Result:
    return Result(estimate[0], estimate[1], flags)


def _at_dot_level(stages: Stages, make: Callable[[], Result]) -> Result:
    return make() if stages.level == "dot" else Result.missing(Flag.DOTS_NOT_RESOLVED)


def _against_reference(stages: Stages, estimate: Callable[[], tuple[float, float]]) -> Result:
    if not stages.areas.reference.any():
        return Result.missing(Flag.NO_REFERENCE_SKIN)
    value = estimate()
    return _result(value) if np.isfinite(value[0]) else Result.missing(Flag.NO_REFERENCE_SKIN)


def _colour_against_reference(stages: Stages, which: int) -> Result:
    if stages.is_grey:
        return Result.missing(Flag.NO_COLOUR)
    return _against_reference(stages, lambda: stages.redness[which])


def _count(stages: Stages) -> Result:
    """Detected dots. The error is the detector's: false dots by their confidence, in which hairs
    err together, and missed ones, as found on drawn photos.
    """

    def make() -> Result:
        doubt = 1 - stages.found.confidence
        error = np.hypot(1.6 * doubt.sum(), 0.007 * len(doubt))
        return Result(float(len(doubt)), float(error))

    return _at_dot_level(stages, make)


def _density(stages: Stages) -> Result:
    def make() -> Result:
        if stages.scale is None:
            return Result.missing(Flag.NO_SCALE)
        count = _count(stages)
        area = stages.scale.area_cm2(float(stages.dot_area.sum()))
        relative = np.hypot(
            count.stderr / count.value, 2 * stages.scale.stderr / stages.scale.px_per_mm
        )
        return Result(count.value / area, float(count.value / area * relative))

    return _at_dot_level(stages, make)


def _spacing(stages: Stages) -> Result:
    """The error: of the median, and missed or false dots, as found on drawn photos."""
    value, stderr = stages.spacing
    return Result(value, float(np.hypot(stderr, 0.007 * value)))


def _diameter_mm(stages: Stages) -> Result:
    def make() -> Result:
        if stages.scale is None:
            return Result.missing(Flag.NO_SCALE)
        value, stderr = stages.dot_diameter
        scale = stages.scale
        relative = np.hypot(stderr / value, scale.stderr / scale.px_per_mm)
        return Result(value / scale.px_per_mm, float(value / scale.px_per_mm * relative))

    return _at_dot_level(stages, make)


def _contrast(stages: Stages) -> Result:
    def make() -> Result:
        contrast = stages.clear_dots.contrast
        scatter = 1.25 * float(contrast.std()) / np.sqrt(len(contrast))
        median = float(np.median(contrast))
        return Result(median, float(np.hypot(scatter, 0.03 * median)), Flag.BLUR_DEPENDENT)

    return _at_dot_level(stages, make)


def _uniformity(stages: Stages) -> Result:
    """The result says where the window comes from dots' own spacing, or no border was found."""
    evenness = stages.evenness
    if not np.isfinite(evenness.value):
        return Result.missing(Flag.FORESHORTENED)
    flags = stages.flags & (Flag.NO_SCALE | Flag.NO_BORDER_FOUND)
    return Result(evenness.value, evenness.stderr, flags)


def _patchy_share(stages: Stages) -> Result:
    value, stderr = stages.patches.share
    if not np.isfinite(value):
        return Result.missing(Flag.FORESHORTENED)
    return Result(value, stderr, stages.flags & (Flag.NO_SCALE | Flag.NO_BORDER_FOUND))


def _mottle(stages: Stages) -> Result:
    if not np.isfinite(stages.mottle[0]):
        return Result.missing(stages.flags & Flag.NO_SCALE or Flag.FORESHORTENED)
    flags = stages.flags & (Flag.NO_SCALE | Flag.NO_BORDER_FOUND)
    if stages.level == "tone":
        flags |= stages.flags & Flag.NO_REFERENCE_SKIN
    return _result(stages.mottle, flags)


def _skin_ita(stages: Stages) -> Result:
    if not stages.is_calibrated:
        return Result.missing(Flag.NOT_CALIBRATED)
    return _against_reference(stages, lambda: stages.skin_angle)


def _glare_share(stages: Stages) -> Result:
    share = stages.areas.glare_share
    return Result(share, max(0.1 * share, 0.002))


PHOTO_MEASURANDS: tuple[PhotoMeasurand, ...] = (
    PhotoMeasurand("dot_count", 1, "1", "dots found in the treated area", _count),
    PhotoMeasurand("dot_density", 1, "1/cm2", "dots per skin area; needs a scale", _density),
    PhotoMeasurand(
        "density_uniformity",
        2,
        "1",
        "1 = even; 1 minus the spread of local dot density at 6 mm",
        lambda s: _at_dot_level(s, lambda: _uniformity(s)),
    ),
    PhotoMeasurand(
        "dot_spacing",
        1,
        "px",
        "median distance from a dot to its nearest neighbour",
        lambda s: _at_dot_level(s, lambda: _spacing(s)),
    ),
    PhotoMeasurand(
        "dot_diameter",
        2,
        "px",
        "dots' diameter with the photo's blur taken out",
        lambda s: _at_dot_level(s, lambda: _result(s.dot_diameter)),
    ),
    PhotoMeasurand("dot_diameter_mm", 2, "mm", "the same in mm; needs a scale", _diameter_mm),
    PhotoMeasurand("dot_contrast", 1, "1", "median of 1 - dot's light / skin's light", _contrast),
    PhotoMeasurand(
        "pigment_per_area",
        3,
        "1",
        "integrated absorptance of the dots per skin area",
        lambda s: _at_dot_level(s, lambda: _result(s.pigment)),
    ),
    PhotoMeasurand(
        "coverage_delta_l",
        1,
        "delta L*",
        "lightness of treated against reference skin",
        lambda s: _against_reference(s, lambda: s.coverage),
    ),
    PhotoMeasurand(
        "mottle",
        1,
        "1",
        "unevenness of the pigment's tone as an eye at arm's length sees it",
        _mottle,
    ),
    PhotoMeasurand(
        "patchy_share",
        2,
        "1",
        "share of the judged skin inside patches of too few or too pale dots",
        lambda s: _at_dot_level(s, lambda: _patchy_share(s)),
    ),
    PhotoMeasurand(
        "redness_index",
        2,
        "100 log10(R/G)",
        "redness of treated against reference skin",
        lambda s: _colour_against_reference(s, 0),
    ),
    PhotoMeasurand(
        "redness_delta_a",
        1,
        "delta a*",
        "the same as a CIELAB difference, for reading",
        lambda s: _colour_against_reference(s, 1),
    ),
    PhotoMeasurand(
        "skin_ita",
        1,
        "deg",
        "individual typology angle of reference skin; needs a colour card",
        _skin_ita,
    ),
    PhotoMeasurand(
        "blur_width",
        2,
        "px",
        "Gaussian sigma of all blur, from the dots",
        lambda s: _at_dot_level(s, lambda: _result(s.blur_width)),
    ),
    PhotoMeasurand(
        "glare_share", 1, "1", "share of the treated area hidden by shine", _glare_share
    ),
)


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
        return _result(estimate(change))

    return evaluate


def _dot_contrast_ratio(pair: PairStages) -> Result:
    """Not between photos of unlike blur: it would pass as fading."""
    if isinstance(pair.change, Change) and pair.change.blur_differs:
        return Result.missing(Flag.BLUR_DIFFERS)
    return _of_dots(lambda c: c.contrast_ratio, refused=Flag.CLIPPED)(pair)


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
        1,
        "1",
        "kept / observable baseline dots",
        _of_dots(lambda c: c.dots_kept),
    ),
    PairMeasurand(
        "pigment_left",
        3,
        "1",
        "pigment of the baseline's dots, after / before",
        _of_dots(lambda c: c.pigment_left, refused=Flag.CLIPPED),
    ),
    PairMeasurand(
        "dot_contrast_ratio",
        3,
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
        _of_dots(lambda c: c.hue_shift, refused=Flag.CLIPPED | Flag.NO_COLOUR),
    ),
    PairMeasurand(
        "redness_change",
        2,
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
        1,
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

MEASURANDS: dict[str, Measurand] = {m.name: m for m in (*PHOTO_MEASURANDS, *PAIR_MEASURANDS)}
