"""The small network that tells pigment dots from all else, by what each candidate looks like.

Two hidden layers, a few ten thousand weights, in `analysis/weights/`. Trained on drawn photos by
`python -m benchmarks.train`; `finder` for dots of the size asked for, `scaler` for any size.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from analysis.arrays import Floats, Points

WEIGHTS = "dots-1.npz"
PHOTO_ODDS = "photo_odds"
_FARTHEST = 0.8


@dataclass(frozen=True)
class Verdicts:
    """Of each candidate (n,): the probability of a dot; where its centre lies from the candidate,
    with its standard error along each axis; log of its size over the size asked for. Lengths in
    units of the size asked for.
    """

    confidence: Points
    dx: Points
    dy: Points
    position_stderr: Points
    log_size: Points


@dataclass(frozen=True)
class Network:
    """Layers of weights (in, out) and biases (out,); `centre`, `spread` of the looks; and what
    calibrates its answers on photos it was not trained on: slope and shift of the log-odds, and a
    factor for position errors.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    centre: Floats
    spread: Floats
    slope: float
    shift: float
    error_factor: float

    def judge(self, looks: Floats) -> Verdicts:
        """Judge candidates by their looks (n, N_LOOKS)."""
        value = (looks - self.centre) / self.spread
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            value = np.maximum(value @ weight + bias, 0)
        answer = (value @ self.weights[-1] + self.biases[-1]).astype(float)
        odds = self.slope * answer[:, 0] + self.shift
        return Verdicts(
            confidence=1 / (1 + np.exp(-np.clip(odds, -30, 30))),
            dx=np.clip(answer[:, 1], -_FARTHEST, _FARTHEST),
            dy=np.clip(answer[:, 2], -_FARTHEST, _FARTHEST),
            position_stderr=self.error_factor * np.exp(np.clip(answer[:, 3], -5, 1)),
            log_size=answer[:, 4],
        )

    def arrays(self) -> dict[str, Any]:
        """The network as arrays to keep; `restored` reads them."""
        layers = zip(self.weights, self.biases, strict=True)
        kept: dict[str, Any] = {}
        for i, (weight, bias) in enumerate(layers):
            kept[f"weight{i}"], kept[f"bias{i}"] = weight.astype(np.float16), bias
        calibration = np.array([self.slope, self.shift, self.error_factor])
        return kept | {"centre": self.centre, "spread": self.spread, "calibration": calibration}


def restored(arrays: Mapping[str, Any]) -> Network:
    """A network from its arrays."""
    n = sum(name.startswith("weight") for name in arrays)
    return Network(
        tuple(arrays[f"weight{i}"].astype(np.float32) for i in range(n)),
        tuple(arrays[f"bias{i}"].astype(np.float32) for i in range(n)),
        arrays["centre"].astype(np.float32),
        arrays["spread"].astype(np.float32),
        *(float(v) for v in arrays["calibration"]),
    )


@lru_cache
def load(name: str) -> Network:
    """`finder` or `scaler`, as shipped."""
    prefix = f"{name}_"
    return restored(
        {k.removeprefix(prefix): v for k, v in _shipped().items() if k.startswith(prefix)}
    )


def photo_odds() -> Points:
    """What turns a candidate's log-odds into those of its photo (4,): see `dots.of_photo`."""
    return np.asarray(_shipped()[PHOTO_ODDS], dtype=float)


@lru_cache
def _shipped() -> dict[str, Any]:
    data = (files("analysis") / "weights" / WEIGHTS).read_bytes()
    with np.load(io.BytesIO(data)) as stored:
        return dict(stored)
