"""The picture a practitioner checks: what is drawn where."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from analysis import pipeline
from analysis.arrays import Pixels
from analysis.dots import Dots
from analysis.outlines import Outlines, outlines_of, smooth_outlines_of
from tracker import overlay

BOX = [[300.0, 200.0], [900.0, 200.0], [900.0, 700.0], [300.0, 700.0]]


def measurement() -> pipeline.PhotoMeasurement:
    """A refused photo's, dressed with dots and areas as of a measured one."""
    refused = pipeline.measure(np.full((900, 1200, 3), 128, dtype=np.uint8))
    n = 3
    dots = Dots(
        x=np.array([400.0, 600.0, 800.0]),
        y=np.full(n, 400.0),
        diameter_px=np.full(n, 10.0),
        contrast=np.full(n, 0.3),
        confidence=np.array([0.95, 0.8, 0.6]),
        position_stderr_px=np.full(n, 0.2),
        elongation=np.full(n, 1.2),
        double_angle=np.zeros(n),
    )
    areas = Outlines(treated=[BOX], reference=[], glare=[BOX], thin=[])
    return replace(refused, refusal=None, level="dot", dots=dots, outlines=areas)


def drawn(shade: int, measured: pipeline.PhotoMeasurement) -> Pixels:
    photo = np.full((900, 1200, 3), shade, dtype=np.uint8)
    jpeg = np.frombuffer(overlay.draw(photo, measured), np.uint8)
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1], dtype=np.uint8)


@pytest.mark.parametrize("shade", [70, 190])
def test_marks_show_on_dark_and_light_skin(shade: int) -> None:
    picture = drawn(shade, measurement()).astype(int)
    outline = picture[195:206, 600]
    assert np.ptp(outline.mean(axis=1)) > 100
    sure, fair, unsure = (picture[385:416, x - 15 : x + 16].reshape(-1, 3) for x in (400, 600, 800))
    assert (sure[:, 2] - sure[:, 0]).max() > 60
    assert (fair[:, 1] - fair[:, 2]).max() > 80
    assert (unsure[:, 0] - unsure[:, 2]).max() > 120


def test_pale_places_are_outlined_by_dashes() -> None:
    pale = replace(measurement(), outlines=Outlines(pale=[BOX]))
    top = drawn(128, pale)[195:206, 310:890].astype(int)
    pink = (top[..., 0] - top[..., 1]).max(axis=0) > 80
    assert 0.3 < pink.mean() < 0.8
    assert (np.diff(pink.astype(int)) == 1).sum() > 5


def test_a_legend_stands_below_and_grows_with_the_photo() -> None:
    picture = drawn(128, measurement())
    assert picture.shape[1] == 1200
    assert 940 < picture.shape[0] < 1050
    assert (picture[-60:].max(axis=2) > 200).any()


def test_a_refused_photo_says_why() -> None:
    refused = replace(measurement(), refusal="glare", level=None, outlines=Outlines())
    assert drawn(128, replace(refused, dots=refused.dots.only(np.zeros(3, dtype=bool)))).size


def test_outlines_have_every_piece_and_hole_and_follow_the_mask() -> None:
    mask = np.zeros((200, 200), dtype=bool)
    mask[20:80, 20:80] = mask[100:180, 100:180] = True
    mask[120:160, 120:160] = False
    rings = outlines_of(mask, 2.0)
    assert len(rings) == 3
    assert max(x for ring in rings for x, _ in ring) == pytest.approx(2 * 179.5 - 0.5)
    (circle,) = smooth_outlines_of(mask[:90, :90], 10.0)
    assert len(circle) > 4
    assert smooth_outlines_of(np.zeros((5, 5), dtype=bool), 10.0) == []
