"""The printed calibration card and how to use it."""

TITLE = "Calibration card"
HOW = (
    "Print on matt white paper at 100 % (actual size, no fitting to the page).",
    "Check the rule with a ruler: 50 mm from its first to its last line.",
    "Cut along the thin line. Do not laminate: shine hides colours.",
    "Lay it flat on clean, dry skin beside the treated area, printed side up, and let it follow "
    "the head.",
    "Keep fingers and hair off it: it is only used when all of it is seen.",
    "Photograph from straight above, in the same light on card and skin, without flash.",
    "Use the same print for one client, and a new one when it is stained or bent.",
)
TWO = "Two cards, in case one is lost."
COLOURS = (
    "With the card in the photo lengths are told in millimetres and colours are corrected as well "
    "as this print shows them. A photo without it is measured too."
)
