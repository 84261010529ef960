"""One photo's stages, each worked out when first asked for: areas, dots, level, blur, pigment.

Measurands (`analysis.measurands`) read from here; `analysis.pipeline` decides and reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis import colour, dots, pattern, photometry, quality, scalp, tone
from analysis.arrays import Floats, Mask, Pixels
from analysis.flags import Flag
from analysis.scale import Scale
from analysis.tone import Estimate

LEAST_SIDE_PX = 1000
LEAST_DIAMETER_PX = 2.5
LEAST_SPACING_PX = 4.5
LEAST_DOTS = 150
MOST_STROKES = 0.55
# Where pigment stands apart from skin nearly every dot is sure; hair and merged dots do not.
LEAST_MEAN_CONFIDENCE = 0.8
MOST_CLIPPED = 0.25
MOST_DENSITY_BEYOND = 0.35
MOST_GLARE = 0.5
MUCH_GLARE = 0.02
MOST_BRIGHT = 0.5
LEAST_SKIN = 0.08
LEAST_FINE_DETAIL = 0.11
LEAST_DETAIL_OF_DOTS = 0.27
MOST_DIRECTIONAL = 1.35
MOST_STRETCH = 1.5
MOST_HALO = 0.1
MANY_STROKES = 0.3
LEAST_DIAMETER_OF_STUBBLE_PX = 4.0
MOST_STEEP = 1 / 3
LEAST_SKIN_OF_A_CLOSE_UP = 0.9
LEAST_SKIN_BESIDE_SHINE = 0.6
MOST_BACKDROP = 0.02
WINDOW_MM = 6.0
# 6 mm where dots lie 0.67 mm from their nearest: 100 dots per cm2, strewn but kept apart.
WINDOW_SPACINGS = 9.0


@dataclass(frozen=True)
class Stages:
    """`srgb_u8` (H, W, 3); `scale` and `drawn` (H, W) in the same pixels; grey photos marked."""

    srgb_u8: Pixels
    scale: Scale | None = None
    drawn: Mask | None = None
    is_grey: bool = False

    @cached_property
    def areas(self) -> scalp.Areas:
        """Skin, treated area, reference skin, shine; a border with dots beyond it is none."""
        if self.drawn is None and self._dots_beyond_border:
            return scalp.without_border(self._first_areas)
        return self._first_areas

    @cached_property
    def _first_areas(self) -> scalp.Areas:
        return scalp.find_areas(self.srgb_u8, self.drawn)

    @cached_property
    def _first_found(self) -> dots.Dots:
        """Dots on both sides of the border as first found."""
        first = self._first_areas
        return dots.detect(self.od, first.treated | first.reference, self.diameter_px)

    @cached_property
    def _dots_beyond_border(self) -> bool:
        first, found = self._first_areas, self._first_found
        if not first.reference.any() or len(found) < LEAST_DOTS:
            return False
        inside = found.inside(first.treated)
        beyond = (len(found) - inside.sum()) / first.reference.sum()
        return bool(beyond > MOST_DENSITY_BEYOND * inside.sum() / first.treated.sum())

    @cached_property
    def od(self) -> Floats:
        """Optical density of green, where pigment and skin differ well and sensors see best."""
        return colour.optical_density(self.srgb_u8)

    @cached_property
    def light(self) -> Floats:
        """Linear light of red, in which blood hardly shows and pigment does."""
        return colour.linear(np.ascontiguousarray(self.srgb_u8[..., colour.RED]))

    @cached_property
    def refusal(self) -> str | None:
        """Why the photo cannot be measured at all, as a code; None when it can."""
        if max(self.srgb_u8.shape[:2]) < LEAST_SIDE_PX:
            return "too-small"
        if self.is_grey and self.drawn is None:
            return "no-colour"
        if self.drawn is None and self.areas.skin.mean() < LEAST_SKIN:
            return "no-skin"
        if not self.areas.treated.any() or self.areas.glare_share > MOST_GLARE:
            return "glare"
        if self.clipped_share > MOST_CLIPPED:
            return "clipped"
        if self.fine_detail < LEAST_FINE_DETAIL:
            return "moved" if self.directional > MOST_DIRECTIONAL else "too-blurred"
        return None

    @cached_property
    def tone_reason(self) -> str | None:
        """Why dots are not counted, as a code; None at dot level."""
        whole_head = self.areas.skin.mean() < LEAST_SKIN_OF_A_CLOSE_UP
        if not np.isfinite(self.diameter_px) or len(self.found) < LEAST_DOTS:
            moved = self.directional > MOST_DIRECTIONAL
            return "dots-moved" if moved else "too-far" if whole_head else "no-dots"
        if self.diameter_px < LEAST_DIAMETER_PX or self.spacing[0] < LEAST_SPACING_PX:
            return "too-far" if whole_head else "dots-too-small"
        doubtful = float(self.found.confidence.mean()) < LEAST_MEAN_CONFIDENCE
        if doubtful or self.strokes > MOST_STROKES:
            return self._merged
        return None

    @property
    def _merged(self) -> str:
        """What made strokes of the dots."""
        if self.directional > MOST_DIRECTIONAL:
            return "dots-moved"
        is_hair = self.strokes > MOST_STROKES and self.diameter_px > LEAST_DIAMETER_OF_STUBBLE_PX
        return "stubble" if is_hair else "dots-merged"

    @cached_property
    def directional(self) -> float:
        """How much finer the skin's detail is across one direction than along it."""
        return quality.directional(self.od, self.areas.skin)

    @cached_property
    def detail_of_dots(self) -> float:
        """As `fine_detail`, in eighths of a dot where those are wider than pixels."""
        return quality.fine_detail(self.od, self.areas.treated, max(1.0, self.diameter_px / 8))

    @cached_property
    def strokes(self) -> float:
        """Share of dark peaks that are strokes."""
        return dots.elongated_share(self.od, self.areas.treated, self.diameter_px)

    @property
    def level(self) -> str | None:
        """`dot` where dots are resolved, `tone` otherwise, None for a refused photo."""
        if self.refusal:
            return None
        return "tone" if self.tone_reason else "dot"

    @cached_property
    def diameter_px(self) -> float:
        """Scale of the dots as they look, from the photo itself; NaN without any."""
        return dots.estimate_diameter(self.od, self._first_areas.treated)

    @cached_property
    def found(self) -> dots.Dots:
        """Dots in the treated area."""
        if self.areas is self._first_areas:
            return self._first_found.only(self._first_found.inside(self.areas.treated))
        return dots.detect(self.od, self.areas.treated, self.diameter_px)

    @cached_property
    def spacing(self) -> Estimate:
        """Median distance of nearest dots and its error, px."""
        return dots.spacing(self.found)

    @cached_property
    def clipped_share(self) -> float:
        """Share of the treated area at an end of the camera's range."""
        return quality.clipped_share(self.srgb_u8, self.areas.treated)

    @cached_property
    def fine_detail(self) -> float:
        """Detail of a pixel's size over detail of four, noise taken out: low when blurred."""
        return quality.fine_detail(self.od, self.areas.skin)

    @cached_property
    def redness(self) -> tuple[Estimate, Estimate]:
        """Redness index and delta a*."""
        return tone.redness(self.srgb_u8, self.areas.treated, self.areas.reference)

    @cached_property
    def coverage(self) -> Estimate:
        """Step in L* at the border of the treated area."""
        return tone.coverage(self.srgb_u8, self.areas.treated, self.areas.reference)

    @cached_property
    def mean_dot(self) -> photometry.MeanDot:
        """The typical dot's blur, size and depth."""
        return photometry.mean_dot(self.light, self.found, self.diameter_px)

    @property
    def blur_width(self) -> Estimate:
        """Gaussian sigma of all blur, px; error as found against drawn photos."""
        sigma = self.mean_dot.sigma_px
        return sigma, 0.15 * sigma + 0.1

    @property
    def dot_diameter(self) -> Estimate:
        """Dots' diameter without the blur, px; error as found against drawn photos."""
        diameter = 2 * self.mean_dot.radius_px
        return diameter, 0.1 * diameter + 0.1

    @property
    def pigment(self) -> Estimate:
        """Integrated absorptance per skin area."""
        area = float(self.areas.treated.sum())
        crowding = self.diameter_px / self.spacing[0]
        error = photometry.pigment_error(self.mean_dot, self.detail_of_dots, crowding)
        return photometry.pigment_per_area(self.mean_dot, len(self.found), area, error)

    @property
    def window_px(self) -> float:
        """Width of the window that evenness is judged in: 6 mm, or 9 spacings without a scale."""
        if self.scale is not None:
            return WINDOW_MM * self.scale.px_per_mm
        return WINDOW_SPACINGS * self.spacing[0]

    @cached_property
    def head(self) -> Mask:
        """Skin (H, W) with its outline as the head's; a close-up where only shine is none is all
        head.
        """
        skin = self.areas.skin
        is_close_up = skin.mean() > LEAST_SKIN_BESIDE_SHINE
        backdrop = ~(skin | self.areas.glare)
        return np.ones_like(skin) if is_close_up and backdrop.mean() < MOST_BACKDROP else skin

    @cached_property
    def evenness(self) -> pattern.Evenness:
        """Evenness of dot density, with its map."""
        areas = self.areas
        return pattern.evenness(
            self.found.xy, areas.treated, self.head, self.window_px, areas.glare & areas.skin
        )

    @cached_property
    def flags(self) -> Flag:
        """What limits the photo as a whole."""
        flags = self.areas.flags
        if self.areas.glare_share > MUCH_GLARE:
            flags |= Flag.GLARE
        bright = quality.bright_share(self.srgb_u8, self.areas.treated)
        if self.clipped_share > 0.01 or bright > MOST_BRIGHT:
            flags |= Flag.CLIPPED
        if self.is_grey:
            flags |= Flag.NO_COLOUR
        if not self.areas.reference.any():
            flags |= Flag.NO_REFERENCE_SKIN
        if self.scale is None:
            flags |= Flag.NO_SCALE
        if quality.steep_share(self.head, self.areas.treated) > MOST_STEEP:
            flags |= Flag.STEEP
        return flags | self._dot_flags if self.level == "dot" else flags

    @property
    def _dot_flags(self) -> Flag:
        """What limits the dots' numbers."""
        flags = Flag.NONE
        if self.detail_of_dots < LEAST_DETAIL_OF_DOTS:
            flags |= Flag.BLURRED
        if self.mean_dot.stretch > MOST_STRETCH:
            flags |= Flag.MOTION
        elif self.strokes > MANY_STROKES:
            flags |= Flag.STUBBLE
        if self.mean_dot.halo > MOST_HALO:
            flags |= Flag.HALO
        return flags
