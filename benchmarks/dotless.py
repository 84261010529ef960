"""Scalps without a single dot, and photos whose dots a denoiser fused: neither has a density."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.phantom import Photograph
from analysis.pipeline import measure
from benchmarks.examiner_optics import ExaminerOptics
from benchmarks.strata import DOTLESS, WORMS, Stratum, drawn

FIRST_SEED = 89_000


def dotless_lines() -> Iterator[str]:
    """False dots per cm2 of skin in sight on scalps with stubble and pores alone."""
    yield "no dots at all, 60 hairs and 150 pores per cm2: level, false dots per cm2 of each photo"
    for number, stratum in enumerate(DOTLESS):
        shown = []
        for photo in _photos(stratum, FIRST_SEED + 100 * number):
            measured = measure(photo.srgb_u8)
            area_cm2 = photo.truth.skin.sum() / photo.truth.px_per_mm**2 / 100
            shown.append(f"{measured.level or 'refused'} {len(measured.dots) / area_cm2:.1f}")
        yield f"{stratum.name:24}" + "".join(f"{text:>14}" for text in shown)


def fused_lines() -> Iterator[str]:
    """Share of photos with fused dots that were counted all the same."""
    for number, stratum in enumerate(WORMS):
        photos = _photos(stratum, FIRST_SEED + 1000 + 100 * number)
        levels = [measure(photo.srgb_u8).level for photo in photos]
        yield f"{stratum.name:24}counted all the same: {levels.count('dot')} of {len(levels)}"


def _photos(stratum: Stratum, seed: int) -> Iterator[Photograph]:
    for shot in range(stratum.n_photos):
        yield drawn(stratum, seed + shot, ExaminerOptics)
