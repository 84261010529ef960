"""The expected course by days since the last treatment: phases and bands, from the package's JSON.

The bands are priors with their sources, not data (`tracker/data/healing_timeline.json`). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tracker.package_data import document

LAST_EXPECTED_DAY = 1825


@dataclass(frozen=True)
class Phase:
    """One stage: whole days, both ends included; `end_day` None = open."""

    key: str
    title: str
    start_day: int
    end_day: int | None
    usual: tuple[str, ...]
    do: tuple[str, ...]
    avoid: tuple[str, ...]
    ask_practitioner: tuple[str, ...] = ()
    seek_help: tuple[str, ...] = ()


@dataclass(frozen=True)
class Band:
    """What many people show on one day: the 10th, 50th and 90th percentile."""

    low: float
    mid: float
    high: float

    def scaled(self, factor: float) -> Band:
        """The band in the units of a person's own reference."""
        edges = sorted((self.low * factor, self.high * factor))
        return Band(edges[0], self.mid * factor, edges[1])


@dataclass(frozen=True)
class Aftercare:
    """One thing of aftercare and the day from which it is allowed; None = the practice says."""

    key: str
    label: str
    day: int | None
    reported: tuple[int, int]


@dataclass(frozen=True)
class RedFlag:
    """One sign that people are asked for, how urgent it is and what is then said."""

    id: str
    level: str
    self_report: str
    say: str


@dataclass(frozen=True)
class Timeline:
    """Everything the JSON holds that the program acts on; `changed`: paths a practice has set."""

    document: dict[str, Any]
    changed: frozenset[str] = frozenset()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """All phases in order."""
        return tuple(
            Phase(
                key=p["key"],
                title=p["title"],
                start_day=p["start_day"],
                end_day=p["end_day"],
                usual=tuple(p["normal"]),
                do=tuple(p["do"]),
                avoid=tuple(p["avoid"]),
                ask_practitioner=tuple(p["contact_practitioner_if"]),
                seek_help=tuple(p["contact_health_provider_if"]),
            )
            for p in self.document["phases"]
        )

    def phase(self, day: int) -> Phase:
        """The phase of a day (0 = the day of treatment)."""
        if day < 0:
            raise ValueError(f"day must not be before the treatment, got {day}")
        return next(p for p in self.phases if p.end_day is None or day <= p.end_day)

    @property
    def aftercare(self) -> tuple[Aftercare, ...]:
        """What is allowed from which day on, in the JSON's order."""
        return tuple(
            Aftercare(a["key"], a["label"], a["default_day"], tuple(a["reported_range_days"]))
            for a in self.document["aftercare_defaults"]
        )

    def gate(self, name: str) -> Any:
        """One of the day limits, by its name in the JSON."""
        return self.document["gates"][name]

    def decision(self, name: str) -> Any:
        """One of the decision defaults, by its name in the JSON."""
        return self.document["decision_defaults"][name]

    def redness(self, day: float) -> Band:
        """Relative redness: 1 = the person's own peak of days 0-1."""
        high = 1.0 if day <= 1 else 0.5 ** ((day - 1) / 2.2)
        return Band(0.5 ** (day / 0.35), 0.5**day, high)

    def contrast(self, day: float) -> Band | None:
        """Relative darkness: 1 = the person's own settled look; None after the last knot."""
        if day > LAST_EXPECTED_DAY:
            return None
        knots = self.contrast_knots
        return Band(
            *(float(np.interp(day, knots["days"], knots[q])) for q in ("p10", "p50", "p90"))
        )

    @property
    def contrast_knots(self) -> dict[str, list[float]]:
        """Percentiles of relative darkness by day, linear in between."""
        knots: dict[str, list[float]] = self.document["curves"]["contrast_relative_to_healed"][
            "knots"
        ]
        return knots

    @property
    def fitted_to(self) -> int | None:
        """How many clients of the practice the bands were re-fitted to; None for the prior."""
        fit = self.document["curves"]["contrast_relative_to_healed"].get("fit")
        return fit["n_clients"] if fit else None

    @property
    def red_flags(self) -> dict[str, RedFlag]:
        """All signs, by id."""
        return {
            f["id"]: RedFlag(f["id"], f["level"], f["self_report"], f["say"])
            for f in self.document["red_flags"]
        }

    @property
    def urgency_rank(self) -> dict[str, int]:
        """How urgent each level is; 0 = none."""
        return {u["level"]: u["rank"] for u in self.document["urgency_levels"]}


@lru_cache(maxsize=1)
def default_timeline() -> Timeline:
    """The timeline that ships with the package."""
    return Timeline(document("healing_timeline.json"))
