"""Pixels per millimetre, with standard error and source. No source, no millimetres."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """`px_per_mm` of the full-resolution photo; `source` is "card" or "given"."""

    px_per_mm: float
    stderr: float
    source: str

    def area_cm2(self, area_px: float) -> float:
        """An area in px as cm2."""
        return area_px / self.px_per_mm**2 / 100

    def resized(self, factor: float) -> Scale:
        """The scale of the photo after resizing it by `factor`."""
        return Scale(self.px_per_mm * factor, self.stderr * factor, self.source)


def given(px_per_mm: float) -> Scale:
    """A scale told by the user, whose own error is not known: 2 % is assumed."""
    if not px_per_mm > 0:
        raise ValueError(f"px_per_mm must be positive, got {px_per_mm}")
    return Scale(px_per_mm, 0.02 * px_per_mm, "given")
