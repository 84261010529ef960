"""What became of the same dots between two photos: how many are kept, their pigment, look and size.

Standard errors beyond sampling are as found on drawn pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis import blotches, hair_edge, hue, identity, lost_patches
from analysis.aligned import shared
from analysis.arrays import Mask, Points, at_places
from analysis.focus import LEAST_SHARP
from analysis.forced import absorptance
from analysis.identity import LOST, Identity
from analysis.lost_patches import LostPatch
from analysis.plate import Plate
from analysis.registration import Registration
from analysis.tone import Estimate

LEAST_COUNTED = 50
# How much of what skin's own colours tell of a photo's contrast holds for pigment: more of it than
# tone curves and shine make is something else.
_SHARED_CONTRAST, _MOST_CONTRAST, _UNKNOWN_CONTRAST = 0.45, 0.15, 0.07
_HUE_ERROR_DEG = 6.0
# Between photos, relative, as found on cameras that were left out: the wider blur is against the
# dots, the more other lenses and sharpening make of their light.
_PIGMENT_ERROR, _BLUR_ERROR = 0.025, 0.2
# Of contrast, relative and of the skin's light; and of what dots differ by in width, natural log.
_CONTRAST_ERROR, _LIGHT_ERROR, _WIDTH_ERROR, _DIAMETER_WIDTH_ERROR = 0.025, 0.015, 0.25, 0.8
_LEAST_KEPT_ERROR, _UNLIKE_DOTS, _SMEARED, _CARRIED = 0.0025, 0.6, 0.3, 0.12
_MOST_WIDER = np.log(1.15)
# Cameras blur colour by some pixels: smaller dots lose theirs, and turn 13 degrees and more.
_MOST_LARGER = np.log(1.3)


@dataclass(frozen=True)
class Change:
    """Two plates of one scalp laid on each other; numbers are NaN below `LEAST_COUNTED` dots that
    are sure to be the same.
    """

    baseline: Plate
    followup: Plate
    registration: Registration
    identity: Identity

    @classmethod
    def between(cls, baseline: Plate, followup: Plate, registration: Registration) -> Change:
        """The change from the baseline to the follow-up."""
        told = identity.identify(baseline, followup, registration)
        return cls(baseline, followup, registration, told)

    @property
    def counted(self) -> Mask:
        """Baseline dots (n,) that are sure to be dots and observable in both photos."""
        return self.identity.counted

    @property
    def is_known(self) -> bool:
        """Whether enough dots are seen in both photos for numbers."""
        return len(self._same) >= LEAST_COUNTED

    @cached_property
    def dots_kept(self) -> Estimate:
        """Share kept of the observable dots, chance taken out.

        The error: of sampling, as far as dots of the area are not counted; of doubtful states; of
        chance; of hairs among the dots, which are kept or lost as hairs are; and of dots that
        seem lost where the follow-up is not sharp, or lie in holes: some may not be.
        """
        p, chance = self.identity.p_kept[self.counted], self.identity.chance
        kept = float(np.clip((p.mean() - chance) / (1 - chance), 0, 1))
        n = len(p)
        expected = float(self.baseline.dots.confidence[np.isfinite(self.identity.left)].sum())
        uncounted = max(1 - n / max(expected, n), 0.02)
        sampling = kept * (1 - kept) / n * uncounted
        doubtful = float((p * (1 - p)).sum()) / n**2
        by_chance = _UNLIKE_DOTS * chance * (1 - kept)
        hairs = (
            _UNLIKE_DOTS
            * float(1 - self.baseline.dots.confidence[self.counted].mean())
            * (1 - kept)
        )
        smeared = _SMEARED * float(self.identity.smeared.sum()) / n
        carried = _CARRIED * float(self.counted[self.registration.bridged].sum()) / n
        parts = (by_chance, hairs, smeared, carried, _LEAST_KEPT_ERROR)
        return kept, float(np.sqrt(sampling + doubtful + sum(part**2 for part in parts)))

    @cached_property
    def pigment_left(self) -> Estimate:
        """Pigment of the observable baseline dots, after over before; new dots are none of them.

        A photo's contrast is taken out, as far as the colours of the skin between them tell it.
        """
        before, after = self.identity.before[self.counted], self.identity.after[self.counted]
        deeper, deeper_error = self._deeper
        after = after * np.exp(-deeper)
        left = float(after.sum() / before.sum())
        scatter = float((after - left * before).std()) * np.sqrt(len(before)) / float(before.sum())
        blur = max(plate.blur_px / plate.disc_px for plate in (self.baseline, self.followup))
        between = np.sqrt(_PIGMENT_ERROR**2 + (_BLUR_ERROR * blur) ** 2 + deeper_error**2)
        return left, float(np.hypot(scatter, between * left))

    @cached_property
    def _deeper(self) -> Estimate:
        """Natural log of how much deeper the follow-up shows pigment, as far as skin's own colours
        tell it, and the error of that by which colours are there.
        """
        stronger, error = blotches.strength_ratio(self.baseline, self.followup, self.registration)
        if not np.isfinite(stronger):
            return 0.0, _UNKNOWN_CONTRAST
        deeper = _SHARED_CONTRAST * float(np.clip(stronger, -_MOST_CONTRAST, _MOST_CONTRAST))
        return deeper, _SHARED_CONTRAST * error

    @cached_property
    def hue_shift(self) -> Estimate:
        """How far the same dots' pigment turned in CIELAB hue, degrees: towards red above 0,
        towards blue below (see `hue`). The error is that between photos, as found on drawn pairs.
        """
        before = hue.pigment_hue(self.baseline.taken[self._same])
        after = hue.pigment_hue(self.followup.taken[self.identity.partner[self._same]])
        return hue.turned(before, after), _HUE_ERROR_DEG

    @property
    def _same(self) -> NDArray[np.intp]:
        """Indices (k,) of the counted dots that are sure to be the same in both photos."""
        return np.flatnonzero(self.counted & (self.identity.partner >= 0))

    @property
    def width_ratio(self) -> float:
        """Width of the typical dot with its blur, after over before."""
        before, after = self._widths
        return after / before

    @property
    def _widths(self) -> tuple[float, float]:
        """Width of the typical dot with its blur in each photo, px of the baseline's plate: surer
        than either, as a wider dot and more blur look alike.
        """
        before, after = (
            float(np.hypot(plate.disc_px / 4, plate.blur_px))
            for plate in (self.baseline, self.followup)
        )
        return before, after / self.registration.enlargement

    @property
    def blur_differs(self) -> bool:
        """Whether dots look wider or narrower: blur and spread dots cannot be told apart then."""
        return bool(abs(np.log(self.width_ratio)) > _MOST_WIDER)

    @property
    def size_differs(self) -> bool:
        """Whether dots are larger in one photo, in its own px: their colours are not alike then."""
        before, after = (p.size_px * p.times for p in (self.baseline, self.followup))
        return bool(abs(np.log(after / before)) > _MOST_LARGER)

    @cached_property
    def contrast_ratio(self) -> Estimate:
        """Median contrast of the kept dots, after over before, both blurred until dots are as wide
        as in the photo where they are wider; the photos' own contrast is taken out as it is for
        `pigment_left`.
        """
        plates = self.baseline, self.followup
        places = self.baseline.dots.xy[self._same], self.identity.xy[self._same]
        scales = 1.0, self.registration.enlargement
        wider = max(self._widths)
        before, after = (
            _contrast(plate, xy, scale * np.sqrt(wider**2 - width**2))
            for plate, xy, scale, width in zip(plates, places, scales, self._widths, strict=True)
        )
        deeper, deeper_error = self._deeper
        ratio = np.exp(-deeper) * after / np.maximum(before, 1e-6)
        value = float(np.median(ratio))
        scatter = 1.25 * float(ratio.std()) / np.sqrt(len(ratio))
        least_taken = min(
            self.baseline.taken[self._same].mean(),
            self.followup.taken[self.identity.partner[self._same]].mean(),
        )
        between = np.sqrt(
            _CONTRAST_ERROR**2
            + (_LIGHT_ERROR / max(float(least_taken), 1e-3)) ** 2
            + (_WIDTH_ERROR * np.log(self.width_ratio)) ** 2
            + deeper_error**2
        )
        return value, float(np.hypot(scatter, between * value))

    @cached_property
    def diameter_ratio(self) -> Estimate:
        """Diameter of the typical dot without blur, after over before, with both photos' errors;
        more blur reads wider.
        """
        ratio = self.followup.disc_px / self.baseline.disc_px / self.registration.enlargement
        own = np.hypot(self.baseline.disc_error, self.followup.disc_error)
        blur = _DIAMETER_WIDTH_ERROR * np.log(self.width_ratio)
        return ratio, float(np.hypot(own, blur)) * ratio

    @cached_property
    def redness(self) -> tuple[Estimate, Estimate]:
        """`redness_index` before and after of the treated skin that both photos show; NaN where
        too little is shared or either has no untreated skin.
        """
        here, there = self._shared(self.baseline.clear, self.followup.clear)
        return self.baseline.redness(here), self.followup.redness(there)

    @cached_property
    def mottle(self) -> tuple[Estimate, Estimate]:
        """`mottle` before and after of the skin on which both photos resolve dots; NaN where that
        is too little.
        """
        here, there = self._shared(self.baseline.resolved, self.followup.resolved)
        window_px = self.baseline.window_px
        return (
            self.baseline.mottle(here, window_px),
            self.followup.mottle(there, window_px * self.registration.enlargement),
        )

    def _shared(self, here: Mask, there: Mask) -> tuple[Mask, Mask]:
        """What lies in both a mask of the baseline (H, W) and one of the follow-up, in each."""
        laid = self.registration
        back = laid.warp.inverted(), laid.reach_px * laid.enlargement
        return shared(laid.warp, laid.reach_px, here, there), shared(*back, there, here)

    @cached_property
    def patches(self) -> tuple[LostPatch, ...]:
        """Places where clearly more of the baseline's dots were lost, px of its plate; none where
        most of one is not sharp in the follow-up.
        """
        of = self.counted
        told = self.identity
        visibility = told.stderr[of] / np.maximum(told.before[of], 1e-9)
        xy, sharp = self.baseline.dots.xy[of], at_places(self.followup.sharp, *told.xy[of].T)
        return tuple(
            patch
            for patch in lost_patches.lost_patches(xy, told.state[of] == LOST, visibility)
            if sharp[patch.holds(xy)].mean() > LEAST_SHARP
        )

    @cached_property
    def hair_edge(self) -> Estimate:
        """How much farther from the dots hair begins, px of the baseline's plate."""
        return hair_edge.moved_back(self.baseline, self.followup, self.registration.warp)

    @cached_property
    def lost_patch_share(self) -> Estimate:
        """Share of the observable dots' area inside lost patches; a patch's border is uncertain."""
        xy = self.baseline.dots.xy[self.counted]
        inside = np.zeros(len(xy), dtype=bool)
        for patch in self.patches:
            inside |= patch.holds(xy)
        share = float(inside.mean())
        return share, max(0.4 * share, 1 / len(xy))

    @cached_property
    def new_places(self) -> Points:
        """Where new dots (k, 2) lie, px of the baseline's plate."""
        back = self.registration.warp.inverted()
        return back(self.followup.dots.xy[self.identity.new]).xy

    @property
    def n_hidden(self) -> int:
        """How many baseline dots that are sure to be dots are not observable."""
        return int((self.identity.sure & ~self.counted).sum())

    def n_in(self, state: int) -> int:
        """How many counted dots are in a state."""
        return int((self.identity.state[self.counted] == state).sum())


def _contrast(plate: Plate, xy: Points, blur_px: float) -> Points:
    """1 - light / skin's light (n,) at dots' centres, after some more blur."""
    taken = absorptance(plate.light, plate.dots.xy, plate.size_px)
    if blur_px > 0:
        taken = np.asarray(cv2.GaussianBlur(taken, (0, 0), blur_px), dtype=np.float32)
    x, y = np.rint(xy).astype(int).T
    rows = y.clip(1, taken.shape[0] - 2), x.clip(1, taken.shape[1] - 2)
    around = [taken[rows[0] + dy, rows[1] + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    contrast: Points = np.max(around, axis=0).astype(float)
    return contrast
