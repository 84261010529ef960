"""The command that trains the dot detector: what it teaches, and that it learns."""

import numpy as np
import pytest

from analysis import candidates
from analysis.candidates import N_LOOKS, PATCH_SIDE
from benchmarks import train
from benchmarks.train import Examples
from benchmarks.training_photos import calibration_photos, strokes, training_photos


def discs(n: int, seed: int) -> Examples:
    """Patches with a dark disc off the middle, or with noise alone."""
    rng = np.random.default_rng(seed)
    looks = rng.normal(0, 0.3, (n, N_LOOKS)).astype(np.float32)
    is_dot = (rng.random(n) < 0.5).astype(np.float32)
    offset = rng.uniform(-0.3, 0.3, (n, 2)).astype(np.float32)
    axis = (np.arange(PATCH_SIDE) - PATCH_SIDE // 2) * 0.25
    far = np.hypot(axis - offset[:, :1, None], axis[:, None] - offset[:, 1:, None])
    looks[:, : PATCH_SIDE**2] += is_dot[:, None] * (far < 0.5).reshape(n, -1)
    return Examples(looks, is_dot, offset * is_dot[:, None], np.zeros(n, np.float32))


def test_a_network_learns_what_a_dot_is_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "EPOCHS", 8)
    monkeypatch.setattr(train, "BATCH", 256)
    net = train.calibrated(train.train(discs(6000, 1)), [discs(2000, 2)])
    held = discs(2000, 3)
    verdicts = net.judge(held.looks)
    assert np.mean((verdicts.confidence > 0.5) == (held.is_dot > 0)) > 0.97
    dot = held.is_dot > 0
    assert np.abs(verdicts.dx[dot] - held.offset[dot, 0]).mean() < 0.08
    real = np.median(np.abs(verdicts.dy[dot] - held.offset[dot, 1])) / 0.6745
    assert np.median(verdicts.position_stderr[dot]) == pytest.approx(real, rel=0.3)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_offsets_turn_with_their_patches(quarters: int, mirrored: bool) -> None:
    taught = discs(200, 4)
    turned = train._turned(taught, np.arange(200), quarters, mirrored)
    axis = (np.arange(PATCH_SIDE) - PATCH_SIDE // 2) * 0.25
    patch = turned.looks[:, : PATCH_SIDE**2].reshape(-1, PATCH_SIDE, PATCH_SIDE)
    far = np.hypot(axis - turned.offset[:, :1, None], axis[:, None] - turned.offset[:, 1:, None])
    dot = turned.is_dot > 0
    assert patch[dot][far[dot] < 0.5].mean() > 0.9
    assert abs(patch[dot][far[dot] > 0.6].mean()) < 0.1


def test_photos_teach_dots_where_they_are() -> None:
    photo = next(p for p in training_photos(3) if len(p.photo.truth.dots.ids) > 300)
    taught = train.examples(photo, 0.0, np.random.default_rng(0))
    assert taught is not None
    assert 0.05 < taught.is_dot.mean() < 0.9
    dot = taught.is_dot > 0
    assert np.abs(taught.offset[dot]).max() < 1
    assert np.isfinite(taught.looks).all()


def test_photos_are_the_same_each_time_and_never_scored_on() -> None:
    first, again = (next(iter(training_photos(1))).photo.srgb_u8 for _ in range(2))
    assert np.array_equal(first, again)
    other = next(iter(calibration_photos(1))).photo.srgb_u8
    assert other.dtype == np.uint8


def test_strokes_stretch_what_was_round() -> None:
    photo = next(
        p for p in training_photos(6) if len(p.photo.truth.dots.ids) > 1000 and not p.merged
    )
    size = float(np.median(photo.photo.truth.dots.diameter_px))
    stretch = []
    for pixels in (
        photo.photo.srgb_u8,
        strokes(photo.photo.srgb_u8, size, np.random.default_rng(1)),
    ):
        od = train.colour.luminous_density(pixels)
        peaks = candidates.find(od, size)
        stretch.append(np.median(peaks.elongation[peaks.coarse > peaks.strong / 2]))
    assert stretch[1] > 1.3 * stretch[0]
