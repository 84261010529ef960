"""One photograph of a phantom, with its truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from analysis.arrays import Mask, Pixels, Points
from analysis.phantom.blemishes import blemish
from analysis.phantom.course import State
from analysis.phantom.dress import dress
from analysis.phantom.head import Pose
from analysis.phantom.held_card import HeldCard, lay
from analysis.phantom.optics import Optics
from analysis.phantom.person import Person
from analysis.phantom.scalp import Scalp
from analysis.phantom.scene import VisibleDots, integrated_absorptance_mm2, stage


@dataclass(frozen=True)
class Truth:
    """What is really on a photo.

    `dots`: those present, in frame, not covered and facing the camera; `od` and `absorptance_mm2`
    (n,) belong to them. `px_per_mm`: scale where the camera looks, face on. `haemoglobin`: the
    treated skin's excess in mild erythemas. Masks (H, W) of what is in sight: `treated` the treated
    area, `skin` bare skin of head, face and neck, `reference` its part that was not treated,
    `hair` skin under hair longer than stubble. `card_px_per_mm`: scale where a calibration card
    lies, face on; NaN without one.
    """

    dots: VisibleDots
    od: Points
    absorptance_mm2: Points
    treated: Mask
    px_per_mm: float
    haemoglobin: float
    day: float
    skin: Mask
    reference: Mask
    hair: Mask
    card_px_per_mm: float = math.nan

    def as_json(self, *, dots: bool = True) -> dict[str, Any]:
        """The truth as plain values; areas as outlines, positions to 0.1 px."""
        document: dict[str, Any] = {
            "day": self.day,
            "px_per_mm": round(self.px_per_mm, 4),
            "haemoglobin_excess": round(self.haemoglobin, 4),
            "n_dots": len(self.dots.ids),
            "treated_outlines": _outlines(self.treated),
        }
        if dots:
            document["dots"] = {
                "id": self.dots.ids.tolist(),
                "x": self.dots.xy_px[:, 0].round(1).tolist(),
                "y": self.dots.xy_px[:, 1].round(1).tolist(),
                "diameter_px": self.dots.diameter_px.round(1).tolist(),
                "absorptance_mm2": self.absorptance_mm2.round(4).tolist(),
            }
        return document


@dataclass(frozen=True)
class Photograph:
    """A drawn photo, upright sRGB (H, W, 3), and what is really on it."""

    srgb_u8: Pixels
    truth: Truth


def photograph(
    scalp: Scalp,
    state: State,
    pose: Pose,
    optics: Optics,
    *,
    seed: int,
    person: Person | None = None,
    card: HeldCard | None = None,
) -> Photograph:
    """Photograph a scalp in a state: the same arguments give the same pixels.

    Without a `person` there is nothing but the scalp before a backdrop. A `card` lies on the skin.
    """
    scene, dots = stage(scalp, state, pose)
    scene = blemish(scene, scalp, state)
    if person is not None:
        scene, dots = dress(scene, dots, scalp.head, pose, person)
    card_px_per_mm = math.nan
    if card is not None:
        laid = lay(scene, dots, scalp.head, card)
        scene, dots, card_px_per_mm = laid.scene, laid.dots, laid.px_per_mm
    pixels = optics.expose(scene, np.random.default_rng(seed))
    truth = Truth(
        dots=dots,
        od=state.od[dots.ids],
        absorptance_mm2=integrated_absorptance_mm2(state.diameter_mm[dots.ids], state.od[dots.ids]),
        treated=scene.treated > 0,
        px_per_mm=pose.px_per_mm,
        haemoglobin=state.haemoglobin,
        day=state.day,
        skin=scene.skin,
        reference=scene.reference,
        hair=scene.hair,
        card_px_per_mm=card_px_per_mm,
    )
    return Photograph(pixels, truth)


def _outlines(mask: Mask) -> list[Any]:
    contours, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    near = [cv2.approxPolyDP(c, 2.0, closed=True).reshape(-1, 2) for c in contours]
    return [outline.tolist() for outline in near if len(outline) > 2]
