"""Measuring what waits: from the row to stored numbers, whatever is wrong with a photo."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.measurands import PHOTO_MEASURANDS
from tests.store.makers import SYSTEM, make_client, make_practice
from tests.test_intake import jpeg
from tracker import intake, previews, work
from tracker.archive import Archive
from tracker.records import Photo
from tracker.store import clients, measurements, photos
from tracker.work import VERSION

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One drawn photo of a size that is measured."""
    from PIL import Image

    from analysis.phantom import PhoneOptics, Pose, Recipe, Story, draw_scalp, photograph, state_on

    scalp = draw_scalp(Recipe(seed=77))
    pose = Pose(1100, 825, 15, 44, 0, 220)
    photo = photograph(scalp, state_on(scalp, Story(), 1), pose, PhoneOptics(), seed=1)
    path = tmp_path_factory.mktemp("drawn") / "2026-05-03 hairline close-up.jpg"
    Image.fromarray(photo.srgb_u8).save(path, quality=90)
    return path


def test_pending_photos_are_measured_once_and_refused_with_reason(
    tmp_path: Path, drawn: Path
) -> None:
    with Archive.open(tmp_path) as archive:
        practice = make_practice()
        clients.add_practice(archive.store, SYSTEM, practice)
        client = make_client(practice.id)
        clients.add_client(archive.store, SYSTEM, client)

        def send(data: bytes, name: str) -> Photo:
            return intake.accept(
                archive, SYSTEM, client.id, data, name=name, view="top", now=NOW
            ).photo

        good = send(drawn.read_bytes(), drawn.name)
        small = send(jpeg(), "small.jpg")
        lost = send(jpeg(shade=41), "lost.jpg")
        archive.originals.delete(client.id, lost.stored_sha256)
        before = measurements.progress(archive.store, SYSTEM, practice.id, VERSION)
        assert (before.measured, before.total) == (0, 3)
        assert work.measure_pending(archive, n_workers=1) == 2
        # One whose original is gone waits on without holding up the rest, and heals when sent anew.
        assert work.measure_pending(archive, n_workers=1) == 0
        assert not measurements.outcomes(archive.store, SYSTEM, client.id)[2:]
        send(jpeg(shade=41), "lost.jpg")
        assert work.measure_pending(archive, n_workers=1) == 1
        found = {o.photo_id: o for o in measurements.outcomes(archive.store, SYSTEM, client.id)}
        assert found[good.id].verdict == "measured"
        assert found[small.id].document["reasons"][0]["code"] == "too-small"
        assert found[lost.id].document["reasons"][0]["code"] == "too-small"
        assert len(photos.photos(archive.store, SYSTEM, client.id)) == 3
        rows = measurements.series(archive.store, SYSTEM, client.id, "top")
        assert len(rows) == 3 * len(PHOTO_MEASURANDS)
        redness = [r for r in rows if r.photo_id == good.id and r.measurand == "redness_index"]
        assert redness[0].value is not None
        large = previews.read(archive.folder, good, "large")
        assert large is not None
        assert b"Exif" not in large


def test_a_hostile_photo_is_refused_and_the_others_are_measured(
    tmp_path: Path, drawn: Path
) -> None:
    truncated = tmp_path / "cut.jpg"
    truncated.write_bytes(drawn.read_bytes()[:20_000])
    text = tmp_path / "text.jpg"
    text.write_text("no photo")
    jobs = [
        work.Job(str(p), work.FileSource(p)) for p in (truncated, drawn, text, tmp_path / "gone")
    ]
    answers = {job.name: a.document for job, a in work.measure_all(jobs, n_workers=2)}
    verdicts = {Path(n).name: d["verdict"] for n, d in answers.items()}
    assert verdicts == {
        "cut.jpg": "refused", drawn.name: "measured", "text.jpg": "refused", "gone": "refused",
    }  # fmt: skip
    for document in answers.values():
        assert json.loads(json.dumps(document)) == document
        assert (document["verdict"] == "refused") == (document["level"] is None)
        assert all(r["sentence"] for r in document["reasons"])
