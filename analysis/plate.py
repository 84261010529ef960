"""What a measured photo keeps for being compared: its dots and a picture just fine enough for them.

All positions and sizes are in the plate's own px.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis import colour, focus, mottle, tone, trend
from analysis.arrays import Floats, Mask, Pixels, Points, at_places, reduced
from analysis.dots import NO_DOTS, Dots, reduction, spacing
from analysis.forced import Profile, absorptance
from analysis.skin_hue import SkinHue
from analysis.stages import Stages
from analysis.tone import Estimate

_EDGE_SIZES, _DOT_SIGMA = 0.6, 0.3  # of a dot's apparent size


@dataclass(frozen=True)
class Plate:
    """A photo at dot level, `times` smaller than it was given.

    `srgb_u8` (H, W, 3); `dots` taken for dots, `doubtful` all other candidates; `resolved` (H, W)
    where single dots are told apart, shine left out; `treated` skin, `clear` that whose colour
    shows, `reference` untreated skin and `head` skin at all, (H, W); `half` its linear colour
    (h, w, 3), for areas, as a card corrects it; `size_px` the dots' apparent diameter; `disc_px`
    their diameter, `disc_error` its relative standard error, and `blur_px` the sigma of the blur in
    it, from all of them fitted at once;
    `window_px` the width of 6 mm of skin or what stands for it; `pigment` per area.
    """

    srgb_u8: Pixels
    dots: Dots
    doubtful: Dots
    resolved: Mask
    treated: Mask
    clear: Mask
    reference: Mask
    head: Mask
    half: NDArray[np.float16]
    size_px: float
    disc_px: float
    disc_error: float
    blur_px: float
    window_px: float
    pigment: float
    times: float

    @classmethod
    def of(cls, stages: Stages, enlarge: float) -> Plate:
        """The plate of a photo at dot level that was measured `enlarge` times smaller."""
        step = reduction(stages.size_px)
        found, candidates = stages.found, stages.candidates
        taken = found.confidence.min() if len(found) else 1.0
        areas = stages.areas
        diameter, diameter_error = stages.fitted_dots.diameter
        return cls(
            srgb_u8=stages.srgb_u8 if step == 1 else reduced(stages.srgb_u8, step),
            dots=found.enlarged(1 / step),
            doubtful=candidates.only(candidates.confidence < taken).enlarged(1 / step),
            resolved=reduced(stages.dot_area & ~areas.glare, step),
            treated=reduced(areas.treated, step),
            clear=reduced(areas.clear, step),
            reference=reduced(areas.reference, step),
            head=reduced(stages.head, step),
            half=stages.half.astype(np.float16),
            size_px=stages.size_px / step,
            disc_px=2 * stages.fitted_dots.radius_px / step,
            disc_error=diameter_error / diameter,
            blur_px=stages.fitted_dots.sigma_px / step,
            window_px=stages.window_px / step,
            pigment=stages.pigment[0],
            times=step * enlarge,
        )

    def __bool__(self) -> bool:
        return self.srgb_u8.size > 0

    @cached_property
    def spacing_px(self) -> float:
        """Median distance from a dot to its nearest neighbour."""
        return spacing(self.dots)[0]

    @cached_property
    def light(self) -> Floats:
        """Linear light (H, W) of luma, which photos keep sharpest."""
        grey = np.asarray(cv2.cvtColor(self.srgb_u8, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        return colour.linear(grey)

    @cached_property
    def taken(self) -> Points:
        """Share of the skin's red, green and blue light (n, 3) that is missing at each dot."""
        x, y = np.rint(self.dots.xy).astype(int).T
        here = y.clip(0, self.frame[0] - 1), x.clip(0, self.frame[1] - 1)
        channels = (np.ascontiguousarray(self.srgb_u8[..., c]) for c in range(3))
        return np.stack([self._taken(colour.linear(c))[here] for c in channels], axis=1)

    def _taken(self, light: Floats) -> Floats:
        missing = absorptance(light, self.dots.xy, self.size_px)
        return np.asarray(cv2.GaussianBlur(missing, (0, 0), _DOT_SIGMA * self.size_px))

    def redness(self, treated: Mask) -> Estimate:
        """`redness_index` of a part (H, W) of the treated skin, against the photo's own untreated
        skin.
        """
        return tone.redness(SkinHue.of(self.half.astype(np.float32), treated, self.reference))[0]

    def mottle(self, there: Mask, window_px: float) -> Estimate:
        """`mottle` of a part (H, W) of where dots are resolved; what lies beside it is no border.

        `window_px`: the width of 6 mm.
        """
        within = self.dots.only(at_places(there, *self.dots.xy.T))
        grid = trend.gridded(within.xy, there, self.head, window_px, self.treated & ~there)
        if grid is None:
            return tone.NOT_MEASURED
        level = trend.fit(grid.faced(within.xy, within.elongation), curved=True)
        return mottle.of_dots(level, within, self.pigment)

    def profile(self, disc_px: float) -> Profile:
        """The mean picture of dots of a diameter under this photo's blur."""
        return Profile.of(disc_px, self.blur_px, self.size_px)

    def between_dots(self, radius_px: float) -> Mask:
        """Where (H, W) no dot's middle is nearer than a radius."""
        return focus.between(self.dots.xy, radius_px, self.frame)

    @cached_property
    def sharp(self) -> Mask:
        """Where (H, W) no smear or lack of focus hides dots."""
        return focus.sharp(self.light, self.resolved, self.dots.xy, self.size_px, self.spacing_px)

    def in_sight(self, xy: Points) -> Mask:
        """Which places (n,) lie where dots are resolved, their whole picture in frame."""
        edge = _EDGE_SIZES * self.size_px
        height, width = self.frame
        x, y = xy.T
        inside = (x > edge) & (x < width - 1 - edge) & (y > edge) & (y < height - 1 - edge)
        return np.asarray(inside & at_places(self.resolved, x, y))

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width."""
        return self.srgb_u8.shape[0], self.srgb_u8.shape[1]

    def in_photo(self, xy: Points) -> Points:
        """Places (n, 2) in the px of the photo as it was given."""
        return (xy + 0.5) * self.times - 0.5


NO_PLATE = Plate(
    np.empty((0, 0, 3), np.uint8),
    NO_DOTS,
    NO_DOTS,
    *(np.zeros((0, 0), dtype=bool),) * 5,
    np.empty((0, 0, 3), np.float16),
    *(np.nan,) * 7,
)
