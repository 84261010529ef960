"""How often a lost patch is found, and where there is none: dots on a plane, kept or lost.

No photo: dots whose loss is misjudged as often as in drawn pairs. A part of `make validate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Points
from analysis.lost_patches import lost_patches
from tracker import rules
from tracker.findings import at_most
from tracker.lost import LostSeen, findings
from tracker.timeline import default_timeline

_TREATED = date(2026, 1, 5)

FILE = Path(__file__).parent.parent / "tracker" / "data" / "lost_patch_rates.json"
# A close-up: 66 x 50 mm, about a dot to each square millimetre.
SIZE_MM, N_DOTS = (66.0, 50.0), 2600
# A set every two weeks for half a year; a patch is to be found by the second.
N_SETS_EVEN, N_SETS_PATCHED = 14, 2
# Dots taken for lost that are there, and dots really lost anywhere, by the second set.
MISJUDGED, LOST = 0.05, 0.05
FIRST_SEED = 94_000
PATCH_MM, PATCH_LOST = 6.0, 0.7
N_EVEN, N_PATCHED = 100, 40
LEVELS = ("watch", "flag")


def table() -> Iterator[str]:
    """The chapter of the report; the package's data are written beside it."""
    even = counts(N_EVEN, N_SETS_EVEN, patch=False)
    patched = counts(N_PATCHED, N_SETS_PATCHED, patch=True)
    kept = {
        "basis": f"{N_DOTS} dots lost at random or in a patch of {PATCH_MM:g} mm, no photos",
        "rule_version": rules.RULE_VERSION,
        "levels": {
            level: {
                "n_seen": even[level], "n_unchanged": N_EVEN, "n_sets": N_SETS_EVEN,
                "n_found": patched[level], "n_lost": N_PATCHED,
            }
            for level in LEVELS
        },
    }  # fmt: skip
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    yield from (
        "## Lost patches",
        "",
        f"Sets of {N_DOTS} dots on {SIZE_MM[0]:.0f} x {SIZE_MM[1]:.0f} mm two weeks "
        f"apart, numeric, no photos, against two baselines: {LOST:.0%} lost anywhere by the",
        f"first set and {MISJUDGED:.0%} misjudged in each. `patch`: {PATCH_LOST:.0%} of the dots "
        f"within {PATCH_MM:.0f} mm are gone too. In brackets at most how",
        "many of all such clients (95 %).",
        "",
        "| scalp | clients | sets | watch | flag |",
        "| --- | --- | --- | --- | --- |",
    )
    for name, n, n_sets, found in (
        ("even", N_EVEN, N_SETS_EVEN, even),
        ("patch", N_PATCHED, N_SETS_PATCHED, patched),
    ):
        cells = (f"{found[each]} ({at_most(found[each], n):.1%})" for each in LEVELS)
        yield f"| {name} | {n} | {n_sets} | " + " | ".join(cells) + " |"


def counts(
    n_clients: int, n_sets: int, *, first_seed: int = FIRST_SEED, patch: bool
) -> dict[str, int]:
    """How many clients ever have a watch, and a flag, within so many sets."""
    shown = [_client(first_seed + i, n_sets, patch=patch) for i in range(n_clients)]
    return {level: sum(level in levels for levels in shown) for level in LEVELS}


def _client(seed: int, n_sets: int, *, patch: bool) -> set[str]:
    """The levels that the rule comes to, as of each set."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform((0, 0), SIZE_MM, (N_DOTS, 2))
    gone = rng.random(N_DOTS) < LOST
    if patch:
        near = np.linalg.norm(xy - np.array(SIZE_MM) / 2, axis=1) < PATCH_MM
        gone |= near & (rng.random(N_DOTS) < PATCH_LOST)
    timeline = default_timeline()
    first = int(timeline.gate("no_fading_or_patchiness_flag_before_day"))
    apart = int(timeline.gate("flag_sets_min_days_apart"))
    seen: list[LostSeen] = []
    levels: set[str] = set()
    for day in range(first, first + n_sets * apart, apart):
        for baseline in ("early", "settled"):
            # The first settled photo is not held against itself.
            if baseline == "early" or day > first:
                seen += _seen(xy, gone, rng, day, baseline)
        as_of = _TREATED + timedelta(days=day)
        found = findings(seen, {"": _TREATED}, timeline, as_of=as_of)
        levels |= {each.level for each in found}
    return levels


def _seen(
    xy: Points, gone: NDArray[np.bool_], rng: np.random.Generator, day: int, baseline: str
) -> list[LostSeen]:
    lost = gone | (rng.random(len(xy)) < MISJUDGED)
    found = lost_patches(xy, lost, rng.random(len(xy)))
    when = _TREATED + timedelta(days=day)
    return [
        LostSeen(baseline, "", when, day, *p.centre.tolist(), p.radius_px, p.share_lost, p.p_value)
        for p in found
    ]
