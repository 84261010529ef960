"""What is judged from numbers: possible fading, patchiness, redness, photo quality. Pure.

A watch is for the practitioner; a flag was confirmed on a second visit. The limits and how visits
are weighed stand in `tracker.rules`; each rule's false-alarm rate is simulated with them by `make
validate` and read from the package's data, by rule version.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from tracker import rules
from tracker.change import DARKNESS, Z95, Point, Reference, between_photos, visits
from tracker.package_data import document
from tracker.records import PhotoState
from tracker.rules import RULE_VERSION, Floats, Limits
from tracker.timeline import Band, Timeline

# One-sided 99 %: redness beyond it in one photo asks the questions, and does nothing else.
Z99 = 2.33

Kind = Literal["patchiness", "possible_fading", "redness_beyond_expected", "photo_quality"]
Key = tuple[str, str]
KIND_OF: dict[str, Kind] = {
    DARKNESS: "possible_fading",
    "density_uniformity": "patchiness",
    "redness_index": "redness_beyond_expected",
}


@dataclass(frozen=True)
class Beside:
    """Darkness over the settled look, give or take `half_width`, and what many keep by that day."""

    ratio: float
    half_width: float
    usual: Band


@dataclass(frozen=True)
class Finding:
    """One finding: since when, where, on which numbers (`evidence`), how often it is false.

    `day`: of the newest photo behind it. `beside`: fading is only told beside what many lose.
    `about`: what its sentence is of, where that is not its kind.
    """

    kind: Kind
    level: Literal["watch", "flag"]
    since: date
    view: str
    area: str
    evidence: tuple[str, ...]
    false_alarm_rate: float | None
    day: int = 0
    beside: Beside | None = None
    about: str = ""


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
    """All findings that hold as of a day, since the last treatment of each view (`clocks`).

    The chance of a false one is shared by all views and measurands that are judged: darkness and
    evenness together, redness for itself.
    """
    judged: list[tuple[Kind, str, list[Point], Reference]] = []
    for (measurand, view), all_points in points.items():
        recent = visits([p for p in all_points if p.taken_on >= clocks[view]])
        reference, kind = references.get((measurand, view)), KIND_OF.get(measurand)
        if kind is None or reference is None or (measurand, pigment) == (DARKNESS, "temporary"):
            continue
        if as_of - recent[-1].taken_on <= still_speaks(recent[-1].day):
            judged.append((kind, view, recent, reference))
    n_redness = sum(kind == "redness_beyond_expected" for kind, *_ in judged)
    found: list[Finding] = []
    for kind, view, recent, reference in judged:
        n_series = n_redness if kind == "redness_beyond_expected" else len(judged) - n_redness
        limits = rules.limits_of(timeline)[kind].shared(n_series)
        found += of_series(kind, recent, reference, timeline, limits, view)
    return (*found, *_photo_quality(states, clocks))


def of_series(
    kind: Kind,
    points: Sequence[Point],
    reference: Reference,
    timeline: Timeline,
    limits: Limits,
    view: str = "",
) -> list[Finding]:
    """What one series of visits gives, as of its newest.

    Fading: darkness below the lower band, re-based on the own baseline's days, for the course of
    healing is no finding. Patchiness: evenness below the own settled look, from which trend and
    foreshortening are taken out already; a patch from the start is part of that look. Redness:
    above what nine in ten people show.
    """
    days = np.array([p.day for p in points])
    values = np.array([p.value for p in points])
    if kind == "redness_beyond_expected":
        z = redness_scores(points, reference, timeline)
    else:
        low, high = timeline.gate("baseline_window_days")
        in_window = (days >= low) & (days <= high)
        least: Floats = np.ones(len(days))
        if kind == "possible_fading":
            bands = [timeline.contrast(day) for day in days.tolist()]
            least = rules.rebased([b.low if b else np.nan for b in bands], in_window, in_window)
        z = rules.shortfall(values, reference.level, least)
    z = np.where(days >= limits.first_day, z, np.nan)
    provisional = kind != "redness_beyond_expected" and days[-1] < timeline.gate(
        "provisional_until_day"
    )
    if rules.flagged(z, days, limits) and not provisional:
        level: Literal["watch", "flag"] = "flag"
    elif rules.watched(z, limits):
        level = "watch"
    else:
        return []
    run = points[int(rules.run_start(z, limits)) :]
    evidence = tuple(
        f"{_MEASURAND[kind]} {p.taken_on.isoformat()}: {p.value:.4f} ± {Z95 * p.stderr:.4f}"
        for p in run
    )
    rate = false_alarm_rate(kind, level)
    day = run[-1].day
    beside = _beside(points, reference, timeline) if kind == "possible_fading" else None
    return [Finding(kind, level, run[0].taken_on, view, "all", evidence, rate, day, beside)]


def _beside(points: Sequence[Point], settled: Reference, timeline: Timeline) -> Beside | None:
    """The newest visit beside the band divided by its own values over the baseline's days."""
    low, high = timeline.gate("baseline_window_days")
    bands = [timeline.contrast(p.day) for p in points]
    at_baseline = [b for b, p in zip(bands, points, strict=True) if b and low <= p.day <= high]
    newest = bands[-1]
    if newest is None or not at_baseline:
        return None
    usual = Band(*(
        getattr(newest, edge) / float(np.mean([getattr(b, edge) for b in at_baseline]))
        for edge in ("low", "mid", "high")
    ))  # fmt: skip
    ratio, stderr = settled.ratio(points[-1])
    return Beside(ratio, Z95 * stderr, usual)


_MEASURAND = {kind: measurand for measurand, kind in KIND_OF.items()}


def redness_scores(points: Sequence[Point], peak: Reference, timeline: Timeline) -> Floats:
    """Scores (n,) of redness above what nine in ten people show, NaN before day 4.

    Late limits lie near none at all: a photo's own error counts beside its repeatability.
    """
    values = np.array([p.value for p in points])
    calm = [p.value for p in points if p.day >= rules.CALM_DAY]
    most = np.array([timeline.redness(p.day).high for p in points]) * peak.value
    stderr = np.array([p.stderr for p in points])
    z = rules.excess(values, most, stderr, rules.between_visits(calm, peak.between))
    return np.where([p.day >= 4 for p in points], z, np.nan)


def redness_beyond(
    points: Mapping[Key, Sequence[Point]],
    references: Mapping[Key, Reference],
    clocks: Mapping[str, date],
    timeline: Timeline,
    *,
    as_of: date,
) -> int | None:
    """The day of a newest visit whose redness lies beyond what is expected and its noise: it asks
    for the questions. None: no such visit.
    """
    for (measurand, view), all_points in points.items():
        recent = visits([p for p in all_points if p.taken_on >= clocks[view]])
        peak = references.get((measurand, view))
        if measurand != "redness_index" or peak is None:
            continue
        if as_of - recent[-1].taken_on > still_speaks(recent[-1].day):
            continue
        p = recent[-1]
        above = p.value - timeline.redness(p.day).high * peak.value
        if p.day >= 4 and above > Z99 * math.hypot(peak.between, p.stderr):
            return p.day
    return None


def still_speaks(day: int) -> timedelta:
    """How long a photo taken `day` days after treatment speaks for the present."""
    return timedelta(days=21 if day < 60 else 60 if day < 180 else 150)


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
def _rates() -> dict[str, Any]:
    table = document("false_alarm_rates.json")
    return table if table["rule_version"] == RULE_VERSION else {"rates": {}}


def false_alarm_rate(kind: str, level: str) -> float | None:
    """Share of simulated unchanged clients who get this finding within half a year."""
    rate: float | None = _rates()["rates"].get(f"{kind}/{level}")
    return rate


def least_fade_per_week() -> float | None:
    """The slowest fade that simulated photos tell from the usual course within half a year."""
    found: float | None = _rates().get("least_fade_per_week")
    return found
