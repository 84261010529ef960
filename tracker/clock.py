"""Days since the last treatment: each area of the scalp has its own clock. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from tracker.records import Treatment

EVERYWHERE = "all"


def days_since(
    treatments: Iterable[Treatment], taken_on: date, view: str | None = None
) -> int | None:
    """Whole days since the last treatment on or before a date; None before the first.

    Of a view only the treatments of what it shows count.
    """
    own = treatments if view is None else shown(view, treatments)
    before = [t.treated_on for t in own if t.treated_on <= taken_on]
    return (taken_on - max(before)).days if before else None


def shown(view: str, treatments: Iterable[Treatment]) -> list[Treatment]:
    """The treatments whose area a view shows.

    Areas are matched by name: "all" is on every view, "crown" on "crown close-up". A view whose
    name tells no treated area may show any of them.
    """
    treatments = list(treatments)
    own = [t for t in treatments if t.area == EVERYWHERE or t.area.lower() in view.lower()]
    return own or treatments


def area_of(view: str, treatments: Iterable[Treatment]) -> str:
    """The area whose clock a view follows."""
    return max(shown(view, treatments), key=lambda t: t.treated_on).area


def last_by_view(views: Iterable[str], treatments: Sequence[Treatment]) -> dict[str, date]:
    """When what each view shows was last treated; empty without a treatment."""
    if not treatments:
        return {}
    return {v: max(t.treated_on for t in shown(v, treatments)) for v in set(views)}
