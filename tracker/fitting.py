"""Two photos of one client fitted together for the slider, in a fenced worker, and kept.

Photos are fitted when somebody asks for the two; what was told stays as the outcome of the pair.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from analysis import pipeline
from analysis.aligned import aligned
from analysis.pipeline import PairMeasurement, PhotoMeasurement
from tracker import documents, previews, work
from tracker.archive import Archive
from tracker.fence import limits, run_all
from tracker.records import Actor, Fit, Outcome, Photo
from tracker.store import measurements as store_measurements
from tracker.work import MEASURING, VERSION, Job, Source

LOG = logging.getLogger(__name__)
_GIB = 1024**3


@dataclass(frozen=True)
class Pair:
    """A photo and the one it is to be laid on, of the same client."""

    photo: Photo
    on: Photo


@dataclass(frozen=True)
class PairJob:
    """What a worker needs of both; names are those of the document."""

    name: str
    source: Source
    on_name: str
    on_source: Source


@dataclass(frozen=True)
class PairAnswer:
    """What a worker returns; no view for photos that do not fit, no document for unread ones."""

    document: dict[str, Any] | None
    view: bytes | None = None


def fit_job(job: PairJob) -> PairAnswer:
    """Decode, measure and compare two photos."""
    sources = (job.on_name, job.on_source), (job.name, job.source)
    answers = [work.measure_job(Job(name, source, to_compare=True)) for name, source in sources]
    if any(r["code"] == "not-readable" for a in answers for r in a.document["reasons"]):
        return PairAnswer(None)
    before, after = (answer.measurement for answer in answers)
    with limits(4 * _GIB, cpu_s=60, wall_s=180):
        pair = pipeline.compare(before, after)
        document = documents.compared(job.on_name, job.name, pair)
        return PairAnswer(document, _view(pair, before) if before else None)


def _view(pair: PairMeasurement, baseline: PhotoMeasurement) -> bytes | None:
    """The photo in the frame and the size of the view of the one it is laid on."""
    change = pair.change
    if change is None:
        return None
    laid, _ = aligned(change.followup.srgb_u8, change.registration, change.baseline.frame)
    width, height = baseline.width_px, baseline.height_px
    factor = min(1.0, previews.SIDES_PX["large"] / max(width, height))
    return previews.encode_at(laid, (round(width * factor), round(height * factor)))


def fit(archive: Archive, pair: Pair) -> None:
    """Fit two photos together and keep what came of it; unread ones wait for another time."""
    originals = (work.Original(archive.originals, photo) for photo in (pair.photo, pair.on))
    source, on_source = originals
    job = PairJob(pair.photo.id, source, pair.on.id, on_source)
    for ended in run_all(fit_job, [job], n_workers=1):
        answer = ended.answer or PairAnswer(
            documents.compared(pair.on.id, pair.photo.id, pipeline.compare(None, None))
        )
        if answer.document is None:
            LOG.error("an original of photos %s and %s cannot be read", pair.photo.id, pair.on.id)
            continue
        if answer.view is not None:
            previews.keep_laid(archive.folder, pair.photo, pair.on, answer.view)
        verdict = "measured" if answer.view is not None else "refused"
        outcome = Outcome(pair.photo.id, pair.on.id, VERSION, verdict, answer.document)
        store_measurements.add_outcome(archive.store, MEASURING, outcome, [])


def told(archive: Archive, actor: Actor, pair: Pair) -> Fit:
    """What has come of two photos so far."""
    known = store_measurements.outcomes(archive.store, actor, pair.photo.client_id)
    wanted = (pair.photo.id, pair.on.id, VERSION)
    verdicts = [o.verdict for o in known if (o.photo_id, o.baseline_id, o.version) == wanted]
    if "refused" in verdicts:
        return "apart"
    laid = verdicts and previews.has_laid(archive.folder, pair.photo, pair.on)
    return "laid" if laid else "waiting"
