"""What is judged from numbers: possible fading, redness beyond expectation, photo quality. Pure.

A watch is for the practitioner; a flag was confirmed on a second visit. Each rule's false-alarm
rate is simulated by `make validate` and read from the package's data, by rule version.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from tracker.change import DARKNESS, Z95, Point, Reference, between_photos
from tracker.package_data import document
from tracker.records import PhotoState
from tracker.timeline import Timeline

RULE_VERSION = 1
# One-sided 99 %: with it unchanged scalps are flagged in well under 1 in 100 half-years.
Z99 = 2.33

Kind = Literal["patchiness", "possible_fading", "redness_beyond_expected", "photo_quality"]
Key = tuple[str, str]


@dataclass(frozen=True)
class Finding:
    """One finding: since when, where, on which numbers (`evidence`), how often it is false.

    `day`: of the newest photo behind it.
    """

    kind: Kind
    level: Literal["watch", "flag"]
    since: date
    view: str
    area: str
    evidence: tuple[str, ...]
    false_alarm_rate: float | None
    day: int = 0


def judge(
    points: Mapping[Key, Sequence[Point]],
    references: Mapping[Key, Reference],
    states: Sequence[PhotoState],
    clocks: Mapping[str, date],
    timeline: Timeline,
    *,
    as_of: date,
    pigment: str,
) -> tuple[Finding, ...]:
    """All findings that hold as of a day, since the last treatment of each view (`clocks`)."""
    found: list[Finding] = []
    for (measurand, view), all_points in points.items():
        recent = visits([p for p in all_points if p.taken_on >= clocks[view]])
        reference = references.get((measurand, view))
        if reference is None or as_of - recent[-1].taken_on > still_speaks(recent[-1].day):
            continue
        if measurand == "redness_index":
            found += redness_beyond_expected(recent, reference, timeline, view)
        if measurand == "density_uniformity":
            found += patchiness(recent, reference, timeline, view)
        if measurand == DARKNESS and pigment == "permanent":
            found += possible_fading(recent, reference, timeline, view)
    found += _photo_quality(states, clocks)
    return tuple(found)


def visits(points: Sequence[Point]) -> list[Point]:
    """One point a day: the middle one of that day's photos by value."""
    by_day: dict[date, list[Point]] = {}
    for p in points:
        by_day.setdefault(p.taken_on, []).append(p)
    return [
        sorted(by_day[d], key=lambda p: p.value)[(len(by_day[d]) - 1) // 2] for d in sorted(by_day)
    ]


def still_speaks(day: int) -> timedelta:
    """How long a photo taken `day` days after treatment speaks for the present."""
    return timedelta(days=21 if day < 60 else 60 if day < 180 else 150)


def redness_beyond_expected(
    points: Sequence[Point], peak: Reference, timeline: Timeline, view: str = ""
) -> list[Finding]:
    """From day 4: redness above what nine in ten people show, beyond its noise, in the last photo.

    A watch from the first such photo, a flag when the one before, at least a day earlier, was too.
    """
    beyond = []
    for p in points:
        limit = timeline.redness(p.day).high * peak.value
        # Late limits lie near none at all: the photo's own error counts beside its repeatability.
        noise = math.hypot(peak.between, p.stderr)
        beyond.append(p.day >= 4 and p.value - Z99 * noise > limit)
    apart = timedelta(days=1)
    return _confirmed("redness_beyond_expected", points, beyond, apart, view, "redness_index")


def redness_rose(
    points: Mapping[Key, Sequence[Point]],
    references: Mapping[Key, Reference],
    clocks: Mapping[str, date],
    *,
    as_of: date,
) -> bool:
    """From day 4: redness above the visit before, beyond noise and by a quarter of the own peak.

    Without a peak any rise beyond noise counts. It asks for the questions, nothing else.
    """
    for (measurand, view), all_points in points.items():
        recent = visits([p for p in all_points if p.taken_on >= clocks[view]])
        if measurand != "redness_index" or len(recent) < 2 or recent[-1].day < 4:
            continue
        before, after = recent[-2:]
        if as_of - after.taken_on > still_speaks(after.day):
            continue
        between = between_photos(measurand, after.value) or math.hypot(before.stderr, after.stderr)
        peak = references.get((measurand, view))
        least = max(Z99 * math.sqrt(2) * between, 0.25 * peak.value if peak else 0.0)
        if after.value - before.value > least:
            return True
    return False


def possible_fading(
    points: Sequence[Point], settled: Reference, timeline: Timeline, view: str = ""
) -> list[Finding]:
    """From day 28: the upper 99 % limit of darkness lies below the re-based lower band.

    The band is divided by its own value over the baseline's days (healing course alone is no
    finding); a flag needs two visits at least 14 days apart.
    """
    low, high = timeline.gate("baseline_window_days")
    bands = [timeline.contrast(p.day) for p in points if low <= p.day <= high]
    rebase = sum(b.low for b in bands if b) / max(len(bands), 1) or 1.0
    below = []
    for p in points:
        band = timeline.contrast(p.day)
        ratio, noise = settled.ratio(p)
        gated = p.day >= timeline.gate("no_fading_or_patchiness_flag_before_day")
        below.append(bool(gated and band and ratio + Z99 * noise < band.low / rebase))
    apart = timedelta(days=timeline.gate("flag_sets_min_days_apart"))
    return _confirmed("possible_fading", points, below, apart, view, DARKNESS)


def patchiness(
    points: Sequence[Point], settled: Reference, timeline: Timeline, view: str = ""
) -> list[Finding]:
    """From day 28: evenness of dot density below the own settled look, beyond the noise of both.

    Evenness has trend and foreshortening taken out already; a patch there from the start is part of
    the settled look and not seen by this rule. A flag needs two visits at least 14 days apart.
    """
    noise = math.hypot(settled.between, settled.stderr)
    below = []
    for p in points:
        gated = p.day >= timeline.gate("no_fading_or_patchiness_flag_before_day")
        below.append(gated and p.value + Z99 * noise < settled.value)
    apart = timedelta(days=timeline.gate("flag_sets_min_days_apart"))
    return _confirmed("patchiness", points, below, apart, view, "density_uniformity")


def _confirmed(
    kind: Kind,
    points: Sequence[Point],
    outside: Sequence[bool],
    apart: timedelta,
    view: str,
    measurand: str,
) -> list[Finding]:
    """A watch if the newest photo is outside; a flag if all since one at least `apart` ago are."""
    if not points or not outside[-1]:
        return []
    run = [points[-1]]
    for point, out in zip(reversed(points[:-1]), reversed(outside[:-1]), strict=True):
        if not out:
            break
        run.append(point)
    first = run[-1]
    level: Literal["watch", "flag"] = (
        "flag" if points[-1].taken_on - first.taken_on >= apart else "watch"
    )
    evidence = tuple(
        f"{measurand} {p.taken_on.isoformat()}: {p.value:.4f} ± {Z95 * p.stderr:.4f}"
        for p in reversed(run)
    )
    rate = false_alarm_rate(kind, level)
    day = points[-1].day
    return [Finding(kind, level, first.taken_on, view, "all", evidence, rate, day)]


def _photo_quality(states: Sequence[PhotoState], clocks: Mapping[str, date]) -> list[Finding]:
    """No number from any photo of the last visits: three refused in a row."""
    recent = [
        (s.photo.taken_on, s)
        for s in states
        if s.photo.taken_on and s.verdict and s.photo.taken_on >= clocks.get(s.photo.view, date.max)
    ]
    tail = recent[-3:]
    if len(tail) < 3 or any(s.verdict == "measured" for _, s in tail):
        return []
    evidence = tuple(f"{s.photo.name}: {', '.join(s.reasons)}" for _, s in tail)
    return [Finding("photo_quality", "watch", tail[0][0], "", "all", evidence, None)]


@lru_cache(maxsize=1)
def _rates() -> dict[str, float]:
    table = document("false_alarm_rates.json")
    rates: dict[str, float] = table["rates"] if table["rule_version"] == RULE_VERSION else {}
    return rates


def false_alarm_rate(kind: str, level: str) -> float | None:
    """Share of simulated unchanged clients who get this finding within half a year."""
    return _rates().get(f"{kind}/{level}")
