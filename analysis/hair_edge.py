"""Whether the hair beside the dots has moved back between two photos laid on each other.

Hair is where much of the skin is covered by what is far darker than the light around it. Its edge
is found along lines from the dots into the hair, in both photos at the same skin.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import cKDTree

from analysis.arrays import Floats, Mask, Points, disc, resized
from analysis.plate import Plate
from analysis.tone import NOT_MEASURED, Estimate
from analysis.warp import Warp

# Of the light around: a hair's core. Dots are left out, as far as this many times their diameter.
_DARK, _DOT_SIZES = 0.55, 0.7
# Share of skin covered where hair is said to grow; its edge is where half of the usual is reached.
_LEAST_COVER, _AT_EDGE = 0.2, 0.5
_GRID_PX = 4
# In spacings of the baseline's dots (0.6 mm), as all lengths below.
_LEAST_AREA, _TIDY, _FACING_OVER = 150.0, 3.0, 3.0
_FARTHEST, _FRAME, _PART = 12.0, 4.0, 5.0
_OUTWARD, _INWARD, _STEP = 12.0, 30.0, 1 / 3
# Both photos must show this much of each line; hair goes on for so long where it has begun.
_SEEN = (-6.0, 20.0)
_GOES_ON = 2.0
_LEAST_PARTS = 6
_LEAST_COSINE = 0.5
# Between photos, beyond the scatter along the edge: hair is cut and lies otherwise each time.
_BETWEEN_PHOTOS = 1.2


@dataclass(frozen=True)
class _Hair:
    """`cover` (H, W): share of the skin under hair; `grows` (h, w): where hair is, at every so many
    px.
    """

    cover: Floats
    grows: Mask

    @classmethod
    def of(cls, plate: Plate) -> _Hair:
        spacing = plate.spacing_px
        light = cv2.GaussianBlur(plate.light, (0, 0), 0.6)
        around = cv2.dilate(cv2.GaussianBlur(plate.light, (0, 0), spacing / 4), disc(1.5 * spacing))
        dark = light < _DARK * cv2.GaussianBlur(around, (0, 0), spacing)
        dark &= plate.between_dots(_DOT_SIZES * plate.size_px)
        cover = np.asarray(cv2.GaussianBlur(dark.astype(np.float32), (0, 0), spacing), np.float32)
        covered: Floats = resized(cover, (cover.shape[1] // _GRID_PX, cover.shape[0] // _GRID_PX))
        return cls(cover, _tidied(covered > _LEAST_COVER, _TIDY * spacing / _GRID_PX))

    @property
    def usual(self) -> float:
        """Cover where hair grows; NaN without any."""
        return float(np.median(self.cover[self._grown])) if self.grows.any() else np.nan

    @property
    def _grown(self) -> Mask:
        return resized(self.grows, self.cover.shape[::-1])

    def along(self, lines: Points) -> Points:
        """Cover (n, k) at places (n, k, 2), NaN out of the frame."""
        x, y = lines.astype(np.float32)[..., 0], lines.astype(np.float32)[..., 1]
        found = cv2.remap(
            self.cover, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=np.nan
        )
        return np.asarray(found, dtype=float)

    def parts(self, spacing: float, dots: Points) -> list[tuple[Points, Points]]:
        """Pieces of the edge beside the dots and facing them: places (k, 2) on it, and the ways
        into the hair (k, 2).
        """
        soft = cv2.GaussianBlur(self._grown.astype(np.float32), (0, 0), _FACING_OVER * spacing)
        into = np.stack([cv2.Sobel(soft, cv2.CV_32F, *axes) for axes in ((1, 0), (0, 1))], axis=-1)
        tree = cKDTree(dots)
        height, width = self.cover.shape
        outlines, _ = cv2.findContours(
            self.grows.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        n_places = max(1, round(_PART * spacing / _GRID_PX))
        found: list[tuple[Points, Points]] = []
        for outline in outlines:
            edge = outline[:, 0].astype(np.float64) * _GRID_PX + (_GRID_PX - 1) / 2
            x, y = edge.astype(int).T
            ways = into[y, x].astype(float)
            inward = ways / (np.linalg.norm(ways, axis=1, keepdims=True) + 1e-9)
            apart, nearest = tree.query(edge)
            from_dots = (edge - dots[nearest]) / np.maximum(apart, 1e-6)[:, None]
            facing = (inward * from_dots).sum(axis=1) > _LEAST_COSINE
            rim = _FRAME * spacing
            framed = (x > rim) & (x < width - rim) & (y > rim) & (y < height - rim)
            beside = framed & (apart < _FARTHEST * spacing) & (facing | (apart < 2 * spacing))
            for first in range(0, len(edge) - n_places + 1, n_places):
                part = slice(first, first + n_places)
                if beside[part].all():
                    found.append((edge[part], inward[part]))
        return found


def moved_back(before: Plate, after: Plate, warp: Warp) -> Estimate:
    """How much farther from the dots the hair's edge lies in the follow-up, px of the baseline's
    plate; NaN where the baseline shows no hair beside its dots. Hair that has gone altogether has
    moved as far as was looked.
    """
    spacing, hair = before.spacing_px, _Hair.of(before)
    if hair.grows.sum() * _GRID_PX**2 < _LEAST_AREA * spacing**2:
        return NOT_MEASURED
    parts = hair.parts(spacing, warp.source)
    if len(parts) < _LEAST_PARTS:
        return NOT_MEASURED
    left = _Hair.of(after)
    at = spacing * np.arange(-_OUTWARD, _INWARD, _STEP)
    edges, inward = (np.concatenate(column) for column in zip(*parts, strict=True))
    lines = edges[:, None] + at[:, None] * inward[:, None]
    then = hair.along(lines)
    now = left.along(warp(lines.reshape(-1, 2)).xy.reshape(lines.shape))
    usual = hair.usual
    least = _AT_EDGE * usual, _AT_EDGE * (left.usual if left.grows.any() else usual)
    looked = (at > _SEEN[0] * spacing) & (at < _SEEN[1] * spacing)
    moved = []
    for of_part in np.split(np.arange(len(edges)), len(parts)):
        first, later = (_mean(cover[of_part]) for cover in (then, now))
        if np.isfinite(later[looked]).all():
            begins = _edge(at, first, least[0]), _edge(at, later, least[1])
            moved.append((begins[1] if np.isfinite(begins[1]) else at[-1]) - begins[0])
    shifts = np.array([shift for shift in moved if np.isfinite(shift)])
    if len(shifts) < _LEAST_PARTS:
        return NOT_MEASURED
    middle = float(np.median(shifts))
    spread = 1.4826 * float(np.median(np.abs(shifts - middle)))
    along = 1.2533 * spread / np.sqrt(len(shifts))
    return middle, float(np.hypot(along, _BETWEEN_PHOTOS * spacing))


def _mean(covers: Points) -> Points:
    """Of several lines (k,), NaN where fewer than four in five are in the frame."""
    seen = np.isfinite(covers)
    total = np.where(seen, covers, 0).sum(axis=0)
    return np.where(seen.mean(axis=0) > 0.8, total / np.maximum(seen.sum(axis=0), 1), np.nan)


def _edge(at: Points, cover: Points, least: float) -> float:
    """Where a line first comes into hair that goes on; NaN where it does not, or begins in it."""
    hairy = np.nan_to_num(cover) >= least
    n_on = round(_GOES_ON / _STEP)
    goes_on = hairy & (np.convolve(hairy[::-1], np.ones(n_on))[: len(at)][::-1] >= n_on - 1)
    first = int(goes_on.argmax())
    if not goes_on[first] or not first or not np.isfinite(cover[first - 1]):
        return np.nan
    share = (least - cover[first - 1]) / (cover[first] - cover[first - 1])
    return float(at[first - 1] + share * (at[first] - at[first - 1]))


def _tidied(mask: Mask, radius: float) -> Mask:
    """Closed, then opened, as if it went on beyond the frame."""
    element = disc(radius)
    rim = element.shape[0]
    padded = np.pad(mask.astype(np.uint8), rim, mode="edge")
    for change in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN):
        padded = np.asarray(cv2.morphologyEx(padded, change, element), dtype=np.uint8)
    return np.asarray(padded[rim:-rim, rim:-rim] > 0)
