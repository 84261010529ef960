"""Simple bodies before the camera, ellipsoids and capsules, and where rays meet them.

Head axes and mm as in `head.py`; a ray's distance is counted from the camera along it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analysis.arrays import Floats, Points
from analysis.phantom.head import Camera

Hit = tuple[Floats, Floats]  # distance (H, W), inf where missed, and outward normal (H, W, 3)
Window = tuple[slice, slice]


@dataclass(frozen=True)
class Ellipsoid:
    """`centre` (3,), semi-axes (3,) along the rows of `turn` (3, 3)."""

    centre: Points
    axes: Points
    turn: Points = field(default_factory=lambda: np.eye(3))

    @property
    def bounds(self) -> tuple[Points, float]:
        """Centre and radius of a ball around it."""
        return self.centre, float(self.axes.max())

    def meet(self, origin: Points, ray: Floats) -> Hit:
        """Where unit rays (..., 3) from `origin` first meet it."""
        into = (self.turn / self.axes[:, None]).astype(np.float32)
        start, step = (into @ (origin - self.centre)).astype(np.float32), ray @ into.T
        a, b = np.sum(step * step, axis=-1), step @ start
        inside = b * b - a * (float(start @ start) - 1)
        distance = (-b - np.sqrt(np.maximum(inside, 0))) / a
        normal = (start + step * distance[..., None]) @ into
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        met = (inside > 0) & (distance > 0)
        return np.where(met, distance, np.float32(np.inf)), normal


@dataclass(frozen=True)
class Capsule:
    """A rod with round ends from `start` to `end` (3,)."""

    start: Points
    end: Points
    radius: float

    @property
    def bounds(self) -> tuple[Points, float]:
        """Centre and radius of a ball around it."""
        half = float(np.linalg.norm(self.end - self.start)) / 2
        return (self.start + self.end) / 2, half + self.radius

    def meet(self, origin: Points, ray: Floats) -> Hit:
        """Where unit rays (..., 3) from `origin` first meet it."""
        axis = (self.end - self.start).astype(np.float32)
        long2 = float(axis @ axis)
        away = (origin - self.start).astype(np.float32)
        slope, beside = ray @ axis, float(away @ axis)
        a = long2 - slope**2
        b = long2 * (ray @ away) - beside * slope
        c = long2 * float(away @ away) - beside**2 - self.radius**2 * long2
        inside = b * b - a * c
        distance = (-b - np.sqrt(np.maximum(inside, 0))) / np.maximum(a, 1e-6)
        along = (beside + distance * slope) / long2
        hit = np.where((inside > 0) & (along > 0) & (along < 1), distance, np.inf)
        for end in (self.start, self.end):
            hit = np.minimum(hit, _ball(origin - end, ray, self.radius))
        hit = np.where(hit > 0, hit, np.inf).astype(np.float32)
        point = away + ray * np.where(np.isfinite(hit), hit, 0)[..., None]
        nearest = np.clip(point @ axis / long2, 0, 1)[..., None] * axis
        return hit, np.asarray((point - nearest) / self.radius, dtype=np.float32)


Solid = Ellipsoid | Capsule


def rays(camera: Camera, window: Window) -> Floats:
    """Unit rays (h, w, 3) of the pixels in a window of the photo."""
    rows, columns = window
    y = (np.arange(rows.start, rows.stop, dtype=np.float32) - camera.centre_px[1]) / camera.focal_px
    x = np.arange(columns.start, columns.stop, dtype=np.float32) - camera.centre_px[0]
    right, down, forward = camera.axes.astype(np.float32)
    ray = (x / camera.focal_px)[None, :, None] * right + y[:, None, None] * down + forward
    return np.asarray(ray / np.linalg.norm(ray, axis=-1, keepdims=True), dtype=np.float32)


def window_of(solid: Solid, camera: Camera, shape: tuple[int, ...]) -> Window:
    """The part of the photo that a solid can be in; empty when it is out of frame."""
    centre, radius = solid.bounds
    xy, depth = camera.project(centre[None])
    if depth[0] < -radius:
        return slice(0, 0), slice(0, 0)
    if depth[0] < 1.2 * radius:
        return slice(0, shape[0]), slice(0, shape[1])
    reach = 1.3 * camera.focal_px * radius / (float(depth[0]) - radius)
    low = np.floor(xy[0] - reach).astype(int)
    high = np.ceil(xy[0] + reach).astype(int) + 1
    (left, right), (top, bottom) = (
        np.clip([low[axis], high[axis]], 0, shape[1 - axis]).tolist() for axis in (0, 1)
    )
    return slice(top, bottom), slice(left, right)


def turned(angle_deg: float, axis: int) -> Points:
    """Rotation matrix (3, 3), rows the turned axes, by an angle about x, y or z (0, 1, 2)."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    matrix = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    matrix[i, i] = matrix[j, j] = c
    matrix[i, j], matrix[j, i] = (-s, s) if axis == 1 else (s, -s)
    return matrix


def _ball(away: Points, ray: Floats, radius: float) -> Floats:
    b = ray @ away.astype(np.float32)
    inside = b * b - (float(away @ away) - radius**2)
    return np.where(inside > 0, -b - np.sqrt(np.maximum(inside, 0)), np.float32(np.inf))
