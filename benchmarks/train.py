"""`python -m benchmarks.train [SCALPS]`: train the dot detector's networks on drawn photos.

Writes `analysis/weights/`; `benchmarks.calibrate` completes them. Neither seeds nor optics that
anything is scored on are used; how sure the answers are is set on a camera that was not trained on
(`CompactOptics`, seeds from 50_000).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import cKDTree

from analysis import candidates, colour, dots, network, resolution
from analysis.arrays import Floats, Points, reduced
from analysis.candidates import N_LOOKS, PATCH_SIDE, SIGMA_PER_SIZE
from analysis.network import Network
from benchmarks.training_photos import (
    TrainingPhoto,
    calibration_photos,
    training_photos,
)

N_SCALPS, N_CALIBRATION = 130, 25
HIDDEN = (64, 32)
EPOCHS, BATCH, RATE, DECAY = 14, 2048, 2e-3, 2e-2
MOST_PER_PHOTO = 2500
# How far the size asked for is off, as a standard deviation of its log.
SIZE_ERROR = {"finder": 0.15, "scaler": 0.30}
WEIGHTS = Path(__file__).parent.parent / "analysis" / "weights" / network.WEIGHTS


@dataclass(frozen=True)
class Examples:
    """Candidates: looks (n, N_LOOKS), 1 for a dot, offset of its centre (n, 2) and log of its
    size, in units of the size asked for.
    """

    looks: Floats
    is_dot: Floats
    offset: Floats
    log_size: Floats

    @classmethod
    def joined(cls, parts: Iterable[Examples]) -> Examples:
        """All of them."""
        rows = zip(*((p.looks, p.is_dot, p.offset, p.log_size) for p in parts), strict=True)
        return cls(*(np.concatenate(list(column)) for column in rows))


def apparent_size(od: Floats, xy: Points, diameter_px: Points) -> float:
    """The size at which the mean picture of true dots answers most; NaN for fewer than ten."""
    typical = float(np.median(diameter_px)) if len(diameter_px) else np.nan
    margin = 3 * typical
    inside = ((xy > margin) & (xy < np.array(od.shape[::-1]) - margin)).all(axis=1)
    if inside.sum() < 10:
        return float("nan")
    at = xy[inside][:: max(1, int(inside.sum()) // 300)]
    axis = np.linspace(-1.7, 1.7, 49, dtype=np.float32) * np.float32(typical)
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    patches = cv2.remap(od, np.float32(at[:, :1]) + x, np.float32(at[:, 1:]) + y, cv2.INTER_LINEAR)
    mean, radius = patches.mean(axis=0), np.hypot(x, y) / typical
    edges = np.arange(0, 1.7, 0.1)
    rings = [mean[(radius >= a) & (radius < a + 0.1)].mean() for a in edges]
    ground = float(np.median(rings[10:]))
    fine = np.linspace(0.01, 3.5, 350)
    profile = np.interp(fine, edges + 0.05, rings, right=ground) - ground
    sigmas = np.geomspace(0.15, 1.3, 120)
    answers = [
        _at_centre(fine, profile, 0.85 * s) - _at_centre(fine, profile, 1.36 * s) for s in sigmas
    ]
    return float(sigmas[int(np.argmax(answers))] / SIGMA_PER_SIZE * typical)


def _at_centre(radius: Points, profile: Points, sigma: float) -> float:
    """A round profile at its centre after Gaussian blur."""
    weight = np.exp(-((radius / sigma) ** 2) / 2) * radius
    return float((weight * profile).sum() / weight.sum())


def examples(photo: TrainingPhoto, size_error: float, rng: np.random.Generator) -> Examples | None:
    """What a photo teaches, looked at for dots of nearly the right size; None without any."""
    truth = photo.photo.truth.dots
    od = colour.luminous_density(photo.photo.srgb_u8)
    typical = float(np.median(truth.diameter_px)) if len(truth.ids) else np.nan
    facing = truth.cos_slant > 0.6
    size = apparent_size(od, truth.xy_px[facing], truth.diameter_px[facing])
    if not len(truth.ids):
        size = typical = float(np.exp(rng.uniform(np.log(2.5), np.log(18))))
    if not np.isfinite(size) or typical < 1.7:
        return None
    asked = size * float(np.exp(rng.normal(0, size_error)))
    step = dots.reduction(asked)
    small = reduced(od, step) if step > 1 else od
    peaks = candidates.find(small, asked / step)
    xy = (np.stack([peaks.x, peaks.y], axis=1) + 0.5) * step - 0.5
    is_dot, usable, nearest = _labels(xy, photo, typical)
    margin = typical / 2
    usable &= ((xy > margin) & (xy < np.array(od.shape[::-1]) - margin)).all(axis=1)
    chosen = np.flatnonzero(usable)
    if not len(chosen):
        return None
    chosen = rng.permutation(chosen)[:MOST_PER_PHOTO]
    looks, _ = candidates.looks(small, peaks.only(chosen), asked / step)
    if not len(truth.ids):
        return Examples(
            looks,
            is_dot[chosen],
            np.zeros((len(chosen), 2), np.float32),
            np.zeros(len(chosen), np.float32),
        )
    near = nearest[chosen]
    return Examples(
        looks=looks,
        is_dot=is_dot[chosen],
        offset=((truth.xy_px[near] - xy[chosen]) / asked).astype(np.float32),
        log_size=np.log(truth.diameter_px[near] / typical * size / asked).astype(np.float32),
    )


def _labels(
    xy: Points, photo: TrainingPhoto, typical: float
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]:
    """Per candidate (n,): 1 if it is the nearest one to a dot; whether it teaches anything (second
    ones and those on the rim do not); the nearest dot. Merged dots are none.
    """
    truth = photo.photo.truth.dots
    n = len(xy)
    nothing = np.zeros(n, np.float32), np.ones(n, bool), np.zeros(n, np.intp)
    if not len(truth.ids) or not n:
        return nothing
    distance, nearest = cKDTree(truth.xy_px).query(xy)
    if photo.merged:
        return nothing[0], nothing[1], nearest
    hit = distance < max(0.5 * typical, 1.2)
    order = np.lexsort((distance, nearest))
    best = np.zeros(n, dtype=bool)
    best[order[np.diff(nearest[order], prepend=-1) > 0]] = True
    usable = ~(hit & ~best) & ~((distance < 1.2 * typical) & (truth.cos_slant[nearest] < 0.45))
    return (hit & best).astype(np.float32), usable, nearest


class _Trainer:
    """A network in training: Adam (Kingma & Ba 2015, arXiv:1412.6980) with decoupled decay."""

    def __init__(self, sizes: tuple[int, ...], rng: np.random.Generator) -> None:
        self.weights = [
            rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in pairwise(sizes)
        ]
        self.biases = [np.zeros(b, dtype=np.float32) for b in sizes[1:]]
        self._averages = [(np.zeros_like(p), np.zeros_like(p)) for p in self.weights + self.biases]
        self._steps = 0

    def step(self, looks: Floats, wanted: Examples, rate: float) -> float:
        """One step down the gradient; the mean cross-entropy before it."""
        seen = [looks]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            seen.append(np.maximum(seen[-1] @ weight + bias, 0))
        slope, loss = _slope(seen[-1] @ self.weights[-1] + self.biases[-1], wanted)
        slopes_w, slopes_b = [], []
        for layer in reversed(range(len(self.weights))):
            slopes_w.insert(0, seen[layer].T @ slope)
            slopes_b.insert(0, slope.sum(axis=0))
            slope = (slope @ self.weights[layer].T) * (seen[layer] > 0)
        self._descend(slopes_w + slopes_b, rate)
        return loss

    def _descend(self, slopes: list[Floats], rate: float) -> None:
        self._steps += 1
        for i, (value, slope) in enumerate(zip(self.weights + self.biases, slopes, strict=True)):
            mean, square = self._averages[i]
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope * slope - square)
            if i < len(self.weights):
                value *= 1 - rate * DECAY
            fair = np.sqrt(square / (1 - 0.999**self._steps)) + 1e-8
            value -= rate * mean / (1 - 0.9**self._steps) / fair


def _slope(answer: Floats, wanted: Examples) -> tuple[Floats, float]:
    """Gradient of the loss (n, 5): cross-entropy of being a dot; for dots also the Gaussian
    likelihood of the offset with its own spread, and the square of the size's error.
    """
    y = wanted.is_dot
    p = 1 / (1 + np.exp(-np.clip(answer[:, 0], -30, 30)))
    slope = np.zeros_like(answer)
    slope[:, 0] = p - y
    spread = np.clip(answer[:, 3], -5, 1)
    off = answer[:, 1:3] - wanted.offset
    precision = np.exp(-2 * spread)
    slope[:, 1:3] = 0.3 * y[:, None] * np.clip(off * precision[:, None], -10, 10)
    slope[:, 3] = 0.3 * y * np.clip(2 - (off**2).sum(axis=1) * precision, -10, 10)
    slope[:, 4] = y * (answer[:, 4] - wanted.log_size)
    loss = -np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7))
    return slope / np.float32(len(y)), float(loss)


def train(taught: Examples, seed: int = 0) -> Network:
    """A network from examples, each batch turned and mirrored at random."""
    rng = np.random.default_rng(seed)
    centre, spread = _moments(taught.looks)
    n_pixels = PATCH_SIDE**2
    # Pixels of a patch keep their common scale.
    centre[:n_pixels], spread[:n_pixels] = 0, 1
    trainer = _Trainer((N_LOOKS, *HIDDEN, 5), rng)
    n_batches = len(taught.is_dot) // BATCH
    for epoch in range(EPOCHS):
        order, losses = rng.permutation(len(taught.is_dot)), []
        for number in range(n_batches):
            rows = order[number * BATCH : (number + 1) * BATCH]
            batch = _turned(taught, rows, int(rng.integers(4)), bool(rng.integers(2)))
            done = (epoch + number / n_batches) / EPOCHS
            rate = RATE * 0.5 * (1 + np.cos(np.pi * done))
            looks = ((batch.looks - centre) / spread).astype(np.float32)
            losses.append(trainer.step(looks, batch, rate))
        print(f"epoch {epoch + 1}: {np.mean(losses):.4f}", file=sys.stderr, flush=True)
    return Network(tuple(trainer.weights), tuple(trainer.biases), centre, spread, 1.0, 0.0, 1.0)


def _moments(looks: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column of half-precision looks."""
    parts = [part.astype(np.float64) for part in np.array_split(looks, 50)]
    mean = sum(part.sum(axis=0) for part in parts) / len(looks)
    square = sum(((part - mean) ** 2).sum(axis=0) for part in parts) / len(looks)
    return mean.astype(np.float32), (np.sqrt(square) + 1e-3).astype(np.float32)


def _turned(taught: Examples, rows: NDArray[np.intp], quarters: int, mirrored: bool) -> Examples:
    looks, offset = taught.looks[rows].astype(np.float32), taught.offset[rows]
    patch = looks[:, : PATCH_SIDE**2].reshape(-1, PATCH_SIDE, PATCH_SIDE)
    if mirrored:
        patch, offset = patch[:, :, ::-1], offset * np.float32([-1, 1])
    patch = np.rot90(patch, quarters, axes=(1, 2))
    for _ in range(quarters):
        offset = np.stack([offset[:, 1], -offset[:, 0]], axis=1)
    looks[:, : PATCH_SIDE**2] = patch.reshape(len(rows), -1)
    return Examples(looks, taught.is_dot[rows], offset, taught.log_size[rows])


def calibrated(net: Network, photos: list[Examples]) -> Network:
    """The network with its log-odds and position errors fitted to photos it never saw.

    To those at least whose dots it would count at all. Platt scaling (Niculescu-Mizil & Caruana
    2005, doi:10.1145/1102351.1102430).
    """
    held = Examples.joined(
        photo
        for photo in photos
        if dots.decide(net.judge(photo.looks).confidence)[0] > resolution.LEAST_EXPECTED_F1
    )
    verdicts = net.judge(held.looks)
    odds = np.log(verdicts.confidence / (1 - verdicts.confidence))
    y = held.is_dot

    def misfit(p: Points) -> float:
        z = np.clip(p[0] * odds + p[1], -30, 30)
        return float(np.mean(np.logaddexp(0, z) - y * z))

    slope, shift = minimize(misfit, [1.0, 0.0], method="Nelder-Mead").x
    sure = (y > 0) & (verdicts.confidence > 0.5)
    off = np.stack([verdicts.dx, verdicts.dy], axis=1)[sure] - held.offset[sure]
    real = np.median(np.abs(off)) / 0.6745
    stated = np.median(verdicts.position_stderr[sure])
    return replace(net, slope=float(slope), shift=float(shift), error_factor=float(real / stated))


def _taught(photos: Iterator[TrainingPhoto], size_error: float, seed: int) -> Iterator[Examples]:
    rng = np.random.default_rng(seed)
    for photo in photos:
        found = examples(photo, size_error, rng)
        if found is not None:
            yield found


def main(n_scalps: int) -> None:
    """Draw, train, calibrate, write."""
    kept: dict[str, Any] = {network.PHOTO_ODDS: np.array([1.0, 0.0, 0.0, 0.0])}
    for name, error in SIZE_ERROR.items():
        taught = _taught(training_photos(n_scalps), error, 1)
        # Half precision halves the memory; the looks of half a million candidates are many.
        net = train(Examples.joined(replace(e, looks=e.looks.astype(np.float16)) for e in taught))
        held = list(_taught(calibration_photos(N_CALIBRATION), error, 2))
        kept |= {f"{name}_{key}": value for key, value in calibrated(net, held).arrays().items()}
    WEIGHTS.parent.mkdir(exist_ok=True)
    np.savez_compressed(WEIGHTS, **kept)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else N_SCALPS)
