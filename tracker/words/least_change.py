"""Which change is too small to be told from a person's own noise."""

from __future__ import annotations

# As evenness and redness are not told in per cent of themselves: evenness in its own unit, redness
# in per cent of the first days' peak.
NAMES = {
    "pigment_per_area": "darkness",
    "density_uniformity": "evenness",
    "redness_index": "redness",
}


def of_you(measurand: str, change: float, share: float) -> str:
    """For the client."""
    return f"For you, {_change(measurand, change, share)} cannot be told from noise."


def of_client(measurand: str, change: float, share: float, n_visits: int) -> str:
    """For the practice, with what it rests on."""
    visits = "one visit" if n_visits == 1 else f"{n_visits} visits"
    return (
        f"{_change(measurand, change, share).capitalize()} cannot be told from noise for this "
        f"client ({visits}, drawn towards what drawn photos showed)."
    )


def _change(measurand: str, change: float, share: float) -> str:
    name = NAMES[measurand]
    if measurand == "density_uniformity":
        return f"a change of {name} below {change:.2f}"
    of = " of the first days' peak" if measurand == "redness_index" else ""
    return f"a change of {name} below {100 * share:.0f} %{of}"
