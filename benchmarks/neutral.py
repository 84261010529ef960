"""Detectors on pictures that nobody here drew: cells, bone marrow, hairs under a microscope.

Needs the local folder that SMP_REALDATA names; prints numbers only. None of it is accuracy on
pigment dots. Peers run with the thresholds that were tuned on drawn skin.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from analysis import dots
from analysis.arrays import Floats, Mask, Pixels, Points
from benchmarks.peers import TUNED, Task, density
from benchmarks.scoring import score_points

RADIUS_PX = 6.0
DIAMETERS = (4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 17.0, 20.0, 24.0)
INTERIOR = (80, 64, 1200, 960)  # hairs beyond are mostly not boxed
SHRINK = (10, 14, 20)
HAIR_WIDTHS_PX = (2.5, 3.5, 5.0, 7.0)
PEERS = ("cv2 DoG", "blob_log")
Finder = Callable[[Floats, Mask, float], Points]


def table() -> Iterator[str]:
    """All tables, or one line without the folder."""
    root = Path(os.environ.get("SMP_REALDATA", "/nowhere"))
    if not root.is_dir():
        yield "Neutral pictures: SMP_REALDATA is not set"
        return
    yield "Neutral pictures, never accuracy on pigment dots"
    yield from _cells("VGG cells", root / "dots" / "vgg_cells", "*cell.png")
    yield from _cells("MBM bone marrow", root / "dots" / "mbm", "BM_*_[0-9][0-9][0-9].png")
    yield from _hairs(root / "trichoscopy")


def ours(density_map: Floats, mask: Mask, diameter_px: float) -> Points:
    """The product's detector (n, 2); a diameter of 0 leaves it to the product."""
    size = diameter_px or dots.apparent_size(density_map, mask)
    found = dots.detect(density_map, mask, size)
    return found.only(found.confidence > dots.decide(found.confidence)[1]).xy


def finders() -> dict[str, Finder]:
    """By name, ours and the peers."""
    return {"ours": ours, **{name: _peer(name) for name in PEERS}}


def _peer(name: str) -> Finder:
    peer, first, second = TUNED[name]

    def find(density_map: Floats, mask: Mask, diameter_px: float) -> Points:
        task = Task(density_map, mask, diameter_px, (0, 0))
        return task.inside(peer(task, first, second))

    return find


def _cells(name: str, folder: Path, pattern: str) -> Iterator[str]:
    """F1 and count error with the product's own diameter, and with the best one for each."""
    pictures = []
    for path in sorted(p for p in folder.glob(pattern) if "dots" not in p.name):
        inverted = name.startswith("VGG")
        truth = _points(next(folder.glob(f"{path.stem}*_points.csv")))
        pictures.append((_dark_blobs(path, inverted=inverted), truth))
    yield f"{name}, {len(pictures)} pictures, matches within {RADIUS_PX:.0f} px"
    yield f"    {'':26}{'P':>7}{'R':>7}{'F1':>7}{'count MAE %':>13}"
    yield _cell_row("ours, own diameter", pictures, ours, 0)
    for who, find in finders().items():
        best = max(DIAMETERS, key=lambda d, f=find: _cell_scores(pictures, f, d)[2])
        yield _cell_row(f"{who}, best diameter {best:.0f}", pictures, find, best)


def _dark_blobs(path: Path, *, inverted: bool) -> Floats:
    rgb = cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1]
    if inverted:
        rgb = np.repeat(255 - rgb[..., 2:], 3, axis=2)
    return density(np.ascontiguousarray(rgb))


def _cell_row(
    name: str, pictures: list[tuple[Floats, Points]], find: Finder, diameter: float
) -> str:
    precision, recall, f1, miscount = _cell_scores(pictures, find, diameter)
    return f"    {name:26}{precision:7.3f}{recall:7.3f}{f1:7.3f}{miscount:13.1f}"


def _cell_scores(
    pictures: list[tuple[Floats, Points]], find: Finder, diameter: float
) -> tuple[float, float, float, float]:
    """Mean precision, recall, F1 and absolute count error in per cent."""
    rows = []
    for picture, truth in pictures:
        found = find(picture, np.ones(picture.shape, dtype=bool), diameter)
        one = score_points(truth, found, RADIUS_PX, np.zeros(len(truth), dtype=bool))
        miscount = 100 * abs(len(found) - len(truth)) / len(truth)
        rows.append((one.precision, one.recall, one.f1, miscount))
    precision, recall, f1, miscount = (float(v) for v in np.mean(rows, axis=0))
    return precision, recall, f1, miscount


@dataclass(frozen=True)
class Quadrant:
    """A quarter frame (H, W, 3), the hairs people boxed in its interior, and overlapping ones
    taken as one.
    """

    subject: str
    srgb_u8: Pixels
    n_boxes: int
    n_merged: int


def _hairs(folder: Path) -> Iterator[str]:
    """Count errors on half of the subjects, with size and shrinking chosen on the other half."""
    quadrants = list(_quadrants(folder))
    subjects = sorted({q.subject for q in quadrants})
    tuned = [q for q in quadrants if q.subject in subjects[::2]]
    tested = [q for q in quadrants if q.subject in subjects[1::2]]
    yield (
        f"Hairs per quadrant under the microscope, shrunk {SHRINK[0]}-{SHRINK[-1]} times: "
        f"{len(tested)} quadrants of {len(subjects[1::2])} subjects;"
    )
    yield f"    shrinking and diameter chosen on {len(tuned)} quadrants of the other subjects"
    yield f"    {'':44}{'mean':>6}{'MAE %':>7}{'bias':>7}{'95 % limits':>16}"
    for who, find in finders().items():
        for against in ("n_boxes", "n_merged"):
            options = [(k, d) for k in SHRINK for d in HAIR_WIDTHS_PX]
            errors = {o: _agreement(tuned, find, against, *o)[1] for o in options}
            shrink, width = min(errors, key=lambda o, e=errors: e[o])
            label = f"{who}, {'boxes' if against == 'n_boxes' else 'merged boxes'}"
            mean, miscount, bias, low, high = _agreement(tested, find, against, shrink, width)
            yield (
                f"    {f'{label} ({shrink} times, {width} px)':44}{mean:6.1f}{miscount:7.1f}"
                f"{bias:+7.1f} [{low:+6.1f}, {high:+6.1f}]"
            )


def _agreement(
    quadrants: list[Quadrant], find: Finder, against: str, shrink: int, width_px: float
) -> tuple[float, float, float, float, float]:
    """Mean count, MAE in per cent of it (each subject weighs alike), bias, limits of agreement."""
    errors: dict[str, list[float]] = defaultdict(list)
    for q in quadrants:
        errors[q.subject].append(_count(q, find, shrink, width_px) - getattr(q, against))
    mean = float(np.mean([getattr(q, against) for q in quadrants]))
    miscount = float(np.mean([np.abs(e).mean() for e in errors.values()]))
    everything = np.concatenate(list(errors.values()))
    bias, reach = float(everything.mean()), 1.96 * float(everything.std(ddof=1))
    return mean, 100 * miscount / mean, bias, bias - reach, bias + reach


def _count(quadrant: Quadrant, find: Finder, shrink: int, width_px: float) -> int:
    height, width = quadrant.srgb_u8.shape[:2]
    size = (round(width / shrink), round(height / shrink))
    small = cv2.resize(quadrant.srgb_u8, size, interpolation=cv2.INTER_AREA)
    red, green, blue = (small[..., k].astype(int) for k in range(3))
    drawn = (red - green > 110) | (blue - red > 60)  # the burned-in circle and label
    density_map = density(np.ascontiguousarray(small))
    density_map[drawn] = np.median(density_map)
    x, y = ((find(density_map, ~drawn, width_px) + 0.5) * shrink - 0.5).T
    left, top, right, bottom = INTERIOR
    return int(((x >= left) & (x <= right) & (y >= top) & (y <= bottom)).sum())


def _quadrants(folder: Path) -> Iterator[Quadrant]:
    for frame in _rows(folder / "frames.csv"):
        boxes = _rows(folder / "boxes" / f"{frame['frame']}.csv")
        for number in range(1, 5):
            path = next((folder / "images").glob(f"{frame['frame']}_{number}.*"))
            rgb = np.ascontiguousarray(cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1])
            inside = [b for b in boxes if int(b["quadrant"]) == number and _interior(b)]
            yield Quadrant(frame["subject"], rgb, len(inside), _n_merged(inside))


def _interior(box: dict[str, str]) -> bool:
    left, top, right, bottom = INTERIOR
    return left <= float(box["x"]) <= right and top <= float(box["y"]) <= bottom


def _n_merged(boxes: list[dict[str, str]]) -> int:
    """Groups of boxes that overlap, one by one."""
    edges = np.array([[float(b[k]) for k in ("xmin", "ymin", "xmax", "ymax")] for b in boxes])
    left: list[Any] = list(range(len(boxes)))
    groups = 0
    while left:
        groups, reached = groups + 1, [left.pop()]
        while reached:
            of = edges[reached.pop()]
            near = [
                k for k in left if (edges[k, :2] < of[2:]).all() and (edges[k, 2:] > of[:2]).all()
            ]
            left = [k for k in left if k not in near]
            reached += near
    return groups


def _points(path: Path) -> Points:
    return np.array([[float(r["x"]), float(r["y"])] for r in _rows(path)])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
