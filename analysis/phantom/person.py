"""The person around a scalp: face, ears, neck, shoulders and a hand, as bodies a camera meets.

All places are in head axes and mm for a head of 76 x 95 x 88 mm and grow with the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Mask, Points
from analysis.phantom.cover import Colour
from analysis.phantom.head import Camera, Head, Pose, Sight, tangents
from analysis.phantom.solids import Capsule, Ellipsoid, Solid, rays, turned, window_of

USUAL_AXES_MM = np.array([76.0, 95.0, 88.0])
_BLEND_MM = 7.0
View = Literal["front", "forehead", "top", "crown", "back", "left", "right"]
_VIEWS: dict[View, tuple[float, float]] = {
    "front": (96, 0),
    "forehead": (62, 0),
    "top": (8, 0),
    "crown": (35, 180),
    "back": (80, 180),
    "left": (82, -90),
    "right": (82, 90),
}


class Kind(IntEnum):
    """What a pixel shows, by body part."""

    BACKDROP = 0
    HEAD = 1
    FACE = 2
    EAR = 3
    NECK = 4
    HAND = 5
    CLOTH = 6


@dataclass(frozen=True)
class Hand:
    """A hand laid on the head: where its knuckles rest, and which way its fingers point there
    (0 = image right for somebody looking on, 90 = down). `melanin` comes on top of the head's.
    """

    from_top_deg: float = 30.0
    azimuth_deg: float = 120.0
    towards_deg: float = 180.0
    melanin: float = 0.05
    haemoglobin: float = 0.5


@dataclass(frozen=True)
class Person:
    """What is around a scalp. Hair lengths in mm, densities per cm2, colours are reflectances.

    `hair_mm`: hair on the sides and back, from `hair_from_deg` off the top down; 0 = none.
    `backdrop` fills what no body fills.
    """

    seed: int = 0
    brows: bool = True
    beard_mm: float = 0.0
    beard_per_cm2: float = 50.0
    hair_mm: float = 0.0
    hair_per_cm2: float = 160.0
    hair_from_deg: float = 66.0
    hair_colour: Colour = (0.035, 0.024, 0.017)
    glasses: Literal["none", "worn", "pushed up"] = "none"
    frame_colour: Colour = (0.02, 0.02, 0.022)
    lens_alpha: float = 0.06
    hand: Hand | None = None
    cloth_colour: Colour = (0.05, 0.07, 0.12)
    collar_mm: float = -158.0
    backdrop: Literal["grey", "beige", "wood", "warm", "door", "dark"] = "grey"


@dataclass(frozen=True)
class Body:
    """What each pixel meets: `kind` (H, W), `distance` (H, W) in mm along the ray (inf = nothing),
    `sight` with its points and normals.
    """

    kind: NDArray[np.uint8]
    distance: Floats
    sight: Sight


Part = tuple[Kind, Solid]


def view(
    name: View, width_px: int, height_px: int, px_per_mm: float, *, distance_mm: float = 600.0
) -> Pose:
    """A pose that sees a whole head from one side, upright as people hold a phone."""
    from_top, azimuth = _VIEWS[name]
    pose = Pose(width_px, height_px, px_per_mm, from_top, azimuth, distance_mm)
    camera = Camera.at(Head(), pose)
    # Down the image should be down the body; seen from the top it is away from the face.
    down = np.array([0.0, 0.0, -1.0]) if from_top > 50 else np.array([0.0, -1.0, 0.0])
    right_part, down_part = (float(axis @ down) for axis in camera.axes[:2])
    roll_deg = float(np.degrees(np.arctan2(-right_part, down_part)))
    return Pose(width_px, height_px, px_per_mm, from_top, azimuth, distance_mm, roll_deg=roll_deg)


def parts(head: Head, person: Person) -> list[Part]:
    """The bodies around the head, without the head itself."""
    made = [*_face(), *_ears(), *_trunk()]
    grown = head.axes / USUAL_AXES_MM
    return [(kind, _grow(solid, grown)) for kind, solid in made] + _hand(head, person)


def jaw(head: Head) -> Ellipsoid:
    """The lower face, which carries most of a beard."""
    grown = head.axes / USUAL_AXES_MM
    return Ellipsoid(np.array([0.0, 27.0, -66.0]) * grown, np.array([60.0, 62.0, 71.0]) * grown)


def embody(head: Head, person: Person, camera: Camera, sight: Sight) -> Body:
    """Let every pixel meet the nearest body; joints of skin are rounded."""
    shape = sight.on_head.shape
    distance = np.linalg.norm(sight.point_mm - camera.position.astype(np.float32), axis=-1)
    distance = np.where(sight.on_head, distance, np.inf).astype(np.float32)
    kind = np.where(sight.on_head, Kind.HEAD, Kind.BACKDROP).astype(np.uint8)
    which = kind.copy()
    normal, point = sight.normal.copy(), sight.point_mm.copy()
    for number, (made_of, solid) in enumerate(parts(head, person), start=2):
        window = window_of(solid, camera, shape)
        if window[0].start >= window[0].stop or window[1].start >= window[1].stop:
            continue
        ray = rays(camera, window)
        far, outward = solid.meet(camera.position, ray)
        nearer = far < distance[window]
        reached = ray[nearer] * far[nearer][:, None] + camera.position.astype(np.float32)
        distance[window][nearer] = far[nearer]
        kind[window][nearer], which[window][nearer] = made_of, number
        normal[window][nearer], point[window][nearer] = outward[nearer], reached
    normal = _rounded(normal, which, kind, camera, distance)
    ray = rays(camera, (slice(0, shape[0]), slice(0, shape[1])))
    slant = np.clip(-np.sum(ray * normal, axis=-1), 0, 1)
    return Body(kind, distance, Sight(kind == Kind.HEAD, point, normal, slant))


def hollows(body: Body, px_per_mm: float) -> Floats:
    """Share of the light (H, W) that reaches what lies deeper than what is around it."""
    solid = np.isfinite(body.distance)
    depth = np.where(solid, body.distance, 0).astype(np.float32)
    sigma = 14 * px_per_mm
    around = soft(depth, sigma) / (soft(solid.astype(np.float32), sigma) + 1e-3)
    light = 1 - 0.5 * np.clip((depth - around - 3) / 30, 0, 1)
    return soft(np.where(solid, light, 1).astype(np.float32), 1.5 * px_per_mm)


def soft(image: Floats, sigma_px: float) -> Floats:
    """A Gaussian blur, worked out on a smaller image where it is a wide one."""
    height, width = image.shape[:2]
    times = max(1.0, sigma_px / 3)
    size = (max(1, round(width / times)), max(1, round(height / times)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / times)
    full = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32)


def _face() -> list[Part]:
    nose = Ellipsoid(np.array([0.0, 87.0, -40.0]), np.array([11.0, 15.0, 31.0]), turned(18, 0))
    return [
        (Kind.FACE, jaw(Head())),
        (Kind.FACE, nose),
        (Kind.FACE, Ellipsoid(np.array([0.0, 99.0, -57.0]), np.array([11.5, 12.0, 11.0]))),
        *(
            (Kind.FACE, Ellipsoid(np.array([side * 11.0, 90.0, -60.0]), np.array([8.0, 9.0, 8.0])))
            for side in (-1, 1)
        ),
        *(
            (Kind.FACE, Ellipsoid(np.array([side * 31.0, 61.0, -40.0]), np.array([27, 21, 24.0])))
            for side in (-1, 1)
        ),
        # The brow ridge, and the lips.
        (Kind.FACE, Ellipsoid(np.array([0.0, 66.0, 0.0]), np.array([54.0, 29.0, 13.0]))),
        (Kind.FACE, Ellipsoid(np.array([0.0, 78.0, -82.0]), np.array([26.0, 14.0, 6.0]))),
        (Kind.FACE, Ellipsoid(np.array([0.0, 76.0, -91.0]), np.array([22.0, 14.0, 6.5]))),
    ]


def _ears() -> list[Part]:
    """A shell that stands off the head, and its lobe."""
    made: list[Part] = []
    for side in (-1, 1):
        turn = turned(side * 22.0, 2) @ turned(-8.0, 0)
        shell = Ellipsoid(np.array([side * 79.0, -8.0, -24.0]), np.array([5.5, 18.0, 32.0]), turn)
        lobe = Ellipsoid(np.array([side * 75.0, -1.0, -48.0]), np.array([5.0, 9.0, 11.0]), turn)
        made += [(Kind.EAR, shell), (Kind.EAR, lobe)]
    return made


def _trunk() -> list[Part]:
    neck = Ellipsoid(np.array([0.0, -22.0, -140.0]), np.array([51.0, 55.0, 150.0]))
    chest = Ellipsoid(np.array([0.0, -20.0, -322.0]), np.array([225.0, 120.0, 165.0]))
    arms = [
        Ellipsoid(np.array([side * 195.0, -25.0, -312.0]), np.array([65.0, 70.0, 120.0]))
        for side in (-1, 1)
    ]
    return [(Kind.NECK, neck), (Kind.CLOTH, chest), *((Kind.CLOTH, arm) for arm in arms)]


def _hand(head: Head, person: Person) -> list[Part]:
    """Fingers bent along the head, a palm, a thumb, and an arm that leaves the frame."""
    if person.hand is None:
        return []
    knuckles = head.point(person.hand.from_top_deg, person.hand.azimuth_deg)
    normal = head.normals(knuckles)
    right, down = tangents(normal)
    turn = np.radians(person.hand.towards_deg)
    along = np.cos(turn) * right + np.sin(turn) * down
    across = np.cross(normal, along)

    def over(forward_mm: float, side_mm: float, lift_mm: float) -> Points:
        flat = knuckles + forward_mm * along + side_mm * across
        on = flat / np.linalg.norm(flat / head.axes)
        lifted: Points = on + lift_mm * head.normals(on)
        return lifted

    made: list[Part] = []
    for side, length in zip((-30, -10, 10, 29), (58, 72, 78, 68), strict=True):
        joints = [over(share * length, side * (1 + 0.25 * share), 9) for share in (0, 0.5, 1)]
        made += [
            (Kind.HAND, Capsule(start, end, radius))
            for start, end, radius in zip(joints, joints[1:], (9.0, 8.2), strict=False)
        ]
    back = np.stack([along, across, normal])
    palm = Ellipsoid(over(-38, 0, 16), np.array([52.0, 44.0, 17.0]), back)
    wrist = over(-75, 0, 22)
    arm = Capsule(wrist, wrist - 400 * along + 60 * normal, 28.0)
    thumb = Capsule(over(-48, 36, 14), over(4, 66, 10), 10.0)
    return [*made, (Kind.HAND, palm), (Kind.HAND, thumb), (Kind.HAND, arm)]


def _grow(solid: Solid, by: Points) -> Solid:
    if isinstance(solid, Ellipsoid):
        return Ellipsoid(solid.centre * by, solid.axes * by, solid.turn)
    return Capsule(solid.start * by, solid.end * by, solid.radius)


def _rounded(
    normal: Floats, which: NDArray[np.uint8], kind: NDArray[np.uint8], camera: Camera, far: Floats
) -> Floats:
    """Normals smoothed where bodies of the face join, so that no edge shows there."""
    face = np.isin(kind, (Kind.HEAD, Kind.FACE))
    if not (kind == Kind.FACE).any():
        return normal
    px_per_mm = camera.focal_px / float(np.median(far[face]))
    joint = _joints(which, face)
    apart = cv2.distanceTransform((~joint).astype(np.uint8), cv2.DIST_L2, 3)
    near = np.exp(-((apart / (_BLEND_MM * px_per_mm)) ** 2))
    sigma = 0.6 * _BLEND_MM * px_per_mm
    weight = soft(face.astype(np.float32), sigma) + 1e-3
    smooth = soft(normal * face[..., None], sigma) / weight[..., None]
    share = np.where(face, near, 0)[..., None].astype(np.float32)
    mixed = normal + share * (smooth - normal)
    return np.asarray(mixed / np.linalg.norm(mixed, axis=-1, keepdims=True), dtype=np.float32)


def _joints(which: NDArray[np.uint8], face: Mask) -> Mask:
    """Pixels (H, W) of the face beside another body of the face."""
    joint = np.zeros(which.shape, dtype=bool)
    across = (which[:, 1:] != which[:, :-1]) & face[:, 1:] & face[:, :-1]
    down = (which[1:] != which[:-1]) & face[1:] & face[:-1]
    joint[:, 1:] |= across
    joint[1:] |= down
    return joint if joint.any() else ~face
