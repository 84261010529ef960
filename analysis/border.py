"""The border between skin with dots and skin without: a split in two, and evidence for it.

Threshold dynamics (Merriman, Bence & Osher 1992): Fisher's discriminant, learnt from this photo's
own two sides, is smoothed, cut at zero, and learnt again until the sides settle. All on a grid of
about 200 px on the longer side.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from analysis.arrays import Floats, Mask, Points

_ROUNDS = 8
_FIRST_SMOOTH_PX, _SMOOTH_PX = 2.5, 2.0
# Near the head's rim dots are slanted together and the rim itself shows in the texture.
_RIM_PX = 5
_LEAST_PIXELS = 100
# Asymmetry of bare skin is about 0.05-0.3; its logarithm is taken over a floor, so that dots
# which light makes strong on one side and weak on the other still are one kind of skin.
_FLOOR = 0.2
_FIRST_WEIGHT_OF_COHERENCE = 6.0
_MOST_RAGGED = 8.0
_NEAR_PX, _FAR_PX = 2, 7
# In natural log units; on drawn photos light and slant alone make 1.6 at most, most borders more.
_LEAST_STEP = 1.65
_LEAST_ASYMMETRY = 0.1
_WEIGHT_OF_COHERENCE = 4.0
_STEP_FLOORS = (0.03, 0.1)


def guess(features: Floats, skin: Mask) -> Mask:
    """The more dot-like part of skin (H, W) well within it, with no evidence for a border."""
    inner = within(skin)
    dotted = _split(features, inner)
    return inner if dotted is None else dotted


def find(features: Floats, skin: Mask) -> Mask | None:
    """Skin with dots (H, W) from `texture.features`; None where no border shows."""
    inner = within(skin)
    dotted = _split(features, inner)
    if dotted is None or _raggedness(inner, dotted) > _MOST_RAGGED:
        return None
    if step(features, inner, dotted) < _LEAST_STEP:
        return None
    return _outward(dotted, inner) & skin


def _raggedness(inner: Mask, dotted: Mask) -> float:
    """Length of the border over the root of the area: 1 for a straight cut of a square."""
    bare = inner & ~dotted
    cuts = sum(
        int((one[:, 1:] & other[:, :-1]).sum() + (one[1:] & other[:-1]).sum())
        for one, other in ((dotted, bare), (bare, dotted))
    )
    return cuts / float(np.sqrt(inner.sum()))


def within(skin: Mask) -> Mask:
    """Skin clear of the rim."""
    return np.asarray(ndimage.binary_erosion(skin, iterations=_RIM_PX, border_value=1))


def step(features: Floats, inner: Mask, dotted: Mask) -> float:
    """How much more dot-like skin is just inside the border than just beyond it.

    The log of the ratio of asymmetries, plus that of the dots' strengths or what the edges lose in
    coherence (hair is stronger than dots, but runs one way); of the clearer octave.
    """
    bare = inner & ~dotted
    here, beyond = (
        features[_reach(one, other)].mean(axis=0) for one, other in ((dotted, bare), (bare, dotted))
    )
    if max(here[0], here[2]) < _LEAST_ASYMMETRY:
        return 0.0
    rounder = _WEIGHT_OF_COHERENCE * (beyond[6] - here[6])
    return max(
        float(np.log((max(here[n], 0) + floor) / (max(beyond[n], 0) + floor)))
        + float(max(here[n + 1] - beyond[n + 1], rounder))
        for n, floor in zip((0, 2), _STEP_FLOORS, strict=True)
    )


def _split(features: Floats, inner: Mask) -> Mask | None:
    """The dotted part of `inner`; None when one part is next to nothing."""
    if inner.sum() < 2 * _LEAST_PIXELS:
        return None
    bent = features.copy()
    bent[..., :6:2] = np.log(np.maximum(features[..., :6:2], 0) + _FLOOR)
    first = bent[..., 0] + bent[..., 2] - _FIRST_WEIGHT_OF_COHERENCE * bent[..., 6]
    first = _smoothed(first, inner, _FIRST_SMOOTH_PX)
    dotted = inner & (first > threshold_otsu(first[inner]))
    for _ in range(_ROUNDS):
        if min(dotted.sum(), (inner & ~dotted).sum()) < _LEAST_PIXELS:
            return None
        before = dotted
        score = _discriminant(bent, inner, before)
        dotted = inner & (_smoothed(score, inner, _SMOOTH_PX) > 0)
        if np.array_equal(dotted, before):
            break
    return dotted if min(dotted.sum(), (inner & ~dotted).sum()) >= _LEAST_PIXELS else None


def _discriminant(features: Floats, inner: Mask, dotted: Mask) -> Floats:
    """Fisher's discriminant (H, W) of the two sides: 0 half way, above on the dotted one."""
    seen, on = features[inner].astype(np.float64), dotted[inner]
    n, n_high = len(seen), int(on.sum())
    high: Points = (on @ seen) / n_high
    low: Points = (~on @ seen) / (n - n_high)
    between = n_high * np.outer(high, high) + (n - n_high) * np.outer(low, low)
    within = (seen.T @ seen - between) / n
    weights = np.linalg.solve(within + 1e-3 * np.eye(len(high)), high - low)
    return np.asarray((features - (high + low) / 2) @ weights, dtype=np.float32)


def _reach(one: Mask, other: Mask) -> Mask:
    """Pixels of one side that lie a little way from the other, not right at it."""
    distance = cv2.distanceTransform((~other).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(one & (distance > _NEAR_PX) & (distance <= _FAR_PX))


def _smoothed(values: Floats, inside: Mask, sigma: float) -> Floats:
    """Gaussian smoothing of what lies inside, nothing from outside mixed in."""
    weight = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), sigma)
    total = cv2.GaussianBlur(np.where(inside, values, 0).astype(np.float32), (0, 0), sigma)
    return np.asarray(total / np.maximum(weight, 1e-6), dtype=np.float32)


def _outward(marked: Mask, known: Mask) -> Mask:
    """A marking of the known part carried on to all pixels by their nearest known one."""
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.asarray(marked[tuple(nearest)])
