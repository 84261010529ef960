"""A second camera and skin, built apart from `PhoneOptics`: methods are only ever scored on it.

Nothing but the meaning of one mild erythema is shared, so that a method cannot do well here by
knowing the first renderer: skin has relief instead of painted lumps, blur is a disc, noise is
fought before sharpening, and colour is halved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Floats, Pixels, Points
from analysis.phantom.optics import ERYTHEMA_OD
from analysis.phantom.scene import Scene

_TILE_PX, _TILE_PX_PER_MM = 768, 12.0
# In living skin melanin falls off slower than the cube of the wavelength it shows in a cuvette.
_MELANIN_K = 0.85 * (np.array([610.0, 545.0, 460.0]) / 545.0) ** -2.0
_EPIDERMIS_S = 0.10
_DERMIS_K_OVER_S = np.array([0.034, 0.115, 0.165])
_DOSES = np.linspace(0, 3, 401)
_KEY = 0.55 * np.array([1.05, 1.0, 0.92], dtype=np.float32)
_FILL = 0.28 * np.array([0.90, 1.0, 1.16], dtype=np.float32)
_MARK_TINT = np.array([0.85, 1.0, 1.12], dtype=np.float32)
_CLOTHES = ((0.03, 0.05, 0.14), (0.05, 0.16, 0.15), (0.04, 0.10, 0.05), (0.45, 0.48, 0.52))
_REPLICATE, _AREA = cv2.BORDER_REPLICATE, cv2.INTER_AREA
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True)
class CompactOptics:
    """A compact camera: disc blur with some shake, smoothed noise, halved colour, filmic curve.

    `blur_px`: standard deviation of all blur along an image axis, mean over the frame. `exposure`:
    gain of the light. `light_deg`: where the key lamp stands around the camera, `light_height`: 0
    grazing to 1 head on. `warmth`: white-balance error in natural log of red over blue. `gloss`:
    peak of shine. `noise`: as in `PhoneOptics`, before smoothing. `worms`: 0-1 share of shock
    filtering. `contrast`: of the tone curve. `texture`: of the skin, `texture_drift`: share of its
    relief and blood that is new on each photo.
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
        linear = self._lens(self.light(scene, rng), rng)
        tone = _filmic(self._sensor(linear, rng), self.contrast)
        if self.worms:
            tone = tone + self.worms * (_shock(_luma(tone)) - _luma(tone))[..., None]
        if self.sharpening:
            tone = tone + self.sharpening * _limited_detail(_luma(tone))[..., None]
        return np.rint(np.clip(tone, 0, 1) * 255).astype(np.uint8)

    def light(self, scene: Scene, rng: np.random.Generator) -> Floats:
        """Linear light (H, W, 3) that reaches the lens."""
        texture = self.texture * _skin_texture(scene, rng, self.texture_drift)
        bent = _tipped(scene.normal, texture[..., :2])
        forward = scene.camera.axes[2].astype(np.float32)
        veil = 0.022 + 0.12 * (1 - scene.cos_slant[..., None]) ** 5
        diffuse, shine = np.full_like(bent, 0.3), 0.8 * veil * np.ones(3, dtype=np.float32)
        for lamp, colour in self._lamps(scene):
            diffuse += np.clip(bent @ lamp, 0, 1)[..., None] * colour
            shine += self.gloss * _ggx(bent, lamp - forward)[..., None] * colour
        bare, behind = _skin(scene, texture), _backdrop(scene.on_head.shape, rng)
        if scene.cover is not None:
            bare, behind = scene.cover.over(bare), scene.cover.over(behind)
            shine *= scene.cover.shine[..., None]
        lit = bare * diffuse + shine
        if scene.light_t is not None:
            lit *= scene.light_t[..., None]
        lit = np.where(scene.solid[..., None], lit, behind)
        return np.asarray(self.exposure * lit, dtype=np.float32)

    def _lamps(self, scene: Scene) -> list[tuple[Floats, Floats]]:
        """Direction (3,) and coloured strength (3,) of the key and the fill lamp."""
        right, down, forward = scene.camera.axes
        fill_deg, fill_height = self.light_deg + 140, 0.6 * self.light_height
        lamps = []
        for turn_deg, height in ((self.light_deg, self.light_height), (fill_deg, fill_height)):
            turn, flat = np.radians(turn_deg), np.sqrt(max(0.0, 1 - height**2))
            lamp = flat * (np.cos(turn) * right + np.sin(turn) * down) - height * forward
            lamps.append(lamp.astype(np.float32))
        return list(zip(lamps, (_KEY, _FILL), strict=True))

    def _lens(self, linear: Floats, rng: np.random.Generator) -> Floats:
        """Blur that grows towards the corners, vignetting, colours at slightly unequal scale."""
        shake_deg = float(rng.uniform(0, 180))
        # The squared radius below has mean 1/3, so the variances average to `blur_px` squared.
        kernels = [_psf(self.blur_px * np.sqrt(share), shake_deg) for share in (0.85, 1.30)]
        sharp, soft = (cv2.filter2D(linear, -1, k, borderType=_REPLICATE) for k in kernels)
        height, width = linear.shape[:2]
        x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)[:, None]
        radius2 = ((x * x + y * y) / 2).astype(np.float32)[..., None]
        seen = (sharp + radius2 * (soft - sharp)) * (1 - 0.15 * radius2)
        planes = (np.ascontiguousarray(seen[..., channel]) for channel in range(3))
        return np.dstack([_scaled(p, k) for p, k in zip(planes, (1.0003, 1, 0.9996), strict=True)])

    def _sensor(self, linear: Floats, rng: np.random.Generator) -> Floats:
        """Cast, grain and rows of noise, edge-keeping smoothing, colour at half resolution."""
        cast = np.array([self.warmth / 2, 0, -self.warmth / 2], dtype=np.float32)
        seen = np.clip(linear * np.exp(cast), 0, 1.5)
        if self.noise:
            grain = rng.standard_normal(seen.shape, dtype=np.float32)
            grain += np.float32(0.3) * rng.standard_normal((len(seen), 1, 1), dtype=np.float32)
            seen = seen + np.float32(self.noise) * np.sqrt(seen + np.float32(0.05)) * grain
            # Noise is even in the root of the light, and so is what counts as an edge there.
            root = np.sqrt(np.clip(seen, 0, None))
            seen = cv2.bilateralFilter(root, 5, 4 * self.noise, 1.2) ** 2
        luma = _luma(seen)
        half = cv2.resize(seen - luma[..., None], None, fx=0.5, fy=0.5, interpolation=_AREA)
        full = cv2.resize(half, luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(luma[..., None] + full, dtype=np.float32)


def bare_skin(melanin: float) -> Points:
    """Reflectance (3,) of even skin, linear light."""
    return np.asarray(_two_layers(np.array([_dose(melanin)]))[0])


def _dose(melanin: NDArray[np.floating] | float) -> NDArray[np.floating] | float:
    """Melanin of the darkest skins outgrows the recipe's even scale."""
    return melanin + 0.6 * melanin**3


def _skin(scene: Scene, texture: Floats) -> Floats:
    """Light that comes back out of the skin (H, W, 3), with all that lies in and on it."""
    dose = _dose(scene.melanin) + 0.3 * (0.2 + scene.melanin) * texture[..., 2]
    skin = np.dstack([np.interp(dose, _DOSES, column) for column in _two_layers(_DOSES).T])
    # Redness scales all that comes out, melanin or not: that is how one mild erythema is defined.
    redness = scene.haemoglobin + texture[..., 3]
    skin = skin.astype(np.float32) * np.exp(
        -np.float32(np.log(10)) * redness[..., None] * ERYTHEMA_OD
    )
    tint = np.array(scene.pigment_tint, dtype=np.float32)
    marks = (scene.hair_t * scene.spot_t)[..., None]
    return np.asarray(skin * scene.pigment_t[..., None] ** tint * marks**_MARK_TINT)


def _two_layers(dose: Points) -> Points:
    """Kubelka-Munk reflectance (n, 3) of melanin-bearing epidermis over endless dermis."""
    dermis = 1 + _DERMIS_K_OVER_S - np.sqrt(_DERMIS_K_OVER_S**2 + 2 * _DERMIS_K_OVER_S)
    a = 1 + (0.01 + dose[:, None] * _MELANIN_K) / _EPIDERMIS_S
    b = np.sqrt(a * a - 1)
    sinh, cosh = np.sinh(b * _EPIDERMIS_S), np.cosh(b * _EPIDERMIS_S)
    back, through = sinh / (a * sinh + b * cosh), b / (a * sinh + b * cosh)
    reflectance: Points = back + through**2 * dermis / (1 - back * dermis)
    return reflectance


def _skin_texture(scene: Scene, rng: np.random.Generator, drift: float) -> Floats:
    """Slopes along the chart's x and y, more or less melanin, excess of blood: (H, W, 4)."""
    own = _read(_tile(scene.skin_seed), scene, np.zeros(2, dtype=np.int64))
    fresh = _read(_tile(2**31), scene, rng.integers(0, _TILE_PX, 2))
    # Freckles (third) do not come and go between photos.
    share = np.array([drift, drift, 0, drift], dtype=np.float32)
    return np.asarray(np.sqrt(1 - share**2) * own + share * fresh, dtype=np.float32)


def _read(tile: Floats, scene: Scene, shift: NDArray[np.int64]) -> Floats:
    """A tile at flat skin coordinates, averaged to about the photo's pixel first."""
    tile = _smooth(tile, 0.4 / scene.px_per_mm).astype(np.float32)
    place = np.mod(scene.chart_mm * _TILE_PX_PER_MM + shift.astype(np.float32), _TILE_PX)
    x, y = (np.ascontiguousarray(place[..., axis], dtype=np.float32) for axis in (0, 1))
    return np.asarray(cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


@lru_cache(maxsize=8)
def _tile(seed: int) -> Floats:
    """A seamless square of skin: slopes right and down, freckles, blood (size, size, 4)."""
    rng = np.random.default_rng([seed, 23])
    relief = _furrows(rng) + 0.010 * _cloud(rng, 0.6) + 0.001 * _cloud(rng, 0.12)
    slopes = [(np.roll(relief, -1, axis) - relief) * _TILE_PX_PER_MM for axis in (1, 0)]
    pigment = _freckles(rng) + 0.15 * _cloud(rng, 2.5) + 0.08 * _cloud(rng, 0.7)
    veins = np.exp(-((_cloud(rng, 2.2) / 0.09) ** 2)) * np.clip(_cloud(rng, 5.0), 0, 1.5)
    blood = 0.10 * _cloud(rng, 4.0) + 0.07 * _cloud(rng, 0.9) + 0.12 * _smooth(veins, 0.12)
    return np.dstack([*slopes, pigment, blood - blood.mean()]).astype(np.float32)


def _furrows(rng: np.random.Generator, cell_mm: float = 0.8, depth_mm: float = 0.013) -> Points:
    """Height (size, size) in mm of Worley cells parted by furrows."""
    n = round(_TILE_PX / (cell_mm * _TILE_PX_PER_MM))
    lattice = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1).reshape(-1, 2)
    seeds = (lattice + rng.uniform(0, 0.95, lattice.shape)) * _TILE_PX / n
    pixels = np.stack(np.meshgrid(np.arange(_TILE_PX), np.arange(_TILE_PX)), axis=-1)
    distance, _ = cKDTree(seeds, boxsize=_TILE_PX).query(pixels, k=2)
    rim = (distance[..., 1] - distance[..., 0]) * n / _TILE_PX
    deep = depth_mm * np.clip(1 + 0.6 * _cloud(rng, 2.0), 0, 2)
    return np.asarray(-deep * np.exp(-((rim / 0.22) ** 2)))


def _freckles(rng: np.random.Generator) -> Points:
    """Soft-edged spots of more melanin (size, size), 0 to about 1."""
    total = np.zeros((_TILE_PX, _TILE_PX))
    for sigma_mm, count in ((0.2, 90), (0.4, 40), (0.8, 10)):
        sown = np.zeros_like(total)
        at = rng.integers(0, _TILE_PX, (2, count))
        sown[at[0], at[1]] = rng.gamma(2.0, 0.12, count)
        total += _smooth(sown, sigma_mm) * 2 * np.pi * (sigma_mm * _TILE_PX_PER_MM) ** 2
    return np.asarray(1.4 * (1 - np.exp(-2 * total)))


def _cloud(rng: np.random.Generator, size_mm: float) -> Points:
    """Seamless smooth noise of unit variance."""
    cloud = _smooth(rng.standard_normal((_TILE_PX, _TILE_PX)), size_mm)
    return np.asarray((cloud - cloud.mean()) / cloud.std())


def _smooth(field: NDArray[np.floating], sigma_mm: float) -> Points:
    """Gaussian smoothing of the first two axes across the tile's seams."""
    frequency = np.hypot(np.fft.fftfreq(_TILE_PX)[:, None], np.fft.fftfreq(_TILE_PX))
    gain = np.exp(-2 * (np.pi * frequency * sigma_mm * _TILE_PX_PER_MM) ** 2)
    gain = gain.reshape(gain.shape + (1,) * (field.ndim - 2))
    return np.asarray(np.fft.ifft2(np.fft.fft2(field, axes=(0, 1)) * gain, axes=(0, 1)).real)


def _tipped(normal: Floats, slopes: Floats) -> Floats:
    """Unit normals (H, W, 3) bent by slopes (H, W, 2) along the chart."""
    bent = normal - np.dstack([slopes, np.zeros_like(slopes[..., :1])])
    return np.asarray(bent / np.linalg.norm(bent, axis=-1, keepdims=True), dtype=np.float32)


def _ggx(normal: Floats, halfway: Floats, roughness: float = 0.24) -> Floats:
    """Trowbridge-Reitz lobe (H, W) with peak 1 around `halfway` (3,) of any length."""
    squared = np.clip(normal @ (halfway / np.linalg.norm(halfway)), 0, 1) ** 2
    return np.asarray((roughness**2 / (squared * (roughness**2 - 1) + 1)) ** 2)


def _backdrop(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """A wall that darkens across the frame, with clothes or furniture before it (H, W, 3)."""
    height, width = shape
    fall = np.linspace(1.1, 0.6, height)[:, None] * np.linspace(0.9, 1.1, width)
    wall = (fall[..., None] * np.array([0.36, 0.40, 0.42])).astype(np.float32)
    for colour in rng.permutation(np.array(_CLOTHES)):
        x, y = (int(v) for v in rng.uniform(0, 1, 2) * [width, height])
        long, short = (int(v) for v in rng.uniform(0.15, 0.45, 2) * min(shape))
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(wall, (x, y), (long, short), turn, 0, 360, colour.tolist(), -1)
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), 4.0))


def _psf(sigma_px: float, shake_deg: float) -> Points:
    """A defocus disc drawn out along a short line; mean variance per axis `sigma_px` squared."""
    # Gathering the kernel into pixels widens it by a twelfth.
    sigma_px = np.sqrt(max(sigma_px**2 - 1 / 12, 0))
    disc_px, line_px = 2 * sigma_px * np.sqrt(0.85), sigma_px * np.sqrt(24 * 0.15)
    size, fine = int(np.ceil(disc_px + line_px / 2)) + 1, 9
    at = (np.arange((2 * size + 1) * fine) + 0.5) / fine - size - 0.5
    turn = np.radians(shake_deg)
    total = np.zeros((2 * size + 1, 2 * size + 1))
    for step in ((np.arange(15) + 0.5) / 15 - 0.5) * line_px:
        x, y = at - step * np.cos(turn), at[:, None] - step * np.sin(turn)
        disc = (np.hypot(x, y) <= max(disc_px, 0.1)).astype(float)
        total += disc.reshape(2 * size + 1, fine, -1, fine).sum(axis=(1, 3))
    return np.asarray(total / total.sum())


def _scaled(plane: Floats, factor: float) -> Floats:
    """One colour plane enlarged about the frame's centre."""
    height, width = plane.shape
    x, y = (1 - factor) * (width - 1) / 2, (1 - factor) * (height - 1) / 2
    matrix, size = np.array([[factor, 0, x], [0, factor, y]]), (width, height)
    moved = cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_CUBIC, borderMode=_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def _filmic(linear: Floats, contrast: float) -> Floats:
    """A power about mid-grey, an exponential shoulder from 0.6 on, then sRGB's encoding."""
    x = np.float32(0.18) * (np.clip(linear, 1e-5, None) / np.float32(0.18)) ** (1 + contrast / 2)
    knee = np.float32(0.6)
    x = np.where(x > knee, 1 - (1 - knee) * np.exp((knee - x) / (1 - knee)), x)
    return np.asarray(np.where(x > 0.0031308, 1.055 * x ** (1 / 2.4) - 0.055, 12.92 * x))


def _luma(colour: Floats) -> Floats:
    return np.asarray(colour @ _LUMA)


def _limited_detail(luma: Floats, most: float = 0.08) -> Floats:
    """Local contrast to add (H, W), held below `most` so that strong edges grow no halo."""
    detail = luma - cv2.GaussianBlur(luma, (0, 0), 2.2)
    return np.asarray(most * np.tanh(1.6 * detail / most))


def _shock(luma: Floats, rounds: int = 4) -> Floats:
    """Coherence-enhancing shock filter (Weickert 2003): dots melt into strokes with hard rims."""
    box = np.ones((3, 3), dtype=np.uint8)
    for _ in range(rounds):
        gx, gy = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
        xx, yy, xy = (cv2.GaussianBlur(g, (0, 0), 3.0) for g in (gx * gx, gy * gy, gx * gy))
        across = 0.5 * np.arctan2(2 * xy, xx - yy)
        c, s = np.cos(across), np.sin(across)
        smooth = cv2.GaussianBlur(luma, (0, 0), 1.0)
        dxx, dyy = cv2.Sobel(smooth, cv2.CV_32F, 2, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 2)
        bend = c * c * dxx + 2 * c * s * cv2.Sobel(smooth, cv2.CV_32F, 1, 1) + s * s * dyy
        moved = np.where(bend < 0, cv2.dilate(luma, box), cv2.erode(luma, box))
        luma = np.asarray(luma + np.float32(0.4) * (moved - luma), dtype=np.float32)
    return luma
