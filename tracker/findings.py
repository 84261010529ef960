"""What is judged from numbers: possible fading, patchiness, redness, photo quality. Pure.

A watch is for the practitioner; a flag was confirmed on a second visit. The limits and how visits
are weighed stand in `tracker.rules`; each rule's false-alarm rate is simulated with them by `make
validate` and read from the package's data, by rule version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from scipy.stats import beta

from tracker import redness, rules
from tracker.change import DARKNESS, Z95, Point, Reference, still_speaks, visits
from tracker.package_data import document
from tracker.records import PhotoState
from tracker.rules import RULE_VERSION, Floats, Limits
from tracker.timeline import Band, Timeline

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
class Tried:
    """In tests: how many of so many unchanged scalps saw a finding within so many sets of photos,
    two weeks apart, and how many of those that had lost a patch were found.
    """

    n_seen: int
    n_unchanged: int
    n_sets: int
    n_found: int
    n_lost: int

    @property
    def at_most(self) -> float:
        """Of all unchanged scalps, with 95 % confidence."""
        return at_most(self.n_seen, self.n_unchanged)

    @property
    def numbers(self) -> tuple[int, int, float, int, int, int]:
        """As they are told."""
        return (
            self.n_seen, self.n_unchanged, self.at_most, self.n_sets, self.n_found, self.n_lost,
        )  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One finding: since when, where, on which numbers (`evidence`), how often it is false, or
    what it was `tried` on where that is few.

    `day`: of the newest photo behind it. `beside`: fading is only told beside what many lose.
    `about`: what it is of, where that is not its kind. `late`: compared with the first
    visits of another camera, not with the settled look.
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
    late: bool = False
    tried: Tried | None = None

    @property
    def topic(self) -> str:
        """What it is of, for the words it is told in."""
        return self.about or self.kind

    @property
    def rates(self) -> tuple[float | None, tuple[int, int, float, int, int, int] | None]:
        """How often it is false, as it is told."""
        return self.false_alarm_rate, self.tried.numbers if self.tried else None


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
        z = redness.scores(points, reference, timeline)
    else:
        low, high = reference.late or timeline.gate("baseline_window_days")
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
    return [
        Finding(
            kind, level, run[0].taken_on, view, "all", evidence, rate, day, beside,
            late=reference.late is not None,
        )
    ]  # fmt: skip


def _beside(points: Sequence[Point], settled: Reference, timeline: Timeline) -> Beside | None:
    """The newest visit beside the band divided by its own values over the baseline's days."""
    low, high = settled.late or timeline.gate("baseline_window_days")
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


def at_most(n_seen: int, n: int) -> float:
    """The largest share (95 %, one-sided) of which n may show so few (Clopper and Pearson 1934,
    doi:10.1093/biomet/26.4.404).
    """
    return 1.0 if n_seen >= n else float(beta.ppf(0.95, n_seen + 1, n - n_seen))


@lru_cache(maxsize=2)
def tried_on_lost_patches(level: str) -> Tried | None:
    """What lost patches were tried on with the rules in force."""
    table = document("lost_patch_rates.json")
    return Tried(**table["levels"][level]) if table["rule_version"] == RULE_VERSION else None
