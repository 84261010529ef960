"""Find pigment dots: dark peaks of about one size, judged by a small network.

Distances in px of the array given. Sizes are apparent diameters, blur included
(`analysis.candidates`); the typical one comes from the photo itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis import candidates, network
from analysis.arrays import Floats, Mask, Points, at_places, reduced, resized, squares_over

LEAST_CONFIDENCE = 0.05
_FEWEST_SURE = 20
_CHUNK = 20_000
# Of so many candidates a sample is judged first: the mean confidence of all is some .01 where
# there are no dots, .1 and more where there are.
_MANY, _SAMPLED, _BLOCK_SIZES, _LEAST_PROMISE = 100_000, 8, 16, 0.04
_FINEST_SIZE_PX = 7.5
_REDUCED_SIZE_PX = 5.0
_NEAREST_SIZES = 0.45
_SIZES = np.geomspace(2.2, 20, 9)
_SIZE_GRID = np.linspace(np.log(1.8), np.log(24), 120)
_TILE_SIZES, _TILE_PX = 40, (160, 700)
_N_TILES, _TILED_PX = (4, 8), 200_000
# Of a photo's strong peaks: none weaker was ever sure enough to vote on the size.
_LEAST_STRENGTH = 0.15
_LEAST_SHARE_OF_TILES = 0.001


@dataclass(frozen=True)
class Dots:
    """Equal-length arrays (n,): position with its standard error along each axis, px; apparent
    diameter, px; contrast (1 - light / light of the ring around it) where it was found; confidence,
    the probability that it is a pigment dot; elongation, the ratio of its principal curvatures,
    and twice the angle of its long axis, rad.
    """

    x: Points
    y: Points
    diameter_px: Points
    contrast: Points
    confidence: Points
    position_stderr_px: Points
    elongation: Points
    double_angle: Points

    def __len__(self) -> int:
        return len(self.x)

    @property
    def xy(self) -> Points:
        """Positions (n, 2)."""
        return np.stack([self.x, self.y], axis=1)

    def inside(self, mask: Mask) -> Mask:
        """Which dots (n,) have their centre in a mask."""
        return at_places(mask, self.x, self.y)

    def enlarged(self, times: float) -> Dots:
        """The dots in the pixels of a photo `times` as large."""
        return replace(
            self,
            x=(self.x + 0.5) * times - 0.5,
            y=(self.y + 0.5) * times - 0.5,
            diameter_px=self.diameter_px * times,
            position_stderr_px=self.position_stderr_px * times,
        )

    def only(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> Dots:
        """Those of the dots that are marked (n,)."""
        return Dots(*(getattr(self, field.name)[kept] for field in fields(self)))


NO_DOTS = Dots(*(np.empty(0) for _ in fields(Dots)))


def detect(od: Floats, mask: Mask, size_px: float) -> Dots:
    """All that may be dots of about the given size and has its centre in the mask.

    Down to `LEAST_CONFIDENCE`: `decide` tells where to draw the line.
    """
    return _found(od, mask, size_px, "finder") if np.isfinite(size_px) else NO_DOTS


def of_photo(candidates: Dots) -> Dots:
    """One photo's candidates with confidences that hold for this photo.

    The same look means less where skin is rough, and more where all dots are clear: the log-odds
    are shifted by `clarity`, and stretched, as fitted to photos of two cameras
    (`benchmarks.calibrate`).
    """
    if (candidates.confidence > 0.5).sum() < _FEWEST_SURE:
        return candidates
    stretch, shift, *weights = network.photo_odds()
    odds = stretch * log_odds(candidates.confidence) + shift + weights @ clarity(candidates)
    return replace(candidates, confidence=1 / (1 + np.exp(-odds)))


def clarity(candidates: Dots) -> Points:
    """How clear a photo's dots are (2,): log-odds of the F1 score to expect, and log of how
    elongated the likely ones are, less what slant or motion gives all of them alike.
    """
    likely = candidates.only(candidates.confidence > 0.5)
    stretch = np.log(likely.elongation)
    alike = np.abs(np.mean(stretch * np.exp(1j * likely.double_angle)))
    expected = log_odds(np.array([decide(candidates.confidence)[0]]))[0]
    return np.array([float(expected), float(np.median(stretch) - alike)])


def log_odds(probability: Points) -> Points:
    """Natural log of p / (1 - p) (n,), kept finite."""
    inside = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)))


def decide(confidence: Points) -> tuple[float, float]:
    """F1 to expect of the best choice of dots, and the confidence from which on they are taken.

    That is half of the F1 itself (Lipton, Elkan & Naryanaswamy 2014,
    doi:10.1007/978-3-662-44851-9_15).
    """
    if not len(confidence):
        return 0.0, 1.0
    falling = np.sort(confidence)[::-1]
    f1 = 2 * np.cumsum(falling) / (np.arange(1, len(falling) + 1) + falling.sum())
    best = float(f1.max())
    return best, best / 2


def apparent_size(od: Floats, mask: Mask) -> float:
    """Typical apparent diameter, px, 2-22; NaN where hardly anything looks like dots of any size.

    A second network, trained on dots of sizes not asked for, votes on tiles at nine sizes: each
    dot with the area it stands for, at the size it says it has.
    """
    votes = np.zeros_like(_SIZE_GRID)
    for size in _SIZES:
        windows = list(_windows(od, mask, size))
        for window in windows:
            tile = od[window]
            found = _found(tile, mask[window], size, "scaler")
            sure = found.only(found.confidence > 0.5)
            off = np.log(sure.diameter_px / size)
            weight = sure.confidence * np.exp(-((off / 0.2) ** 2) / 2) * size**2 / tile.size
            near = (np.log(sure.diameter_px)[:, None] - _SIZE_GRID) / 0.12
            votes += weight @ np.exp(-(near**2) / 2) / len(windows)
    best = int(votes.argmax())
    return float(np.exp(_SIZE_GRID[best])) if votes[best] > _LEAST_SHARE_OF_TILES else float("nan")


def spacing(dots: Dots) -> tuple[float, float]:
    """Median distance to the nearest neighbour and its standard error, px; NaN below 10 dots."""
    if len(dots) < 10:
        return float("nan"), float("nan")
    nearest = cKDTree(dots.xy).query(dots.xy, k=2)[0][:, 1]
    return float(np.median(nearest)), float(1.25 * nearest.std() / np.sqrt(len(nearest)))


def contrasts(od: Floats, xy: Points, size_px: float) -> Points:
    """1 - light / light of the ring around (n,) at places (n, 2) of a map (H, W)."""
    found = np.empty(len(xy))
    for first in range(0, len(xy), _CHUNK):
        chunk = slice(first, first + _CHUNK)
        found[chunk] = candidates.contrast(od, xy[chunk], size_px)
    return np.asarray(1 - 10**-found)


def strong_marks(od: Floats, mask: Mask, size_px: float) -> tuple[Points, Points]:
    """Places (n, 2) and elongations (n,) of the strong dark peaks on tiles spread over a mask, be
    they taken for dots or not.
    """
    places, elongations = [np.empty((0, 2))], [np.empty(0)]
    for window in _windows(od, mask, size_px):
        here = candidates.find(od[window], size_px).inside(mask[window])
        strong = here.only(here.coarse > here.strong / 2)
        places.append(np.stack([strong.x + window[1].start, strong.y + window[0].start], axis=1))
        elongations.append(strong.elongation.astype(float))
    return np.concatenate(places), np.concatenate(elongations)


def _found(od: Floats, mask: Mask, size_px: float, judge: str) -> Dots:
    """Large dots are found as well, and much faster, on a smaller photo."""
    step = reduction(size_px)
    if step == 1:
        return _judged(od, mask, size_px, judge)
    small = resized(mask, (od.shape[1] // step, od.shape[0] // step))
    return _judged(reduced(od, step), small, size_px / step, judge).enlarged(step)


def reduction(size_px: float) -> int:
    """How many times smaller a photo with dots of this size is looked at."""
    return 1 if size_px < _FINEST_SIZE_PX else round(size_px / _REDUCED_SIZE_PX)


def _judged(od: Floats, mask: Mask, size_px: float, judge: str) -> Dots:
    net = network.load(judge)
    peaks = candidates.find(od, size_px).inside(mask)
    if judge == "scaler":
        peaks = peaks.only(peaks.coarse > _LEAST_STRENGTH * peaks.strong)
    if len(peaks) > _MANY:
        sample = _judged_all(od, peaks.only(slice(None, None, _SAMPLED)), size_px, net)
        peaks = peaks.inside(_promising(sample, peaks, size_px, od.shape))
    found = _judged_all(od, peaks, size_px, net)
    return found.only(_strongest(found.xy, found.confidence, max(1.0, _NEAREST_SIZES * size_px)))


def _promising(
    sample: Dots, peaks: candidates.Peaks, size_px: float, shape: tuple[int, ...]
) -> Mask:
    """Where (H, W) a sample of the peaks tells that dots may be: not on backdrop or clothes."""
    side = int(_BLOCK_SIZES * size_px)
    blocks = tuple(-(-length // side) for length in shape)

    def summed(x: NDArray[Any], y: NDArray[Any], weight: Points | None = None) -> Floats:
        flat = (y // side).astype(np.intp) * blocks[1] + (x // side).astype(np.intp)
        total = np.bincount(flat, weight, minlength=blocks[0] * blocks[1])
        return np.asarray(cv2.blur(total.reshape(blocks).astype(np.float32), (3, 3)))

    confident = summed(sample.x, sample.y, sample.confidence)
    of_all = _SAMPLED * confident / np.maximum(summed(peaks.x, peaks.y), 1e-6)
    covered = np.repeat(np.repeat(of_all > _LEAST_PROMISE, side, axis=0), side, axis=1)
    return covered[: shape[0], : shape[1]]


def _judged_all(od: Floats, peaks: candidates.Peaks, size_px: float, net: network.Network) -> Dots:
    parts = [
        _judged_part(od, peaks.only(slice(first, first + _CHUNK)), size_px, net)
        for first in range(0, len(peaks), _CHUNK)
    ]
    if not parts:
        return NO_DOTS
    return Dots(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Dots)))


def _judged_part(od: Floats, peaks: candidates.Peaks, size_px: float, net: network.Network) -> Dots:
    looks, contrast = candidates.looks(od, peaks, size_px)
    verdicts = net.judge(looks)
    found = Dots(
        x=peaks.x + verdicts.dx * size_px,
        y=peaks.y + verdicts.dy * size_px,
        diameter_px=size_px * np.exp(verdicts.log_size),
        contrast=1 - 10 ** -contrast.astype(float),
        confidence=verdicts.confidence,
        position_stderr_px=verdicts.position_stderr * size_px,
        elongation=peaks.elongation.astype(float),
        double_angle=peaks.double_angle.astype(float),
    )
    return found.only(found.confidence > LEAST_CONFIDENCE)


def _strongest(xy: Points, confidence: Points, radius: float) -> Mask:
    """Which of the candidates (n,) have no surer one within the radius that is kept itself."""
    kept = np.ones(len(xy), dtype=bool)
    if len(xy) < 2:
        return kept
    pairs = cKDTree(xy).query_pairs(radius, output_type="ndarray")
    first = confidence[pairs[:, 0]] >= confidence[pairs[:, 1]]
    surer, other = np.where(first, pairs.T, pairs.T[::-1])
    for i in np.argsort(-confidence[surer], kind="stable"):
        if kept[surer[i]]:
            kept[other[i]] = False
    return kept


def _windows(od: Floats, mask: Mask, size_px: float) -> Iterator[tuple[slice, slice]]:
    """Squares of about forty dot sizes, spread over the mask: the more, the smaller they are."""
    side = int(min(np.clip(_TILE_SIZES * size_px, *_TILE_PX), *od.shape))
    n = int(np.clip(_TILED_PX // side**2, *_N_TILES))
    yield from squares_over(mask, side, n)
