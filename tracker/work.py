"""Measure photos: in fenced worker processes, for the store or for the command line.

What waits to be measured is a query: crash recovery, a new analysis version and the normal way
are the same code. Workers never open the database; they return values, the parent writes.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from analysis import pipeline
from analysis.arrays import Mask
from analysis.decode import Decoded, Header, PhotoRejected, decode, read_header
from analysis.pipeline import ANALYSIS_VERSION, PhotoMeasurement
from analysis.scale import given
from tracker import documents, files, overlay, previews
from tracker.archive import Archive
from tracker.errors import Refused
from tracker.fence import limits, run_all
from tracker.originals import Originals
from tracker.records import Measurement, Outcome, Photo, System
from tracker.store import measurements as store_measurements

LOG = logging.getLogger(__name__)
VERSION = str(ANALYSIS_VERSION)
MEASURING = System("measuring")
_GIB = 1024**3
_BATCH = 200
_LEAST_REGION_PX = 10_000


class Source(Protocol):
    """Where a worker reads a photo's bytes from."""

    def read(self) -> bytes:
        """The bytes, or OSError."""


@dataclass(frozen=True)
class Job:
    """One photo to measure: its name for the document, its source and what is known beside it."""

    name: str
    source: Source
    px_per_mm: float | None = None
    outline: tuple[tuple[float, float], ...] | None = None
    with_dots: bool = False
    with_views: bool = False
    with_overlay: bool = False
    to_compare: bool = False


@dataclass(frozen=True)
class Answer:
    """What a worker returns: the contract's document, the measurement for comparing, pictures."""

    document: dict[str, Any]
    measurement: PhotoMeasurement | None = None
    views: dict[previews.Size, bytes] = field(default_factory=dict)
    overlay: bytes | None = None


def measure_job(job: Job) -> Answer:
    """Decode and measure one photo; every failing of the photo becomes a document."""
    try:
        data = job.source.read()
    except OSError:
        return Answer(documents.refused(job.name, None, "not-readable", with_dots=job.with_dots))
    sha256 = hashlib.sha256(data).hexdigest()
    header: Header | None = None
    views: dict[previews.Size, bytes] = {}
    try:
        header = read_header(data)
        with limits(2 * _GIB, cpu_s=10, wall_s=30):
            photo = decode(data)
            views = previews.encode(photo.srgb_u8) if job.with_views else {}
        with limits(4 * _GIB, cpu_s=60, wall_s=180):
            measurement = _measured(job, photo)
    except PhotoRejected as rejected:
        document = documents.refused(
            job.name, sha256, rejected.code, header, with_dots=job.with_dots
        )
        return Answer(document, views=views)
    document = documents.measured(
        job.name, sha256, photo.header, measurement, with_dots=job.with_dots
    )
    drawn = overlay.draw(photo.srgb_u8, measurement) if job.with_overlay else None
    return Answer(document, measurement, views, drawn)


def _measured(job: Job, photo: Decoded) -> PhotoMeasurement:
    if photo.colour == "unsure":
        raise PhotoRejected("colours-unknown")
    scale = given(job.px_per_mm) if job.px_per_mm else None
    drawn = _drawn(job.outline, photo.srgb_u8.shape) if job.outline else None
    if drawn is not None and drawn.sum() < _LEAST_REGION_PX:
        raise PhotoRejected("region-outside")
    return pipeline.measure(
        photo.srgb_u8,
        scale=scale,
        drawn=drawn,
        is_grey=photo.is_grey,
        mode=photo.header.mode,
        outlined=job.with_overlay,
        comparable=job.to_compare,
    )


def measure_all(jobs: Sequence[Job], *, n_workers: int) -> Iterator[tuple[Job, Answer]]:
    """Measure photos as answers come; one that kills its worker twice is refused, not the rest."""
    for outcome in run_all(measure_job, jobs, n_workers=n_workers):
        if outcome.answer is not None:
            yield outcome.task, outcome.answer
        else:
            code = "took-too-long" if outcome.killed else "not-measured"
            document = documents.refused(
                outcome.task.name, None, code, with_dots=outcome.task.with_dots
            )
            yield outcome.task, Answer(document)


def measure_pending(
    archive: Archive,
    *,
    n_workers: int,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[], None] = lambda: None,
) -> int:
    """Measure every photo that lacks an outcome of this version; returns how many.

    `told` is called after each; when `stopped` says so, the rest waits for another time.
    """
    n_done = 0
    failed: set[str] = set()
    while not stopped():
        waiting = store_measurements.pending(
            archive.store, MEASURING, VERSION, limit=_BATCH, but=failed
        )
        if not waiting:
            break
        by_id = {photo.id: photo for photo in waiting}
        jobs = [
            Job(photo.id, Original(archive.originals, photo), with_views=True) for photo in waiting
        ]
        for job, answer in measure_all(jobs, n_workers=n_workers):
            if _kept(archive, by_id[job.name], answer):
                n_done += 1
            else:
                failed.add(job.name)
            told()
            if stopped():
                break
    return n_done


def _kept(archive: Archive, photo: Photo, answer: Answer) -> bool:
    """Keep an answer; False leaves the photo waiting, for another round, and the rest go on."""
    if any(reason["code"] == "not-readable" for reason in answer.document["reasons"]):
        LOG.error("the original of photo %s cannot be read", photo.id)
        return False
    try:
        _keep(archive, photo, answer)
    except (OSError, Refused):
        LOG.exception("what was measured in photo %s was not kept", photo.id)
        return False
    return True


def rows_of(document: dict[str, Any], photo_id: str) -> list[Measurement]:
    """A photo document's numbers as the store and the course take them."""
    return [
        Measurement(
            photo_id=photo_id,
            baseline_id=None,
            measurand=row["measurand"],
            version=VERSION,
            value=row["value"],
            stderr=row["stderr"],
            flags=tuple(row["flags"]),
        )
        for row in document["measurements"]
    ]


def _keep(archive: Archive, photo: Photo, answer: Answer) -> None:
    previews.keep(archive.folder, photo, answer.views)
    document = answer.document
    outcome = Outcome(photo.id, None, VERSION, document["verdict"], document)
    store_measurements.add_outcome(archive.store, MEASURING, outcome, rows_of(document, photo.id))


@dataclass(frozen=True)
class FileSource:
    """A photo in a file."""

    path: Path

    def read(self) -> bytes:
        """The file's bytes."""
        return files.read(self.path)


@dataclass(frozen=True)
class Original:
    """A photo that was kept."""

    originals: Originals
    photo: Photo

    def read(self) -> bytes:
        """The bytes as they were kept."""
        try:
            return self.originals.read(self.photo.client_id, self.photo.stored_sha256)
        except Refused as error:
            raise OSError(str(error)) from error


def _drawn(outline: tuple[tuple[float, float], ...], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape[:2], dtype=np.uint8)
    cv2.fillPoly(mask, [np.rint(np.array(outline)).astype(np.int32)], 1)
    return np.asarray(mask > 0)
