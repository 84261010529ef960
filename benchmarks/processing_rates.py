"""What a phone's own processing does to each measurand: a part of `make validate`.

Each drawn capture is measured as it is and after each kind of processing.
`python -m benchmarks.processing_rates SEED N` does the same for N scalps from another seed on.
"""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import cv2
import numpy as np
from PIL import Image, PngImagePlugin

from analysis.arrays import Floats, Pixels
from analysis.decode import decode
from analysis.flags import Flag, names
from analysis.formats.icc import P3_TO_XYZ, SRGB_TO_XYZ, srgb_code, srgb_curve
from analysis.phantom import Pose, Recipe, Story, draw_scalp, photograph, state_on
from analysis.pipeline import measure
from analysis.scale import given
from benchmarks.progress import shown
from benchmarks.redness_rates import CAMERAS

FIRST_SEED, N_SCALPS, DAYS = 91_900, 6, (1.0, 40.0)
_POSE = Pose(1200, 700, 14, 42, 0, 240)
_DISPLAY_P3 = bytes([12, 13, 0, 1])  # primaries, sRGB's curve, RGB, full range (ITU-T H.273)
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Numbers = dict[str, tuple[float, float]]  # value and standard error by measurand
Seen = tuple[str, str, Flag, Numbers]  # processing, level or reason, flags, numbers


def plain(srgb_u8: Pixels) -> Pixels:
    """As it is, through a file."""
    return _through(srgb_u8, "PNG")


def jpeg(srgb_u8: Pixels) -> Pixels:
    """A messenger's compression."""
    return _through(srgb_u8, "JPEG", quality=75)


def wide_gamut(srgb_u8: Pixels) -> Pixels:
    """The same colours in a file tagged Display P3."""
    linear = srgb_curve(srgb_u8.astype(np.float64) / 255)
    p3 = linear @ (np.linalg.inv(P3_TO_XYZ) @ SRGB_TO_XYZ).T
    coded = np.rint(srgb_code(np.clip(p3, 0, 1)) * 255).astype(np.uint8)
    tag = PngImagePlugin.PngInfo()
    tag.add(b"cICP", _DISPLAY_P3)
    return _through(coded, "PNG", pnginfo=tag)


def s_curve(srgb_u8: Pixels) -> Pixels:
    """A strong tone curve: shadows darker, lights lighter."""
    tone = srgb_u8.astype(np.float32) / 255
    return _coded(tone + 0.4 * (tone * tone * (3 - 2 * tone) - tone))


def vivid(srgb_u8: Pixels) -> Pixels:
    """More colour, contrast and sharpness."""
    tone = srgb_u8.astype(np.float32) / 255
    grey = (tone @ _LUMA)[..., None]
    tone = grey + 1.3 * (tone - grey)
    tone = tone + 0.2 * (tone * tone * (3 - 2 * tone) - tone)
    return _coded(tone + 0.8 * (tone - cv2.GaussianBlur(tone, (0, 0), 1.2)))


def portrait(srgb_u8: Pixels) -> Pixels:
    """All but the middle out of focus."""
    height, width = srgb_u8.shape[:2]
    y, x = np.ogrid[:height, :width]
    off = np.hypot((x / width - 0.5) / 0.28, (y / height - 0.5) / 0.4)
    share = np.clip((off - 1) / 0.2, 0, 1).astype(np.float32)[..., None]
    soft = cv2.GaussianBlur(srgb_u8, (0, 0), 5.0)
    return np.rint(srgb_u8 + share * (soft.astype(np.float32) - srgb_u8)).astype(np.uint8)


def smoothed(srgb_u8: Pixels) -> Pixels:
    """Strong noise reduction that keeps edges."""
    return np.asarray(cv2.bilateralFilter(srgb_u8, 9, 30, 3), dtype=np.uint8)


PROCESSINGS: dict[str, Callable[[Pixels], Pixels]] = {
    "JPEG of quality 75": jpeg,
    "Display P3": wide_gamut,
    "S-curve": s_curve,
    "vivid": vivid,
    "portrait": portrait,
    "noise reduction": smoothed,
}


def table(first_seed: int = FIRST_SEED, n_scalps: int = N_SCALPS) -> Iterator[str]:
    """The chapter of the report."""
    jobs = [(s, day) for s in range(first_seed, first_seed + n_scalps) for day in DAYS]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield from told(list(shown(pool.map(seen, jobs), len(jobs), "processing: capture")))


def told(captures: Sequence[Sequence[Seen]]) -> Iterator[str]:
    """Lines of the tables; each capture's first row is the plain one."""
    yield from (
        "## Processing",
        "",
        f"{len(captures)} drawn captures of a hairline, by turns on the two cameras, each as it is",
        "and after processing. First: how far each number moves, in its own stated errors, median",
        "and worst (of plain and processed photo together; below 2 it is within the 95 %",
        "interval of the difference). Then: levels, and flags that the plain photo had not.",
        "",
        f"| measurand | {' | '.join(PROCESSINGS)} |",
        f"| --- |{' --- |' * len(PROCESSINGS)}",
    )
    moved: dict[tuple[str, str], list[float]] = defaultdict(list)
    levels: dict[str, list[str]] = defaultdict(list)
    flags: dict[str, list[str]] = defaultdict(list)
    for (_, _, known, numbers), *processed in captures:
        for name, level, seen_flags, others in processed:
            levels[name].append(level)
            flags[name] += names(seen_flags & ~known)
            for measurand, (value, stderr) in others.items():
                before, error = numbers[measurand]
                if np.isfinite(value - before):
                    moved[measurand, name].append(abs(value - before) / np.hypot(error, stderr))
    for measurand in dict.fromkeys(m for m, _ in moved):
        cells = [moved.get((measurand, name), []) for name in PROCESSINGS]
        shifts = [f"{np.median(c):.1f}, {max(c):.1f}" if c else "-" for c in cells]
        yield f"| {measurand} | {' | '.join(shifts)} |"
    yield from ("", "| processing | measured at | flags |", "| --- | --- | --- |")
    for name in PROCESSINGS:
        yield f"| {name} | {_counted(levels[name])} | {_counted(flags[name]) or '-'} |"


def seen(job: tuple[int, float]) -> list[Seen]:
    """One capture, plain first."""
    seed, day = job
    hand = np.random.default_rng([seed, int(day)])
    scalp = draw_scalp(Recipe(seed=seed, melanin=float(hand.uniform(0.05, 0.6))))
    optics = replace(  # type: ignore[type-var]
        CAMERAS[list(CAMERAS)[(seed + int(day)) % 2]], blur_px=float(hand.uniform(0.7, 1.3)),
        exposure=float(hand.uniform(0.7, 1.0)), light_deg=float(hand.uniform(200, 280)),
        gloss=0.05, texture=0.6, sharpening=0.2, contrast=0.1,
    )  # fmt: skip
    photo = photograph(scalp, state_on(scalp, Story(), day), _POSE, optics, seed=seed).srgb_u8
    return [_measured("plain", plain(photo))] + [
        _measured(name, process(photo)) for name, process in PROCESSINGS.items()
    ]


def _measured(name: str, srgb_u8: Pixels) -> Seen:
    told = measure(srgb_u8, scale=given(_POSE.px_per_mm))
    numbers = {key: (result.value, result.stderr) for key, result in told.results.items()}
    return name, told.level or f"refused ({told.refusal})", told.flags, numbers


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{word} {words.count(word)}" for word in sorted(set(words)))


def _coded(tone: Floats) -> Pixels:
    return np.rint(np.clip(tone, 0, 1) * 255).astype(np.uint8)


def _through(pixels: Pixels, kind: str, **options: object) -> Pixels:
    """The pixels as they are read from a file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return decode(out.getvalue()).srgb_u8


if __name__ == "__main__":
    for line in table(*(int(given_) for given_ in sys.argv[1:])):
        print(line)
