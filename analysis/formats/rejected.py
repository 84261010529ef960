"""A photo that cannot be accepted: a code and facts; the sentence stands in tracker.words."""

from __future__ import annotations

from collections.abc import Mapping

CODES = (
    "empty-file",
    "not-a-photo",
    "format-not-accepted",
    "not-a-still-photo",
    "too-large",
    "damaged",
    "colours-unknown",
    "region-outside",
    "damaged-partly",
    "metadata-unreadable",
    "pixels-unreadable",
    "too-much-memory",
)


class PhotoRejected(Exception):
    """Why a photo was refused: `code` in kebab-case, `facts` for the sentence."""

    def __init__(self, code: str, facts: Mapping[str, str | int] | None = None) -> None:
        """Both arguments are kept in args, so that it survives the way between processes."""
        if code not in CODES:
            raise ValueError(f"code={code!r} is not one of CODES")
        super().__init__(code, facts)
        self.code = code
        self.facts = dict(facts or {})
