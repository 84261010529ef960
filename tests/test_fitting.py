"""Two photos fitted together for the slider: in a worker, kept, and only for who may see both."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.store.makers import SYSTEM, keep_client
from tracker import fitting, intake, previews
from tracker.archive import Archive
from tracker.fitting import Pair, told
from tracker.records import Photo
from tracker.store import measurements
from tracker.web.house import Worker

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def drawn(seed: int, turn_deg: float) -> bytes:
    from analysis.phantom import PhoneOptics, Pose, Recipe, Story, draw_scalp, photograph, state_on

    scalp = draw_scalp(Recipe(seed=seed))
    pose = Pose(1100, 825, 15, 44, turn_deg, 220)
    photo = photograph(scalp, state_on(scalp, Story(), 30), pose, PhoneOptics(), seed=1)
    out = io.BytesIO()
    Image.fromarray(photo.srgb_u8).save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.open(tmp_path_factory.mktemp("fitting") / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def photos(archive: Archive) -> list[Photo]:
    """Two of one scalp, then one of another."""
    client = keep_client(archive.store)
    return [
        intake.accept(
            archive, SYSTEM, client.id, drawn(seed, turn), name="a.jpg", view="top", now=NOW
        ).photo
        for seed, turn in ((77, 0), (77, 12), (78, 0))
    ]


def laid(archive: Archive, pair: Pair) -> Pair:
    """A pair that is laid on each other, by this test or one before it."""
    if told(archive, SYSTEM, pair) == "waiting":
        fitting.fit(archive, pair)
    return pair


def picture(data: bytes | None) -> np.ndarray:
    assert data
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE).astype(float)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """How much fine detail two pictures share, in the middle of both."""
    fine = [p - cv2.GaussianBlur(p, (0, 0), 4) for p in (one, other)]
    height, width = one.shape
    parts = [f[height // 3 : -height // 3, width // 3 : -width // 3].ravel() for f in fine]
    return float(np.corrcoef(*parts)[0, 1])


def test_photos_of_one_scalp_come_to_lie_on_each_other(
    archive: Archive, photos: list[Photo]
) -> None:
    first, second, _ = photos
    pair = Pair(second, first)
    assert told(archive, SYSTEM, pair) == "waiting"
    fitting.fit(archive, pair)
    assert told(archive, SYSTEM, pair) == "laid"
    assert told(archive, SYSTEM, Pair(first, second)) == "waiting"
    data = previews.read_laid(archive.folder, second, first)
    assert data
    assert b"Exif" not in data
    on_first = picture(data)
    before, after = (
        cv2.imdecode(
            np.frombuffer(archive.originals.read(p.client_id, p.stored_sha256), np.uint8), 0
        )
        for p in (first, second)
    )
    assert on_first.shape == before.shape
    assert alike(on_first, before.astype(float)) > 0.6
    assert alike(after.astype(float), before.astype(float)) < 0.2
    (kept,) = measurements.outcomes(archive.store, SYSTEM, first.client_id)
    assert kept.document["registration"]["accepted"] is True


def test_a_view_that_went_is_made_again(archive: Archive, photos: list[Photo]) -> None:
    first, second, _ = photos
    pair = laid(archive, Pair(second, first))
    (view,) = Path(archive.folder).rglob("on-*.jpg")
    view.unlink()
    assert told(archive, SYSTEM, pair) == "waiting"
    fitting.fit(archive, pair)
    assert told(archive, SYSTEM, pair) == "laid"


def test_photos_of_two_scalps_stay_apart(archive: Archive, photos: list[Photo]) -> None:
    pair = Pair(photos[2], photos[0])
    fitting.fit(archive, pair)
    assert told(archive, SYSTEM, pair) == "apart"
    assert previews.read_laid(archive.folder, photos[2], photos[0]) is None


def test_the_worker_fits_what_was_asked_for_last(archive: Archive, photos: list[Photo]) -> None:
    first, second, third = photos
    known = laid(archive, Pair(second, first))
    worker = Worker(archive)
    fitted: list[Pair] = []
    with patch("tracker.fitting.fit", lambda _, pair: fitted.append(pair)):
        for wanted in (Pair(second, first), Pair(first, third), Pair(first, second)):
            worker.fit(wanted)
        worker.fit_wanted()
        worker.fit_wanted()
        worker.fit(known)
        worker.fit_wanted()
    assert fitted == [Pair(first, second)]


def test_photos_that_cannot_be_read_wait(archive: Archive, photos: list[Photo]) -> None:
    gone = photos[2]
    archive.originals.delete(gone.client_id, gone.stored_sha256)
    pair = Pair(gone, photos[1])
    fitting.fit(archive, pair)
    assert told(archive, SYSTEM, pair) == "waiting"
