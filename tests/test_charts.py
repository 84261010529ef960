"""Charts: drawn inside their box, said in words, without a number where there is none."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tracker.charts import Chart, Mark, alt, as_table, band_days, draw, last_day
from tracker.strip import stage_strip
from tracker.timeline import default_timeline

ZERO = date(2026, 5, 1)
TIMELINE = default_timeline()


def made(today: int, days: tuple[int, ...] = (), value: float = 1.0, stderr: float = 0.02) -> Chart:
    marks = [Mark(d, ZERO + timedelta(days=d), value, stderr, TIMELINE.contrast(d)) for d in days]
    found = ((d, TIMELINE.contrast(d)) for d in band_days(last_day(today)))
    band = tuple((d, b) for d, b in found if b)
    return Chart("Verdict.", today, "Caption", tuple(marks), band, 28, (35,), (-14, 0))


@pytest.mark.parametrize("today", [0, 1, 5, 12, 27, 61, 90, 300, 1000, 1900])
@pytest.mark.parametrize("width", [326, 610])
def test_nothing_leaves_the_box(today: int, width: int) -> None:
    svg = draw(made(today, tuple(d for d in (0, 7, 28, 61) if d <= today)), width, 262)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    numbers = [
        (float(x), float(y))
        for e in root.iter()
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", e.get("points", ""))
    ]
    assert all(-1 <= x <= width + 1 and -1 <= y <= 263 for x, y in numbers)


def test_labels_of_days_do_not_touch() -> None:
    for today in range(0, 400, 7):
        svg = draw(made(today), 326, 262)
        found = re.findall(r'<text x="([\d.]+)" y="236.0" text-anchor="middle">', svg)
        places = sorted(float(x) for x in found)
        assert all(b - a >= 29 for a, b in pairwise(places))


def test_words_say_verdict_values_and_refusals() -> None:
    said = alt(made(61, (28, 61)))
    assert said.startswith("Verdict. Caption. day 28: 1.00, give or take 0.04")
    assert "could not be measured: day 35" in said


def test_ring_only_beyond_noise() -> None:
    near, far = made(61, (61,), 0.85, 0.0447), made(61, (61,), 0.6, 0.0447)
    assert 'class="out"' not in draw(near, 326, 262)
    assert 'class="out"' in draw(far, 326, 262)
    assert "outside the band" in alt(far)


def test_table_is_the_chart() -> None:
    assert as_table(made(61, (61,)))[0][:3] == ("61", "1 July", "1.00")


def test_words_are_escaped() -> None:
    chart = Chart('<b>"x"</b>', 3, "Caption")
    assert "<b>" not in draw(chart, 326, 262)
    ET.fromstring(draw(chart, 326, 262))


def test_strip_names_stage_and_day() -> None:
    for day in (0, 3, 7, 12, 28, 42, 61):
        root = ET.fromstring(stage_strip(day, TIMELINE, 326))
        assert f"day {day}" in str(root.get("aria-label"))
