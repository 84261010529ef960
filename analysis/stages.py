"""What follows from one photo's sight: whether and how it can be measured, and what it tells.

Measurands (`analysis.measurands`) read from here; `analysis.pipeline` decides and reports.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from analysis import (
    colour,
    darkness,
    dots,
    focus,
    framing,
    mottle,
    patches,
    pattern,
    photometry,
    quality,
    resolution,
    tone,
    trend,
)
from analysis.arrays import Floats, Mask, resized
from analysis.card import PARTLY_COVERED
from analysis.flags import Flag
from analysis.redness import NOT_MAPPED, RednessMap, around_dots, map_redness
from analysis.sight import LEAST_SKIN_OF_A_CLOSE_UP, STRETCHED, Sight
from analysis.skin_hue import SkinHue
from analysis.tone import Estimate

LEAST_SIDE_PX = 1000
# As they look, blur included: dots of 2.5 px look like 2.7 at the least.
LEAST_SIZE_PX, LEAST_SPACING_PX = 2.6, 4.0
# Nearest neighbours at 1.1 to 1.25 apparent sizes are dots run together in pairs; told apart they
# lie at 1.4 and more.
LEAST_SPACING_SIZES = 1.3
LEAST_SHARE_RESOLVED = 0.2
# Of whole heads: where dots run together, those found are long, and fewer than their spacing tells.
LEAST_TOLD_APART, TOLD_APART = 0.7, 4.7
MOST_CLIPPED = 0.25
MOST_GLARE = 0.5
MUCH_GLARE = 0.02
MOST_BRIGHT = 0.5
LEAST_SKIN = 0.08
LEAST_FINE_DETAIL = 0.11
LEAST_DETAIL_OF_DOTS = 0.27
MOST_DIRECTIONAL = 1.35
LEAST_EVENLY_SHARP = 0.4
MOST_STRETCH, LEAST_DIRECTIONAL = 1.5, 1.15
# Nearer than that, in diameters, neighbours lie in the picture of the mean dot itself.
LEAST_SPACING_DIAMETERS = 1.7
MOST_HALO = 0.1
MANY_STROKES, MOSTLY_STROKES = 0.08, 0.2
# Pores and hair stumps taken for dots cover .02 to .11 of the skin they lie in, a first treatment
# .03 to .08, all together .07 to .25. They are doubted, on whole heads up to .795 in the mean
# against .806 and more. On close-ups mostly up to .857, as the palest and smallest dots are; but a
# treatment leaves few of the strong marks out: .82 of them and more are taken, of pores and stumps
# up to .79. Of round marks beside surer dots .68 and more, of stumps .6.
LEAST_COVER, LEAST_MEAN_ON_HEADS = 0.04, 0.8
LEAST_MEAN, SURE_MEAN, LEAST_TAKEN, LEAST_ROUND_TAKEN = 0.8, 0.88, 0.8, 0.65
LEAST_SIZE_OF_STUBBLE_PX = 4.5
MOST_STEEP = 1 / 3
WINDOW_MM = 6.0
# 6 mm where dots lie 0.67 mm from their nearest: 100 dots per cm2, strewn but kept apart.
WINDOW_SPACINGS = 9.0


@dataclass(frozen=True)
class Stages(Sight):
    """A photo's level, what limits it, and its numbers."""

    @cached_property
    def refusal(self) -> str | None:
        """Why the photo cannot be measured at all, as a code; None when it can."""
        if max(self.srgb_u8.shape[:2]) < LEAST_SIDE_PX:
            return "too-small"
        if self.is_grey and self.drawn is None:
            return "no-colour"
        if self.drawn is None and framing.composite(self.srgb_u8):
            return "card-covered" if self.card == PARTLY_COVERED else "composite"
        if self.drawn is None and self.areas.skin.mean() < LEAST_SKIN:
            return "no-skin"
        if not self.areas.treated.any() or self.areas.glare_share > MOST_GLARE:
            return "glare"
        if self.exposure[0] > MOST_CLIPPED:
            return "clipped"
        if self.fine_detail < LEAST_FINE_DETAIL and self.tone_reason:
            return "moved" if self.directional > MOST_DIRECTIONAL else "too-blurred"
        return None

    @cached_property
    def tone_reason(self) -> str | None:
        """Why dots are not counted, as a code; None at dot level."""
        if not np.isfinite(self.size_px):
            return "too-far" if self.is_whole_head else "no-dots"
        why = None
        if self.size_px < LEAST_SIZE_PX:
            why = "dots-too-small"
        elif self.resolved.sum() < LEAST_SHARE_RESOLVED * self.areas.treated.sum():
            why = self._unresolved
        elif self.spacing[0] < max(LEAST_SPACING_PX, LEAST_SPACING_SIZES * self.size_px):
            why = "dots-too-small"
        elif len(self.found) < resolution.LEAST_DOTS:
            why = "no-dots"
        elif self.is_whole_head and self.drawn is None and self.told_apart < LEAST_TOLD_APART:
            why = "dots-too-small"
        elif self._is_doubtful:
            why = "stubble" if self.strokes > MOSTLY_STROKES else "no-dots"
        # From nearer, all of these could be told apart.
        is_small = self.size_px < LEAST_SIZE_OF_STUBBLE_PX or why == "dots-too-small"
        is_far = self.is_whole_head and why != "dots-moved" and (is_small or not len(self.found))
        return "too-far" if why and is_far else why

    @property
    def is_whole_head(self) -> bool:
        """Whether the photo shows a head from afar, with much around it."""
        return bool(self.areas.skin.mean() < LEAST_SKIN_OF_A_CLOSE_UP)

    @property
    def told_apart(self) -> float:
        """Share of a whole head's dots that are found, as fitted to drawn heads: where dots run
        together, the longest of them are longer, and here and there all are missed.
        """
        longest = float(np.percentile(self.found.elongation, 90))
        room = np.sqrt(float(self.resolved.sum()) / len(self.found))
        return float(TOLD_APART * (self.spacing[0] / room) ** 3 / longest)

    @property
    def _is_doubtful(self) -> bool:
        """Whether what would be counted may well be no pigment at all."""
        mean = float(self.found.confidence.mean())
        if self.is_whole_head:
            return mean < LEAST_MEAN_ON_HEADS or self.cover < LEAST_COVER
        if mean > SURE_MEAN:
            return self._taken(STRETCHED) < LEAST_ROUND_TAKEN
        is_thin = self.cover < LEAST_COVER
        return mean < LEAST_MEAN or is_thin or self._taken() < LEAST_TAKEN

    def _taken(self, most_stretched: float = np.inf) -> float:
        """Share of the strong dark marks, as far as they are no longer, that are taken for dots."""
        places, elongations = dots.strong_marks(self.od, self.sharp, self.size_px)
        places = places[elongations < most_stretched]
        if not len(places):
            return 0.0
        distance, _ = cKDTree(self.found.xy).query(places)
        return float(np.mean(distance < self.size_px / 2))

    @property
    def _unresolved(self) -> str:
        """Why dots that may be there are not told apart."""
        if self.directional > MOST_DIRECTIONAL:
            return "dots-moved"
        stretched = self.elongations
        if len(stretched) and np.median(stretched) > resolution.MOST_ELONGATION:
            return "stubble" if self.size_px > LEAST_SIZE_OF_STUBBLE_PX else "dots-merged"
        return "no-dots"

    @cached_property
    def dot_area(self) -> Mask:
        """Where (H, W) dots are counted: nowhere at tone level."""
        return self.resolved if self.level == "dot" else np.zeros_like(self.areas.treated)

    @property
    def level(self) -> str | None:
        """`dot` where dots are resolved, `tone` otherwise, None for a refused photo."""
        if self.refusal:
            return None
        return "tone" if self.tone_reason else "dot"

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
        if self.card == PARTLY_COVERED:
            flags |= Flag.CARD_NOT_USED
        if quality.steep_share(self.head, self.areas.treated) > MOST_STEEP:
            flags |= Flag.STEEP
        return flags | self._dot_flags if self.level == "dot" else flags

    @property
    def _dot_flags(self) -> Flag:
        """What limits the dots' numbers."""
        flags = Flag.NONE
        if self.detail_of_dots < LEAST_DETAIL_OF_DOTS:
            flags |= Flag.BLURRED
        if self._is_close_up and self.evenly_sharp < LEAST_EVENLY_SHARP:
            flags |= Flag.PARTLY_BLURRED
        apart = self.spacing[0] > LEAST_SPACING_DIAMETERS * 2 * self.mean_dot.radius_px
        moved = self.mean_dot.stretch > MOST_STRETCH and self.directional > LEAST_DIRECTIONAL
        if apart and moved:
            flags |= Flag.MOTION
        elif self.size_px > LEAST_SIZE_OF_STUBBLE_PX and self.strokes > MANY_STROKES:
            flags |= Flag.STUBBLE
        if apart and self.mean_dot.halo > MOST_HALO:
            flags |= Flag.HALO
        return flags
