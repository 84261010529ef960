"""How likely chance reaches a scan's greatest statistic, from few simulated or shuffled ones.

The Gumbel distribution by its moments tells the tail as well as ten times as many of them would
(Abrams, Kulldorff & Kleinman 2010, doi:10.1186/1476-072X-9-61).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Points

_EULER = 0.5772
_LEAST = 1e-9


@dataclass(frozen=True)
class Gumbel:
    """Distribution of the greatest of many values."""

    place: float
    width: float

    @classmethod
    def of(cls, greatest: Points) -> Gumbel:
        """From some greatest values (n,)."""
        width = float(greatest.std(ddof=1)) * np.sqrt(6) / np.pi
        return cls(float(greatest.mean()) - _EULER * width, max(width, 1e-6))

    def limit(self, rate: float) -> float:
        """What chance exceeds at that rate."""
        return float(self.place - self.width * np.log(-np.log1p(-rate)))

    def p_value(self, value: float) -> float:
        """The chance to reach a value; so far out that it would be zero, no less than `_LEAST`."""
        return max(_LEAST, float(-np.expm1(-np.exp(-(value - self.place) / self.width))))
