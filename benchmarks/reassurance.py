"""Who is told "as expected", unchanged clients and fading ones: a part of `make validate`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks import courses
from tracker import rules
from tracker.rules import Bools, Floats
from tracker.timeline import default_timeline

TOLD_DAYS, FADES = (49, 63, 77, 91, 112, 133, 161, 189, 238), (0.015, 0.03, 0.05)


def table() -> Iterator[str]:
    """The table of the report, and how to read it."""
    yield from (
        'Who is told "as expected": share of clients by day, of darkness alone; fades in all, from',
        f"day {courses.FADES_FROM_DAY}. In brackets the share whose true course, over its settled "
        "look, lies below the band",
        "then, where that is more than none:",
        "",
        "| course | noise | " + " | ".join(f"day {day}" for day in TOLD_DAYS) + " |",
        "| --- | --- |" + " --- |" * len(TOLD_DAYS),
    )
    cases = [(course, 0.0) for course in courses.COURSES] + [("unchanged", f) for f in FADES]
    for times in (1, 2):
        for course, fade in cases:
            told = told_as_expected(course, fade, times)
            cells = (
                f"{share:.1%}" + (f" ({below:.0%})" if below else "")
                for share, below in zip(told.as_expected, told.below, strict=True)
            )
            name = f"{fade:.1%} a week" if fade else course
            yield f"| {name} | {times} x | " + " | ".join(cells) + " |"


@dataclass(frozen=True)
class Told:
    """Share of clients told "as expected" on each of `TOLD_DAYS`, and of those whose true course,
    over its settled look, lies below the band then.
    """

    as_expected: tuple[float, ...]
    below: tuple[float, ...]


def told_as_expected(course: str, fade: float, times: int) -> Told:
    """By darkness alone: no finding of fading, and the newest two numbers clearly in the band."""
    timeline, kind, key = (
        default_timeline(),
        "possible_fading",
        [courses.SEED, 11, len(course), times],
    )
    limits = rules.limits_of(timeline)[kind].shared(courses.N_SERIES[kind])
    noise = courses.measured_noise(courses.KINDS[kind], times)
    values = courses.numbers(kind, course, noise, np.random.default_rng(key), fade)
    true = courses.true_course(kind, course, np.random.default_rng(key), fade)
    bands = [band for day in courses.DAYS if (band := timeline.contrast(int(day)))]
    low, high = (np.array([getattr(b, edge) for b in bands]) for edge in ("low", "high"))
    window = courses.in_window(courses.DAYS, timeline)
    true_level = rules.middle(np.where(window, true, np.nan))
    told, below = [], []
    for upto in (int(np.searchsorted(courses.DAYS, day)) + 1 for day in TOLD_DAYS):
        seen, days = values[..., :upto], courses.DAYS[:upto]
        level, enough = courses.settled(kind, seen, days, timeline)
        z = courses.scores(kind, seen, days, timeline, limits.first_day)
        if z is None:
            raise ValueError("no baseline by that day")
        found = (rules.watched(z, limits) | rules.flagged(z, days, limits)).any(axis=1)
        at, stderr = (part[..., None] for part in (level.value, level.stderr))
        error = np.hypot(level.spread.sd[..., None], stderr)
        inside = rules.clearly_inside(seen, low[:upto] * at, high[:upto] * at, error)
        calm = _newest_two(np.where(np.isfinite(seen), inside, np.nan))
        told.append(float((calm & enough.all(axis=1) & ~found).mean()))
        below.append(float((true[:, 0, upto - 1] < low[upto - 1] * true_level[:, 0]).mean()))
    return Told(tuple(told), tuple(below))


def _newest_two(inside: Floats) -> Bools:
    """Whether the newest two photos (clients, views, days) of any view lie inside; NaN: none."""
    newest_first = np.swapaxes(inside, 1, 2).reshape(len(inside), -1)[:, ::-1]
    order = np.argsort(np.isnan(newest_first), axis=1, kind="stable")[:, :2]
    both: Bools = (np.take_along_axis(newest_first, order, axis=1) == 1).all(axis=1)
    return both
