"""What one photo tells, each number worked out when first asked for.

Measurands (`analysis.measurands`) read from here; `analysis.pipeline` decides and reports.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis import (
    colour,
    darkness,
    dots,
    focus,
    mottle,
    patches,
    pattern,
    photometry,
    tone,
    trend,
)
from analysis.arrays import Floats, Mask, resized
from analysis.gates import GatedSight
from analysis.redness import NOT_MAPPED, RednessMap, around_dots, map_redness
from analysis.skin_hue import SkinHue
from analysis.tone import Estimate

WINDOW_MM = 6.0
# 6 mm where dots lie 0.67 mm from their nearest: 100 dots per cm2, strewn but kept apart.
WINDOW_SPACINGS = 9.0


@dataclass(frozen=True)
class Stages(GatedSight):
    """The numbers of a photo."""

    @cached_property
    def unblurred(self) -> dots.Dots:
        """The same dots with the photo's blur taken out of their diameters."""
        apparent = self.found.diameter_px
        widened = float(np.median(apparent)) ** 2 - self.dot_diameter[0] ** 2
        inner = np.sqrt(np.maximum(apparent**2 - widened, (0.3 * apparent) ** 2))
        return replace(self.found, diameter_px=inner)

    @cached_property
    def _bare(self) -> Floats:
        """Linear colour (H/4, W/4, 3) of the skin between dots."""
        return tone.between_dots(self.half)

    @cached_property
    def _hue(self) -> SkinHue | None:
        """Hue of treated and untreated skin; None where there is too little of either."""
        return SkinHue.of(self._bare, self.areas.clear, self.areas.reference)

    @property
    def redness(self) -> tuple[Estimate, Estimate]:
        """Redness index and delta a*."""
        return tone.redness(self._hue)

    @cached_property
    def redness_map(self) -> RednessMap:
        """Where the treated skin is redder."""
        if self.is_grey or not self.areas.reference.any():
            return NOT_MAPPED
        told = map_redness(self._bare, self.areas.clear, self.areas.reference, self._hue)
        if self.level != "dot" or not told.is_known:
            return told
        clear = resized(self.dot_area & ~self.areas.glare, self.half.shape[1::-1])
        times = self.photo_px / 2
        around = around_dots(
            self.half, self.found.xy * times, clear, self.size_px * times, told.reading
        )
        return replace(told, around=around)

    @cached_property
    def coverage(self) -> Estimate:
        """Step in L* at the border of the treated area."""
        return tone.coverage(self.half, self.areas.clear, self.areas.reference)

    @cached_property
    def skin_angle(self) -> Estimate:
        """Individual typology angle of untreated skin, degrees."""
        return tone.typology_angle(self.half, self.areas.reference)

    @cached_property
    def fitted_dots(self) -> photometry.FittedDots:
        """All dots in red light, fitted at once."""
        clear = self.dot_area & ~self.areas.glare
        return photometry.fitted(self.light, self.found.xy, clear, self.mean_dot, self.size_px)

    @property
    def blur_width(self) -> Estimate:
        """Gaussian sigma of all blur, px; error as found against drawn photos."""
        sigma = self.fitted_dots.sigma_px
        return sigma, 0.12 * sigma + 0.06

    @property
    def dot_diameter(self) -> Estimate:
        """Dots' diameter without the blur, px."""
        return self.fitted_dots.diameter

    @cached_property
    def pigment(self) -> Estimate:
        """Integrated absorptance per skin area."""
        each, error = self.fitted_dots.absorptance_px2(self._clear)
        density = len(self.found) / float(self.dot_area.sum())
        return each * density, error * density

    @cached_property
    def _clear(self) -> Mask:
        """Which of the dots found (n,) no shine pales."""
        return self.found.inside(~self.areas.glare)

    @property
    def window_px(self) -> float:
        """Width of the window that evenness is judged in: 6 mm, or 9 spacings without a scale."""
        if self.scale is not None:
            return WINDOW_MM * self.scale.px_per_mm
        return WINDOW_SPACINGS * self.spacing[0]

    @cached_property
    def evenness(self) -> pattern.Evenness:
        """Evenness of dot density, with its map."""
        return pattern.evenness(trend.fit(self._grid))

    @cached_property
    def _curved_trend(self) -> trend.Trend | None:
        """What dot density a smooth design and pose let expect, on skin that faces the camera."""
        if self._grid is None:
            return None
        return trend.fit(self._grid.faced(self.found.xy, self.found.elongation), curved=True)

    @cached_property
    def _grid(self) -> trend.Grid | None:
        """Dots counted on cells, where they were looked for; None at tone level."""
        if self.level != "dot":
            return None
        shine = (self.areas.glare & ~self.dot_area) | (self.areas.treated & ~self.uncut)
        return trend.gridded(self.found.xy, self.dot_area, self.head, self.window_px, shine)

    @cached_property
    def patches(self) -> patches.Patches:
        """Places with clearly fewer or paler dots, or paler skin where dots are not told apart."""
        found = patches.find(self._curved_trend, self._darkness)
        return found.only(self._in_focus) if self.level == "dot" and found.found else found

    @property
    def _in_focus(self) -> Mask:
        """Where (H, W) no smear or lack of focus hides dots."""
        return focus.sharp(self.light, self.sharp, self.found.xy, self.size_px, self.spacing[0])

    @cached_property
    def _darkness(self) -> trend.Trend | None:
        """How dark dots are, or what they make of the skin, by a smooth design and pose."""
        areas = self.areas
        if self.level == "dot":
            xy, flux = self.found.xy[self._clear], self.fitted_dots.flux_px2[self._clear]
            return darkness.of_dots(self._curved_trend, xy, flux, self.half)
        if self.scale is None:
            return None
        shine = areas.glare & areas.skin
        return darkness.of_tone(
            self.half, areas.clear, areas.reference, self.head, shine, self.scale.px_per_mm
        )

    @cached_property
    def mottle(self) -> Estimate:
        """Unevenness of tone as an eye sees it."""
        if self.level == "dot":
            return mottle.of_dots(self._curved_trend, self.found, self.pigment[0])
        if self.scale is None:
            return tone.NOT_MEASURED
        areas = self.areas
        red, shine = self.half[..., colour.RED], areas.glare & areas.skin
        return mottle.of_tone(
            red, areas.clear, areas.reference, self.head, shine, self.scale.px_per_mm
        )
