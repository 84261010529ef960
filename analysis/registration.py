"""Map one photo on to another, or say why not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RegistrationFailure:
    """No map, and why: falsy, so that `if registration:` reads as it should."""

    code: str
    reason: str

    def __bool__(self) -> bool:
        return False


NOT_AVAILABLE = RegistrationFailure(
    "not-available", "this version does not fit photos on to each other yet"
)
REFUSED = RegistrationFailure("photo-refused", "one of the two photos could not be measured")
