"""One photo's stages, each worked out when first asked for: areas, dots, level, blur, pigment.

Measurands (`analysis.measurands`) read from here; `analysis.pipeline` decides and reports.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis import colour, dots, framing, pattern, photometry, quality, resolution, scalp, tone
from analysis.arrays import Floats, Mask, Pixels, Points
from analysis.flags import Flag
from analysis.scale import Scale
from analysis.tone import Estimate

LEAST_SIDE_PX = 1000
# As they look, blur included: dots of 2.5 px look like 2.7 at the least.
LEAST_SIZE_PX, LEAST_SPACING_PX = 2.6, 4.5
LEAST_SHARE_RESOLVED = 0.2
MOST_CLIPPED = 0.25
MOST_GLARE = 0.5
MUCH_GLARE = 0.02
MOST_BRIGHT = 0.5
LEAST_SKIN = 0.08
LEAST_FINE_DETAIL = 0.11
LEAST_DETAIL_OF_DOTS = 0.27
MOST_DIRECTIONAL = 1.35
MOST_STRETCH = 1.5
MOST_HALO = 0.1
MANY_STROKES = 0.08
LEAST_SIZE_OF_STUBBLE_PX = 4.5
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
        """Skin, treated area, reference skin, shine: on whole heads where dots tell them."""
        textured = self._textured
        if self.drawn is not None or self._is_close_up or not np.isfinite(self.size_px):
            return textured
        dotted = resolution.dotted(self._everywhere, self.size_px, self.od.shape)
        if dotted is None:
            return textured
        told = scalp.areas_with_dots(self._surface, dotted)
        believed = resolution.told_by_dots(self._everywhere, dotted, told.treated, textured.treated)
        return told if believed else textured

    @cached_property
    def _surface(self) -> scalp.Surface:
        return scalp.Surface.of(self.srgb_u8)

    @cached_property
    def _textured(self) -> scalp.Areas:
        """The areas as their texture tells them."""
        return scalp.find_areas(self._surface, self.drawn)

    @cached_property
    def _frame(self) -> Mask:
        """Where (H, W) dots are looked for: on whole heads everywhere, as they tell the area."""
        if self.drawn is not None or self._is_close_up:
            return self._textured.treated
        return np.ones(self.srgb_u8.shape[:2], dtype=bool)

    @cached_property
    def _is_close_up(self) -> bool:
        return bool(self._textured.skin.mean() > LEAST_SKIN_OF_A_CLOSE_UP)

    @cached_property
    def _everywhere(self) -> dots.Dots:
        """All that may be dots."""
        return dots.detect(self.od, self._frame, self.size_px)

    @cached_property
    def od(self) -> Floats:
        """Optical density of luma, which phones keep sharpest."""
        return colour.luminous_density(self.srgb_u8)

    @cached_property
    def light(self) -> Floats:
        """Linear light of red, in which blood hardly shows and pigment does."""
        return colour.linear(np.ascontiguousarray(self.srgb_u8[..., colour.RED]))

    @cached_property
    def half(self) -> Floats:
        """Linear light (H/2, W/2, 3) at half size."""
        return colour.linear_reduced(self.srgb_u8, 2)

    @cached_property
    def refusal(self) -> str | None:
        """Why the photo cannot be measured at all, as a code; None when it can."""
        if max(self.srgb_u8.shape[:2]) < LEAST_SIDE_PX:
            return "too-small"
        if self.is_grey and self.drawn is None:
            return "no-colour"
        if self.drawn is None and framing.composite(self.srgb_u8):
            return "composite"
        if self.drawn is None and self.areas.skin.mean() < LEAST_SKIN:
            return "no-skin"
        if not self.areas.treated.any() or self.areas.glare_share > MOST_GLARE:
            return "glare"
        if self.exposure[0] > MOST_CLIPPED:
            return "clipped"
        if self.fine_detail < LEAST_FINE_DETAIL:
            return "moved" if self.directional > MOST_DIRECTIONAL else "too-blurred"
        return None

    @cached_property
    def tone_reason(self) -> str | None:
        """Why dots are not counted, as a code; None at dot level."""
        whole_head = self.areas.skin.mean() < LEAST_SKIN_OF_A_CLOSE_UP
        if not np.isfinite(self.size_px):
            return "too-far" if whole_head else "no-dots"
        if self.size_px < LEAST_SIZE_PX:
            return "too-far" if whole_head else "dots-too-small"
        if self._resolved.sum() < LEAST_SHARE_RESOLVED * self.areas.treated.sum():
            small = self.size_px < LEAST_SIZE_OF_STUBBLE_PX
            return "too-far" if whole_head and small else self._unresolved
        if self.spacing[0] < LEAST_SPACING_PX:
            return "too-far" if whole_head else "dots-too-small"
        return "no-dots" if len(self.found) < resolution.LEAST_DOTS else None

    @property
    def _elongations(self) -> Points:
        """Of the candidates (n,) that would be taken for dots; 1 = round."""
        return self._candidates.elongation[self._candidates.confidence > self._threshold]

    @property
    def _unresolved(self) -> str:
        """Why dots that may be there are not told apart."""
        if self.directional > MOST_DIRECTIONAL:
            return "dots-moved"
        stretched = self._elongations
        if len(stretched) and np.median(stretched) > resolution.MOST_ELONGATION:
            return "stubble" if self.size_px > LEAST_SIZE_OF_STUBBLE_PX else "dots-merged"
        return "no-dots"

    @cached_property
    def strokes(self) -> float:
        """Share of the strong dark marks that are strokes."""
        return dots.stretched_share(self.od, self.areas.treated, self.size_px)

    @cached_property
    def directional(self) -> float:
        """How much finer the skin's detail is across one direction than along it."""
        return quality.directional(self.od, self.areas.skin)

    @cached_property
    def detail_of_dots(self) -> float:
        """As `fine_detail`, in eighths of a dot where those are wider than pixels."""
        return quality.fine_detail(self.od, self.areas.treated, max(1.0, self.size_px / 9))

    @cached_property
    def _candidates(self) -> dots.Dots:
        """All that may be dots in the treated area."""
        return self._everywhere.only(self._everywhere.inside(self.areas.treated))

    @property
    def candidates(self) -> dots.Dots:
        """All that may be dots in the treated area."""
        return self._candidates

    @cached_property
    def _threshold(self) -> float:
        """The confidence from which on candidates would be taken for dots."""
        return dots.decide(self._candidates.confidence)[1]

    @cached_property
    def _resolved(self) -> Mask:
        """Where in the treated area (H, W) single dots are resolved."""
        return resolution.resolved(
            self._candidates, self._threshold, self.size_px, self.areas.treated
        )

    @cached_property
    def dot_area(self) -> Mask:
        """Where (H, W) dots are counted: nowhere at tone level."""
        return self._resolved if self.level == "dot" else np.zeros_like(self.areas.treated)

    @property
    def level(self) -> str | None:
        """`dot` where dots are resolved, `tone` otherwise, None for a refused photo."""
        if self.refusal:
            return None
        return "tone" if self.tone_reason else "dot"

    @cached_property
    def size_px(self) -> float:
        """Apparent diameter of the dots, blur included, from the photo itself; NaN without any."""
        return dots.apparent_size(self.od, self._textured.treated)

    @cached_property
    def found(self) -> dots.Dots:
        """Dots where they are resolved."""
        here = self._candidates.only(self._candidates.inside(self._resolved))
        return here.only(here.confidence > dots.decide(here.confidence)[1])

    @cached_property
    def unblurred(self) -> dots.Dots:
        """The same dots with the photo's blur taken out of their diameters."""
        apparent = self.found.diameter_px
        widened = float(np.median(apparent)) ** 2 - (2 * self.mean_dot.radius_px) ** 2
        inner = np.sqrt(np.maximum(apparent**2 - widened, (0.3 * apparent) ** 2))
        return replace(self.found, diameter_px=inner)

    @cached_property
    def spacing(self) -> Estimate:
        """Median distance of nearest dots and its error, px."""
        return dots.spacing(self.found)

    @cached_property
    def exposure(self) -> tuple[float, float]:
        """Shares of the treated area at an end of the camera's range, and near its upper end."""
        return quality.exposure(self.srgb_u8, self.areas.treated)

    @cached_property
    def fine_detail(self) -> float:
        """Detail of a pixel's size over detail of four, noise taken out: low when blurred."""
        return quality.fine_detail(self.od, self.areas.skin)

    @cached_property
    def redness(self) -> tuple[Estimate, Estimate]:
        """Redness index and delta a*."""
        return tone.redness(self.half, self.areas.treated, self.areas.reference)

    @cached_property
    def coverage(self) -> Estimate:
        """Step in L* at the border of the treated area."""
        return tone.coverage(self.half, self.areas.treated, self.areas.reference)

    @cached_property
    def mean_dot(self) -> photometry.MeanDot:
        """The typical dot's blur, size and depth."""
        return photometry.mean_dot(self.light, self.found, self.size_px)

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
        area = float(self.dot_area.sum())
        crowding = self.size_px / self.spacing[0]
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
            self.found.xy, self.dot_area, self.head, self.window_px, areas.glare & areas.skin
        )

    @cached_property
    def flags(self) -> Flag:
        """What limits the photo as a whole."""
        flags = self.areas.flags
        if self.areas.glare_share > MUCH_GLARE:
            flags |= Flag.GLARE
        clipped, bright = self.exposure
        if clipped > 0.01 or bright > MOST_BRIGHT:
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
