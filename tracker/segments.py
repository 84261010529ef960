"""Segments of a view's series: another phone, lens or picture mode begins a new one. Pure.

Two cameras show one scalp with levels of their own, so numbers are compared within a segment.
Photos taken with both on the same day tie two segments together: they tell how the levels differ.
What a photo does not say of its camera is taken from the photo before it: silence is no other
camera.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Literal

import numpy as np

from tracker import rules
from tracker.change import Z95, Point, between_photos, is_relative, still_speaks
from tracker.records import Camera, PhotoState

# One photo in twenty is far off: a single pair of photos could pretend a change.
LEAST_PAIRS = 2
State = Literal["judged", "tied", "apart"]


@dataclass(frozen=True)
class Segment:
    """One camera's photos of a view, since the last treatment of what it shows.

    `judged`: newer photos are judged in its units; `tied`: they are, for photos with both tie it to
    the judged one; `apart`: not compared. `n_silent` photos do not say which camera took them.
    """

    view: str
    camera: Camera
    first: date
    last: date
    n_photos: int
    n_silent: int
    state: State


@dataclass(frozen=True)
class Joined:
    """Points of one camera and of those tied to it, in the units of the one.

    `stderr`: how well the ties are known; a ratio's where the noise grows with the level. `apart`:
    whether other cameras are left out.
    """

    camera: Camera
    points: tuple[Point, ...]
    tied: frozenset[Camera]
    stderr: float = 0.0
    apart: bool = False


def camera_of(told: Mapping[str, Any] | None) -> Camera:
    """From the `camera` of a photo's document."""
    if told is None:
        return Camera()
    make, model = told["make"], told["model"]
    named = model if not make or (model or "").lower().startswith(make.lower()) else None
    focal = told["focal_mm"]
    return Camera(
        named or " ".join(filter(None, (make, model))) or None,
        f"{focal:g} mm" if focal else told["lens"],
        told["mode"],
    )


def cameras(states: Iterable[PhotoState]) -> dict[str, Camera]:
    """Each photo's camera by its id, of photos in the order they were taken."""
    found: dict[str, Camera] = {}
    by_view: dict[str, list[PhotoState]] = {}
    for state in states:
        by_view.setdefault(state.photo.view, []).append(state)
    for of_view in by_view.values():
        before = next((s.camera for s in of_view if s.camera.model), Camera())
        for state in of_view:
            before = found[state.photo.id] = _filled(state.camera, before)
    return found


def _filled(told: Camera, before: Camera) -> Camera:
    if told.model is not None and told.model != before.model:
        return told
    return Camera(before.model, told.lens or before.lens, told.mode or before.mode)


def judged(
    measurand: str,
    points: Sequence[Point],
    by_photo: Mapping[str, Camera],
    has_level: Callable[[Joined], bool],
    *,
    as_of: date,
) -> Joined:
    """The segment in which a series is judged: the newest that has a level to compare with and
    still speaks for the present, else the newest.
    """
    by_camera: dict[Camera, list[Point]] = {}
    for p in points:
        by_camera.setdefault(by_photo[p.photo_id], []).append(p)
    newest = sorted(by_camera, key=lambda camera: by_camera[camera][-1].taken_on, reverse=True)
    tries = [_joined(measurand, camera, by_camera) for camera in newest]
    for one in tries:
        last = by_camera[one.camera][-1]
        if as_of - last.taken_on <= still_speaks(last.day) and has_level(one):
            return one
    return tries[0]


def _joined(measurand: str, camera: Camera, by_camera: Mapping[Camera, Sequence[Point]]) -> Joined:
    points, stderr = list(by_camera[camera]), 0.0
    left = [each for each in by_camera if each != camera]
    while tie := next(
        ((each, found) for each in left if (found := _tie(measurand, by_camera[each], points))),
        None,
    ):
        each, (shift, error) = tie
        moved = [_moved(p, shift, relative=is_relative(measurand)) for p in by_camera[each]]
        points = sorted((*points, *moved), key=lambda p: (p.taken_on, p.photo_id))
        stderr = math.hypot(stderr, error)
        left.remove(each)
    tied = frozenset(by_camera) - frozenset(left)
    return Joined(camera, tuple(points), tied, stderr, apart=bool(left))


def _tie(measurand: str, old: Sequence[Point], new: Sequence[Point]) -> tuple[float, float] | None:
    """From the old units to the new ones, and its standard error: the median of the pairs of
    photos taken on one day; None where fewer than two agree.
    """
    relative = is_relative(measurand)
    shifts, noises = [], []
    for before, after in _pairs(old, new):
        if relative and before.value * after.value <= 0:
            continue
        noise = between_photos(measurand, after.value)
        if noise is None:
            return None
        step = after.value / before.value if relative else after.value - before.value
        shifts.append(math.log(step) if relative else step)
        noises.append(noise / abs(after.value) if relative else noise)
    if len(shifts) < LEAST_PAIRS:
        return None
    shift, noise = float(np.median(shifts)), float(np.median(noises))
    agreeing = sum(abs(each - shift) <= Z95 * noise for each in shifts)
    if agreeing < LEAST_PAIRS:
        return None
    return shift, rules.MEDIAN * math.sqrt(2 / len(shifts)) * noise


def _pairs(old: Sequence[Point], new: Sequence[Point]) -> list[tuple[Point, Point]]:
    by_day = {taken_on: list(of) for taken_on, of in groupby(new, key=lambda p: p.taken_on)}
    return [
        pair
        for taken_on, of in groupby(old, key=lambda p: p.taken_on)
        for pair in zip(of, by_day.get(taken_on, ()), strict=False)
    ]


def _moved(p: Point, shift: float, *, relative: bool) -> Point:
    if relative:
        return replace(p, value=p.value * math.exp(shift), stderr=p.stderr * math.exp(shift))
    return replace(p, value=p.value + shift)


def told(
    states: Iterable[PhotoState],
    by_photo: Mapping[str, Camera],
    of_view: Mapping[str, Joined],
) -> tuple[Segment, ...]:
    """The segments of views, oldest first; `of_view`: in which segment each view is judged."""
    found: list[Segment] = []
    groups: dict[tuple[str, Camera], list[PhotoState]] = {}
    for state in states:
        groups.setdefault((state.photo.view, by_photo[state.photo.id]), []).append(state)
    for (view, camera), of in groups.items():
        taken = [s.photo.taken_on for s in of if s.photo.taken_on is not None]
        one = of_view.get(view)
        how: State = (
            "apart" if one is None or camera not in one.tied
            else "judged" if camera == one.camera else "tied"
        )  # fmt: skip
        n_silent = sum(s.camera.model is None for s in of)
        found.append(Segment(view, camera, min(taken), max(taken), len(of), n_silent, how))
    return tuple(sorted(found, key=lambda s: (s.view, s.first, s.last)))
