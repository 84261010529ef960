"""Picks each peer's two parameters by mean F1 on drawn photos: `python -m benchmarks.tune_peers`.

The photos are of the same kinds as the benchmark's, from other seeds and the two other optics.
Names after the command pick single peers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from analysis.phantom import Optics, PhoneOptics, Photograph
from analysis.phantom.other_optics import CompactOptics
from benchmarks.peers import GRIDS, Task
from benchmarks.scoring import score
from benchmarks.strata import STRATA, drawn

FIRST_SEED = 70_000
OPTICS: tuple[type[Optics], ...] = (PhoneOptics, CompactOptics)


def main() -> None:
    """Print each peer's best pair and the grid's mean F1 around it."""
    tasks = [(photo, Task.of(photo)) for photo in _photos()]
    print(f"{len(tasks)} photos")
    for name in sys.argv[1:] or GRIDS:
        table = _table(name, tasks)
        best = max(table, key=lambda pair: table[pair])
        print(f"{name:14} {best} F1 {table[best]:.4f}", flush=True)
        for pair, value in table.items():
            print(f"    {pair} {value:.4f}", flush=True)


def _photos() -> Iterator[Photograph]:
    """Every second kind of photo, the optics in turn."""
    for number, stratum in enumerate(STRATA[::2]):
        yield drawn(stratum, FIRST_SEED + number, OPTICS[number % 2], size=(1000, 750))


def _table(name: str, tasks: list[tuple[Photograph, Task]]) -> dict[tuple[float, float], float]:
    """Mean F1 by pair of parameters."""
    peer, firsts, seconds = GRIDS[name]
    return {
        (first, second): float(
            np.mean([score(p, t.inside(peer(t, first, second))).f1 for p, t in tasks])
        )
        for first in firsts
        for second in seconds
    }


if __name__ == "__main__":
    main()
