"""One map of a scalp from a whole series of photos: every dot with what became of it in each.

A photo is laid on the first or the latest photo of the map; where both fail it begins a map of its
own, and the largest map is the series'. So a bad photo, or one of somebody else, breaks nothing.
Photos that were never laid on each other are so through the dots both share with others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis import identity
from analysis.arrays import Mask, Points
from analysis.controls import CLAIMED
from analysis.growth import NOBODY, Patterns, completed
from analysis.identity import KEPT, NOT_OBSERVABLE, Identity
from analysis.plate import Plate
from analysis.registration import Registration, judged, register

# Beside those of `identity`: shown first by this photo, where an earlier one shows none; and that.
NEW, NOT_YET = 2, 3
_LEAST_ADDED = 50


@dataclass(frozen=True)
class SeriesMap:
    """Dots of a series of m photos that are sure to be dots.

    `laid` (m,): which photos are in the map. `first` (n,): the photo that showed a dot first; `xy`
    (n, 2): where there, px of its plate. `states` (m, n): KEPT, LOST, NOT_OBSERVABLE, and for dots
    of later photos NEW and NOT_YET. A dot may be lost in one photo and kept in the next: what
    scabs cover comes back. `maps`: how each later photo is laid on the first of the map.
    """

    laid: tuple[bool, ...]
    first: NDArray[np.int64]
    xy: Points
    states: NDArray[np.int8]
    maps: Mapping[int, Registration]

    def n_in(self, photo: int, state: int) -> int:
        """How many dots are in a state in a photo."""
        return int((self.states[photo] == state).sum())


@dataclass
class _Group:
    """Photos laid on each other, and the number of each of their dots, the same in all of them."""

    numbers: dict[int, NDArray[np.int64]]
    n_dots: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_dots = max(len(numbers) for numbers in self.numbers.values())

    @property
    def anchors(self) -> list[int]:
        photos = list(self.numbers)
        return [photos[0], photos[-1]][: len(photos)]

    def add(self, photo: int, n_dots: int, anchor: int, pairs: NDArray[np.int64]) -> None:
        """Number a photo's dots as those they are matched with; the others anew."""
        numbers = np.full(n_dots, NOBODY)
        numbers[pairs[:, 1]] = self.numbers[anchor][pairs[:, 0]]
        fresh = np.flatnonzero(numbers == NOBODY)
        numbers[fresh] = self.n_dots + np.arange(len(fresh))
        self.n_dots += len(fresh)
        self.numbers[photo] = numbers


def series_map(plates: Sequence[Plate]) -> SeriesMap:
    """The map of photos in the order they were taken; an empty plate is a photo without dots."""
    groups: list[_Group] = []
    for photo, plate in enumerate(plates):
        if plate and not any(_joined(group, photo, plates) for group in groups):
            groups.append(_Group({photo: np.arange(len(plate.dots))}))
    if not groups:
        return SeriesMap(
            (False,) * len(plates),
            np.empty(0, np.int64),
            np.empty((0, 2)),
            np.empty((len(plates), 0), np.int8),
            {},
        )
    return _map(max(groups, key=lambda group: len(group.numbers)), plates)


def _joined(group: _Group, photo: int, plates: Sequence[Plate]) -> bool:
    """Whether a photo could be laid on one of the group's, and so became one of it."""
    plate = plates[photo]
    for anchor in group.anchors:
        on = plates[anchor]
        ratio = plate.size_px / on.size_px
        laid = register(on.dots.xy, plate.dots.xy, plate.frame, size_ratio=ratio)
        if isinstance(laid, Registration):
            group.add(photo, len(plate.dots), anchor, laid.pairs)
            return True
    return False


def _map(group: _Group, plates: Sequence[Plate]) -> SeriesMap:
    """Dots by the photo that shows them first, each held against every other photo."""
    first: list[NDArray[np.int64]] = []
    places: list[Points] = []
    states: list[NDArray[np.int8]] = []
    homes: list[int] = []
    maps: dict[int, Registration] = {}
    for photo in sorted(group.numbers):
        dots = plates[photo].dots
        earlier = {p: _told(group, plates, p, photo) for p in group.numbers if p < photo}
        known = [told[1] for home, told in earlier.items() if told and home in homes]
        own = np.flatnonzero(identity.is_sure(dots) & ~_claimed(plates[photo], known))
        if homes and len(own) < _LEAST_ADDED:
            continue
        state = np.full((len(plates), len(own)), NOT_OBSERVABLE, dtype=np.int8)
        state[photo] = KEPT
        for other, before in earlier.items():
            if before:
                state[other, np.isin(own, before[1].new)] = NOT_YET
        state[photo, (state == NOT_YET).any(axis=0)] = NEW
        for other in (p for p in group.numbers if p > photo):
            after = _told(group, plates, photo, other)
            if after:
                state[other] = after[1].state[own]
                if not homes:
                    maps[other] = after[0]
        homes.append(photo)
        first.append(np.full(len(own), photo))
        places.append(dots.xy[own])
        states.append(state)
    return SeriesMap(
        tuple(photo in group.numbers for photo in range(len(plates))),
        np.concatenate(first),
        np.concatenate(places),
        np.concatenate(states, axis=1),
        maps,
    )


def _claimed(plate: Plate, known: Sequence[Identity]) -> Mask:
    """Which of a photo's dots (n,) lie where the map has one already."""
    claimed = np.zeros(len(plate.dots), dtype=bool)
    for told in known:
        distance = cKDTree(told.xy).query(plate.dots.xy)[0]
        claimed |= distance < CLAIMED * plate.spacing_px
    return claimed


def _told(
    group: _Group, plates: Sequence[Plate], earlier: int, later: int
) -> tuple[Registration, Identity] | None:
    """The dots of one photo in another, laid on each other by what the group knows of both."""
    before, after = plates[earlier], plates[later]
    _, mine, theirs = np.intersect1d(
        group.numbers[earlier], group.numbers[later], assume_unique=True, return_indices=True
    )
    partner = np.full(len(before.dots), NOBODY)
    partner[mine] = theirs
    patterns = Patterns.of(before.dots.xy, after.dots.xy)
    laid = judged(patterns, completed(patterns, partner), after.frame)
    return (laid, identity.identify(before, after, laid)) if laid else None
