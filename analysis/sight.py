"""One photo as it is seen: at the size its dots need, its areas, its dots, how clear they are.

Each is worked out when first asked for. What follows from it is judged in `analysis.stages`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from analysis import card_colour, colour, dots, photometry, quality, resolution, scalp
from analysis.arrays import Floats, Mask, Pixels, Points, reduced, resized
from analysis.card import ABSENT, Card, CardFailure
from analysis.scale import Scale
from analysis.tone import Estimate

LEAST_SIDE_TO_HALVE_PX = 2800
LEAST_SKIN_OF_A_CLOSE_UP = 0.9
LEAST_SKIN_BESIDE_SHINE = 0.6
MOST_BACKDROP = 0.02
STRETCHED = 2.2


@dataclass(frozen=True)
class Sight:
    """`srgb_u8` (H, W, 3); `scale` and `drawn` (H, W) in the same pixels; grey photos marked; a
    `card` found in the photo is painted over in `srgb_u8` (`card.taken_out`).

    `whole`: the photo itself, where this is its half. `surface` and the dots' apparent `size` are
    worked out where they are not given.
    """

    srgb_u8: Pixels
    scale: Scale | None = None
    drawn: Mask | None = None
    is_grey: bool = False
    card: Card | CardFailure = ABSENT
    whole: Pixels | None = None
    surface: scalp.Surface | None = None
    size: float | None = None

    @classmethod
    def of(
        cls,
        srgb_u8: Pixels,
        scale: Scale | None = None,
        drawn: Mask | None = None,
        is_grey: bool = False,
        seen: Card | CardFailure = ABSENT,
    ) -> Self:
        """A photo at the size that its dots need: at half of it where they are large."""
        if max(srgb_u8.shape[:2]) < LEAST_SIDE_TO_HALVE_PX:
            return cls(srgb_u8, scale, drawn, is_grey, seen)
        half = cls(
            reduced(srgb_u8, 2),
            scale.resized(0.5) if scale else None,
            None if drawn is None else reduced(drawn, 2),
            is_grey,
            seen,
            whole=srgb_u8,
        )
        size = 2 * half.size_px
        if not np.isfinite(size) or dots.reduction(size) > 1:
            return half
        surface = half._surface.of_photo(srgb_u8.shape[1::-1])
        return cls(srgb_u8, scale, drawn, is_grey, seen, surface=surface, size=size)

    @property
    def photo_px(self) -> int:
        """How many of the photo's pixels, each way, make one of those measured here."""
        return 1 if self.whole is None else 2

    @cached_property
    def areas(self) -> scalp.Areas:
        """Skin, treated area, reference skin, shine: on whole heads where dots tell them; none of
        them under a card.
        """
        found = self._found_areas
        if not isinstance(self.card, Card):
            return found
        seen = ~self.card.covers(found.skin.shape, self.photo_px)
        return replace(
            found,
            skin=found.skin & seen,
            treated=found.treated & seen,
            reference=found.reference & seen,
            glare=found.glare & seen,
        )

    @property
    def _found_areas(self) -> scalp.Areas:
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
        return self.surface or scalp.Surface.of(self.srgb_u8)

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
        """Linear light (H/2, W/2, 3) at half the photo's size, corrected by a card in it."""
        light = colour.linear_reduced(self.srgb_u8, 2 // self.photo_px)
        correction = self._correction
        if not isinstance(correction, card_colour.Correction):
            return light
        return np.asarray(correction.apply(light), dtype=np.float32)

    @property
    def _correction(self) -> card_colour.Correction | card_colour.NoCorrection:
        return self.card.colour if isinstance(self.card, Card) else card_colour.NO_CORRECTION

    @property
    def is_calibrated(self) -> bool:
        """Whether a card tells the photo's colours."""
        return bool(self._correction)

    @cached_property
    def size_px(self) -> float:
        """Apparent diameter of the dots, blur included, from the photo itself; NaN without any."""
        if self.size is not None:
            return self.size
        if self.whole is None:
            return dots.apparent_size(self.od, self._textured.treated)
        here = resized(self._textured.treated, self.whole.shape[1::-1])
        return dots.apparent_size(colour.luminous_density(self.whole), here) / 2

    @cached_property
    def candidates(self) -> dots.Dots:
        """All that may be dots in the treated area."""
        return dots.of_photo(self._everywhere.only(self._everywhere.inside(self.areas.treated)))

    @cached_property
    def _threshold(self) -> float:
        """The confidence from which on candidates would be taken for dots."""
        return dots.decide(self.candidates.confidence)[1]

    @cached_property
    def resolved(self) -> Mask:
        """Where in the treated area (H, W) single dots are resolved, and not cut by the frame."""
        return self.sharp & self.uncut

    @cached_property
    def sharp(self) -> Mask:
        """The same (H, W) up to the frame."""
        return resolution.resolved(
            self.candidates, self._threshold, self.size_px, self.areas.treated
        )

    @cached_property
    def uncut(self) -> Mask:
        """The photo (H, W) without its rim."""
        return resolution.uncut(self.od.shape, self.size_px)

    @cached_property
    def found(self) -> dots.Dots:
        """Dots where they are resolved."""
        here = self.candidates.only(self.candidates.inside(self.resolved))
        return here.only(here.confidence > dots.decide(here.confidence)[1])

    @property
    def elongations(self) -> Points:
        """Of the candidates (n,) that would be taken for dots; 1 = round."""
        return self.candidates.elongation[self.candidates.confidence > self._threshold]

    @property
    def cover(self) -> float:
        """Dots' apparent size, squared, over the area there is for each."""
        return len(self.found) * self.size_px**2 / max(float(self.resolved.sum()), 1.0)

    @cached_property
    def spacing(self) -> Estimate:
        """Median distance of nearest dots and its error, px."""
        return dots.spacing(self.found)

    @cached_property
    def clear_dots(self) -> dots.Dots:
        """Dots that no shine pales."""
        return self.found.only(self.found.inside(~self.areas.glare))

    @cached_property
    def contrasts(self) -> Points:
        """Of the clear dots (n,) in the photo's own pixels: where it is halved, it is softer."""
        od = self.od if self.whole is None else colour.luminous_density(self.whole)
        here = self.clear_dots.enlarged(self.photo_px)
        return dots.contrasts(od, here.xy, self.size_px * self.photo_px)

    @cached_property
    def mean_dot(self) -> photometry.MeanDot:
        """The typical dot's blur, size and depth."""
        return photometry.mean_dot(self.light, self.clear_dots, self.size_px)

    @cached_property
    def strokes(self) -> float:
        """Share of the strong dark marks that are strokes."""
        _, elongations = dots.strong_marks(self.od, self.areas.treated, self.size_px)
        return float(np.mean(elongations > STRETCHED)) if len(elongations) else 0.0

    @cached_property
    def directional(self) -> float:
        """How much finer the skin's detail is across one direction than along it."""
        return quality.directional(self.od, self.areas.skin)

    @cached_property
    def fine_detail(self) -> float:
        """Detail of a pixel's size over detail of four, noise taken out: low when blurred."""
        return quality.fine_detail(self.od, self.areas.skin)

    @cached_property
    def detail_of_dots(self) -> float:
        """As `fine_detail`, in eighths of a dot where those are wider than pixels."""
        return quality.fine_detail(self.od, self.areas.treated, max(1.0, self.size_px / 9))

    @cached_property
    def evenly_sharp(self) -> float:
        """Fine detail of the softest places over the sharpest, of skin that is not sure to be bare:
        what is out of focus passes for neither.
        """
        return quality.evenly_sharp(self.od, self.areas.skin & ~self.areas.reference)

    @cached_property
    def exposure(self) -> tuple[float, float]:
        """Shares of the treated area at an end of the camera's range, and near its upper end."""
        return quality.exposure(self.srgb_u8, self.areas.treated)

    @cached_property
    def head(self) -> Mask:
        """Skin (H, W) with its outline as the head's; a close-up where only shine is none is all
        head.
        """
        skin = self.areas.skin
        is_close_up = skin.mean() > LEAST_SKIN_BESIDE_SHINE
        backdrop = ~(skin | self.areas.glare)
        return np.ones_like(skin) if is_close_up and backdrop.mean() < MOST_BACKDROP else skin
