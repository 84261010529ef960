"""A scalp under a pose, as maps of what is on the skin: sharp, unlit, without any camera.

`stage` works out what each pixel looks at and lays dots, hairs, pores and moles on it with their
projected shape, averaged over each pixel's area. Light, skin texture, blur and noise are optics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Mask, Points
from analysis.phantom.course import State
from analysis.phantom.cover import Cover
from analysis.phantom.head import Camera, Head, Pose, look
from analysis.phantom.scalp import Marks, Scalp, Stubble

DOT_EDGE_MM = 0.03
RED_AROUND_MM = 0.4
HAIR_OD = 0.75
_SUBSAMPLES = np.array([-1 / 3, 0.0, 1 / 3])


@dataclass(frozen=True)
class Scene:
    """What there is to photograph; maps (H, W) float32 unless told.

    `pigment_t`, `hair_t`, `spot_t`: transmittance of pigment dots, of hair, of pores and moles
    (1 = none). `haemoglobin`: excess in mild erythemas, `melanin` the skin's own level.
    `treated`: planned density share. `chart_mm` (H, W, 2): flat skin coordinates for texture.
    `normal` (H, W, 3) in head axes; `camera` to light it. `pigment_tint` (3,): the pigment's
    optical density in red, green, blue relative to green. `skin_seed` names the person's skin.

    With a person around the scalp, `on_head` is all skin, of face or hand too, `solid` all that has
    a shape to be lit, and `melanin` a map; `cover` is what lies over skin and backdrop, `light_t`
    the share of light that reaches a pixel (None = all). `skin`: bare skin of head and neck,
    `reference`: that outside the treated area, `hair`: skin under hair longer than stubble.
    """

    on_head: Mask
    chart_mm: Floats
    normal: Floats
    cos_slant: Floats
    treated: Floats
    pigment_t: Floats
    hair_t: Floats
    spot_t: Floats
    haemoglobin: Floats
    melanin: float | Floats
    pigment_tint: tuple[float, float, float]
    px_per_mm: float
    camera: Camera
    skin_seed: int
    solid: Mask
    skin: Mask
    reference: Mask
    hair: Mask
    cover: Cover | None = None
    light_t: Floats | None = None


@dataclass(frozen=True)
class VisibleDots:
    """Dots in frame on the near side: ids (n,), image positions (n, 2) x, y, slant cosine (n,),
    diameter (n,) in px (geometric mean of the projected ellipse).
    """

    ids: NDArray[np.int64]
    xy_px: Points
    cos_slant: Points
    diameter_px: Points


def stage(scalp: Scalp, state: State, pose: Pose) -> tuple[Scene, VisibleDots]:
    """Lay out one photo's scene and tell which dots are in it."""
    camera = Camera.at(scalp.head, pose)
    sight = look(scalp.head, camera, pose)
    shape = sight.on_head.shape
    treated = np.where(sight.on_head, scalp.treated(sight.point_mm), 0).astype(np.float32)
    frame = _Frame(scalp.head, camera, shape)
    dots = frame.visible(scalp.dots.points_mm)
    dots = dots[state.present[dots]]
    points = scalp.dots.points_mm[dots]
    red = state.haemoglobin * scalp.inflamed(sight.point_mm)
    for spot in state.red_spots:
        centre = scalp.head.point(spot.from_top_deg, spot.azimuth_deg)
        beyond = np.linalg.norm(sight.point_mm - centre, axis=-1) - spot.radius_mm
        red = red + spot.erythemas * (1 - np.clip(beyond + 0.5, 0, 1))
    if state.red_dots:
        around = frame.round_marks(
            points, np.full(len(points), 2 * RED_AROUND_MM), np.full(len(points), 1.0)
        )
        red = red + state.red_dots * np.clip(-np.log10(around), 0, 1)
    scene = Scene(
        on_head=sight.on_head,
        chart_mm=scalp.head.chart(sight.point_mm),
        normal=sight.normal,
        cos_slant=sight.cos_slant,
        treated=treated,
        pigment_t=frame.round_marks(
            scalp.dots.points_mm[dots], state.diameter_mm[dots], state.od[dots]
        ),
        hair_t=frame.hairs(scalp.stubble, state.stubble_mm),
        spot_t=frame.spots(scalp.pores) * frame.spots(scalp.moles),
        haemoglobin=np.where(sight.on_head, red, 0).astype(np.float32),
        melanin=scalp.recipe.melanin,
        pigment_tint=pigment_tint(state),
        px_per_mm=pose.px_per_mm,
        camera=camera,
        skin_seed=scalp.recipe.seed,
        solid=sight.on_head,
        skin=sight.on_head,
        reference=sight.on_head & (treated == 0),
        hair=np.zeros(shape, dtype=bool),
    )
    scale = np.sqrt(np.abs(np.linalg.det(frame.jacobians(points))))
    return scene, VisibleDots(
        ids=dots,
        xy_px=camera.project(points)[0],
        cos_slant=frame.facing(points),
        diameter_px=state.diameter_mm[dots] * scale,
    )


def integrated_absorptance_mm2(diameter_mm: Points, od: Points) -> Points:
    """Light a dot takes away, times area, face on: what blur conserves. (n,) in mm2."""
    radius = np.linspace(0, 1.2, 400)[:, None] * diameter_mm / 2 * 1.25
    absorptance = 1 - 10 ** (-od * _disc(radius, diameter_mm / 2))
    return np.asarray(np.trapezoid(absorptance * 2 * np.pi * radius, radius, axis=0))


def pigment_tint(state: State) -> tuple[float, float, float]:
    """Optical density of pigment in red, green, blue over that in green: fresh dots read warm,
    healed ones neutral grey.
    """
    fresh = 0.5 ** (state.day / 5)
    return (1.0 - 0.25 * fresh, 1.0, 1.0 + 0.1 * fresh)


def _disc(distance_mm: Points, radius_mm: Points) -> Points:
    """A flat disc with a soft edge: 1 inside, one half at the radius, 0 outside."""
    return 0.5 * (1 - np.tanh((distance_mm - radius_mm) / DOT_EDGE_MM))


class _Frame:
    """One photo's geometry, to lay marks of the surface into its pixels."""

    def __init__(self, head: Head, camera: Camera, shape: tuple[int, ...]) -> None:
        self._head, self._camera, self._shape = head, camera, shape

    def visible(self, points: Points) -> NDArray[np.int64]:
        """Indices of the points that face the camera and lie in the frame."""
        if not len(points):
            return np.empty(0, dtype=np.int64)
        height, width = self._shape
        x, y = self._camera.project(points)[0].T
        inside = (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
        return np.flatnonzero(inside & (self.facing(points) > 0.1))

    def facing(self, points: Points) -> Points:
        return self._camera.facing(points, self._head.normals(points))

    def jacobians(self, points: Points) -> Points:
        return self._camera.jacobians(points, self._head.normals(points))

    def round_marks(self, points: Points, diameter_mm: Points, od: Points) -> Floats:
        """Transmittance map of round marks."""
        return self._stamp(points, diameter_mm / 2, np.zeros((len(points), 2)), od)

    def spots(self, marks: Marks) -> Floats:
        """Transmittance map of pores or moles."""
        ids = self.visible(marks.points_mm)
        return self.round_marks(marks.points_mm[ids], marks.diameter_mm[ids], marks.od[ids])

    def hairs(self, stubble: Stubble, length_mm: Points) -> Floats:
        """Transmittance map of the stubble: dark capsules lying in the surface."""
        ids = self.visible(stubble.points_mm)
        angle = stubble.angle_rad[ids]
        half = length_mm[ids, None] / 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        od = np.full(len(ids), HAIR_OD)
        return self._stamp(stubble.points_mm[ids], stubble.width_mm[ids] / 2, half, od)

    def _stamp(self, points: Points, radius_mm: Points, half_mm: Points, od: Points) -> Floats:
        """Lay capsules into the frame: points (n, 3), radii, half axes (n, 2) in the skin."""
        height, width = self._shape
        log_t = np.zeros(height * width)
        if len(points):
            xy = self._camera.project(points)[0]
            jacobian = self.jacobians(points)
            scale = np.linalg.norm(jacobian, axis=(1, 2)) / np.sqrt(2)
            reach = radius_mm + np.linalg.norm(half_mm, axis=1) + 2.5 * DOT_EDGE_MM
            patch = np.ceil(np.maximum(reach * scale * 1.15, 1)).astype(int) + 1
            for size in np.unique(patch):
                of = np.flatnonzero(patch == size)
                for part in np.array_split(of, max(1, len(of) * (2 * size + 1) ** 2 // 2_000_000)):
                    _lay(
                        log_t,
                        (height, width),
                        int(size),
                        xy[part],
                        jacobian[part],
                        radius_mm[part],
                        half_mm[part],
                        od[part],
                    )
        return np.exp(log_t).astype(np.float32).reshape(height, width)


def _lay(
    log_t: Points,
    shape: tuple[int, int],
    size: int,
    xy: Points,
    jacobian: Points,
    radius_mm: Points,
    half_mm: Points,
    od: Points,
) -> None:
    """Add the log transmittance of capsules, averaged over 3 x 3 places in each pixel."""
    height, width = shape
    grid = np.arange(-size, size + 1)
    base = np.rint(xy).astype(int)
    px = base[:, 0, None, None] + grid[None, None, :]
    py = base[:, 1, None, None] + grid[None, :, None]
    inverse = np.linalg.inv(jacobian)
    length = np.linalg.norm(half_mm, axis=1)
    axis = half_mm / np.maximum(length, 1e-9)[:, None]
    absorbed = np.zeros((len(xy), len(grid), len(grid)))
    each = (slice(None), None, None)
    for dx in _SUBSAMPLES:
        for dy in _SUBSAMPLES:
            x, y = px + dx - xy[:, 0][each], py + dy - xy[:, 1][each]
            u = inverse[:, 0, 0][each] * x + inverse[:, 0, 1][each] * y
            v = inverse[:, 1, 0][each] * x + inverse[:, 1, 1][each] * y
            along = u * axis[:, 0][each] + v * axis[:, 1][each]
            beyond = along - np.clip(along, -length[each], length[each])
            across = u * axis[:, 1][each] - v * axis[:, 0][each]
            distance = np.where(length[each] > 0, np.hypot(beyond, across), np.hypot(u, v))
            absorbed += 1 - 10 ** (-od[each] * _disc(distance, radius_mm[each]))
    inside = (px >= 0) & (px < width) & (py >= 0) & (py < height)
    inside = np.broadcast_to(inside, absorbed.shape)
    flat = np.broadcast_to(py * width + px, absorbed.shape)[inside]
    np.add.at(log_t, flat, np.log1p(-np.minimum(absorbed[inside] / 9, 0.98)))
