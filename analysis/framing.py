"""Whether a picture is one photo, or put together from several: side by side, collage, inset, bars.

Where pictures are joined, brightness steps at one and the same pixel line over the whole width or
height, or around a rectangle; edges of real things are seldom that straight, level and long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Pixels, Points

_BLOCKS = 32  # pieces that a line is looked at in, each on its own
_ROWS, _WORK_PX = 512, 2000
_MOST_STEP, _FLOOR = 48, 1.0
# Lines to compare with: the next ones but the step's own width, and those of equal phase in
# a JPEG file's blocks of 8 px.
_RIVALS = (*range(3, 11), 16, 24)
_EDGE_PX = 6
_LEAST_JOINT, _LEAST_SHARE = 0.28, 0.50
_MOST_DRIFT_PX = 1.5
_LEAST_GUTTER, _MOST_GUTTER = 0.60, 0.05
_LEAST_SIDE, _MOST_SIDE = 0.16, 0.90
_LEAST_INSET, _LEAST_MEAN = 4.5, 0.35
_NEAR, _AT_BORDER = 2.6 / _BLOCKS, 0.07
_CANDIDATES = 24
_NEAREST, _AREA = cv2.INTER_NEAREST, cv2.INTER_AREA


@dataclass(frozen=True)
class _Lines:
    """How far each line's brightness step exceeds those of its rivals, as natural log, by block.

    `left`, `right` (blocks, n): against lines before and after it; `size`: log of the step.
    """

    left: Floats
    right: Floats
    size: Floats

    def pair(self, first: int, second: int) -> Floats:
        """Evidence (blocks,) that two lines are the two edges of one band."""
        both = np.minimum(self.left[:, first], self.right[:, second])
        alike = np.abs(self.size[:, first] - self.size[:, second]) < 1.5
        return np.where(alike, both, np.float32(-1))


@dataclass(frozen=True)
class _Side:
    """A straight step from `start` to `end` along a line at `at`, in shares of the picture."""

    at: float
    start: float
    end: float
    strength: float

    @property
    def firm(self) -> bool:
        """Whether it is clear and long enough to be a picture's edge, but not a whole line."""
        long = self.end - self.start
        clear = self.strength > max(_LEAST_INSET, _LEAST_MEAN * _BLOCKS * long)
        return clear and _LEAST_SIDE < long < _MOST_SIDE

    def ends_at(self, place: float) -> bool:
        """Whether an end of it is at a place along it."""
        return min(abs(self.start - place), abs(self.end - place)) < _NEAR

    def reaches_border_from(self, place: float) -> bool:
        """Whether it runs from a place to the picture's border."""
        return (abs(self.end - place) < _NEAR and self.start < _AT_BORDER) or (
            abs(self.start - place) < _NEAR and self.end > 1 - _AT_BORDER
        )


def composite(srgb_u8: Pixels) -> bool:
    """Whether a picture (H, W, 3) is put together from several, or set in plain bars."""
    height, width = srgb_u8.shape[:2]
    if min(height, width) < 4 * _BLOCKS:
        return False
    upright = _lines(cv2.resize(srgb_u8, (width, min(_ROWS, height)), interpolation=_NEAREST))
    turned = cv2.resize(srgb_u8, (min(_ROWS, width), height), interpolation=_NEAREST)
    level = _lines(cv2.transpose(turned))
    return _parted(upright) or _parted(level) or _pasted(_sides(upright), _sides(level))


def _lines(picture: NDArray[Any]) -> _Lines:
    """Steps between columns of a picture (h, w, 3)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    # By a whole number: in between, some lines would be means of fewer than others, and noisier.
    times = -(-width // _WORK_PX)
    if times > 1:
        grey = grey[:, : width // times * times]
        grey = cv2.resize(grey, (width // times, height), interpolation=_AREA)
    grey = grey[: height // _BLOCKS * _BLOCKS]
    step = np.minimum(cv2.absdiff(grey[:, 2:], grey[:, :-2]), _MOST_STEP).astype(np.float32)
    mean = cv2.resize(step, (step.shape[1], _BLOCKS), interpolation=_AREA) + np.float32(_FLOOR)
    inner = slice(_EDGE_PX, -_EDGE_PX)
    size = np.log(mean)
    left, right = (
        np.clip(size - cv2.dilate(size, _rivals(side), borderType=cv2.BORDER_REFLECT), -1, 1.2)
        for side in (-1, 1)
    )
    return _Lines(left[:, inner], right[:, inner], size[:, inner])


def _rivals(side: int) -> NDArray[np.uint8]:
    """A structuring element over the lines before (-1) or after (1) the middle one."""
    reach = _RIVALS[-1]
    element = np.zeros((1, 2 * reach + 1), dtype=np.uint8)
    element[0, [reach + side * rival for rival in _RIVALS]] = 1
    return element


def _parted(lines: _Lines) -> bool:
    """Whether a joint or a gutter runs from border to border."""
    evidence = np.minimum(lines.left, lines.right)
    line = int(evidence.mean(axis=0).argmax())
    joint = evidence[:, line]
    long = joint.mean() > _LEAST_JOINT and (joint > 0).mean() > _LEAST_SHARE
    if long and abs(_drift(lines, line, joint > 0)) < _MOST_DRIFT_PX:
        return True
    first, second = (
        np.argsort(part.mean(axis=0))[-_CANDIDATES:] for part in (lines.left, lines.right)
    )
    widest = _MOST_GUTTER * lines.left.shape[1] + 4
    return any(
        lines.pair(i, j).mean() > _LEAST_GUTTER
        for i in first.tolist()
        for j in second.tolist()
        if 2 <= j - i <= widest
    )


def _drift(lines: _Lines, line: int, seen: NDArray[np.bool_]) -> float:
    """How far a step wanders over the whole picture, in px: a door's edge is never quite level."""
    step = np.exp(lines.size[:, max(line - 3, 0) : line + 4]) - _FLOOR + 1e-3
    middle = (step * np.arange(step.shape[1])).sum(axis=1) / step.sum(axis=1)
    slope, _ = np.polyfit(np.flatnonzero(seen), middle[seen], 1)
    return float(slope * _BLOCKS)


def _sides(lines: _Lines) -> list[_Side]:
    """The longest straight steps, a thin rim's two edges taken as one."""
    evidence = np.minimum(lines.left, lines.right)
    for wide in range(2, 9):
        both = np.minimum(lines.left[:, :-wide], lines.right[:, wide:])
        alike = np.abs(lines.size[:, :-wide] - lines.size[:, wide:]) < 1.5
        rim = np.where(alike, both, np.float32(-1))
        evidence[:, :-wide] = np.maximum(evidence[:, :-wide], rim)
    strength, start, end = _best_runs(evidence)
    found: dict[int, _Side] = {}
    n = evidence.shape[1]
    for i in np.argsort(strength)[::-1].tolist():
        if all(abs(i - column) >= 4 for column in found):
            # Shares of the whole picture: evidence leaves out its outermost lines.
            at = (i + _EDGE_PX) / (n + 2 * _EDGE_PX)
            ends = float(start[i]) / _BLOCKS, float(end[i]) / _BLOCKS
            found[i] = _Side(at, *ends, float(strength[i]))
        if len(found) == _CANDIDATES // 2:
            break
    return [side for side in found.values() if side.firm]


def _best_runs(evidence: Floats) -> tuple[Points, NDArray[np.int64], NDArray[np.int64]]:
    """Of each column (n,) the run of rows with the highest sum, its start and end (Kadane)."""
    n = evidence.shape[1]
    best, total = np.full(n, -np.inf), np.zeros(n)
    start, end, since = (np.zeros(n, dtype=np.int64) for _ in range(3))
    for row, values in enumerate(evidence):
        afresh = total <= 0
        total = np.where(afresh, values, total + values)
        since[afresh] = row
        better = total > best
        best[better], start[better], end[better] = total[better], since[better], row + 1
    return best, start, end


def _pasted(upright: list[_Side], level: list[_Side]) -> bool:
    """Whether sides bound a rectangle: in a corner of the picture, or on three sides."""
    in_corner = any(
        a.reaches_border_from(b.at) and b.reaches_border_from(a.at) for a in upright for b in level
    )
    return in_corner or _boxed(upright, level) or _boxed(level, upright)


def _boxed(sides: list[_Side], others: list[_Side]) -> bool:
    """Whether one of the sides has another at right angles at each of its ends."""
    return any(
        all(
            any(abs(other.at - end) < _NEAR and other.ends_at(side.at) for other in others)
            for end in (side.start, side.end)
        )
        for side in sides
    )
