"""From a staged scene to a phone's photo: skin colour, light, lens, sensor, processing.

`Optics` is the replaceable part: `PhoneOptics` is what methods are tried and tuned on,
`analysis.phantom.other_optics` is built differently and only ever scored on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np

from analysis.arrays import Floats, Pixels, Points
from analysis.phantom.scene import Scene

# Decadic optical densities in red, green, blue of light that went into the skin and came back.
# One mild erythema lowers it to 0.97, 0.82, 0.87 (stated with the redness target); melanin rises
# towards the blue (shape after Jacques 2013, doi:10.1088/0031-9155/58/11/R37).
ERYTHEMA_OD = np.array([0.01323, 0.08619, 0.06048], dtype=np.float32)
_MELANIN_OD = np.array([0.72, 1.02, 1.37], dtype=np.float32)
_BLOODLESS = np.array([0.80, 0.66, 0.57], dtype=np.float32)
_SURFACE_REFLECTION = 0.028
_BACKDROP = np.array([0.32, 0.33, 0.35], dtype=np.float32)


class Optics(Protocol):
    """Anything that turns a scene into an upright 8-bit sRGB photo, alike for the same `rng`."""

    def expose(self, scene: Scene, rng: np.random.Generator) -> Pixels:
        """The photo (H, W, 3)."""
        ...


@dataclass(frozen=True)
class PhoneOptics:
    """A phone: Gaussian blur, Bayer sensor, demosaicing, noise reduction, sharpening, tone curve.

    `blur_px`: sigma of all blur. `exposure`: gain of the light. `light_deg`: where it comes from
    around the camera, `light_height`: 0 grazing to 1 head on. `warmth`: white-balance error in
    natural log of red over blue. `gloss`: strength of shine. `worms`: 0-1 share of the strokes that
    strong noise reduction makes of fine dots. `contrast`: of the tone curve, 0 = plain sRGB.
    """

    blur_px: float = 0.9
    exposure: float = 1.0
    light_deg: float = 240.0
    light_height: float = 0.8
    warmth: float = 0.0
    gloss: float = 0.15
    noise: float = 0.006
    sharpening: float = 0.3
    worms: float = 0.0
    contrast: float = 0.15
    texture: float = 1.0
    texture_drift: float = 0.4

    def expose(self, scene: Scene, rng: np.random.Generator) -> Pixels:
        """See `Optics.expose`."""
        linear = self._light(scene, self._skin(scene, rng))
        linear = np.asarray(cv2.GaussianBlur(linear, (0, 0), self.blur_px), dtype=np.float32)
        linear = self._sensor(linear, rng)
        tone = _tone_curve(linear, self.contrast)
        if self.worms:
            tone = (1 - self.worms) * tone + self.worms * _strokes(tone)
        if self.sharpening:
            tone += self.sharpening * (tone - cv2.GaussianBlur(tone, (0, 0), 1.2))
        return np.rint(np.clip(tone, 0, 1) * 255).astype(np.uint8)

    def _skin(self, scene: Scene, rng: np.random.Generator) -> Floats:
        """Diffuse reflectance (H, W, 3) of skin with all that is on it; else of what is there."""
        lumps, blood = skin_texture(scene, rng, self.texture_drift)
        melanin = scene.melanin * (1 + 0.12 * self.texture * lumps)
        redness = scene.haemoglobin + 0.12 * self.texture * blood
        od = melanin[..., None] * _MELANIN_OD + redness[..., None] * ERYTHEMA_OD
        od += 0.012 * self.texture * lumps[..., None]
        skin = _BLOODLESS * np.power(np.float32(10), -od)
        tint = np.array(scene.pigment_tint, dtype=np.float32)
        skin *= scene.pigment_t[..., None] ** tint
        skin *= (scene.hair_t * scene.spot_t)[..., None]
        bare = np.asarray(np.where(scene.on_head[..., None], skin, _BACKDROP), dtype=np.float32)
        return bare if scene.cover is None else scene.cover.over(bare)

    def _light(self, scene: Scene, reflectance: Floats) -> Floats:
        """Lambert shading, surface reflection and shine."""
        right, down, forward = scene.camera.axes.astype(np.float32)
        turn = np.radians(self.light_deg)
        sideways = float(np.sqrt(max(0.0, 1 - self.light_height**2)))
        light = (
            sideways * (np.cos(turn) * right + np.sin(turn) * down) - self.light_height * forward
        )
        shade = 0.35 + 0.65 * np.clip(scene.normal @ light, 0, 1)
        shade = np.where(scene.solid, shade, 0.8).astype(np.float32)
        halfway = light - forward
        halfway /= np.linalg.norm(halfway)
        glint = np.clip(scene.normal @ halfway, 0, 1) ** 60
        surface = _SURFACE_REFLECTION + self.gloss * glint
        surface = np.where(scene.solid, surface, 0)
        if scene.cover is not None:
            surface *= scene.cover.shine
        if scene.light_t is not None:
            shade *= scene.light_t
        lit = (reflectance + surface[..., None].astype(np.float32)) * shade[..., None]
        return np.asarray(self.exposure * lit, dtype=np.float32)

    def _sensor(self, linear: Floats, rng: np.random.Generator) -> Floats:
        """White-balance cast, Bayer mosaic, shot and read noise, demosaicing."""
        cast = np.exp(np.array([self.warmth / 2, 0, -self.warmth / 2], dtype=np.float32))
        seen = linear * cast
        mosaic = np.empty(seen.shape[:2], dtype=np.float32)
        for (row, column), channel in {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}.items():
            mosaic[row::2, column::2] = seen[row::2, column::2, channel]
        spread = self.noise * np.sqrt(np.clip(mosaic, 0, 2) + 0.05)
        mosaic += spread * rng.standard_normal(mosaic.shape, dtype=np.float32)
        counts = np.rint(np.clip(mosaic, 0, 1.2) / 1.2 * 65535).astype(np.uint16)
        colour = cv2.demosaicing(counts, cv2.COLOR_BayerRGGB2RGB_EA)
        return np.asarray(colour / 65535 * 1.2, dtype=np.float32)


def bare_skin(melanin: float) -> Points:
    """Reflectance (3,) of even skin, linear light."""
    return np.asarray(_BLOODLESS * np.power(10.0, -melanin * _MELANIN_OD), dtype=np.float64)


def skin_texture(scene: Scene, rng: np.random.Generator, drift: float) -> tuple[Floats, Floats]:
    """Two unit-variance textures (H, W) that belong to the person: relief and pigment, and blood.

    A share `drift` of their variance is new on each photo.
    """
    maps = []
    for layer in range(2):
        own = _sample(_tile(scene.skin_seed * 2 + layer), scene.chart_mm)
        fresh = _sample(_tile(int(rng.integers(2**31))), scene.chart_mm)
        maps.append(np.sqrt(1 - drift**2) * own + drift * fresh)
    return maps[0].astype(np.float32), maps[1].astype(np.float32)


@lru_cache(maxsize=8)
def _tile(seed: int, size: int = 1024) -> Floats:
    """A seamless square of lumps and furrows with falling spectrum, unit variance."""
    rng = np.random.default_rng([seed, 3])
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]) * size
    spectrum = 1 / np.maximum(frequency, 8)
    spectrum[frequency < 2] = 0
    white = np.fft.rfft2(rng.standard_normal((size, size)))
    lumps = np.fft.irfft2(white * spectrum, s=(size, size))
    furrows = np.abs(
        np.fft.irfft2(
            np.fft.rfft2(rng.standard_normal((size, size))) * (np.abs(frequency - 90) < 45),
            s=(size, size),
        )
    )
    tile = lumps / lumps.std() + 0.5 * furrows / furrows.std()
    return np.asarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def _sample(tile: Floats, chart_mm: Floats, px_per_mm: float = 12.0) -> Floats:
    """Read a tile at flat skin coordinates, repeated without seams."""
    place = np.mod(chart_mm * np.float32(px_per_mm), np.float32(tile.shape[0]))
    x, y = np.ascontiguousarray(place[..., 0]), np.ascontiguousarray(place[..., 1])
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


def _tone_curve(linear: Floats, contrast: float) -> Floats:
    """SRGB's curve (IEC 61966-2-1), bent to an S by `contrast`."""
    clipped = np.clip(linear, 0, 1)
    srgb = np.where(
        clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.power(clipped, 1 / 2.4) - 0.055
    )
    bend = srgb * srgb * (3 - 2 * srgb) - srgb
    return np.asarray(srgb + contrast * bend, dtype=np.float32)


def _strokes(tone: Floats) -> Floats:
    """Fuse fine dots into short strokes: smooth along the local direction, then sharpen hard."""
    grey = cv2.cvtColor(tone, cv2.COLOR_RGB2GRAY)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(g, (0, 0), 2.0) for g in (gx * gx, gy * gy, gx * gy))
    along = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    height, width = grey.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    total = np.zeros_like(tone)
    for step in (-3.0, -1.5, 0.0, 1.5, 3.0):
        total += cv2.remap(
            tone,
            (x + step * np.cos(along)).astype(np.float32),
            (y + step * np.sin(along)).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
    smooth = total / 5
    return np.asarray(
        smooth + 0.9 * (smooth - cv2.GaussianBlur(smooth, (0, 0), 2.0)), dtype=np.float32
    )
