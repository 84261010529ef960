"""How often a lost patch is found, and where there is none: dots on a plane, kept or lost.

No photo: dots whose loss is misjudged as often as in drawn pairs. A part of `make validate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Points
from analysis.lost_patches import lost_patches
from tracker.lost import LEAST_P, LostSeen

# A close-up: 66 x 50 mm, about a dot to each square millimetre.
SIZE_MM, N_DOTS, N_SETS = (66.0, 50.0), 2600, 2
# Dots taken for lost that are there, and dots really lost anywhere, by the second set.
MISJUDGED, LOST = 0.05, 0.05
FIRST_SEED = 94_000
PATCH_MM, PATCH_LOST = 6.0, 0.7
N_EVEN, N_PATCHED = 100, 40


def table() -> Iterator[str]:
    """The chapter of the report."""
    yield from (
        "## Lost patches",
        "",
        f"{N_SETS} sets of {N_DOTS} dots on {SIZE_MM[0]:.0f} x {SIZE_MM[1]:.0f} mm two weeks "
        f"apart, numeric, no photos: {LOST:.0%} lost anywhere by the",
        f"first set and {MISJUDGED:.0%} misjudged in each. `patch`: {PATCH_LOST:.0%} of the dots "
        f"within {PATCH_MM:.0f} mm are gone too.",
        "",
        "| scalp | clients | watch | flag at the second set |",
        "| --- | --- | --- | --- |",
    )
    for name, n_clients, patch in (("even", N_EVEN, False), ("patch", N_PATCHED, True)):
        found = rates(n_clients, patch=patch)
        yield f"| {name} | {n_clients} | {found['watch']:.1%} | {found['flag']:.1%} |"


def rates(n_clients: int, *, first_seed: int = FIRST_SEED, patch: bool) -> dict[str, float]:
    """Shares of clients with a watch on either of two sets, and with a flag on the second."""
    shown = [_client(first_seed + i, patch=patch) for i in range(n_clients)]
    return {
        "watch": float(np.mean([any(sets) for sets, _ in shown])),
        "flag": float(np.mean([again for _, again in shown])),
    }


def _client(seed: int, *, patch: bool) -> tuple[list[bool], bool]:
    rng = np.random.default_rng(seed)
    xy = rng.uniform((0, 0), SIZE_MM, (N_DOTS, 2))
    gone = rng.random(N_DOTS) < LOST
    if patch:
        near = np.linalg.norm(xy - np.array(SIZE_MM) / 2, axis=1) < PATCH_MM
        gone |= near & (rng.random(N_DOTS) < PATCH_LOST)
    sets = [_seen(xy, gone, rng) for _ in range(N_SETS)]
    again = any(a.same_place(b) for a in sets[0] for b in sets[1])
    return [bool(each) for each in sets], again


def _seen(xy: Points, gone: NDArray[np.bool_], rng: np.random.Generator) -> list[LostSeen]:
    lost = gone | (rng.random(len(xy)) < MISJUDGED)
    found = lost_patches(xy, lost, rng.random(len(xy)))
    when = date(2026, 1, 1)
    return [
        LostSeen("", "", when, 0, *p.centre.tolist(), p.radius_px, p.share_lost, p.p_value)
        for p in found
        if p.p_value <= LEAST_P
    ]
