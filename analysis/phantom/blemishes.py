"""What else is found on scalps: flakes, glints, scabs, furrows, a scar, chalk. None by default.

They lie where the recipe's seed puts them; scabs fall off within a fortnight.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from analysis.arrays import Floats, Points
from analysis.phantom.course import State
from analysis.phantom.cover import Colour, Cover, Ink
from analysis.phantom.head import tangents
from analysis.phantom.scalp import Scalp, hairline
from analysis.phantom.scene import Scene

_FLAKE: Colour = (0.62, 0.58, 0.53)
_GLINT: Colour = (0.80, 0.78, 0.74)
_SCAB: Colour = (0.085, 0.026, 0.020)
_CHALK: Colour = (0.82, 0.82, 0.80)
_SCAR_FROM_TOP_DEG = 76.0
_FURROW_DEPTH_MM, _FURROW_WIDTH_MM = 0.45, 1.3


def blemish(scene: Scene, scalp: Scalp, state: State) -> Scene:
    """The scene with all that the recipe asks for."""
    recipe = scalp.recipe
    if recipe.n_furrows:
        scene = _furrowed(scene, scalp)
    if recipe.scar_mm:
        scene = _scarred(scene, scalp)
    if recipe.n_flakes or recipe.n_glints or recipe.n_scabs or recipe.chalk_mm:
        scene = replace(scene, cover=scene.cover or Cover.none(scene.on_head.shape))
        _strew(scene, scalp, state)
    return scene


def _angles(scene: Scene, scalp: Scalp) -> tuple[Floats, Floats]:
    """Degrees from the top and azimuth (H, W) of what pixels look at."""
    x, y = scene.chart_mm[..., 0], scene.chart_mm[..., 1]
    from_top = np.asarray(np.hypot(x, y) / _mm_per_deg(scalp), dtype=np.float32)
    return from_top, np.degrees(np.arctan2(x, y))


def _mm_per_deg(scalp: Scalp) -> float:
    return float(scalp.head.axes.mean() * np.pi / 180)


def _furrowed(scene: Scene, scalp: Scalp) -> Scene:
    """Lines across the forehead, as bends of its surface."""
    from_top, azimuth = _angles(scene, scalp)
    slope = np.zeros(from_top.shape, dtype=np.float32)
    for i in range(scalp.recipe.n_furrows):
        line = 52 + 26 * (i + 0.5) / scalp.recipe.n_furrows + 1.2 * np.sin(azimuth / 9 + 2.3 * i)
        off = (from_top - line) * _mm_per_deg(scalp) / _FURROW_WIDTH_MM
        deep = _FURROW_DEPTH_MM * np.exp(-((azimuth / 30) ** 4))
        slope += 2 * deep * off * np.exp(-(off**2)) / _FURROW_WIDTH_MM
    theta, phi = np.radians(from_top), np.radians(azimuth)
    outward = np.stack(
        [np.cos(theta) * np.sin(phi), np.cos(theta) * np.cos(phi), -np.sin(theta)], axis=-1
    )
    bent = scene.normal - (slope * scene.on_head)[..., None] * outward
    bent /= np.linalg.norm(bent, axis=-1, keepdims=True)
    return replace(scene, normal=np.asarray(bent, dtype=np.float32))


def _scarred(scene: Scene, scalp: Scalp) -> Scene:
    """A pale, pink band across the back of the head without pores or hairs."""
    from_top, azimuth = _angles(scene, scalp)
    middle = _SCAR_FROM_TOP_DEG + 1.5 * np.sin(azimuth / 14)
    off = (from_top - middle) * _mm_per_deg(scalp) / (scalp.recipe.scar_mm / 2)
    band = np.clip(1.5 - np.abs(off), 0, 1) * np.clip((np.abs(azimuth) - 112) / 5, 0, 1)
    return replace(
        scene,
        melanin=np.asarray(scene.melanin * (1 - 0.55 * band), dtype=np.float32),
        haemoglobin=np.asarray(scene.haemoglobin + 0.8 * band, dtype=np.float32),
        hair_t=np.asarray(scene.hair_t ** (1 - band), dtype=np.float32),
        spot_t=np.asarray(scene.spot_t ** (1 - band), dtype=np.float32),
    )


def _strew(scene: Scene, scalp: Scalp, state: State) -> None:
    """Scabs, flakes, glints and chalk, painted in this order."""
    recipe, cover = scalp.recipe, scene.cover
    assert cover is not None
    streams = np.random.default_rng([recipe.seed, 31]).spawn(4)
    scab_rng, flake_rng, glint_rng, chalk_rng = streams
    # Twice as fine as strands, for glints are thinner still than a pixel.
    crusts, scales, shining = (Ink(scene.on_head.shape, fine) for fine in (1, 1, 2))
    for points, radius_mm, colour, ink in (
        (_scabs(scalp, state, scab_rng), 0.45, _SCAB, crusts),
        (_upper(scalp, recipe.n_flakes, flake_rng), 0.7, _FLAKE, scales),
    ):
        _crumbs(ink, scene, scalp, points, radius_mm, colour, scab_rng)
    for line in _hairs(scene, scalp, _upper(scalp, recipe.n_glints, glint_rng), glint_rng):
        shining.stroke(line, _GLINT, 0.03 * scene.px_per_mm)
    for ink, shine in ((crusts, 0.5), (scales, 1.0), (shining, 1.0)):
        alpha, colour_map = ink.dry()
        cover.paint(alpha * scene.on_head, colour_map, shine)
    if recipe.chalk_mm:
        cover.paint(_chalk(scene, scalp, chalk_rng), np.array(_CHALK, dtype=np.float32))


def _upper(scalp: Scalp, n: int, rng: np.random.Generator) -> Points:
    """(k, 3) of n points strewn over the whole head: those at most 85 degrees from its top."""
    points = scalp.head.sample(n, rng)
    return np.asarray(points[scalp.head.angles(points)[0] < 85])


def _scabs(scalp: Scalp, state: State, rng: np.random.Generator) -> Points:
    """(k, 3) of dots that still wear their scab."""
    dots = scalp.dots.points_mm
    chosen = rng.permutation(len(dots))[: scalp.recipe.n_scabs]
    falls = rng.uniform(4, 13, len(chosen))
    kept = chosen[falls > state.day]
    return np.asarray(dots[kept[state.present[kept]]])


def _facing(scene: Scene, scalp: Scalp, points: Points) -> tuple[Points, Points, Points]:
    """Those of the points (n, 3) that face the camera, and two tangents at each."""
    normals = scalp.head.normals(points)
    seen = scene.camera.facing(points, normals) > 0.1
    return points[seen], *tangents(normals[seen])


def _crumbs(
    ink: Ink,
    scene: Scene,
    scalp: Scalp,
    points: Points,
    radius_mm: float,
    colour: Colour,
    rng: np.random.Generator,
) -> None:
    """Irregular little plates on the skin."""
    turn = np.linspace(0, 2 * np.pi, 9)[:-1, None]
    for at, right, down in zip(*_facing(scene, scalp, points), strict=True):
        radius = radius_mm * rng.lognormal(0, 0.35) * rng.uniform(0.5, 1.2, (8, 1))
        outline = at + radius * (np.cos(turn) * right + rng.uniform(0.5, 1) * np.sin(turn) * down)
        light = float(rng.uniform(0.75, 1.2))
        red, green, blue = (light * c for c in colour)
        ink.fill(
            scene.camera.project(outline)[0], (red, green, blue), float(rng.uniform(0.6, 0.95))
        )


def _hairs(scene: Scene, scalp: Scalp, points: Points, rng: np.random.Generator) -> list[Points]:
    """Image lines (2, 2) of fine hairs that stand up a little."""
    lines = []
    for at, right, down in zip(*_facing(scene, scalp, points), strict=True):
        turn = rng.uniform(0, 2 * np.pi)
        along = np.cos(turn) * right + np.sin(turn) * down
        lines.append(scene.camera.project(np.stack([at, at + rng.uniform(2, 5) * along]))[0])
    return lines


def _chalk(scene: Scene, scalp: Scalp, rng: np.random.Generator) -> Floats:
    """Alpha (H, W) of a chalk line along the front of the treated area's border."""
    from_top, azimuth = _angles(scene, scalp)
    border = hairline(azimuth, scalp.recipe.hairline_deg)
    off = (from_top - border) * _mm_per_deg(scalp) / (scalp.recipe.chalk_mm / 2)
    line = np.exp(-(off**4)) * (np.abs(azimuth) < 80) * scene.on_head
    crumbs = rng.standard_normal(off.shape, dtype=np.float32)
    sigma = 0.12 * scene.px_per_mm + 0.3
    crumbs = np.asarray(cv2.GaussianBlur(crumbs, (0, 0), sigma), dtype=np.float32)
    grain = np.clip(0.65 + 0.35 * crumbs / crumbs.std(), 0.1, 0.95)
    return np.asarray(line * grain, dtype=np.float32)
