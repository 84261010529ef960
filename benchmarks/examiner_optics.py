"""The accuracy benchmark's camera: nothing is ever tuned on it, and nothing else may draw with it.

Built apart from `PhoneOptics` and `CompactOptics`: a long-tailed point spread with a halo, noise in
clumps, wavelet shrinkage, two-radius sharpening, local tone mapping, and JPEG at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from analysis.arrays import Floats, Pixels, Points
from analysis.phantom.scene import Scene
from benchmarks.examiner_skin import Room

_LUMA = np.array([0.25, 0.62, 0.13], dtype=np.float32)
_BETA = 3.0
_SPLINE = np.array([1, 4, 6, 4, 1], dtype=np.float32) / 16
# Share of white noise's standard deviation in each band of the wavelets below.
_BAND_NOISE = (0.89, 0.20, 0.086)


@dataclass(frozen=True)
class ExaminerOptics:
    """A third camera and skin. Parameters mean what they mean in `PhoneOptics`, but:

    `blur_px`: root mean square width along an axis of the blur without its halo, `halo`: share of
    light in that. `noise`: before its reduction. `worms`: 0-1 share of the strokes that a denoiser
    makes of fine dots. `local`: how far large bright and dark areas are drawn together.
    """

    blur_px: float = 0.9
    exposure: float = 1.0
    light_deg: float = 235.0
    light_height: float = 0.8
    warmth: float = 0.0
    gloss: float = 0.12
    noise: float = 0.006
    sharpening: float = 0.35
    worms: float = 0.0
    contrast: float = 0.15
    texture: float = 1.0
    halo: float = 0.04
    local: float = 0.15
    jpeg_quality: tuple[int, int] = (82, 95)

    def expose(self, scene: Scene, rng: np.random.Generator) -> Pixels:
        """See `Optics.expose`."""
        room = Room(self.light_deg, self.light_height, self.gloss, self.texture)
        linear = self._lens(self.exposure * room.lit(scene, rng), rng)
        root = _shrunk(np.sqrt(self._sensor(linear, rng)), self.noise)
        tone = self._tone(root * root)
        if self.worms:
            luma = tone @ _LUMA
            tone = tone + self.worms * (_strokes(luma) - luma)[..., None]
        return _jpeg(_sharpened(tone, self.sharpening), int(rng.integers(*self.jpeg_quality)))

    def _lens(self, linear: Floats, rng: np.random.Generator) -> Floats:
        """A stretched Moffat core and a wide halo."""
        kernel = moffat(self.blur_px, float(rng.uniform(1, 1.35)), float(rng.uniform(0, np.pi)))
        core = cv2.filter2D(linear, -1, kernel, borderType=cv2.BORDER_REFLECT)
        small = cv2.resize(linear, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        wide = cv2.GaussianBlur(small, (0, 0), 4.0)
        veil = cv2.resize(wide, linear.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(core + np.float32(self.halo) * (veil - core), dtype=np.float32)

    def _sensor(self, linear: Floats, rng: np.random.Generator) -> Floats:
        """White-balance cast, fine luminance noise in clumps and coarse colour noise."""
        cast = np.array([self.warmth / 2, 0, -self.warmth / 2], dtype=np.float32)
        seen = np.clip(linear * np.exp(cast), 0, 1.4)
        spread = np.float32(self.noise) * np.sqrt(seen + np.float32(0.05))
        grain = _clumps(rng, seen.shape[:2], 0.5)[..., None]
        colour = np.dstack([_clumps(rng, seen.shape[:2], 1.6) for _ in range(3)])
        return np.clip(seen + spread * (grain + np.float32(0.5) * colour), 0, 1.4)

    def _tone(self, linear: Floats) -> Floats:
        """Local tone mapping by the mean brightness around, a saturating curve, sRGB's gamma."""
        luma = np.log(linear @ _LUMA + np.float32(0.02))
        small = cv2.resize(luma, None, fx=0.05, fy=0.05, interpolation=cv2.INTER_AREA)
        around = cv2.GaussianBlur(small, (0, 0), max(small.shape) / 14)
        around = cv2.resize(around, luma.shape[::-1], interpolation=cv2.INTER_CUBIC)
        gain = np.exp(np.float32(self.local) * (np.log(np.float32(0.3)) - around))
        lifted = np.clip(linear * gain[..., None], 0, None) ** np.float32(1 + self.contrast)
        curve = np.float32(1.9) * lifted / (lifted + np.float32(0.9))
        low, high = np.float32(12.92) * curve, 1.055 * np.clip(curve, 1e-6, 1) ** (1 / 2.4) - 0.055
        return np.where(curve < 0.0031308, low, high).astype(np.float32)


def moffat(width_px: float, stretch: float, turn_rad: float) -> Floats:
    """A normalised stretched Moffat kernel whose mean variance per axis is `width_px` squared."""
    reach, fine = int(np.ceil(4 * width_px)) + 1, 5
    at = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    x = (at * np.cos(turn_rad) + at[:, None] * np.sin(turn_rad)) / np.sqrt(stretch)
    y = (at[:, None] * np.cos(turn_rad) - at * np.sin(turn_rad)) * np.sqrt(stretch)
    alpha = width_px
    for _ in range(6):
        kernel = (1 + (x * x + y * y) / alpha**2) ** -_BETA
        kernel = kernel.reshape(2 * reach + 1, fine, -1, fine).mean(axis=(1, 3))
        kernel /= kernel.sum()
        alpha *= width_px / _width(kernel)
    return np.asarray(kernel, dtype=np.float32)


def _width(kernel: Points) -> float:
    """Root mean square width along an axis, mean of both, of a normalised kernel."""
    at = np.arange(len(kernel)) - (len(kernel) - 1) / 2
    return float(np.sqrt((kernel * (at**2 + at[:, None] ** 2)).sum() / 2))


def _clumps(rng: np.random.Generator, shape: tuple[int, int], sigma_px: float) -> Floats:
    """Noise (H, W) of unit variance whose neighbours are alike within about `sigma_px`."""
    grain = cv2.GaussianBlur(rng.standard_normal(shape, dtype=np.float32), (0, 0), sigma_px)
    return np.asarray(grain / grain.std())


def _shrunk(root: Floats, noise: float) -> Floats:
    """Wavelet shrinkage of the root of light, in which noise is even: more in colour."""
    luma = root @ _LUMA
    colour = root - luma[..., None]
    coarse = cv2.blur(colour, (3, 3))
    quiet = _soft_bands(luma, 0.55 * noise)
    return np.clip(quiet[..., None] + _soft_bands(coarse, 1.0 * noise), 0, None)


def _soft_bands(image: Floats, limit: float) -> Floats:
    """Three undecimated spline wavelet bands, each drawn towards zero by its share of `limit`."""
    smooth, detail = image, np.zeros_like(image)
    for level, share in enumerate(_BAND_NOISE):
        taps = np.zeros(4 * 2**level + 1, dtype=np.float32)
        taps[:: 2**level] = _SPLINE
        next_smooth = cv2.sepFilter2D(smooth, -1, taps, taps, borderType=cv2.BORDER_REFLECT)
        band = smooth - next_smooth
        detail += np.sign(band) * np.maximum(np.abs(band) - np.float32(share * limit), 0)
        smooth = next_smooth
    return np.asarray(smooth + detail, dtype=np.float32)


def _strokes(luma: Floats, n_turns: int = 12) -> Floats:
    """What a denoiser that believes in lines makes of dots: at each place the strongest stroke."""
    smooth = cv2.GaussianBlur(luma, (0, 0), 3.0)
    detail = luma - smooth
    best = np.zeros_like(detail)
    for turn in np.arange(n_turns) * np.pi / n_turns:
        reply = cv2.filter2D(detail, -1, _stroke_kernel(turn), borderType=cv2.BORDER_REFLECT)
        best = np.where(np.abs(reply) > np.abs(best), reply, best)
    return np.asarray(smooth + best)


def _stroke_kernel(turn_rad: float, along_px: float = 3.2, across_px: float = 0.9) -> Floats:
    """A ridge with side lobes (19, 19) that gives a stroke of its own shape back unchanged."""
    at = np.arange(-9, 10)
    u = at * np.cos(turn_rad) + at[:, None] * np.sin(turn_rad)
    v = (at[:, None] * np.cos(turn_rad) - at * np.sin(turn_rad)) / across_px
    kernel = (1 - v * v) * np.exp(-(v * v) / 2 - (u / along_px) ** 2 / 2)
    return np.asarray(kernel / np.abs(kernel).sum() * 2.4, dtype=np.float32)


def _sharpened(tone: Floats, strength: float) -> Floats:
    """Fine and broad unsharp masks, halos and all."""
    fine = tone - cv2.GaussianBlur(tone, (0, 0), 0.9)
    broad = tone - cv2.GaussianBlur(tone, (0, 0), 2.8)
    return np.asarray(tone + np.float32(strength) * (fine + np.float32(0.4) * broad))


def _jpeg(tone: Floats, quality: int) -> Pixels:
    """The photo (H, W, 3) after a JPEG with colour at half resolution."""
    bgr = np.rint(np.clip(tone[..., ::-1], 0, 1) * 255).astype(np.uint8)
    options = [
        cv2.IMWRITE_JPEG_QUALITY, quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]  # fmt: skip
    _, data = cv2.imencode(".jpg", bgr, options)
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
