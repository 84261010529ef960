"""Every quality flag, declared once. Bits are stored with measurements: never re-use or move one.

The sentence a person reads for a flag stands in `tracker.words`.
"""

from __future__ import annotations

from enum import IntFlag


class Flag(IntFlag):
    """What limits a photo or a measurement; `NONE` when nothing does."""

    NONE = 0
    GLARE = 1 << 0
    CLIPPED = 1 << 1
    BLURRED = 1 << 2
    NO_COLOUR = 1 << 3
    NO_REFERENCE_SKIN = 1 << 4
    NO_SCALE = 1 << 5
    DOTS_NOT_RESOLVED = 1 << 6
    NOT_CALIBRATED = 1 << 7
    BLUR_DEPENDENT = 1 << 8
    NOT_ALIGNED = 1 << 9
    STAGE_MISSING = 1 << 10
    NO_BORDER_FOUND = 1 << 11
    REGION_GIVEN = 1 << 12
    REDUCED = 1 << 13
    BLUR_DIFFERS = 1 << 14
    PHOTO_REFUSED = 1 << 15
    FORESHORTENED = 1 << 16
    MOTION = 1 << 17
    STUBBLE = 1 << 18
    HALO = 1 << 19
    STEEP = 1 << 20
    CARD_NOT_USED = 1 << 21
    PARTLY_BLURRED = 1 << 22
    PICTURE_MODE = 1 << 23
    NO_HAIR_EDGE = 1 << 24
    DISTANCE_DIFFERS = 1 << 25


def names(flags: Flag) -> list[str]:
    """The flags' public names, e.g. `no-reference-skin`, lowest bit first."""
    return [flag.name.lower().replace("_", "-") for flag in flags if flag.name]
