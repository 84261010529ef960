"""Repeatability of each measurand and false-alarm rates of each rule: `make validate`.

Everything is measured on drawn photos of seeds used nowhere else, and says so. Each chapter of
`docs/validation.md` is written when it is done. Titles after `python -m benchmarks.validate` work
those chapters out anew and leave the others as they are.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    card_rates,
    course_report,
    coverage,
    forecasts,
    lost_rates,
    patch_rates,
    processing_rates,
    real_colour,
    redness_rates,
    repeatability,
)

REPORT = Path(__file__).parent.parent / "docs" / "validation.md"
HEAD = """# Validation

Written by `make validate`. **Every figure is from drawn photos or simulated series, none
from people.**
"""
# In the order in which they build on each other.
CHAPTERS: dict[str, Callable[[], Iterator[str]]] = {
    "Repeatability": repeatability.table,
    "False alarms": course_report.chapter,
    "Forecasts": forecasts.table,
    "Lost patches": lost_rates.table,
    "Patches": patch_rates.table,
    "Redness across lights and skin tones": redness_rates.table,
    "Intervals": coverage.table,
    "The card": card_rates.table,
    "Processing": processing_rates.table,
    "Colour of real scenes": real_colour.table,
}


def main() -> None:
    """Measure, simulate, write."""
    chapters = told(REPORT.read_text("utf-8")) if REPORT.exists() else {}
    for title in sys.argv[1:] or CHAPTERS:
        lines = []
        for line in CHAPTERS[title]():
            print(line, flush=True)
            lines.append(line)
        print(flush=True)
        if lines:
            chapters[title] = "\n".join(lines).strip()
        REPORT.write_text(report(chapters), "utf-8")


def told(text: str) -> dict[str, str]:
    """A report's chapters by title."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].removeprefix("## "): part.strip() for part in parts}


def report(chapters: dict[str, str]) -> str:
    """The whole report; a chapter that nobody can make any more is left out."""
    return "\n\n".join([HEAD.strip(), *(chapters[t] for t in CHAPTERS if t in chapters)]) + "\n"


if __name__ == "__main__":
    main()
