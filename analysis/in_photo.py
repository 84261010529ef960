"""What a photo's stages show, in the photo's own pixels: areas, patches, redder spots, outlines.

`enlarge`: how many times larger the photo is than it was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis import patches
from analysis.arrays import Mask
from analysis.outlines import (
    Outlines,
    Ring,
    extent,
    outlines_of,
    pieces,
    smooth_outlines_of,
)
from analysis.stages import Stages

_LEAST_PIECE = 0.0005  # of the photo
_REDDER, _MUCH_REDDER = 4.0, 8.0  # 100 log10(R/G): about half a mild erythema, and one


@dataclass(frozen=True)
class Region:
    """An area as outlines [[x, y], ...] in full-resolution px: outer rings, then holes."""

    outline: Ring
    holes: list[Ring]
    area_px: float


@dataclass(frozen=True)
class Area:
    """A piece of the treated area, and the level it was measured at."""

    level: str
    outline: Ring
    holes: list[Ring]


@dataclass(frozen=True)
class PatchSeen:
    """A patch of too few or too pale dots, see `patches.Patch`: its outline and area in
    full-resolution px, and of a sparse one how many dots it lacks to be as dense as the skin around
    it, else NaN. `dots_missing_stderr`: sampling of a random pattern, and 3 %.
    """

    kind: str
    outline: Ring
    area_px: float
    relative_density: float
    relative_darkness: float
    p_value: float
    dots_missing: float
    dots_missing_stderr: float


@dataclass(frozen=True)
class RedSpotSeen:
    """A redder spot: outline and area in full-resolution px, and by how much it is redder than the
    treated skin around at its peak, 100 log10(R/G).
    """

    outline: Ring
    area_px: float
    excess: float


@dataclass(frozen=True)
class RednessSeen:
    """The redness index over the treated area, in cells `cell_px` of the photo wide: its 10th, 50th
    and 90th percentile, and a cell's standard error against the others. `kind`: `spots`,
    `around_dots`, `diffuse` or None, see `redness.RednessMap.kind`; `share` of the judged skin
    inside spots; `around`: how much redder skin is beside dots than between them, NaN where that is
    not told.
    """

    cell_px: float
    low: float
    median: float
    high: float
    stderr: float
    kind: str | None
    share: float
    around: tuple[float, float]
    spots: tuple[RedSpotSeen, ...]


def outlines(stages: Stages, enlarge: float) -> Outlines:
    """What a picture of the photo is drawn from."""
    masks, found = stages.areas, stages.patches
    rings: dict[str, list[Ring]] = {patches.SPARSE: [], patches.PALE: []}
    for patch in found.found:
        rings[patch.kind] += smooth_outlines_of(patch.cells, enlarge * found.step_px)
    return Outlines(
        treated=outlines_of(masks.treated, enlarge),
        reference=outlines_of(masks.reference, enlarge),
        glare=outlines_of(masks.glare & masks.skin, enlarge),
        thin=rings[patches.SPARSE],
        pale=rings[patches.PALE],
        redder=_as_red(stages, _REDDER, enlarge),
        much_redder=_as_red(stages, _MUCH_REDDER, enlarge),
        red_spots=[
            ring
            for spot in stages.redness_map.spots
            for ring in smooth_outlines_of(spot.cells, _red_cell_px(stages, enlarge))
        ],
    )


def _red_cell_px(stages: Stages, enlarge: float) -> float:
    return stages.redness_map.step_px * 2 / stages.photo_px * enlarge


def _as_red(stages: Stages, least: float, enlarge: float) -> list[Ring]:
    """Outlines of where the redness index is so high."""
    index = stages.redness_map.index
    return smooth_outlines_of(index >= least, _red_cell_px(stages, enlarge))


def redness(stages: Stages, enlarge: float) -> RednessSeen | None:
    """The map of redness in the photo's own pixels; None where there is none."""
    told, cell_px = stages.redness_map, _red_cell_px(stages, enlarge)
    if not told.is_known:
        return None
    low, median, high = np.nanpercentile(told.index, (10, 50, 90)).tolist()
    outlined = [(spot, smooth_outlines_of(spot.cells, cell_px)) for spot in told.spots]
    spots = tuple(
        RedSpotSeen(max(rings, key=extent), float(spot.cells.sum()) * cell_px**2, spot.excess)
        for spot, rings in outlined
        if rings
    )
    kind = told.kind(stages.redness[0])
    return RednessSeen(
        cell_px, low, median, high, told.stderr, kind, told.share, told.around, spots
    )


def patches_seen(found: patches.Patches, enlarge: float) -> tuple[PatchSeen, ...]:
    """The patches in the photo's own pixels, largest piece of each outline."""
    step_px = found.step_px * enlarge
    outlined = [(patch, smooth_outlines_of(patch.cells, step_px)) for patch in found.found]
    return tuple(
        PatchSeen(
            kind=patch.kind,
            outline=max(rings, key=extent),
            area_px=float(patch.cells.sum()) * step_px**2,
            relative_density=patch.relative_density,
            relative_darkness=patch.relative_darkness,
            p_value=patch.p_value,
            dots_missing=missing,
            dots_missing_stderr=stderr,
        )
        for patch, rings in outlined
        for missing, stderr in [_missing(patch)]
        if rings
    )


def _missing(patch: patches.Patch) -> tuple[float, float]:
    """Dots that a sparse patch lacks, with standard error."""
    if patch.kind != patches.SPARSE:
        return np.nan, np.nan
    expected = patch.n_expected
    error = float(np.hypot(np.sqrt(expected), 0.03 * expected))
    return expected * (1 - patch.relative_density), error


def region(treated: Mask, enlarge: float) -> Region:
    """The largest piece of the treated area (H, W)."""
    outline, holes = max(pieces(treated, enlarge), key=lambda piece: extent(piece[0]))
    return Region(outline, holes, float(treated.sum()) * enlarge**2)


def areas(stages: Stages, enlarge: float) -> tuple[Area, ...]:
    """All pieces of the treated area that are large enough to speak of."""
    dotted = stages.dot_area
    masks = {"dot": dotted, "tone": stages.areas.treated & ~dotted}
    return tuple(
        Area(level, outline, holes)
        for level, mask in masks.items()
        for outline, holes in pieces(mask, enlarge)
        if extent(outline) > _LEAST_PIECE * mask.size * enlarge**2
    )
