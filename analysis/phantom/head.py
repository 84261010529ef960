"""The head's shape, where a camera stands before it, and what each pixel then sees.

Lengths in mm, image coordinates in px (x to the right, y down, first pixel's centre at 0, 0).
The head is an ellipsoid: x to its right ear, y to its face, z to the top. A pinhole camera looks
at one point of it. Nothing here knows skin, pigment or optics.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Mask, Points


@dataclass(frozen=True)
class Head:
    """An ellipsoidal head with semi-axes in mm (adult heads: about 70-80, 90-100, 85-95)."""

    half_width_mm: float = 76.0
    half_length_mm: float = 95.0
    half_height_mm: float = 88.0

    @cached_property
    def axes(self) -> Points:
        """Semi-axes (3,) in mm."""
        return np.array([self.half_width_mm, self.half_length_mm, self.half_height_mm])

    def point(self, from_top_deg: float, azimuth_deg: float) -> Points:
        """Surface point (3,), by angle from the top and around it (0 = face, 90 = right ear)."""
        theta, phi = np.radians([from_top_deg, azimuth_deg])
        direction = [np.sin(theta) * np.sin(phi), np.sin(theta) * np.cos(phi), np.cos(theta)]
        return np.array(direction) * self.axes

    def angles(
        self, points: NDArray[np.floating]
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Angle from the top and azimuth, both in degrees, of surface points (..., 3)."""
        unit = points / self.axes.astype(points.dtype)
        from_top = np.degrees(np.arctan2(np.hypot(unit[..., 0], unit[..., 1]), unit[..., 2]))
        return from_top, np.degrees(np.arctan2(unit[..., 0], unit[..., 1]))

    def normals(self, points: Points) -> Points:
        """Outward unit normals (..., 3) at surface points (..., 3)."""
        gradient = points / self.axes**2
        normal: Points = gradient / np.linalg.norm(gradient, axis=-1, keepdims=True)
        return normal

    def chart(self, points: NDArray[np.floating]) -> Floats:
        """Flat coordinates (..., 2) in mm, centred on the top: a sheet for skin texture."""
        unit = points / self.axes.astype(points.dtype)
        radius = np.hypot(unit[..., 0], unit[..., 1])
        theta = np.arctan2(radius, unit[..., 2])
        stretch = theta / np.maximum(radius, 1e-9) * float(self.axes.mean())
        return np.stack([unit[..., 0] * stretch, unit[..., 1] * stretch], axis=-1).astype(
            np.float32
        )

    def sample(self, n: int, rng: np.random.Generator) -> Points:
        """(n, 3) points uniform by area over the whole surface."""
        points = np.empty((0, 3))
        while len(points) < n:
            unit = rng.normal(size=(2 * n + 16, 3))
            unit /= np.linalg.norm(unit, axis=1, keepdims=True)
            # A sphere's area element grows by |unit / axes| when stretched to the ellipsoid.
            weight = np.linalg.norm(unit / self.axes, axis=1) * self.axes.min()
            points = np.vstack([points, unit[rng.random(len(unit)) < weight] * self.axes])
        return points[:n]

    @cached_property
    def area_mm2(self) -> float:
        """Surface area by Thomsen's formula (p = 1.6075, error at most 1.1 %)."""
        a, b, c = self.axes**1.6075
        return float(4 * np.pi * ((a * b + a * c + b * c) / 3) ** (1 / 1.6075))


@dataclass(frozen=True)
class Pose:
    """Where the camera looks and from where.

    The camera looks at the surface point `from_top_deg, azimuth_deg` from `distance_mm` away,
    tilted off that point's normal by `tilt_deg` towards `tilt_towards_deg`, rolled by `roll_deg`.
    `px_per_mm` is the scale at that point, face on.
    """

    width_px: int
    height_px: int
    px_per_mm: float
    from_top_deg: float = 0.0
    azimuth_deg: float = 180.0
    distance_mm: float = 260.0
    tilt_deg: float = 0.0
    tilt_towards_deg: float = 0.0
    roll_deg: float = 0.0


@dataclass(frozen=True)
class Camera:
    """A pose worked out: position (3,), axes (3, 3) as rows right, down, forward, focal length."""

    position: Points
    axes: Points
    focal_px: float
    centre_px: tuple[float, float]

    @classmethod
    def at(cls, head: Head, pose: Pose) -> Camera:
        """The camera of a pose before a head."""
        target = head.point(pose.from_top_deg, pose.azimuth_deg)
        normal = head.normals(target)
        right, down = tangents(normal)
        tilt, towards, roll = np.radians([pose.tilt_deg, pose.tilt_towards_deg, pose.roll_deg])
        lean = np.cos(towards) * right + np.sin(towards) * down
        outward = np.cos(tilt) * normal + np.sin(tilt) * lean
        right, down = tangents(outward)
        right, down = (
            np.cos(roll) * right + np.sin(roll) * down,
            np.cos(roll) * down - np.sin(roll) * right,
        )
        return cls(
            position=target + pose.distance_mm * outward,
            axes=np.stack([right, down, -outward]),
            focal_px=pose.px_per_mm * pose.distance_mm,
            centre_px=((pose.width_px - 1) / 2, (pose.height_px - 1) / 2),
        )

    def project(self, points: Points) -> tuple[Points, Points]:
        """Image positions (n, 2) as x, y and depths (n,) in mm of points (n, 3)."""
        local = (points - self.position) @ self.axes.T
        depth = local[:, 2]
        return local[:, :2] / depth[:, None] * self.focal_px + np.array(self.centre_px), depth

    def jacobians(self, points: Points, normals: Points) -> Points:
        """(n, 2, 2) px per mm: from a surface's own tangent plane to the image, at each point."""
        local = (points - self.position) @ self.axes.T
        depth = local[:, 2]
        first, second = tangents(normals)
        columns = []
        for tangent in (first, second):
            moved = tangent @ self.axes.T
            columns.append(
                (moved[:, :2] - local[:, :2] / depth[:, None] * moved[:, 2:])
                / depth[:, None]
                * self.focal_px
            )
        return np.stack(columns, axis=-1)

    def facing(self, points: Points, normals: Points) -> Points:
        """Cosine of the slant (n,): 1 face on, below 0 turned away."""
        ray = self.position - points
        cosine: Points = np.sum(ray * normals, axis=-1) / np.linalg.norm(ray, axis=-1)
        return cosine


@dataclass(frozen=True)
class Sight:
    """What every pixel of a photo looks at; arrays (H, W, ...), float32."""

    on_head: Mask
    point_mm: Floats
    normal: Floats
    cos_slant: Floats


def look(head: Head, camera: Camera, pose: Pose) -> Sight:
    """Intersect every pixel's ray with the head."""
    axes = head.axes.astype(np.float32)
    x = (np.arange(pose.width_px, dtype=np.float32) - camera.centre_px[0]) / camera.focal_px
    y = (np.arange(pose.height_px, dtype=np.float32) - camera.centre_px[1]) / camera.focal_px
    right, down, forward = camera.axes.astype(np.float32)
    ray = x[None, :, None] * right + y[:, None, None] * down + forward
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    origin = (camera.position / head.axes).astype(np.float32)
    scaled = ray / axes
    a = np.sum(scaled * scaled, axis=-1)
    b = scaled @ origin
    c = float(origin @ origin) - 1.0
    discriminant = b * b - a * c
    on_head = discriminant > 0
    # Rays that miss are given the point nearest to the head, so that no array holds NaN.
    distance = (-b - np.sqrt(np.maximum(discriminant, 0))) / a
    point = camera.position.astype(np.float32) + ray * distance[..., None]
    normal = point / axes**2
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    cosine = -np.sum(ray * normal, axis=-1)
    return Sight(on_head, point, normal, np.clip(cosine, 0, 1))


def tangents(normals: Points) -> tuple[Points, Points]:
    """Two unit tangents at each normal: image right and image down for somebody looking on.

    Down points away from the face on the top of the head, so that photos come with the face up.
    """
    reference = np.broadcast_to(np.array([0.0, -1.0, -0.35]), normals.shape)
    down = reference - np.sum(reference * normals, axis=-1, keepdims=True) * normals
    down /= np.linalg.norm(down, axis=-1, keepdims=True)
    return np.cross(down, -normals), down
