"""What lies on a phantom's head: pigment dots, stubble, pores, moles, and the treated area.

Everything is placed once by a seed and keeps its index for good: dot 17 is dot 17 on every photo.
How it looks on a given day is `course.py`'s; how a camera sees it is `optics.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Points
from analysis.phantom.head import Head

# Share of the finished density after the first, second and third treatment (Liu 2025, PMC12406178).
CUMULATIVE_DENSITY = (0.3, 0.7, 1.0)


@dataclass(frozen=True)
class Recipe:
    """What kind of scalp to draw. Densities per cm2, lengths in mm, `od` = decadic optical density.

    `melanin` runs from 0.05 (very light skin) to 0.95 (dark); dot diameters of healed scalp
    micropigmentation are plausibly 0.15-0.5 mm. `stubble_spread_rad`: how much hairs differ in
    direction. Blemishes, none unless asked for: flakes and glints over the whole head, scabs on
    fresh dots, furrows across the forehead, a scar across the back and a chalk line along the
    front border, both by their width.
    """

    seed: int
    melanin: float = 0.2
    dots_per_cm2: float = 100.0
    dot_diameter_mm: float = 0.30
    dot_od: float = 0.42
    n_treatments: int = 3
    stubble_per_cm2: float = 12.0
    stubble_on_top: float = 0.15
    pores_per_cm2: float = 60.0
    n_moles: int = 9
    hairline_deg: float = 44.0
    stubble_spread_rad: float = 0.35
    n_flakes: int = 0
    n_glints: int = 0
    n_scabs: int = 0
    n_furrows: int = 0
    scar_mm: float = 0.0
    chalk_mm: float = 0.0


@dataclass(frozen=True)
class Marks:
    """Round marks: surface points (n, 3), diameters (n,) in mm, optical densities (n,)."""

    points_mm: Points
    diameter_mm: Points
    od: Points


@dataclass(frozen=True)
class Dots(Marks):
    """Pigment dots as they settle; `treatment` (n,) tells which visit set each (1 = the first)."""

    treatment: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Stubble:
    """Hair roots (n, 3), the angle each hair lies at in the surface, its width and its own pace."""

    points_mm: Points
    angle_rad: Points
    width_mm: Points
    pace: Points


@dataclass(frozen=True)
class Scalp:
    """One person's scalp. All that is on it keeps its place and index from day to day."""

    recipe: Recipe
    head: Head
    dots: Dots
    stubble: Stubble
    pores: Marks
    moles: Marks

    def treated(self, points_mm: NDArray[np.floating]) -> NDArray[np.floating]:
        """Planned share of full density at surface points (..., 3): 0 outside, soft in front.

        Without any dots nothing is treated.
        """
        inside, azimuth = self._inside_deg(points_mm)
        softness = np.where(np.abs(azimuth) < 70, 7.0, 2.0)
        share = np.clip(0.35 + 0.65 * inside / softness, 0, 1)
        return np.where((inside > 0) & (self.recipe.dots_per_cm2 > 0), share, 0.0)

    def inflamed(self, points_mm: NDArray[np.floating]) -> NDArray[np.floating]:
        """Share of the treated skin's redness (...,): 1 inside, ebbing across the border."""
        inside, _ = self._inside_deg(points_mm)
        rise = np.clip((inside + 2.5) / 5, 0, 1)
        return rise * rise * (3 - 2 * rise)

    def _inside_deg(
        self, points_mm: NDArray[np.floating]
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """How far inside the border each point lies (degrees from the top), and its azimuth."""
        from_top, azimuth = self.head.angles(points_mm)
        return hairline(azimuth, self.recipe.hairline_deg) - from_top, azimuth


def draw_scalp(recipe: Recipe) -> Scalp:
    """Draw a scalp: the same recipe always gives the same scalp."""
    streams = np.random.default_rng(recipe.seed).spawn(5)
    head_rng, dot_rng, hair_rng, pore_rng, mole_rng = streams
    head = Head(*(np.array([76.0, 95.0, 88.0]) * head_rng.uniform(0.96, 1.05, 3)))
    empty = Marks(np.empty((0, 3)), np.empty(0), np.empty(0))
    bare = Scalp(
        recipe=recipe,
        head=head,
        dots=Dots(empty.points_mm, empty.diameter_mm, empty.od),
        stubble=Stubble(empty.points_mm, empty.od, empty.od, empty.od),
        pores=_scatter(head, recipe.pores_per_cm2, pore_rng, diameter=0.16, od=0.06),
        moles=_pick(head, recipe.n_moles, mole_rng, diameter=2.2, od=0.30),
    )
    return Scalp(
        recipe=recipe,
        head=head,
        dots=_draw_dots(bare, dot_rng),
        stubble=_draw_stubble(bare, hair_rng),
        pores=bare.pores,
        moles=bare.moles,
    )


def hairline(azimuth_deg: NDArray[np.floating], front_deg: float) -> NDArray[np.floating]:
    """The treated area's border: its angle from the top at each azimuth, in degrees."""
    turn = np.radians(azimuth_deg)
    back_deg = 92.0
    smooth = front_deg + (back_deg - front_deg) * (1 - np.cos(turn)) / 2
    temple_recess = -7.0 * np.exp(-(((np.abs(azimuth_deg) - 35) / 16) ** 2))
    wobble = 0.6 * np.sin(9 * turn) + 0.4 * np.cos(23 * turn)
    border: NDArray[np.floating] = smooth + temple_recess + wobble
    return border


def _draw_dots(scalp: Scalp, rng: np.random.Generator) -> Dots:
    """Set the dots treatment by treatment: random, never nearer than a practitioner would."""
    recipe, head = scalp.recipe, scalp.head
    spacing_mm = 10 / np.sqrt(max(recipe.dots_per_cm2, 1.0))
    total = int(recipe.dots_per_cm2 * head.area_mm2 / 100)
    placed: list[Points] = []
    treatment: list[NDArray[np.int64]] = []
    shares = np.diff((0.0, *CUMULATIVE_DENSITY[: recipe.n_treatments - 1], 1.0))
    for number, share in enumerate(shares, start=1):
        taken = np.vstack(placed) if placed else np.empty((0, 3))
        new = _hard_core(head, int(total * share), 0.62 * spacing_mm, taken, rng)
        placed.append(new)
        treatment.append(np.full(len(new), number))
    points, visit = np.vstack(placed), np.concatenate(treatment)
    kept = rng.random(len(points)) < scalp.treated(points)
    points, visit = points[kept], visit[kept]
    n = len(points)
    return Dots(
        points_mm=points,
        diameter_mm=np.clip(recipe.dot_diameter_mm * rng.lognormal(0, 0.12, n), 0.12, 0.6),
        od=recipe.dot_od * rng.lognormal(0, 0.18, n),
        treatment=visit,
    )


def _hard_core(
    head: Head, n: int, least_mm: float, taken: Points, rng: np.random.Generator
) -> Points:
    """Up to n points, none nearer than `least_mm` to each other or to those already taken."""
    accepted = taken
    for _ in range(12):
        missing = n + len(taken) - len(accepted)
        if missing <= 0:
            break
        fresh = head.sample(2 * missing, rng)
        if len(accepted):
            fresh = fresh[cKDTree(accepted).query(fresh)[0] >= least_mm]
        pairs = cKDTree(fresh).query_pairs(least_mm, output_type="ndarray")
        fresh = np.delete(fresh, np.unique(pairs.max(axis=1)) if len(pairs) else [], axis=0)
        accepted = np.vstack([accepted, fresh[:missing]])
    return accepted[len(taken) :]


def _draw_stubble(scalp: Scalp, rng: np.random.Generator) -> Stubble:
    """Roots dense on the sides, sparse where hair was lost; hairs lie away from the crown."""
    recipe, head = scalp.recipe, scalp.head
    points = head.sample(int(recipe.stubble_per_cm2 * head.area_mm2 / 100), rng)
    from_top, azimuth = head.angles(points)
    border = hairline(azimuth, recipe.hairline_deg)
    grows = np.where(from_top > 62, 1.0, recipe.stubble_on_top) * (from_top < border)
    points = points[rng.random(len(points)) < grows]
    n = len(points)
    away_from_crown = np.arctan2(points[:, 1] + 25.0, points[:, 0])
    return Stubble(
        points_mm=points,
        angle_rad=-away_from_crown + rng.normal(0, recipe.stubble_spread_rad, n),
        width_mm=rng.uniform(0.05, 0.09, n),
        pace=rng.lognormal(0, 0.2, n),
    )


def _scatter(
    head: Head, per_cm2: float, rng: np.random.Generator, *, diameter: float, od: float
) -> Marks:
    return _pick(head, int(per_cm2 * head.area_mm2 / 100), rng, diameter=diameter, od=od)


def _pick(head: Head, n: int, rng: np.random.Generator, *, diameter: float, od: float) -> Marks:
    return Marks(
        points_mm=head.sample(n, rng) if n else np.empty((0, 3)),
        diameter_mm=diameter * rng.lognormal(0, 0.3, n),
        od=od * rng.lognormal(0, 0.35, n),
    )
