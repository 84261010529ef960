"""What the program says of a dated series as JSON: the document of `follow`. Pure.

The same contract as that of `tracker.documents`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import date

from analysis.arrays import Points
from analysis.identity import KEPT, LOST, NOT_OBSERVABLE
from analysis.series_map import NEW, NOT_YET, SeriesMap
from tracker.change import Reference
from tracker.course import Course
from tracker.documents import SCHEMA, Document
from tracker.findings import Finding, least_fade_per_week
from tracker.segments import Segment
from tracker.words import camera as camera_words
from tracker.words import least_change, verdicts

_LETTERS = {KEPT: "k", LOST: "l", NOT_OBSERVABLE: "-", NEW: "n", NOT_YET: "0"}
_TOLD = {"kept": KEPT, "lost": LOST, "new": NEW, "not_observable": NOT_OBSERVABLE}


def mapped(view: str, photos: Sequence[str], told: SeriesMap, places: Points) -> Document:
    """Every dot's history in one view's photos; `places` (n, 2): the dots in the photo that showed
    them first, full-resolution px.
    """
    return {
        "view": view,
        "photos": [
            {"photo": name, "laid": laid}
            | {word: told.n_in(number, state) for word, state in _TOLD.items()}
            for number, (name, laid) in enumerate(zip(photos, told.laid, strict=True))
        ],
        "dots": {
            "first": told.first.tolist(),
            "x": places[:, 0].round(1).tolist(),
            "y": places[:, 1].round(1).tolist(),
            "history": ["".join(_LETTERS[s] for s in dot) for dot in told.states.T.tolist()],
        },
    }


def followed(
    course: Course, photos: list[Document], comparisons: list[Document], maps: list[Document]
) -> Document:
    """A dated series of one client."""
    plan = course.touch_up
    return {
        "schema": SCHEMA,
        "photos": photos,
        "comparisons": comparisons,
        "maps": maps,
        "series": {
            measurand: [
                {
                    "taken_on": p.taken_on.isoformat(),
                    "view": p.view,
                    "area": p.area,
                    "day": p.day,
                    "value": p.value,
                    "stderr": p.stderr,
                    "expected_low": p.expected.low if p.expected else None,
                    "expected_mid": p.expected.mid if p.expected else None,
                    "expected_high": p.expected.high if p.expected else None,
                    "used": p.used,
                    "compared": p.compared,
                    "camera": camera_words.camera(*astuple(p.camera)),
                }
                for p in points
            ]
            for measurand, points in course.series.items()
        },
        "findings": [_finding(f, course.as_of) for f in course.findings],
        "touch_up": {
            "decision": plan.decision,
            "not_before": plan.not_before.isoformat() if plan.not_before else None,
            "included_until": plan.included_until.isoformat() if plan.included_until else None,
            "reasons": [verdicts.touch_up_reason(r) for r in plan.reasons],
            "zones": _zones(course, photos),
            "hair_moved_back": [
                asdict(moved)
                | {
                    "against": moved.against.isoformat(),
                    "since": moved.since.isoformat(),
                    "sentence": verdicts.hair_moved_back(*astuple(moved), today=course.as_of),
                }
                for moved in course.hair_moved
            ],
        },
        "course": course.verdict,
        "segments": [_segment(s, course.as_of) for s in course.segments],
        "least_changes": [
            _least_change(measurand, view, level)
            for (measurand, view), level in sorted(course.references.items())
            if measurand in least_change.NAMES
        ],
        "settled": _settled(course),
        "forecast": _forecast(course),
        "power": verdicts.least_fade(least_fade_per_week()),
    }


def _segment(told: Segment, as_of: date) -> Document:
    named = camera_words.camera(*astuple(told.camera))
    return {
        "view": told.view,
        "camera": named,
        "first": told.first.isoformat(),
        "last": told.last.isoformat(),
        "photos": told.n_photos,
        "photos_without_camera": told.n_silent,
        "state": told.state,
        "sentence": camera_words.segment(
            named, told.first, told.last, told.state, told.n_silent, as_of
        ),
    }


def _least_change(measurand: str, view: str, level: Reference) -> Document:
    share = level.least_change / abs(level.value)
    return {
        "measurand": measurand,
        "view": view,
        "change": level.least_change,
        "share": share,
        "n_visits": level.n,
        "sentence": least_change.of_client(measurand, level.least_change, share, level.n),
    }


def _settled(course: Course) -> Document:
    told = course.settling
    return {
        "state": told.state,
        "since": told.since.isoformat() if told.since else None,
        "view": told.view,
        "sentence": verdicts.settled(told.state, told.since, course.as_of),
    }


def _forecast(course: Course) -> Document | None:
    told = course.forecast
    if told is None:
        return None
    return {
        "view": told.view,
        "level": told.level,
        "earliest": told.earliest.isoformat(),
        "latest": told.latest.isoformat(),
        "n_visits": told.n_visits,
        "sentence": verdicts.forecast(told.level, told.earliest, told.latest),
    }


def _zones(course: Course, photos: list[Document]) -> list[Document]:
    """Where the newest measured photo has fewer dots, and how many it would take, or paler ones."""
    by_name = {photo["photo"]: photo for photo in photos}
    newest = next((s for s in reversed(course.photos) if s.verdict == "measured"), None)
    patches = by_name[newest.photo.id]["patches"] if newest and newest.photo.id in by_name else []
    names = (
        "kind", "outline", "area_cm2", "relative_darkness", "dots_missing", "dots_missing_stderr",
    )  # fmt: skip
    return [{"photo": newest.photo.id} | {n: p[n] for n in names} for p in patches if newest]


def _finding(finding: Finding, as_of: date) -> Document:
    said = verdicts.finding(finding.topic, finding.level, finding.since, as_of, late=finding.late)
    at = finding.beside
    if at is not None:
        usual = at.usual
        beside = verdicts.beside_usual(
            at.ratio, at.half_width, usual.low, usual.mid, finding.day, late=finding.late
        )
        said = f"{said} {beside}"
    return {
        "kind": finding.kind,
        "about": finding.topic,
        "level": finding.level,
        "since": finding.since.isoformat(),
        "view": finding.view,
        "area": finding.area,
        "sentence": said,
        "beside": asdict(at) if at else None,
        "evidence": list(finding.evidence),
        "false_alarm_rate": finding.false_alarm_rate,
        "false_alarms": verdicts.rate(*finding.rates),
    }
