"""The calibration card on a phantom's scalp: paper on the skin, bent along its longer side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from analysis import card_layout
from analysis.arrays import Floats, Mask, Points
from analysis.phantom.cover import Cover
from analysis.phantom.head import Camera, Head, tangents
from analysis.phantom.scene import Scene, VisibleDots

_PAPER, _MATT = 0.88, 0.2
_TEXTURE_PX_PER_MM = 40
_MESH = 25
_DEGREE = 4
_FINE = np.array([-1 / 3, 0, 1 / 3])


@dataclass(frozen=True)
class HeldCard:
    """A card whose centre lies on a surface point, its longer side turned by `turn_deg` from image
    right. `hidden_mm`: something opaque over its left part, that wide. `bent`: follows the skin.
    """

    from_top_deg: float
    azimuth_deg: float
    turn_deg: float = 0.0
    hidden_mm: float = 0.0
    bent: bool = True


@dataclass(frozen=True)
class Laid:
    """A scene with the card, the dots still seen, and the card's own scale: px per mm face on, the
    mean of its two markers' centres.
    """

    scene: Scene
    dots: VisibleDots
    px_per_mm: float


def lay(scene: Scene, dots: VisibleDots, head: Head, held: HeldCard) -> Laid:
    """Put the card on the skin: what is beneath is no longer seen."""
    surface = _Sheet.on(head, held)
    alpha = np.zeros(scene.on_head.shape, dtype=np.float32)
    colour = np.zeros((*alpha.shape, 3), dtype=np.float32)
    window, mm, inside = _unprojected(surface, scene.camera, alpha.shape)
    alpha[window], colour[window] = _printed(mm, inside, held.hidden_mm)
    cover = scene.cover or Cover.none(scene.on_head.shape)
    cover.paint(alpha, colour, shine=_MATT)
    hidden = alpha > 0.5
    x, y = np.rint(dots.xy_px).astype(int).T
    kept = ~hidden[y, x]
    seen = VisibleDots(
        dots.ids[kept], dots.xy_px[kept], dots.cos_slant[kept], dots.diameter_px[kept]
    )
    laid = replace(
        scene,
        cover=cover,
        treated=np.where(hidden, np.float32(0), scene.treated),
        skin=scene.skin & ~hidden,
        reference=scene.reference & ~hidden,
    )
    return Laid(laid, seen, _scale(surface, scene.camera))


@dataclass(frozen=True)
class _Sheet:
    """The card's surface: a cylinder's, whose axis is its shorter side; flat where not `bent`."""

    centre: Points
    along: Points
    across: Points
    inward: Points
    curvature: float

    @classmethod
    def on(cls, head: Head, held: HeldCard) -> _Sheet:
        centre = head.point(held.from_top_deg, held.azimuth_deg)
        normal = head.normals(centre)
        right, down = tangents(normal)
        turn = np.radians(held.turn_deg)
        along = np.cos(turn) * right + np.sin(turn) * down
        across = np.cos(turn) * down - np.sin(turn) * right
        step = 0.5
        bend = head.normals(centre + step * along) - normal
        curvature = float(bend @ along) / step if held.bent else 0.0
        return cls(centre, along, across, -normal, curvature)

    def at(self, mm: Points) -> Points:
        """Points (n, 3) in head axes of places (n, 2) on the card."""
        u = mm[:, 0] - card_layout.WIDTH_MM / 2
        v = mm[:, 1] - card_layout.HEIGHT_MM / 2
        bend = max(self.curvature, 1e-9)
        turned = u * bend
        forth, deep = np.sin(turned) / bend, (1 - np.cos(turned)) / bend
        # A hair's breadth off the skin.
        points = self.centre + forth[:, None] * self.along + v[:, None] * self.across
        return np.asarray(points + (deep - 0.1)[:, None] * self.inward)


def _unprojected(
    sheet: _Sheet, camera: Camera, shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], Floats, Mask]:
    """The window of a photo that holds the card, which place (h, w, 2) on it, in mm, each pixel
    there sees, and whether it sees any (h, w).

    A polynomial through a mesh's projection: exact to a hundredth of a pixel.
    """
    size = np.array([card_layout.WIDTH_MM, card_layout.HEIGHT_MM])
    grid = np.stack(np.meshgrid(*[np.linspace(-0.05, 1.05, _MESH)] * 2), axis=-1).reshape(-1, 2)
    px, _ = camera.project(sheet.at(grid * size))
    low, high = px.min(axis=0), px.max(axis=0)
    fit = np.linalg.lstsq(_terms((px - low) / (high - low)), grid * size, rcond=None)[0]
    left, top = np.clip(np.floor(low).astype(int), 0, np.array(shape[1::-1]) - 2)
    right, bottom = np.clip(np.ceil(high).astype(int), [left + 2, top + 2], shape[1::-1])
    y, x = np.mgrid[top:bottom, left:right]
    place = (np.stack([x, y], axis=-1) - low) / (high - low)
    near = np.all((place > -0.02) & (place < 1.02), axis=-1)
    mm = (_terms(place.reshape(-1, 2)) @ fit).reshape(place.shape)
    return (slice(top, bottom), slice(left, right)), mm.astype(np.float32), near


def _terms(place: Points) -> Points:
    x, y = place.T
    return np.stack([x**i * y**j for i in range(_DEGREE + 1) for j in range(_DEGREE + 1)], axis=1)


def _printed(mm: Floats, inside: Mask, hidden_mm: float) -> tuple[Floats, Floats]:
    """Alpha (H, W) and reflectance (H, W, 3), averaged over each pixel."""
    sheet = _texture()
    step_x, step_y = (np.gradient(mm, axis=axis) for axis in (1, 0))
    alpha = np.zeros(mm.shape[:2], dtype=np.float32)
    colour = np.zeros((*mm.shape[:2], 3), dtype=np.float32)
    for dx in _FINE:
        for dy in _FINE:
            at = mm + np.float32(dx) * step_x + np.float32(dy) * step_y
            on = inside & np.all(
                (at >= 0) & (at <= [card_layout.WIDTH_MM, card_layout.HEIGHT_MM]), -1
            )
            x, y = (
                np.ascontiguousarray(at[..., i] * _TEXTURE_PX_PER_MM - 0.5, dtype=np.float32)
                for i in (0, 1)
            )
            seen = cv2.remap(sheet, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            seen = np.where((at[..., 0] < hidden_mm)[..., None], np.float32(0.25), seen)
            alpha += on / np.float32(9)
            colour += seen * on[..., None] / np.float32(9)
    return alpha, np.asarray(colour / np.maximum(alpha, 1e-6)[..., None], dtype=np.float32)


@lru_cache(maxsize=1)
def _texture() -> Floats:
    """Reflectance of the printed card: paper is not perfectly white."""
    srgb = card_layout.picture(_TEXTURE_PX_PER_MM).astype(np.float32) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.where(srgb.min(axis=-1, keepdims=True) == 1, _PAPER, linear)
    return np.asarray(linear, dtype=np.float32)


def _scale(sheet: _Sheet, camera: Camera) -> float:
    centres = card_layout.marker_corners().mean(axis=1)
    scales = []
    for centre in centres:
        steps = centre + np.array([(0, 0), (0.01, 0), (0, 0.01)])
        px, _ = camera.project(sheet.at(steps))
        jacobian = np.stack([px[1] - px[0], px[2] - px[0]], axis=1) / 0.01
        scales.append(float(np.linalg.svd(jacobian, compute_uv=False)[0]))
    return float(np.mean(scales))
