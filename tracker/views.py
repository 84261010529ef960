"""The views that photos are taken of; only photos of one view are compared. Pure."""

from __future__ import annotations

VIEWS: dict[str, str] = {
    "front": "Front hairline",
    "top": "Top",
    "crown": "Crown",
    "left": "Left side",
    "right": "Right side",
    "back": "Back",
    "crown close-up": "Crown, close",
    "hairline close-up": "Hairline, close",
    "side close-up": "Side, close",
}


def label(view: str) -> str:
    """What people call a view; names of a folder's own views stay as they are."""
    return VIEWS.get(view, view.capitalize() or "Photo")
