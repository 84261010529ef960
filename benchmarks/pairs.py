"""The same dot weeks apart: registration, identity and change on drawn pairs, against the truth.

Photos go through the whole instrument. Seeds and optics are used nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

from analysis.phantom import Optics
from analysis.pipeline import PairMeasurement, PhotoMeasurement, compare, measure
from analysis.plate import Plate
from analysis.registration import Registration, register
from benchmarks import laying
from benchmarks.examiner_optics import ExaminerOptics
from benchmarks.pair_photos import KINDS, DrawnPair, DrawnPhoto, PairKind, drawn_pair
from benchmarks.scoring import match, match_radius

FIRST_SEED, PAIRS_PER_KIND = 95_000, 5
N_OTHERS = 25
# A measured number is told with its standard error: (value - truth, stderr).
Error = tuple[float, float]


@dataclass(frozen=True)
class Examined:
    """One pair: whether both photos were at dot level, and laid on each other; of the dots detected
    in both, how many are matched (`recall`), and how many matches are right (`precision`; and of
    those whose baseline dot is one); errors of numbers by measurand; CPU seconds of comparing;
    other ways of laying on, none below dot level; the baseline's `plate`.
    """

    kind: PairKind
    at_dots: bool
    accepted: bool
    precision: float
    dot_precision: float
    recall: float
    truly_kept: float
    errors: dict[str, Error]
    n_patches: int
    cpu_s: float
    tries: dict[str, laying.Try]
    plate: Plate


def table(
    optics: type[Optics] = ExaminerOptics,
    first_seed: int = FIRST_SEED,
    pairs_per_kind: int = PAIRS_PER_KIND,
) -> Iterator[str]:
    """All tables of one run."""
    cv2.setNumThreads(1)
    yield "Drawn pairs of close-ups weeks apart, 3-15 % of the dots lost between them, stubble"
    yield "regrown; optics and seeds are used nowhere else. P, R: matches against the dots that the"
    yield "detector found in both photos; P of dots: where the baseline's dot is one, and no hair."
    yield "dots_kept: root mean square error, beside that of always answering 1; and how many"
    yield "95 % intervals hold the truth. pigment_left: mean and SD of the error."
    yield HEADER
    pairs = []
    for number, kind in enumerate(KINDS):
        of_kind = [
            examined(drawn_pair(kind, first_seed + 100 * number + k, optics))
            for k in range(pairs_per_kind)
        ]
        pairs += of_kind
        yield _line(kind.name, of_kind)
    yield _line("all pairs", pairs)
    yield from _summary(pairs)
    yield from laying.told([p.tries for p in pairs if p.tries])
    yield from _others([p.plate for p in pairs if p.plate])


HEADER = (
    f"{'kind':24}{'n':>3}{'laid':>6}{'P':>8}{'P dots':>8}{'R':>8}{'kept rms':>10}{'say 1':>8}"
    f"{'in 95 %':>9}{'pigment':>16}{'in 95 %':>9}{'patches':>9}{'CPU s':>7}"
)


def examined(pair: DrawnPair) -> Examined:
    """Measure both photos, compare them and hold all that against the truth."""
    before, after = (measure(p.srgb_u8, comparable=True) for p in (pair.baseline, pair.followup))
    start = time.process_time()
    told = compare(before, after)
    cpu_s = time.process_time() - start
    at_dots = before.level == after.level == "dot"
    accepted = isinstance(told.registration, Registration)
    return Examined(
        pair.kind,
        at_dots,
        accepted,
        *(quality(pair, before, after, told) if accepted else (np.nan,) * 3),
        pair.kept,
        {name: _error(told, name, truth) for name, truth in pair.truths.items()},
        len(told.lost_areas),
        cpu_s,
        laying.tried(pair, before, after) if at_dots else {},
        before.plate,
    )


def _error(told: PairMeasurement, name: str, truth: float) -> Error:
    return told.results[name].value - truth, told.results[name].stderr


def quality(
    pair: DrawnPair, before: PhotoMeasurement, after: PhotoMeasurement, told: PairMeasurement
) -> tuple[float, float, float]:
    """Precision, that of true baseline dots, and recall of the matches."""
    photos = (pair.baseline, before), (pair.followup, after)
    in_both = np.intersect1d(*(_ids(drawn, found.dots.xy) for drawn, found in photos))
    ids = [_ids(drawn, xy) for (drawn, _), xy in zip(photos, told.matches, strict=True)]
    is_dot = ids[0] >= 0
    right = int((is_dot & (ids[0] == ids[1])).sum())
    return (
        right / max(len(is_dot), 1),
        right / max(int(is_dot.sum()), 1),
        right / max(int((in_both >= 0).sum()), 1),
    )


def _ids(drawn: DrawnPhoto, found: np.ndarray) -> np.ndarray:
    """Which of the scalp's dots each detection (n, 2) is; -1: none."""
    index = match(drawn.xy_px, found, match_radius(drawn.truth))
    return np.where(index < 0, -1, drawn.truth.dots.ids[index])


def _line(name: str, pairs: list[Examined]) -> str:
    laid = [p for p in pairs if p.accepted]
    if not laid:
        return f"{name:24}{len(pairs):3}{0:6}"
    precision, of_dots, recall = (
        np.median([getattr(p, k) for p in laid]) for k in ("precision", "dot_precision", "recall")
    )
    kept, pigment = _errors(laid, "dots_kept"), _errors(laid, "pigment_left")
    return (
        f"{name:24}{len(pairs):3}{len(laid):6}{precision:8.4f}{of_dots:8.4f}{recall:8.4f}"
        f"{_rms(kept[:, 0]):10.4f}{_rms(np.array([1 - p.truly_kept for p in laid])):8.4f}"
        f"{_covered(kept):9.2f}"
        f"{pigment[:, 0].mean():+9.3f} {pigment[:, 0].std():6.3f}"
        f"{_covered(pigment):9.2f}{sum(p.n_patches > 0 for p in laid):9}"
        f"{np.mean([p.cpu_s for p in laid]):7.2f}"
    )


def _summary(pairs: list[Examined]) -> Iterator[str]:
    laid = [p for p in pairs if p.accepted]
    if not laid:
        return
    for name, text in (("precision", "P"), ("dot_precision", "P of dots"), ("recall", "R")):
        values = [getattr(p, name) for p in laid]
        yield f"{text}: median {np.median(values):.4f}, worst accepted pair {min(values):.4f}"
    kept = _errors(laid, "dots_kept")
    always = _rms(np.array([1 - p.truly_kept for p in laid]))
    yield (f"dots_kept: rms error {_rms(kept[:, 0]):.4f}, of always answering 1 {always:.4f}")
    yield f"{'measurand':28}{'pairs':>6}{'error':>10}{'SD':>9}{'stated':>9}{'in 95 %':>9}"
    for name in laid[0].errors:
        told = _errors(laid, name)
        if len(told):
            mean, sd, stated = told[:, 0].mean(), told[:, 0].std(), np.median(told[:, 1])
            yield (
                f"{name:28}{len(told):6}{mean:+10.3g}{sd:9.3g}{stated:9.3g}{_covered(told):9.2f}"
            )
    at_dots = sum(p.at_dots for p in pairs)
    yield f"both photos at dot level: {at_dots} of {len(pairs)}, of those laid: {len(laid)}"


def _errors(pairs: list[Examined], name: str) -> np.ndarray:
    """Errors (n, 2) of one measurand where it is told."""
    errors = np.reshape([p.errors[name] for p in pairs], (-1, 2))
    return errors[np.isfinite(errors[:, 0])]


def _others(plates: Sequence[Plate]) -> Iterator[str]:
    """Every two of some scalps' baselines laid on each other."""
    two = list(combinations(plates[:: max(1, len(plates) // N_OTHERS)][:N_OTHERS], 2))
    start = time.process_time()
    taken = sum(
        bool(register(a.dots.xy, b.dots.xy, b.frame, size_ratio=b.size_px / a.size_px))
        for a, b in two
    )
    spent = (time.process_time() - start) / max(len(two), 1)
    yield f"Other scalps taken for the same: {taken} of {len(two)}; {spent:.1f} CPU s each"


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _covered(errors: np.ndarray) -> float:
    """Share of 95 % intervals (n, 2: error, stderr) that hold the truth."""
    return float(np.mean(np.abs(errors[:, 0]) <= 1.96 * errors[:, 1]))


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
