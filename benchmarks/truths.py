"""What each measurand of a drawn photo really is, in the area in which it was measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from scipy.spatial import cKDTree

from analysis import colour, mottle
from analysis.arrays import Floats, Mask, Points, at_places, resized
from analysis.phantom import Optics, Patch, Photograph, Pose, Scalp, State
from analysis.phantom import optics as phone
from analysis.phantom import other_optics as compact
from analysis.phantom.head import Camera, look
from analysis.phantom.scene import Scene, integrated_absorptance_mm2, pigment_tint, stage
from analysis.stages import Stages
from analysis.trend import SIGMA, Grid, blurred

ERYTHEMA = 7.296  # 100 log10(.97 / .82)
_BARE_SKIN = {"phone": phone.bare_skin, "compact": compact.bare_skin}
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Taken:
    """A drawn photo with all that it was drawn from; `patch`: where dots are lacking."""

    photo: Photograph
    scalp: Scalp
    state: State
    pose: Pose
    optics: Optics
    patch: Patch | None

    @cached_property
    def _scene(self) -> Scene:
        return stage(self.scalp, self.state, self.pose)[0]

    @cached_property
    def _skin(self) -> Scene:
        """The same skin without pigment and hair."""
        clean = np.ones_like(self._scene.pigment_t)
        return replace(self._scene, pigment_t=clean, hair_t=clean)

    @cached_property
    def _pale(self) -> Scene:
        """The same, and without redness."""
        return replace(self._skin, haemoglobin=np.zeros_like(self._skin.haemoglobin))

    def _seen(self, scene: Scene, **unlike: float) -> Floats:
        """Linear light (H, W, 3) by the camera without noise, of even skin, in the same light."""
        plain = replace(self.optics, noise=0.0, texture=0.0, **unlike)  # type: ignore[type-var]
        return colour.linear(plain.expose(scene, np.random.default_rng(0)))

    @cached_property
    def light(self) -> tuple[Floats, Floats, Floats]:
        """Blurred only, (H, W, 3) each: of everything, without pigment, and without redness."""
        true = {"sharpening": 0.0, "contrast": 0.0, "gloss": 0.0}
        whole, skin, pale = (self._seen(s, **true) for s in (self._scene, self._skin, self._pale))
        return whole, skin, pale

    @cached_property
    def as_photographed(self) -> Floats:
        """Light (H, W, 3) as the camera's processing and shine leave it."""
        return self._seen(self._scene)

    @cached_property
    def kept(self) -> Floats:
        """Share of the dots (H, W) that a patch leaves; 1 without one."""
        if self.patch is None:
            return np.ones(self._scene.on_head.shape, dtype=np.float32)
        sight = look(self.scalp.head, Camera.at(self.scalp.head, self.pose), self.pose)
        centre = self.scalp.head.point(self.patch.from_top_deg, self.patch.azimuth_deg)
        inside = np.linalg.norm(sight.point_mm - centre, axis=-1) < self.patch.radius_mm
        return np.asarray(1 - self.patch.share_lost * inside, dtype=np.float32)


def of_photo(taken: Taken, stages: Stages) -> dict[str, float]:
    """By measurand; NaN where there is none. Pigment in red light, blur as drawn."""
    dots = _of_dots(taken, stages) if stages.level == "dot" else {}
    return {**dots, **_of_evenness(taken, stages), **_of_colour(taken, stages)}


def _mottle_of_tone(taken: Taken, stages: Stages) -> float:
    """Of what pigment takes of red light, where skin was judged."""
    if stages.scale is None or not stages.areas.clear.any():
        return np.nan
    area = stages.areas.clear
    lost = _pigment(taken, area) * taken.kept / float(taken.kept[area].mean())
    shine = stages.areas.glare & stages.areas.skin
    step_px = stages.scale.px_per_mm * mottle.CELL_MM
    grid = Grid.of(np.empty((0, 2)), area, stages.head, step_px, shine)
    return mottle.of_map(-np.log(1 - _on_cells(lost, grid.used.shape)), grid.used)


def _pigment(taken: Taken, area: Mask) -> float:
    """Integrated absorptance in red light per skin area."""
    truth = taken.photo.truth
    ids, red = truth.dots.ids, pigment_tint(taken.state)[0]
    each = integrated_absorptance_mm2(taken.state.diameter_mm[ids], red * taken.state.od[ids])
    inside = at_places(area, *truth.dots.xy_px.T)
    light = (each * truth.dots.cos_slant)[inside].sum() * truth.px_per_mm**2
    return float(light / area.sum())


def _of_dots(taken: Taken, stages: Stages) -> dict[str, float]:
    truth, area = taken.photo.truth, stages.dot_area
    xy = truth.dots.xy_px
    inside = at_places(area, *xy.T)
    n, cells = float(inside.sum()), float(area.sum())
    diameter = float(np.median(truth.dots.diameter_px[inside]))
    clear = at_places(area & ~stages.areas.glare, *xy.T)
    return {
        "dot_count": n,
        "dot_density": n / (cells / truth.px_per_mm**2 / 100),
        "dot_spacing": float(np.median(cKDTree(xy).query(xy[inside], k=2)[0][:, 1])),
        "dot_diameter": diameter,
        "dot_diameter_mm": diameter / truth.px_per_mm,
        "dot_contrast": _contrast(taken, xy[clear], stages.size_px),
        "pigment_per_area": _pigment(taken, area),
        "blur_width": float(taken.optics.blur_px),  # type: ignore[attr-defined]
    }


def _contrast(taken: Taken, xy: Points, size_px: float) -> float:
    """Median of 1 - light at dots (n, 2) over that of a ring around, as photographed."""
    grey = (taken.as_photographed @ _LUMA).astype(np.float32)
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    round_it = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    centre = np.vstack([np.zeros((1, 2)), 0.25 * round_it[::6]])
    here, around = (
        cv2.remap(
            grey,
            *np.moveaxis(np.float32(xy[:, None] + size_px * at), 2, 0),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for at in (centre, np.vstack([1.1 * round_it, 1.5 * round_it]))
    )
    return float(np.median(1 - here.mean(axis=1) / np.median(around, axis=1)))


def _of_evenness(taken: Taken, stages: Stages) -> dict[str, float]:
    evenness, patches = stages.evenness, stages.patches
    truth = {"density_uniformity": np.nan, "patchy_share": np.nan, "mottle": np.nan}
    if np.isfinite(evenness.value):
        judged = np.isfinite(evenness.density)
        kept = _on_cells(taken.kept, judged.shape)
        local = (
            blurred(kept * judged, SIGMA)[judged]
            / blurred(judged.astype(np.float32), SIGMA)[judged]
        )
        truth["density_uniformity"] = 1 - float(local.std() / local.mean())
        truth["mottle"] = mottle.of_map(
            stages.pigment[0] * kept / float(kept[judged].mean()), judged
        )
    elif stages.level == "tone":
        truth["mottle"] = _mottle_of_tone(taken, stages)
    if patches.judged.any():
        kept = _on_cells(taken.kept, patches.judged.shape)
        truth["patchy_share"] = float((kept[patches.judged] < 0.999).mean())
    return truth


def _on_cells(image: Floats, shape: tuple[int, ...]) -> Floats:
    return resized(image, (shape[1], shape[0]))


def _of_colour(taken: Taken, stages: Stages) -> dict[str, float]:
    """Redness, and darkness and a* as they are in the photo's own light."""
    whole, skin, pale = taken.light
    here, there = stages.areas.clear, stages.areas.reference
    if not there.any() or not here.any():
        return {}
    step = np.log((whole[here] @ _LUMINANCE).mean() / (pale[here] @ _LUMINANCE).mean())
    base = float(np.median(colour.linear(taken.photo.srgb_u8)[there] @ _LUMINANCE))
    dark, light = colour.lab(base * np.exp([[step], [0.0]]) * np.ones(3))[:, 0]
    red, plain = (colour.lab(np.median(seen[here], axis=0).astype(float)) for seen in (skin, pale))
    return {
        "redness_index": ERYTHEMA * taken.photo.truth.haemoglobin,
        "redness_delta_a": float(red[1] - plain[1]),
        "coverage_delta_l": float(dark - light),
    }


def skin_ita(camera: str, melanin: float) -> float:
    """Individual typology angle of a camera's skin without any texture, degrees."""
    light, _, yellow = colour.lab(_BARE_SKIN[camera](melanin))
    return float(np.degrees(np.arctan2(light - 50, yellow)))
