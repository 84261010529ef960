"""The `follow` verb: a folder of dated photos of one client, without any database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from analysis import pipeline
from analysis.arrays import Points
from analysis.plate import NO_PLATE
from analysis.series_map import series_map
from tracker import dating, documents, hairline, lost, series_document
from tracker.clock import days_since
from tracker.course import Course
from tracker.course import follow as course_of
from tracker.records import DateSource, Photo, PhotoState, Pigment, Treatment
from tracker.segments import camera_of
from tracker.timelapse import Series
from tracker.timeline import Timeline, default_timeline
from tracker.touchup import with_border_loss
from tracker.work import Answer, FileSource, Job, rows_of

_NOBODY = "0" * 32
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def treatment(treated_on: date, area: str) -> Treatment:
    """A treatment told on the command line."""
    return Treatment(_NOBODY, _NOBODY, _NOBODY, treated_on, area)


def jobs(paths: Sequence[Path]) -> list[Job]:
    """What is to be measured."""
    return [Job(str(path), FileSource(path), to_compare=True) for path in paths]


def follow(
    paths: Sequence[Path],
    answers: Sequence[Answer],
    treatments: Sequence[Treatment],
    *,
    as_of: date,
    pigment: Pigment = "permanent",
    hair_loss: bool = False,
) -> tuple[dict[str, Any], list[Series]]:
    """The contract's document of one client's series, as of a day, and its mapped views."""
    timeline = default_timeline()
    states = [_state(p, a, treatments) for p, a in zip(paths, answers, strict=True)]
    measurements = [
        m for a, s in zip(answers, states, strict=True) for m in rows_of(a.document, s.photo.id)
    ]
    by_id = {s.photo.id: a for s, a in zip(states, answers, strict=True)}
    judged = partial(
        course_of, states, measurements, treatments, timeline, as_of=as_of, pigment=pigment
    )  # fmt: skip
    comparisons = _comparisons(judged(), by_id, treatments, timeline)
    course = judged(
        lost_seen=lost.seen(comparisons, states),
        hair_seen=hairline.seen(comparisons, states, timeline),
    )
    if hair_loss:
        course = replace(course, touch_up=with_border_loss(course.touch_up))
    views = _views(course, by_id)
    document = series_document.followed(
        course,
        [a.document for a in answers],
        comparisons,
        [series_document.mapped(v.view, v.photos, v.told, _places(v)) for v in views],
    )
    return document, views


def _state(path: Path, answer: Answer, treatments: Sequence[Treatment]) -> PhotoState:
    document = answer.document
    taken_on, source = _date_of(path.name, document["taken_at"])
    photo = Photo(
        id=str(path), practice_id=_NOBODY, client_id=_NOBODY, view=dating.named_view(path.name),
        name=path.name, format="", n_bytes=0, received_sha256="", stored_sha256="",
        taken_on=taken_on, taken_at=document["taken_at"], date_source=source,
        date_confirmed=False, received_at=_LONG_AGO,
    )  # fmt: skip
    day = days_since(treatments, taken_on, photo.view) if taken_on else None
    codes = tuple(reason["code"] for reason in document["reasons"])
    flags = tuple(document["flags"])
    camera = camera_of(document["camera"])
    return PhotoState(photo, day, document["verdict"], document["level"], codes, flags, camera)


def _date_of(name: str, taken_at: str | None) -> tuple[date | None, DateSource]:
    if taken_at and (taken_on := date.fromisoformat(taken_at[:10])) >= dating.EARLIEST:
        return taken_on, "exif"
    named = dating.named_date(name)
    return (named, "name") if named else (None, "none")


def _comparisons(
    course: Course, answers: dict[str, Answer], treatments: Sequence[Treatment], timeline: Timeline
) -> list[dict[str, Any]]:
    """Each view's photos since the last treatment against its first settled one, or its first; and
    what lost patches are looked for in.
    """
    wanted: list[tuple[PhotoState, PhotoState]] = []
    for view in sorted({s.photo.view for s in course.photos}):
        series = [s for s in course.photos if s.photo.view == view and _current(s, course)]
        measured = [s for s in series if answers[s.photo.id].measurement]
        if measured:
            baseline = (measured[0], *lost.baselines_of(measured, timeline))[-1]
            wanted += [(baseline, s) for s in series if s is not baseline]
    pairs = lost.pairs(course.photos, treatments, timeline, as_of=course.as_of)
    wanted += [pair for pair in pairs if pair not in wanted]
    return [
        documents.compared(
            before.photo.id,
            after.photo.id,
            pipeline.compare(
                answers[before.photo.id].measurement, answers[after.photo.id].measurement
            ),
        )
        for before, after in wanted
    ]


def _views(course: Course, answers: dict[str, Answer]) -> list[Series]:
    """Each view's dated photos in one map, treatments in between as well."""
    found = []
    for view in sorted({s.photo.view for s in course.photos}):
        photos = [s.photo for s in course.photos if s.photo.view == view]
        dated = [(photo.id, photo.taken_on) for photo in photos if photo.taken_on]
        measured = [answers[name].measurement for name, _ in dated]
        plates = [m.plate if m else NO_PLATE for m in measured]
        told = series_map(plates)
        if told.maps:
            names, days = zip(*dated, strict=True)
            found.append(Series(view, names, days, plates, told))
    return found


def _places(series: Series) -> Points:
    """Where each dot (n, 2) lies in the photo that shows it first, full-resolution px."""
    told = series.told
    places = told.xy.copy()
    for photo in np.unique(told.first):
        of = told.first == photo
        places[of] = series.plates[photo].in_photo(told.xy[of])
    return places


def _current(state: PhotoState, course: Course) -> bool:
    """Taken since the last treatment."""
    if course.day is None or state.photo.taken_on is None:
        return False
    return (course.as_of - state.photo.taken_on).days <= course.day
