"""What is reported: a number with its error or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.flags import Flag

NAN = float("nan")


@dataclass(frozen=True)
class Result:
    """A value with its standard error, NaN where there is none, and what limits it."""

    value: float
    stderr: float
    flags: Flag = Flag.NONE

    @classmethod
    def missing(cls, why: Flag) -> Result:
        """No number, and why."""
        return cls(NAN, NAN, why)


Results = Mapping[str, Result]


@dataclass(frozen=True)
class Measurand:
    """What is reported: name, version of its meaning, unit (1 = a ratio or count), meaning."""

    name: str
    version: int
    unit: str
    meaning: str


def told(estimate: tuple[float, float], flags: Flag = Flag.NONE) -> Result:
    """An estimate with what limits it."""
    return Result(estimate[0], estimate[1], flags)
