"""When a photo was taken: from the photo, from its name, or not known. Local time throughout. Pure.

Never the file's own time, never the server's zone: both are wrong too often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from analysis.formats.header import Header
from tracker.records import DateSource

_ISO_NAME = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?!\d)[ _-]*(.*)$")
_PHONE_NAME = re.compile(r"^(?:IMG|PXL|VID|photo)[-_](\d{4})(\d{2})(\d{2})(?!\d)", re.IGNORECASE)
EARLIEST = date(2000, 1, 2)  # 1970, 1980 and 1 January 2000 are what unset camera clocks say


@dataclass(frozen=True)
class Dated:
    """The local date and, where known, time of a photo, and who says so."""

    taken_on: date | None
    taken_at: str | None
    source: DateSource


def of_photo(header: Header, name: str) -> Dated:
    """The photo's own date, else the one its name begins with."""
    if header.taken_at:
        taken_on = date.fromisoformat(header.taken_at[:10])
        if taken_on >= EARLIEST:
            return Dated(taken_on, header.taken_at, "exif")
    named = named_date(name)
    return Dated(named, None, "name") if named else Dated(None, None, "none")


def named_date(name: str) -> date | None:
    """The date in a name like `2026-05-01 top.jpg` or `IMG-20260501-WA0001.jpg`."""
    found = _ISO_NAME.match(name) or _PHONE_NAME.match(name)
    if not found:
        return None
    try:
        named = date(*(int(part) for part in found.groups()[:3]))
    except ValueError:
        return None
    return named if named >= EARLIEST else None


def named_view(name: str) -> str:
    """The rest of a name that begins with a date, without its ending: the view, if any."""
    stem = name.rsplit(".", 1)[0]
    found = _ISO_NAME.match(stem)
    return found.group(4).strip() if found else ""
