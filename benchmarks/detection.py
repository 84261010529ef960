"""Dot detection and treated area against peers and truth, on photos that nothing was tuned on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from analysis.arrays import Points
from benchmarks.dotless import dotless_lines, fused_lines
from benchmarks.examination import FINDERS, OURS, Examined, examine
from benchmarks.peers import TUNED
from benchmarks.scoring import interval
from benchmarks.strata import GROUPS, HEAD, STRATA

BASELINE = "cv2 DoG"
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
Named = tuple[str, list[Examined]]


def table() -> Iterator[str]:
    """All tables of one run over every kind of photo."""
    yield "Dot detection on drawn photos: the optics, skin and seeds are used nowhere else, and"
    yield "nothing was tuned on them. One-to-one matches within half a dot (at least 1.2 px, at"
    yield "most half the spacing). Not ours: given the true diameter and treated area, two"
    yield "parameters tuned on other drawn photos. A photo not at dot level scores 0 for us."
    yield "In brackets: 95 % bootstrap intervals over photos."
    photos = list(examine())
    for part in (_ours, _peers, _positions, _reliability, _areas):
        yield ""
        yield from part(photos)
    yield ""
    yield from dotless_lines()
    yield from fused_lines()


def _rows(photos: list[Examined]) -> list[Named]:
    """Photos by kind, by stated group and altogether."""
    kinds = [(s.name, [p for p in photos if p.stratum is s]) for s in STRATA]
    return [*kinds, *_groups(photos), ("all photos", photos)]


def _groups(photos: list[Examined]) -> list[Named]:
    return [(group, [p for p in photos if p.stratum.group == group]) for group in GROUPS]


def _ours(photos: list[Examined]) -> Iterator[str]:
    yield (
        f"{'ours':52}{'n':>3}{'dot level':>10}{'P':>7}{'R':>7}{'F1':>7}{'':15}"
        f"{'minus ' + BASELINE:>14}{'':18}{'count/true':>10}"
    )
    for name, group in _rows(photos):
        scores = [p.scores[OURS] for p in group]
        f1, low, high = interval([s.f1 for s in scores])
        gain, least, most = interval([p.scores[OURS].f1 - p.scores[BASELINE].f1 for p in group])
        count = np.mean([s.n_found / s.n_true for s in scores])
        precision, recall = (np.mean([getattr(s, k) for s in scores]) for k in _PAIR)
        yield (
            f"{name:52}{len(group):3}{sum(p.level == 'dot' for p in group):10}"
            f"{precision:7.3f}{recall:7.3f}{f1:7.3f} [{low:.3f}, {high:.3f}]"
            f"{gain:+13.3f} [{least:+.3f}, {most:+.3f}]{count:10.2f}"
        )


_PAIR = ("precision", "recall")


def _peers(photos: list[Examined]) -> Iterator[str]:
    yield f"{'mean F1':52}" + "".join(f"{name:>11}" for name in FINDERS)
    for name, group in _rows(photos):
        yield _by_finder(name, lambda finder, g=group: _mean(g, finder, "f1"))
    for what in _PAIR:
        yield _by_finder(f"all photos, {what}", lambda finder, w=what: _mean(photos, finder, w))
    yield f"{'CPU s per photo (ours: all of measuring)':52}" + "".join(
        f"{np.mean([p.cpu_s[f] for p in photos]):11.2f}" for f in (OURS, *TUNED)
    )


def _by_finder(name: str, value: Callable[[str], float]) -> str:
    return f"{name:52}" + "".join(f"{value(finder):11.3f}" for finder in FINDERS)


def _mean(photos: list[Examined], finder: str, what: str) -> float:
    return float(np.mean([getattr(p.scores[finder], what) for p in photos]))


def _positions(photos: list[Examined]) -> Iterator[str]:
    """How far found dots lie from true ones, and how far they say they do."""
    yield f"{'position of matched dots':52}{'median error/spacing':>24}{'stated/real error':>22}"
    for name, group in [*_groups(photos), ("all photos", photos)]:
        shares = np.concatenate([_error(p) / p.spacing_px for p in group])
        share = np.median(shares) if len(shares) else np.nan
        yield f"{name:52}{share:24.4f}{_stated_ratio(group):22.2f}"
    yield "(real: root mean square per axis)"


def _error(photo: Examined) -> Points:
    """Distance (n,) in px of the scored, matched dots."""
    one = photo.scores[OURS]
    return np.asarray(np.hypot(*one.error_px[one.scored & (one.truth_of >= 0)].T))


def _stated_ratio(group: list[Examined]) -> float:
    """Stated over real root mean square error per axis of the matched dots."""
    stated, real = [], []
    for photo in group:
        one = photo.scores[OURS]
        hit = one.scored & (one.truth_of >= 0)
        stated.append(photo.stderr_px[hit] ** 2)
        real.append((one.error_px[hit] ** 2).mean(axis=1))
    return float(np.sqrt(np.concatenate(stated).mean() / np.concatenate(real).mean()))


def _reliability(photos: list[Examined]) -> Iterator[str]:
    """Share of the dots of each confidence that are real."""
    yield f"{'confidence of our dots':24}{'n':>9}{'mean':>8}{'real':>8}"
    counted = [p for p in photos if p.level == "dot"]
    if not counted:
        yield "no photo at dot level"
        return
    scored = [p.scores[OURS].scored for p in counted]
    real = np.concatenate(
        [p.scores[OURS].truth_of[s] >= 0 for p, s in zip(counted, scored, strict=True)]
    )
    said = np.concatenate([p.confidence[s] for p, s in zip(counted, scored, strict=True)])
    for low, high in pairwise(BINS):
        of = (said >= low) & ((said < high) | (high == 1))
        if of.any():
            yield f"{low:.1f}-{high:.1f}{of.sum():26}{said[of].mean():8.3f}{real[of].mean():8.3f}"


def _areas(photos: list[Examined]) -> Iterator[str]:
    """Treated area as reported against the true one in sight."""
    yield f"{'treated area, intersection over union':52}{'n':>4}{'mean':>8}{'':16}{'worst':>8}"
    close = [p for p in photos if p.stratum.group != HEAD]
    heads = [p for p in photos if p.stratum.group == HEAD]
    for name, group in (
        ("close-ups without hairline", [p for p in close if p.stratum.view == "close-up"]),
        ("close-ups with the hairline", [p for p in close if p.stratum.view == "hairline"]),
        ("whole heads with people", heads),
    ):
        mean, low, high = interval([p.iou for p in group])
        worst = min(p.iou for p in group)
        yield f"{name:52}{len(group):4}{mean:8.3f} [{low:.3f}, {high:.3f}]{worst:8.3f}"
