"""Skin and room light of the accuracy benchmark, built apart from the renderers that methods see.

Colour comes from a diffusion formula, texture is gradient noise pressed into the surface, light is
a window with a coloured bounce. Only what one mild erythema does is shared with the phantom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Points
from analysis.phantom.optics import ERYTHEMA_OD
from analysis.phantom.scene import Scene

# Red, green, blue at 610, 545, 460 nm: reduced scattering, blood and other absorption (1/cm) of
# the dermis, melanin of a whole melanosome; shapes after Jacques 2013 (see `optics`).
_SCATTERING = np.array([34.7, 40.7, 51.8])
_ABSORPTION = np.array([0.42, 1.9, 2.8])
_MELANOSOME = np.array([350.0, 510.0, 896.0])
_EPIDERMIS_TWICE_CM = 0.012
_SHEET_PX, _SHEET_MM = 1024, 51.2
_WINDOW = np.array([1.0, 0.98, 0.94], dtype=np.float32)
_ROOM = np.array([0.92, 0.98, 1.06], dtype=np.float32)


@dataclass(frozen=True)
class Room:
    """Light from a broad window, the whole room and one coloured bounce.

    `light_deg`: where the window is around the camera, `light_height`: 0 grazing to 1 head on.
    `gloss`: peak of shine. `texture`: strength of all skin texture. `scatter_mm`: sigma over which
    skin spreads the light around pigment that lies in it.
    """

    light_deg: float
    light_height: float
    gloss: float
    texture: float
    scatter_mm: float = 0.03

    def lit(self, scene: Scene, rng: np.random.Generator) -> Floats:
        """Linear light (H, W, 3) that reaches the lens."""
        cloud, blood, height_um = skin_sheet(scene)
        normal = _bumped(scene, self.texture * height_um)
        diffuse = self._diffuse(scene, normal, rng)
        shine = self._shine(scene, normal)
        bare = self._skin(scene, self.texture * cloud, self.texture * blood)
        behind = _wall(scene.solid.shape, rng)
        if scene.cover is not None:
            bare, behind = scene.cover.over(bare), scene.cover.over(behind)
            shine *= scene.cover.shine
        light = bare * diffuse + shine[..., None] * _WINDOW
        if scene.light_t is not None:
            light *= scene.light_t[..., None]
        return np.where(scene.solid[..., None], light, behind)

    def _skin(self, scene: Scene, cloud: Floats, blood: Floats) -> Floats:
        """Diffuse reflectance (H, W, 3) with all that lies in and on the skin."""
        melanin = scene.melanin + 0.012 * cloud
        redness = scene.haemoglobin + 0.12 * blood
        sigma = max(self.scatter_mm * scene.px_per_mm, 0.05)
        pigment = cv2.GaussianBlur(scene.pigment_t, (0, 0), sigma)
        tint = np.array(scene.pigment_tint, dtype=np.float32)
        skin = reflectance(melanin, redness) * (1 + 0.012 * cloud[..., None])
        return np.asarray(skin * pigment[..., None] ** tint * _marks(scene), dtype=np.float32)

    def _diffuse(self, scene: Scene, normal: Floats, rng: np.random.Generator) -> Floats:
        """Window in five strips, half of the room's sphere, and a wall that glows in a colour."""
        right, down, forward = scene.camera.axes.astype(np.float32)
        window = sum(np.clip(normal @ strip, 0, None) for strip in self._strips(scene)) / 5
        room = 0.5 + 0.5 * (normal @ (-0.8 * down - 0.6 * forward))
        side = np.cos(np.radians(self.light_deg)) * right
        bounce = np.clip(0.4 - 0.6 * (normal @ side), 0, None)
        hue = np.array([1.0, rng.uniform(0.75, 0.95), rng.uniform(0.5, 0.9)], dtype=np.float32)
        total = 0.62 * window[..., None] * _WINDOW + 0.30 * room[..., None] * _ROOM
        return np.asarray(total + 0.14 * bounce[..., None] * hue, dtype=np.float32)

    def _strips(self, scene: Scene) -> list[Floats]:
        """Directions (3,) to five strips of the window, 50 degrees from end to end."""
        right, down, forward = scene.camera.axes
        flat = np.sqrt(max(0.0, 1 - self.light_height**2))
        turns = np.radians(self.light_deg + np.linspace(-25, 25, 5))
        return [
            (flat * (np.cos(t) * right + np.sin(t) * down) - self.light_height * forward).astype(
                np.float32
            )
            for t in turns
        ]

    def _shine(self, scene: Scene, normal: Floats) -> Floats:
        """Beckmann lobes (H, W) of the strips with Schlick's rise towards the rim, and a veil."""
        forward = scene.camera.axes[2].astype(np.float32)
        lobes = sum(_beckmann(normal, strip - forward) for strip in self._strips(scene)) / 5
        fresnel = 0.6 + 2.0 * (1 - scene.cos_slant) ** 4
        return np.asarray(fresnel * (self.gloss * lobes + 0.015), dtype=np.float32)


def reflectance(melanin: Floats, redness: Floats) -> Floats:
    """Linear red, green, blue (..., 3) of skin, by melanin 0.05-0.95 and excess erythemas."""
    ratio = 1 + _SCATTERING / _ABSORPTION
    dermis = np.exp(-7.5 / np.sqrt(3 * ratio)).astype(np.float32)
    share = np.float32(0.012) + np.float32(0.38) * np.clip(melanin, 0, None) ** np.float32(1.3)
    melanin_od = (_MELANOSOME * _EPIDERMIS_TWICE_CM / np.log(10)).astype(np.float32)
    od = share[..., None] * melanin_od + redness[..., None] * ERYTHEMA_OD
    return np.asarray(dermis * np.exp(np.float32(-np.log(10)) * od), dtype=np.float32)


def skin_sheet(scene: Scene) -> tuple[Floats, Floats, Floats]:
    """The person's own melanin and blood clouds (unit variance) and height in micrometres."""
    person = np.random.default_rng([scene.skin_seed, 41])
    layers = [
        _read(layer, scene, float(person.uniform(0, 360)), person.uniform(0, _SHEET_MM, 2))
        for layer in (0, 1, 2, 3, 3, 4)
    ]
    cloud, blood, grain, crease, crossing, pits = layers
    return cloud, blood, 1.8 * grain + 7 * crease + 6 * crossing - 20 * pits


def _read(layer: int, scene: Scene, turn_deg: float, shift_mm: Points) -> Floats:
    """A layer of the sheet (H, W) at turned and shifted skin coordinates, averaged to pixels."""
    size = min(_SHEET_PX, round(_SHEET_MM * scene.px_per_mm))
    sheet = cv2.resize(_sheet()[layer], (size, size), interpolation=cv2.INTER_AREA)
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    turn = np.array([[cos, -sin], [sin, cos]], dtype=np.float32)
    place = np.mod((scene.chart_mm @ turn + shift_mm.astype(np.float32)) * (size / _SHEET_MM), size)
    x, y = (np.ascontiguousarray(place[..., axis], dtype=np.float32) for axis in (0, 1))
    return np.asarray(cv2.remap(sheet, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP))


@lru_cache(maxsize=1)
def _sheet() -> tuple[Floats, ...]:
    """Seamless layers (size, size): two clouds, grain, creases and pits."""
    rng = np.random.default_rng(4_100)
    cloud = _octaves(rng, (4, 4), 6, 0.70)
    blood = _octaves(rng, (6, 6), 5, 0.60)
    grain = _octaves(rng, (96, 96), 3, 0.70)
    crease = -np.exp(-((_octaves(rng, (36, 90), 2, 0.4) / 0.35) ** 2))
    return tuple(
        np.asarray(layer, dtype=np.float32) for layer in (cloud, blood, grain, crease, _pits(rng))
    )


def _octaves(
    rng: np.random.Generator, cells: tuple[int, int], n: int, persistence: float
) -> Points:
    """Sum of gradient noises (size, size) of doubling frequency, unit variance."""
    total = sum(
        persistence**k * _gradient_noise(rng, (cells[0] << k, cells[1] << k)) for k in range(n)
    )
    return np.asarray(total / np.std(total))


def _gradient_noise(rng: np.random.Generator, cells: tuple[int, int]) -> Points:
    """Perlin's noise (size, size) on a lattice of `cells` down and across, seamless."""
    angle = rng.uniform(0, 2 * np.pi, cells)
    at = [np.arange(_SHEET_PX) * n / _SHEET_PX for n in cells]
    base = [a.astype(int) for a in at]
    inside = [a - b for a, b in zip(at, base, strict=True)]
    fade = [f**3 * (f * (f * 6 - 15) + 10) for f in inside]
    total = np.zeros((_SHEET_PX, _SHEET_PX))
    for down in (0, 1):
        for across in (0, 1):
            corner = angle[np.ix_((base[0] + down) % cells[0], (base[1] + across) % cells[1])]
            ramp = np.sin(corner) * (inside[0] - down)[:, None] + np.cos(corner) * (
                inside[1] - across
            )
            weight = np.abs(1 - down - fade[0])[:, None] * np.abs(1 - across - fade[1])
            total += weight * ramp
    return total


def _pits(rng: np.random.Generator, per_cm2: float = 90.0) -> Points:
    """Follicle mouths (size, size): soft dips 0.07-0.16 mm wide, depth 0-1, scattered."""
    n = int(per_cm2 * (_SHEET_MM / 10) ** 2)
    total = np.zeros((_SHEET_PX, _SHEET_PX))
    per_mm = _SHEET_PX / _SHEET_MM
    for sigma_mm in (0.035, 0.055, 0.08):
        sown = np.zeros_like(total)
        sown[tuple(rng.integers(0, _SHEET_PX, (2, n // 3)))] = rng.uniform(0.3, 1.0, n // 3)
        sigma = sigma_mm * per_mm
        wide = cv2.GaussianBlur(np.pad(sown, 16, mode="wrap"), (0, 0), sigma)[16:-16, 16:-16]
        total += wide * 2 * np.pi * sigma**2
    return np.minimum(total, 1.5)


def _bumped(scene: Scene, height_um: Floats) -> Floats:
    """Unit normals (H, W, 3) bent by the slopes of a height map, as the image sees it."""
    right, down, _ = scene.camera.axes.astype(np.float32)
    per_px = np.float32(scene.px_per_mm / 1000)
    slope_x, slope_y = (
        cv2.Sobel(height_um, cv2.CV_32F, *order, ksize=3, scale=1 / 8) * per_px
        for order in ((1, 0), (0, 1))
    )
    bent = scene.normal - slope_x[..., None] * right - slope_y[..., None] * down
    return np.asarray(bent / np.linalg.norm(bent, axis=-1, keepdims=True), dtype=np.float32)


def _marks(scene: Scene) -> Floats:
    """Transmittance (H, W, 3) of hair, which is brown, and of pores and moles."""
    brown = np.array([0.92, 1.0, 1.06], dtype=np.float32)
    return np.asarray((scene.hair_t * scene.spot_t)[..., None] ** brown)


def _beckmann(normal: Floats, halfway: NDArray[np.floating], rough: float = 0.3) -> Floats:
    """Beckmann's distribution (H, W), 1 at its peak, around `halfway` (3,) of any length."""
    squared = np.clip(normal @ (halfway / np.linalg.norm(halfway)), 0.05, 1) ** 2
    return np.asarray(np.exp((1 - 1 / squared) / rough**2) / squared**2)


def _wall(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """A room out of focus (H, W, 3): upright panels of a few greys, a darker floor."""
    height, width = shape
    edges = np.sort(rng.integers(0, width, 5))
    panel = np.searchsorted(edges, np.arange(width))
    colour = rng.uniform(0.10, 0.55, (6, 1)) * rng.uniform(0.85, 1.15, (6, 3))
    floor = np.linspace(1.1, 0.7, height)[:, None, None]
    room = (floor * colour[panel][None]).astype(np.float32)
    return np.asarray(cv2.blur(room, (max(3, width // 25),) * 2))
