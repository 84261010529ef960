"""Drawn photos to train the dot detector on: seeds 40_000 and up, as varied as can be made.

`TrainingOptics` bends the phone's optics further than any one phone does (domain randomisation,
Tobin et al. 2017, doi:10.1109/IROS.2017.8202133), so that the detector learns what dots have in
common and not how one renderer draws. How sure it is of its answers is set on photos of a camera
and skin that it was not trained on, `CompactOptics`, seeds 50_000 and up.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from PIL import Image

from analysis.arrays import Floats, Pixels
from analysis.phantom import (
    Optics,
    Patch,
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Scalp,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from analysis.phantom.other_optics import CompactOptics
from analysis.phantom.scene import Scene

FIRST_SEED, CALIBRATION_SEED = 40_000, 50_000
PHOTOS_PER_SCALP = 4
_DAYS = (0.5, 2, 6, 10, 14, 30, 40, 120, 400)
_TILE_PX = 512


@dataclass(frozen=True)
class TrainingPhoto:
    """A drawn photo; `merged`: noise reduction made strokes of its dots."""

    photo: Photograph
    merged: bool


@dataclass(frozen=True)
class TrainingOptics(PhoneOptics):
    """The phone's optics on rougher skin: `paint` (OD of a texture of any spectrum), `relief`
    (share by which its slopes change the light) and `sparkle` (glints on it), by `texture_seed`.
    """

    paint: float = 0.0
    relief: float = 0.0
    sparkle: float = 0.0
    texture_seed: int = 0

    def _skin(self, scene: Scene, rng: np.random.Generator) -> Floats:
        skin = super()._skin(scene, rng)
        texture = _texture(scene.on_head.shape, np.random.default_rng([self.texture_seed, 1]))
        painted = skin * 10 ** (-self.paint * texture)[..., None]
        return np.asarray(np.where(scene.on_head[..., None], painted, skin), dtype=np.float32)

    def _light(self, scene: Scene, reflectance: Floats) -> Floats:
        lit = super()._light(scene, reflectance)
        rng = np.random.default_rng([self.texture_seed, 2])
        slope = _slope(scene.on_head.shape, np.radians(self.light_deg), rng)
        shaded = lit * np.clip(1 + self.relief * slope, 0.3, 2)[..., None]
        patchy = np.abs(cv2.GaussianBlur(_texture(scene.on_head.shape, rng), (0, 0), 25))
        shaded += (self.sparkle * np.clip(slope - 1.2, 0, 3) * patchy)[..., None]
        return np.asarray(np.where(scene.on_head[..., None], shaded, lit), dtype=np.float32)


@dataclass(frozen=True)
class _Shot:
    """A scalp before a camera: pose, its dots' size, the photo's seed, and chance for the rest."""

    scalp: Scalp
    pose: Pose
    diameter_px: float
    seed: int
    rng: np.random.Generator

    def taken(self, optics: Optics) -> Photograph:
        """The photo, on any day of any course."""
        return _photographed(self.scalp, self.pose, optics, self.seed, self.rng)


def training_photos(n_scalps: int, first_seed: int = FIRST_SEED) -> Iterator[TrainingPhoto]:
    """Four photos of each of `n_scalps` scalps."""
    for shot in _shots(n_scalps, first_seed):
        drawn = shot.taken(_optics(shot.diameter_px, shot.rng))
        pixels = _processed(drawn.srgb_u8, shot.diameter_px, shot.rng)
        merged = bool(shot.rng.random() < 0.1) and 2 < shot.diameter_px < 8
        if merged:
            pixels = strokes(pixels, shot.diameter_px, shot.rng)
        yield TrainingPhoto(Photograph(pixels, drawn.truth), merged)


def calibration_photos(
    n_scalps: int, first_seed: int = CALIBRATION_SEED
) -> Iterator[TrainingPhoto]:
    """Four photos of each of `n_scalps` other scalps by another camera."""
    for shot in _shots(n_scalps, first_seed):
        drawn = shot.taken(_other_camera(shot.diameter_px, shot.rng))
        pixels = _compressed(drawn.srgb_u8, shot.rng)
        yield TrainingPhoto(Photograph(pixels, drawn.truth), merged=False)


def _shots(n_scalps: int, first_seed: int) -> Iterator[_Shot]:
    for seed in range(first_seed, first_seed + n_scalps):
        rng = np.random.default_rng([seed, 99])
        whole = bool(rng.random() < 0.3)
        scalp = draw_scalp(_recipe(seed, whole, rng))
        for number in range(PHOTOS_PER_SCALP):
            yield _Shot(scalp, *_pose(scalp.recipe, whole, rng), 10 * seed + number, rng)


def strokes(pixels: Pixels, diameter_px: float, rng: np.random.Generator) -> Pixels:
    """The photo after noise reduction that fuses dots of that size into strokes."""
    tone = pixels.astype(np.float32) / 255
    reach, smooth = (float(rng.uniform(*r) * diameter_px) for r in ((0.5, 1.3), (0.25, 0.8)))
    height, width = tone.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    for _ in range(int(rng.integers(1, 3))):
        grey = cv2.cvtColor(tone, cv2.COLOR_RGB2GRAY)
        gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        xx, yy, xy = (cv2.GaussianBlur(g, (0, 0), smooth) for g in (gx * gx, gy * gy, gx * gy))
        along = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
        dx, dy = np.cos(along).astype(np.float32), np.sin(along).astype(np.float32)
        steps = np.linspace(-reach, reach, 7, dtype=np.float32)
        moved = [
            cv2.remap(tone, x + s * dx, y + s * dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for s in steps
        ]
        tone = np.mean(moved, axis=0)
    return _sharpened(tone * 255, float(rng.uniform(0.8, 2.5)), float(rng.uniform(0.5, 2.0)))


def any_camera(rng: np.random.Generator) -> Callable[..., TrainingOptics]:
    """A phone of any processing on skin of any texture; takes the remaining optics by name."""
    paint, relief, sparkle = rng.random(3) < (0.6, 0.6, 0.3)
    return partial(
        TrainingOptics,
        sharpening=float(rng.uniform(0, 0.7)),
        contrast=float(rng.uniform(0, 0.35)),
        paint=_log_uniform(0.004, 0.02, rng) if paint else 0.0,
        relief=_log_uniform(0.01, 0.06, rng) if relief else 0.0,
        sparkle=float(rng.uniform(0.005, 0.05)) if sparkle else 0.0,
        texture_seed=int(rng.integers(2**31)),
    )


def _recipe(seed: int, whole: bool, rng: np.random.Generator) -> Recipe:
    """Any skin, any dots; a tenth of the scalps have none."""
    diameter_mm = float(rng.uniform(0.28, 0.5) if whole else rng.uniform(0.16, 0.5))
    blemished = rng.random(5) < 0.15
    return Recipe(
        seed=seed,
        melanin=float(rng.uniform(0.05, 0.95 if rng.random() < 0.5 else 0.4)),
        dots_per_cm2=0.0 if rng.random() < 0.1 else _density(diameter_mm, rng),
        dot_diameter_mm=diameter_mm,
        dot_od=_log_uniform(0.15, 0.6, rng),
        n_treatments=int(rng.integers(1, 4)),
        stubble_per_cm2=float(rng.choice([0, 15, 40, 80, 150])),
        stubble_on_top=float(rng.choice([0.1, 0.5, 1.0])),
        stubble_spread_rad=float(rng.choice([0.1, 0.35, 1.5])),
        pores_per_cm2=float(rng.choice([0, 60, 150, 300])),
        n_flakes=800 if blemished[0] else 0,
        n_glints=3000 if blemished[1] else 0,
        n_scabs=400 if blemished[2] else 0,
        n_furrows=4 if blemished[3] else 0,
        scar_mm=4.0 if blemished[4] else 0.0,
    )


def _density(diameter_mm: float, rng: np.random.Generator) -> float:
    return float(rng.uniform(60, 190) * min(1, (0.3 / diameter_mm) ** 0.7))


def _photographed(
    scalp: Scalp, pose: Pose, optics: Optics, seed: int, rng: np.random.Generator
) -> Photograph:
    """The scalp on any day of any course."""
    shortest = _log_uniform(0.08, 1.5, rng)
    story = Story(
        lost_share=float(rng.uniform(0, 0.2)),
        stubble_mm=(shortest, 1.5 * shortest),
        redness=float(rng.uniform(0, 2.5)),
    )
    if rng.random() < 0.3:
        radius_mm = float(rng.uniform(3, 12))
        patch = Patch(pose.from_top_deg, pose.azimuth_deg, radius_mm, share_lost=0.8, day=0)
        story = replace(story, patches=(patch,))
    state = state_on(scalp, story, float(rng.choice(_DAYS)))
    return photograph(scalp, state, pose, optics, seed=seed)


def _pose(recipe: Recipe, whole: bool, rng: np.random.Generator) -> tuple[Pose, float]:
    """A pose, and how large its dots are in px."""
    turn, roll = (float(v) for v in rng.uniform(0, 360, 2))
    if whole:
        scale = float(rng.uniform(6, 13))
        pose = Pose(
            900, 720, scale, float(rng.uniform(0, 50)), turn, float(rng.uniform(260, 450)),
            tilt_deg=float(rng.uniform(0, 10)),
        )  # fmt: skip
        return pose, scale * recipe.dot_diameter_mm
    diameter_px = _log_uniform(2.2, 18, rng)
    width, height = (640, 480) if diameter_px < 7 else (1000, 750)
    pose = Pose(
        width, height, diameter_px / recipe.dot_diameter_mm, float(rng.uniform(0, 48)), turn,
        float(rng.uniform(120, 260)), tilt_deg=float(rng.uniform(0, 30)),
        tilt_towards_deg=float(rng.uniform(0, 360)), roll_deg=roll,
    )  # fmt: skip
    return pose, diameter_px


def _optics(diameter_px: float, rng: np.random.Generator) -> TrainingOptics:
    paint, relief, sparkle = rng.random(3) < (0.6, 0.6, 0.25)
    return TrainingOptics(
        blur_px=max(0.4, float(rng.uniform(0.08, 0.40) * diameter_px)),
        exposure=float(rng.uniform(0.55, 1.3)),
        light_deg=float(rng.uniform(0, 360)),
        light_height=float(rng.uniform(0.3, 1)),
        warmth=float(rng.normal(0, 0.15)),
        gloss=float(rng.choice([0.05, 0.15, 0.5, 1.2])),
        noise=_log_uniform(0.002, 0.02, rng),
        sharpening=float(rng.uniform(0, 0.9)),
        contrast=float(rng.uniform(0, 0.4)),
        texture=float(rng.uniform(0.4, 2.2)),
        paint=_log_uniform(0.004, 0.03, rng) if paint else 0.0,
        relief=_log_uniform(0.01, 0.09, rng) if relief else 0.0,
        sparkle=float(rng.uniform(0.005, 0.06)) if sparkle else 0.0,
        texture_seed=int(rng.integers(2**31)),
    )


def _other_camera(diameter_px: float, rng: np.random.Generator) -> CompactOptics:
    return CompactOptics(
        blur_px=max(0.4, float(rng.uniform(0.08, 0.35) * diameter_px)),
        exposure=float(rng.uniform(0.6, 1.2)),
        light_deg=float(rng.uniform(0, 360)),
        light_height=float(rng.uniform(0.5, 1)),
        warmth=float(rng.normal(0, 0.15)),
        gloss=float(rng.choice([0.05, 0.15, 0.4])),
        noise=_log_uniform(0.002, 0.015, rng),
        sharpening=float(rng.uniform(0, 0.8)),
        contrast=float(rng.uniform(0, 0.4)),
        texture=float(rng.uniform(0.4, 1.6)),
    )


def _processed(pixels: Pixels, diameter_px: float, rng: np.random.Generator) -> Pixels:
    """What else phones do: shake, defocus, noise, one of several noise reductions, JPEG."""
    tone = pixels.astype(np.float32)
    if rng.random() < 0.25:
        tone = _filtered(tone, _line(rng.uniform(0.1, 0.5) * diameter_px, rng.uniform(0, np.pi)))
    if rng.random() < 0.25:
        tone = _filtered(tone, _disc(rng.uniform(0.1, 0.3) * diameter_px))
    if rng.random() < 0.35:
        grain = rng.standard_normal((*tone.shape[:2], 1), dtype=np.float32)
        tone = tone + grain * np.float32(rng.uniform(0.5, 4))
    pixels = _denoised(np.clip(np.rint(tone), 0, 255).astype(np.uint8), rng)
    if rng.random() < 0.5:
        pixels = _sharpened(
            pixels.astype(np.float32), float(rng.uniform(0.8, 3)), float(rng.uniform(0.1, 1))
        )
    return _compressed(pixels, rng) if rng.random() < 0.8 else pixels


def _denoised(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    kind = rng.integers(7)
    if kind == 0:
        pixels = cv2.bilateralFilter(pixels, 5, rng.uniform(6, 25), rng.uniform(0.8, 2))
    elif kind == 1:
        pixels = cv2.medianBlur(pixels, 3)
    elif kind == 2:
        luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
        strength = float(rng.uniform(2, 7))
        luma[..., 0] = cv2.fastNlMeansDenoising(luma[..., 0].copy(), None, strength, 3, 9)
        pixels = cv2.cvtColor(luma, cv2.COLOR_YCrCb2RGB)
    return pixels


def _sharpened(tone: Floats, sigma: float, amount: float) -> Pixels:
    tone = tone + amount * (tone - cv2.GaussianBlur(tone, (0, 0), sigma))
    return np.clip(np.rint(tone), 0, 255).astype(np.uint8)


def _compressed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    data = io.BytesIO()
    halved = int(rng.choice([0, 2, 2]))
    Image.fromarray(pixels).save(
        data, "JPEG", quality=int(rng.integers(60, 97)), subsampling=halved
    )
    return np.asarray(Image.open(data))


def _filtered(tone: Floats, kernel: Floats) -> Floats:
    filtered = cv2.filter2D(tone, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(filtered, dtype=np.float32)


def _line(length: float, angle: float) -> Floats:
    """A streak of motion as a kernel."""
    half = int(np.ceil(length / 2)) + 1
    fine = 8
    size = (2 * half + 1) * fine
    canvas = np.zeros((size, size), dtype=np.uint8)
    ends = [
        tuple(round(size / 2 + s * fine * length / 2 * f(angle)) for f in (np.cos, np.sin))
        for s in (-1, 1)
    ]
    cv2.line(canvas, ends[0], ends[1], 255, fine)
    return cv2.resize(canvas, (2 * half + 1,) * 2, interpolation=cv2.INTER_AREA).astype(np.float32)


def _disc(radius: float) -> Floats:
    """A defocus disc as a kernel."""
    half = int(np.ceil(radius))
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    return np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)


def _texture(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Unit-variance noise (H, W) of a random falling spectrum, at times folded or one-sided."""
    frequency = np.hypot(np.fft.fftfreq(_TILE_PX)[:, None], np.fft.rfftfreq(_TILE_PX)) * _TILE_PX
    spectrum = np.maximum(frequency, rng.uniform(3, 60)) ** -rng.uniform(0.3, 1.6)
    white = np.fft.rfft2(rng.standard_normal((_TILE_PX, _TILE_PX)))
    tile = np.fft.irfft2(white * spectrum, s=(_TILE_PX, _TILE_PX))
    tile /= tile.std()
    folds = (np.abs, lambda t: -np.abs(t), lambda t: np.clip(t, -0.5, 3), np.asarray)
    tile = folds[rng.integers(4)](tile)
    tile = (tile - tile.mean()) / tile.std()
    times = [-(-side // _TILE_PX) for side in shape[:2]]
    return np.tile(tile, times)[: shape[0], : shape[1]].astype(np.float32)


def _slope(shape: tuple[int, ...], towards_rad: float, rng: np.random.Generator) -> Floats:
    """How far a random relief rises towards the light (H, W), unit variance."""
    height = np.zeros(shape[:2], dtype=np.float32)
    for _ in range(2):
        smooth = cv2.GaussianBlur(_texture(shape, rng), (0, 0), float(rng.uniform(0.6, 3)))
        height += float(rng.uniform(0.3, 1)) * smooth
    along = np.cos(towards_rad) * cv2.Sobel(height, cv2.CV_32F, 1, 0)
    along += np.sin(towards_rad) * cv2.Sobel(height, cv2.CV_32F, 0, 1)
    return np.asarray(along / along.std(), dtype=np.float32)


def _log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
