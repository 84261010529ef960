"""Light of dots whose picture is no blurred disc: lenses with wings, sharpening."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from analysis.effective import whole_over
from analysis.forced import Profile, fit
from analysis.plate import NO_PLATE, Plate

SIDE, SPACING, SIZE_PX, DISC_PX, BLUR_PX, SKIN, FLUX = 360, 14, 6.5, 5.0, 1.0, 0.5, 7.0


def places() -> np.ndarray:
    """Dots (n, 2) on a shaken grid."""
    grid = np.arange(SPACING, SIDE - SPACING, SPACING, dtype=float)
    xy = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    return xy + np.random.default_rng(1).uniform(-2, 2, xy.shape)


def photo(wings: float, sharpening: float) -> Plate:
    """A plate of dots of one flux under a lens that sends a share of the light far off."""
    y, x = np.indices((SIDE, SIDE))
    sharp = Profile.of(DISC_PX, 0.3, SIZE_PX)
    taken = np.zeros((SIDE, SIDE), dtype=np.float32)
    for left, top in places():
        taken += (FLUX * sharp(np.hypot(x - left, y - top))).astype(np.float32)
    core, far = (cv2.GaussianBlur(taken, (0, 0), sigma) for sigma in (0.95, 2.5))
    taken = (1 - wings) * core + wings * far
    taken += sharpening * (taken - cv2.GaussianBlur(taken, (0, 0), 1.2))
    plate = replace(NO_PLATE, size_px=SIZE_PX, srgb_u8=np.zeros((SIDE, SIDE, 3), np.uint8))
    plate.__dict__["light"] = np.asarray(SKIN * (1 - taken), dtype=np.float32)
    return plate


@pytest.mark.parametrize(("wings", "sharpening"), [(0.2, 0.0), (0.0, 0.5), (0.1, 0.5)])
def test_light_is_whole_whatever_the_lens_makes_of_dots(wings: float, sharpening: float) -> None:
    plain, bent = photo(0, 0), photo(wings, sharpening)
    profile = Profile.of(DISC_PX, BLUR_PX, SIZE_PX)
    told, whole = [], []
    for plate in (plain, bent):
        fitted = fit(plate.light, places(), profile, SIZE_PX)
        inner = np.min([places(), SIDE - places()], axis=(0, 2)) > 3 * SPACING
        told.append(fitted.flux[inner].mean())
        whole.append(told[-1] * whole_over(fitted, inner, plate, profile))
    assert whole[0] == pytest.approx(FLUX, rel=0.02)
    off, still_off = (abs(v[1] / v[0] - 1) for v in (told, whole))
    assert off > 0.03
    assert still_off < 0.5 * off


def test_without_dots_in_the_frame_nothing_is_added() -> None:
    plate = photo(0, 0)
    profile = Profile.of(DISC_PX, BLUR_PX, SIZE_PX)
    fitted = fit(plate.light, places(), profile, SIZE_PX)
    nobody = np.zeros(len(places()), dtype=bool)
    assert whole_over(fitted, nobody, plate, profile) == 1.0


def test_a_profile_is_told_again_as_it_is_corrected() -> None:
    """What a wider dot's picture has beyond a narrower profile makes that profile wider."""
    narrow, wide = (Profile.of(DISC_PX, blur, SIZE_PX) for blur in (0.8, 1.3))
    grid = np.arange(-narrow.reach_px, narrow.reach_px + 1)
    far = np.hypot(grid[:, None], grid[None, :])
    corrected = narrow.corrected(wide(far) - narrow(far))
    at = np.linspace(0, 6, 25)
    assert corrected(at) == pytest.approx(wide(at), abs=0.06 * wide(np.zeros(1))[0])
