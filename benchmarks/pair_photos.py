"""Drawn pairs of photos of one scalp, weeks apart: two poses, lights and blurs, dots lost and new.

Stubble is cut and regrown between the photos, and skin stretches a little (`Stretch`), as it does
when a head is held otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Pixels, Points
from analysis.phantom import (
    Optics,
    Patch,
    Pose,
    Recipe,
    Scalp,
    State,
    Story,
    Truth,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.head import Camera

Range = tuple[float, float]
SIZE_PX = (1200, 900)


@dataclass(frozen=True)
class PairKind:
    """One kind of pair; a range is drawn from anew for each. `lost`: share of the baseline's dots
    lost by the follow-up. `treatments`: those the dots of each photo come from, of three. `ratio`:
    follow-up's scale over the baseline's; `shift`: of its centre, in photo widths; `stretch`: of
    the skin. Blur is told in dot diameters, gloss, noise and texture as in the optics. `patch_mm`:
    radius of a place where `patch_lost` of the dots go; `smear_mm`: of one that a smear on the lens
    blurs in the follow-up, by 1.5 dot diameters.
    """

    name: str
    treatments: tuple[int, int] = (3, 3)
    diameter_px: Range = (4.0, 6.0)
    diameter_mm: Range = (0.26, 0.34)
    od: Range = (0.36, 0.46)
    days: tuple[Range, Range] = ((28, 34), (60, 90))
    lost: Range = (0.03, 0.15)
    ratio: Range = (0.85, 1.18)
    shift: Range = (0.03, 0.12)
    roll_deg: Range = (-12, 12)
    tilt_deg: Range = (3, 15)
    stretch: Range = (0.0, 0.012)
    melanin: Range = (0.08, 0.45)
    blur: Range = (0.14, 0.22)
    blur_after: Range = (0.14, 0.22)
    stubble: Range = (3, 12)
    texture: Range = (0.8, 1.2)
    gloss: Range = (0.05, 0.2)
    patch_mm: float = 0.0
    patch_lost: float = 0.5
    smear_mm: float = 0.0


KINDS = (
    PairKind("usual"),
    PairKind("tilted", tilt_deg=(18, 26), roll_deg=(20, 35)),
    PairKind("nearer or farther", ratio=(0.68, 0.78), roll_deg=(-30, 30)),
    PairKind("half seen", shift=(0.4, 0.5)),
    PairKind("second treatment", treatments=(2, 3), days=((28, 34), (40, 90))),
    PairKind("half the dots new", treatments=(1, 2), days=((28, 34), (40, 90))),
    PairKind("stubble", stubble=(40, 70)),
    PairKind("follow-up blurred", blur_after=(0.30, 0.36)),
    PairKind("faint", od=(0.18, 0.24)),
    PairKind("brown skin", melanin=(0.5, 0.8)),
    PairKind("glossy", gloss=(0.35, 0.5)),
    PairKind("rough skin, stretched", texture=(1.6, 2.0), stretch=(0.02, 0.03)),
    PairKind("wide hole", patch_mm=8, patch_lost=0.95),
    PairKind("smear on the lens", smear_mm=7),
)


@dataclass(frozen=True)
class DrawnPhoto:
    """A photo with its truth and the positions (n, 2) of its dots in px; of all the scalp's dots
    (m,) which are `present` that day, whose places are `framed`, and how wide each is.
    """

    srgb_u8: Pixels
    truth: Truth
    xy_px: Points
    present: NDArray[np.bool_]
    framed: NDArray[np.bool_]
    diameter_mm: Points


@dataclass(frozen=True)
class DrawnPair:
    """Two photos of one scalp."""

    kind: PairKind
    baseline: DrawnPhoto
    followup: DrawnPhoto

    @property
    def kept(self) -> float:
        """Share of the baseline's dots in both frames that are still there."""
        shared = self.baseline.present & self.baseline.framed & self.followup.framed
        return float(self.followup.present[shared].mean())

    @property
    def pigment_left(self) -> float:
        """Share left of those dots' pigment."""
        before, after = (
            dict(zip(photo.truth.dots.ids.tolist(), photo.truth.absorptance_mm2, strict=True))
            for photo in (self.baseline, self.followup)
        )
        shared = [dot for dot in before if self.followup.framed[dot]]
        left: float = sum(after.get(dot, 0.0) for dot in shared) / sum(before[d] for d in shared)
        return left

    @property
    def truths(self) -> dict[str, float]:
        """What a pair's numbers should be; NaN where that is not known. Dots that go here and
        there alike make nothing uneven, and their pigment keeps its hue.
        """
        uneven = np.nan if self.kind.patch_mm else 0.0
        photos = self.baseline, self.followup
        both, *rows = np.intersect1d(*(p.truth.dots.ids for p in photos), return_indices=True)
        light = [p.truth.absorptance_mm2[row] for p, row in zip(photos, rows, strict=True)]
        width = [p.diameter_mm[both] for p in photos]
        return {
            "dots_kept": self.kept,
            "pigment_left": self.pigment_left,
            "dot_contrast_ratio": float(np.median(light[1] / light[0])),
            "dot_diameter_ratio": float(np.median(width[1] / width[0])),
            "pigment_hue_shift": 0.0,
            "density_uniformity_change": uneven,
            "mottle_change": uneven,
        }


@dataclass(frozen=True)
class Stretch:
    """A smooth displacement of a photo's places (n, 2), in px: waves longer than half a photo."""

    strength: float
    phase: Points

    def __call__(self, xy: Points) -> Points:
        length = float(max(SIZE_PX))
        wave = 2 * np.pi * xy / length
        size = self.strength * length / (2 * np.pi)
        dx = size * np.sin(wave[:, 1] + self.phase[0]) + size * np.sin(wave[:, 0] + self.phase[1])
        dy = size * np.sin(wave[:, 0] + self.phase[2]) + size * np.sin(wave[:, 1] + self.phase[3])
        moved: Points = xy + np.stack([dx, dy], axis=1) / np.sqrt(2)
        return moved

    def picture(self, srgb_u8: Pixels) -> Pixels:
        """The photo with every place moved."""
        height, width = srgb_u8.shape[:2]
        y, x = np.indices((height, width))
        target = np.stack([x.ravel(), y.ravel()], axis=1).astype(float)
        source = target.copy()
        for _ in range(4):
            source -= self(source) - target
        at = source.astype(np.float32).reshape(height, width, 2)
        x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
        moved = cv2.remap(srgb_u8, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(moved, dtype=np.uint8)


def drawn_pair(kind: PairKind, seed: int, optics: type[Optics]) -> DrawnPair:
    """One pair: the same arguments give the same pair."""
    rng = np.random.default_rng([seed, 37])
    value = {
        f.name: float(rng.uniform(*getattr(kind, f.name)))
        for f in fields(PairKind)
        if f.type == "Range"
    }
    days = [float(rng.uniform(*span)) for span in kind.days]
    recipe = Recipe(
        seed=seed, melanin=value["melanin"], dots_per_cm2=float(rng.uniform(85, 115)),
        dot_diameter_mm=value["diameter_mm"], dot_od=value["od"],
        stubble_per_cm2=value["stubble"], stubble_on_top=1.0,
        pores_per_cm2=float(rng.uniform(30, 80)),
    )  # fmt: skip
    scale = value["diameter_px"] / value["diameter_mm"]
    from_top, azimuth = float(rng.uniform(6, 26)), float(rng.uniform(90, 270))
    before = Pose(*SIZE_PX, scale, from_top, azimuth, 220, roll_deg=float(rng.normal(0, 4)))
    after = _moved(before, value, rng)
    patches = ()
    if kind.patch_mm:
        patches = (Patch(from_top, azimuth, kind.patch_mm, kind.patch_lost, days[0] + 1),)
    # Losses are spread over days 4 to 60.
    in_between = (min(days[1], 60) - days[0]) / 56
    story = Story(lost_share=min(0.9, value["lost"] / in_between), patches=patches)
    scalp = draw_scalp(recipe)
    photos = [
        _photo(
            scalp, state_on(scalp, story, day, n_treatments=visits), pose,
            _camera(optics, value, value[blur], pose, rng), seed + number,
            Stretch(value["stretch"] * number, rng.uniform(0, 2 * np.pi, 4)),
        )
        for number, (day, visits, pose, blur) in enumerate(
            zip(days, kind.treatments, (before, after), ("blur", "blur_after"), strict=True)
        )
    ]  # fmt: skip
    if kind.smear_mm:
        radius_px, blur_px = kind.smear_mm * after.px_per_mm, 1.5 * value["diameter_px"]
        photos[1] = replace(photos[1], srgb_u8=smeared(photos[1].srgb_u8, radius_px, blur_px))
    return DrawnPair(kind, *photos)


def smeared(srgb_u8: Pixels, radius_px: float, blur_px: float) -> Pixels:
    """A photo (H, W, 3) blurred in a disc in its middle, with a soft border."""
    height, width = srgb_u8.shape[:2]
    y, x = np.indices((height, width))
    inwards = radius_px - np.hypot(x - width / 2, y - height / 2)
    share = (1 / (1 + np.exp(-inwards / (0.05 * radius_px))))[..., None]
    soft = cv2.GaussianBlur(srgb_u8, (0, 0), blur_px)
    return np.rint(srgb_u8 * (1 - share) + soft * share).astype(np.uint8)


def _moved(pose: Pose, value: dict[str, float], rng: np.random.Generator) -> Pose:
    """Another day's pose by hand: the centre shifted along the scalp, tilted, rolled, nearer."""
    turn = float(rng.uniform(0, 2 * np.pi))
    along_mm = value["shift"] * pose.width_px / pose.px_per_mm
    step_deg = np.degrees(along_mm / 88)
    down = step_deg * np.sin(turn)
    around = step_deg * np.cos(turn) / np.sin(np.radians(max(pose.from_top_deg, 6)))
    return replace(
        pose,
        px_per_mm=pose.px_per_mm * value["ratio"],
        from_top_deg=pose.from_top_deg + down,
        azimuth_deg=pose.azimuth_deg + float(np.clip(around, -150, 150)),
        distance_mm=float(rng.uniform(170, 300)),
        tilt_deg=value["tilt_deg"],
        tilt_towards_deg=float(rng.uniform(0, 360)),
        roll_deg=pose.roll_deg + value["roll_deg"],
    )


def _camera(
    optics: type[Optics], value: dict[str, float], blur: float, pose: Pose, rng: np.random.Generator
) -> Optics:
    return optics(  # type: ignore[call-arg]
        blur_px=max(0.6, blur * value["diameter_mm"] * pose.px_per_mm),
        exposure=float(rng.uniform(0.75, 1.1)), light_deg=float(rng.uniform(150, 390)),
        warmth=float(rng.normal(0, 0.06)), light_height=float(rng.uniform(0.68, 0.92)),
        gloss=value["gloss"], noise=float(rng.uniform(0.004, 0.01)), texture=value["texture"],
        sharpening=float(rng.uniform(0.15, 0.45)), contrast=float(rng.uniform(0.05, 0.25)),
    )  # fmt: skip


def _photo(
    scalp: Scalp, state: State, pose: Pose, camera: Optics, seed: int, stretch: Stretch
) -> DrawnPhoto:
    shot = photograph(scalp, state, pose, camera, seed=seed)
    picture, xy = shot.srgb_u8, shot.truth.dots.xy_px
    if stretch.strength:
        picture, xy = stretch.picture(picture), stretch(xy)
    seen = framed(scalp, pose)
    return DrawnPhoto(picture, shot.truth, xy, state.present, seen, state.diameter_mm)


def framed(scalp: Scalp, pose: Pose) -> NDArray[np.bool_]:
    """Which of the scalp's dots (m,) have their place in frame, on the near side."""
    camera, points = Camera.at(scalp.head, pose), scalp.dots.points_mm
    x, y = camera.project(points)[0].T
    near = camera.facing(points, scalp.head.normals(points)) > 0.1
    inside = (x > 0) & (x < pose.width_px - 1) & (y > 0) & (y < pose.height_px - 1)
    return np.asarray(near & inside)
