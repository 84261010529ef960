"""THE TABLE of everything that is reported: one function and one row for each measurand.

Those of one photo stand here and read its `Stages`; those of two, in `analysis.pair_measurands`,
read `PairStages`. A result without a value is NaN with a flag that says why. A change in what a
number means raises its version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.flags import Flag
from analysis.pair_measurands import PAIR_MEASURANDS
from analysis.results import Measurand, Result, told
from analysis.stages import Stages


@dataclass(frozen=True)
class PhotoMeasurand(Measurand):
    """Measured on one photo.

    `on_heads`: by what share of itself, beyond the error that `measure` states, it may be off on
    whole heads whose dots are told apart: a tenth to a third of them are not, as they touch; more
    where they are `crowded`.
    """

    measure: Callable[[Stages], Result]
    on_heads: float = 0.0

    def evaluate(self, stages: Stages) -> Result:
        """The number with its error, or the reason why there is none."""
        result = self.measure(stages)
        if stages.level == "dot" and stages.is_whole_head:
            missed = self.on_heads * stages.crowded * result.value
            return replace(result, stderr=float(np.hypot(result.stderr, missed)))
        return result


def _at_dot_level(stages: Stages, make: Callable[[], Result]) -> Result:
    return make() if stages.level == "dot" else Result.missing(Flag.DOTS_NOT_RESOLVED)


def _of_clear_dots(stages: Stages, make: Callable[[], Result]) -> Result:
    """A number of dots that no shine pales; there may be too few."""
    result = _at_dot_level(stages, make)
    return result if result.flags or np.isfinite(result.value) else Result.missing(Flag.GLARE)


def _against_reference(stages: Stages, estimate: Callable[[], tuple[float, float]]) -> Result:
    if not stages.areas.reference.any():
        return Result.missing(Flag.NO_REFERENCE_SKIN)
    value = estimate()
    return told(value) if np.isfinite(value[0]) else Result.missing(Flag.NO_REFERENCE_SKIN)


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
    """The error: of the median, and missed and false dots, as found on drawn photos."""
    value, stderr = stages.spacing
    count = _count(stages)
    crowded = 0.4 * count.stderr / count.value
    return Result(value, float(np.linalg.norm([stderr, 0.005 * value, crowded * value])))


def _diameter_mm(stages: Stages) -> Result:
    def make() -> Result:
        if stages.scale is None:
            return Result.missing(Flag.NO_SCALE)
        value, stderr = stages.dot_diameter
        scale = stages.scale
        relative = np.hypot(stderr / value, scale.stderr / scale.px_per_mm)
        return Result(value / scale.px_per_mm, float(value / scale.px_per_mm * relative))

    return _of_clear_dots(stages, make)


def _contrast(stages: Stages) -> Result:
    """The error: of the median, and false dots, which are paler, as found on drawn photos."""

    def make() -> Result:
        contrast = stages.contrasts
        if not len(contrast):
            return Result.missing(Flag.GLARE)
        scatter = 1.25 * float(contrast.std()) / np.sqrt(len(contrast))
        median, count = float(np.median(contrast)), _count(stages)
        false = 0.8 * count.stderr / count.value
        error = np.linalg.norm([scatter, 0.012 * median, false * median])
        return Result(median, float(error), Flag.BLUR_DEPENDENT)

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
    if np.isfinite(stages.mottle[0]):
        return told(stages.mottle, stages.flags & (Flag.NO_SCALE | Flag.NO_BORDER_FOUND))
    why = Flag.FORESHORTENED if stages.level == "dot" else Flag.NO_REFERENCE_SKIN
    return Result.missing(stages.flags & Flag.NO_SCALE or why)


def _skin_ita(stages: Stages) -> Result:
    if not stages.is_calibrated:
        return Result.missing(Flag.NOT_CALIBRATED)
    return _against_reference(stages, lambda: stages.skin_angle)


def _glare_share(stages: Stages) -> Result:
    share = stages.areas.glare_share
    return Result(share, max(0.1 * share, 0.002))


PHOTO_MEASURANDS: tuple[PhotoMeasurand, ...] = (
    PhotoMeasurand("dot_count", 1, "1", "dots found in the treated area", _count, on_heads=0.29),
    PhotoMeasurand(
        "dot_density", 1, "1/cm2", "dots per skin area; needs a scale", _density, on_heads=0.29
    ),
    PhotoMeasurand(
        "density_uniformity",
        2,
        "1",
        "1 = even; 1 minus the spread of local dot density at 6 mm",
        lambda s: _at_dot_level(s, lambda: _uniformity(s)),
        on_heads=0.08,
    ),
    PhotoMeasurand(
        "dot_spacing",
        1,
        "px",
        "median distance from a dot to its nearest neighbour",
        lambda s: _at_dot_level(s, lambda: _spacing(s)),
        on_heads=0.11,
    ),
    PhotoMeasurand(
        "dot_diameter",
        2,
        "px",
        "dots' diameter with the photo's blur taken out",
        lambda s: _of_clear_dots(s, lambda: told(s.dot_diameter)),
        on_heads=0.27,
    ),
    PhotoMeasurand(
        "dot_diameter_mm", 2, "mm", "the same in mm; needs a scale", _diameter_mm, on_heads=0.27
    ),
    PhotoMeasurand(
        "dot_contrast", 2, "1", "median of 1 - dot's light / skin's light", _contrast, on_heads=0.15
    ),
    PhotoMeasurand(
        "pigment_per_area",
        3,
        "1",
        "integrated absorptance of the dots per skin area",
        lambda s: _of_clear_dots(s, lambda: told(s.pigment)),
        on_heads=0.22,
    ),
    PhotoMeasurand(
        "coverage_delta_l",
        2,
        "delta L*",
        "lightness of treated against reference skin",
        lambda s: _against_reference(s, lambda: s.coverage),
    ),
    PhotoMeasurand(
        "mottle",
        2,
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
        3,
        "100 log10(R/G)",
        "redness of treated against reference skin",
        lambda s: _colour_against_reference(s, 0),
    ),
    PhotoMeasurand(
        "redness_delta_a",
        3,
        "delta a*",
        "the same as a CIELAB difference, for reading",
        lambda s: _colour_against_reference(s, 1),
    ),
    PhotoMeasurand(
        "skin_ita",
        2,
        "deg",
        "individual typology angle of reference skin; needs a colour card",
        _skin_ita,
    ),
    PhotoMeasurand(
        "blur_width",
        2,
        "px",
        "Gaussian sigma of all blur, from the dots",
        lambda s: _of_clear_dots(s, lambda: told(s.blur_width)),
        on_heads=0.35,
    ),
    PhotoMeasurand(
        "glare_share", 1, "1", "share of the treated area hidden by shine", _glare_share
    ),
)


MEASURANDS: dict[str, Measurand] = {m.name: m for m in (*PHOTO_MEASURANDS, *PAIR_MEASURANDS)}
