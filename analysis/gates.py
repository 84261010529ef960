"""Whether and at which level a photo can be measured, and what limits it: gates go by the error
that they predict.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from analysis import dots, framing, quality, resolution
from analysis.arrays import Mask
from analysis.card import PARTLY_COVERED
from analysis.flags import Flag
from analysis.sight import LEAST_SKIN_OF_A_CLOSE_UP, STRETCHED, Sight

LEAST_SIDE_PX = 1000
# As they look, blur included: dots of 2.5 px look like 2.7 at the least.
LEAST_SIZE_PX, LEAST_SPACING_PX = 2.6, 4.0
# Nearest neighbours at 1.1 to 1.25 apparent sizes are dots run together in pairs; told apart they
# lie at 1.4 and more.
LEAST_SPACING_SIZES = 1.3
LEAST_SHARE_RESOLVED = 0.2
# Of whole heads: how likely a dot is told apart, and of how many missed the usual error speaks.
TOLD_APART, USUALLY_TOLD_APART, MOST_MISSED = 4.7, 0.7, 4.0
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


@dataclass(frozen=True)
class GatedSight(Sight):
    """What is seen of a photo, with the level that it can be measured at."""

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
    def crowded(self) -> float:
        """How much more than usual a whole head's dots run together, 1 to 8, by the share found of
        them as fitted to drawn heads: those that touch are long, and some places miss them all.
        """
        longest = float(np.percentile(self.found.elongation, 90))
        room = np.sqrt(float(self.resolved.sum()) / len(self.found))
        told_apart = TOLD_APART * (self.spacing[0] / room) ** 3 / longest
        missed = (1 / told_apart - 1) / (1 / USUALLY_TOLD_APART - 1)
        return float(np.clip(missed, 1, MOST_MISSED) ** 1.5)

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
