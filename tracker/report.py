"""A client's course on paper: verdict, findings with their rates, touch-up plan, every number."""

from __future__ import annotations

from typing import Any

from tracker.paper import Paper
from tracker.words import report as words

_WIDTHS = (22, 34, 12, 34, 40)


def pdf(document: dict[str, Any], *, as_of: str) -> bytes:
    """The PDF of a `follow` document."""
    page = Paper(words.TITLE)
    page.heading(words.TITLE, 18)
    page.text(words.as_of(as_of, document["course"]))
    page.heading(words.FINDINGS)
    for finding in document["findings"] or [None]:
        page.text(words.finding(finding) if finding else words.NO_FINDINGS)
    for line in words.limits(document):
        page.text(line)
    page.heading(words.TOUCH_UP)
    page.text(words.touch_up(document["touch_up"]))
    for measurand, points in document["series"].items():
        page.heading(words.measurand(measurand), 12)
        page.table((words.COLUMNS, *(words.row(point) for point in points)), _WIDTHS)
    refused = [p for p in document["photos"] if p["verdict"] == "refused"]
    if refused:
        page.heading(words.NOT_MEASURED)
        for photo in refused:
            page.text(f"{photo['photo']}: {photo['reasons'][0]['sentence']}")
    page.text(words.CAVEAT)
    return page.data()
