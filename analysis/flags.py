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


MEANING: dict[Flag, str] = {
    Flag.GLARE: "more than 2 % of the treated area is hidden by shine",
    Flag.CLIPPED: (
        "more than 1 % of the treated area is too bright or too dark for the camera, "
        "or half of it nearly too bright"
    ),
    Flag.BLURRED: "blur takes away more than a dot can spare: its pigment reads low",
    Flag.NO_COLOUR: "a black-and-white photo: nothing about colour can be told",
    Flag.NO_REFERENCE_SKIN: "no untreated skin was found in the photo to compare with",
    Flag.NO_SCALE: "pixels per millimetre are not known",
    Flag.DOTS_NOT_RESOLVED: "single dots are not resolved",
    Flag.NOT_CALIBRATED: "the photo's colour is not calibrated by a card",
    Flag.BLUR_DEPENDENT: "comparable only between photos of like blur",
    Flag.NOT_ALIGNED: "compared over whole areas: the photos were not fitted on to each other",
    Flag.STAGE_MISSING: "this version does not measure it yet",
    Flag.NO_BORDER_FOUND: "no border of the treated area was seen: all scalp was taken",
    Flag.REGION_GIVEN: "the area was drawn by hand",
    Flag.REDUCED: "the photo was reduced to 16 megapixels before measuring",
    Flag.BLUR_DIFFERS: "the two photos differ too much in blur",
    Flag.PHOTO_REFUSED: "one of the photos was refused",
    Flag.FORESHORTENED: "too little treated skin is seen face on to judge how evenly the dots lie",
    Flag.MOTION: "the blur is over 1.5 times as long as wide: the camera moved",
    Flag.STUBBLE: "more than 30 % of the dark marks are strokes: hair is counted with the dots",
    Flag.HALO: "sharpening has put bright rings of over 10 % of their depth around the dots",
    Flag.STEEP: "more than a third of the treated area turns away by over 45 degrees",
    Flag.CARD_NOT_USED: "a calibration card is in the photo but not wholly seen",
}


def names(flags: Flag) -> list[str]:
    """The flags' public names, e.g. `no-reference-skin`, lowest bit first."""
    return [flag.name.lower().replace("_", "-") for flag in flags if flag.name]
