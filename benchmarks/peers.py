"""Other people's dot detectors, as they would be used by somebody who knew the dots' diameter.

Each is given the optical density of a crop (H, W), the region (H, W) and the true median diameter.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import sep
import trackpy
from photutils.detection import DAOStarFinder
from scipy.ndimage import gaussian_laplace
from skimage.feature import blob_dog, blob_log, peak_local_max

from analysis.arrays import Floats, Mask, Pixels, Points
from analysis.phantom import Photograph
from benchmarks.scoring import diameter

trackpy.quiet()
sep.set_extract_pixstack(3_000_000)
sep.set_sub_object_limit(20_000)
SIGMA = 1 / 2.83


@dataclass(frozen=True)
class Task:
    """A crop around the region: optical density and mask (H, W), place of its corner x, y."""

    od: Floats
    region: Mask
    diameter_px: float
    corner: tuple[int, int]

    @classmethod
    def of(cls, photo: Photograph) -> Task:
        """The bounding box of the true treated area."""
        x, y, width, height = cv2.boundingRect(photo.truth.treated.astype(np.uint8))
        window = (slice(y, y + height), slice(x, x + width))
        region = photo.truth.treated[window]
        return cls(density(photo.srgb_u8[window]), region, diameter(photo.truth), (x, y))

    def inside(self, found: Points) -> Points:
        """Those of the detections (n, 2) in the crop that lie in the region, in the photo's px."""
        column, row = found.round().astype(int).T
        height, width = self.region.shape
        kept = self.region[row.clip(0, height - 1), column.clip(0, width - 1)]
        return np.asarray(found[kept] + self.corner)


def density(srgb_u8: Pixels) -> Floats:
    """Optical density (H, W) of green."""
    return _density_of_level()[srgb_u8[..., 1]]


@lru_cache(maxsize=1)
def _density_of_level() -> Floats:
    level = (np.arange(256) + 0.5) / 256
    light = np.where(level > 0.04045, ((level + 0.055) / 1.055) ** 2.4, level / 12.92)
    return np.asarray(-np.log10(light), dtype=np.float32)


def chance(task: Task, n: int) -> Points:
    """`n` random places in the region."""
    rows, columns = np.nonzero(task.region)
    at = np.random.default_rng(0).integers(0, len(rows), n)
    return np.stack([columns[at], rows[at]], axis=1).astype(float)


def _flat(task: Task) -> Floats:
    width = 2 * round(3 * task.diameter_px) + 1
    return np.asarray(task.od - cv2.blur(task.od, (width, width)))


def _dog_peaks(band: Floats, least: float, diameter_px: float) -> Points:
    reach = 2 * max(1, round(0.42 * diameter_px)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    band = cv2.copyMakeBorder(band, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    y, x = np.nonzero((band >= cv2.dilate(band, kernel)) & (band > least))
    inside = (x > 0) & (y > 0) & (x < band.shape[1] - 1) & (y < band.shape[0] - 1)
    x, y = x[inside], y[inside]
    shift = [
        0.5 * (band[y - j, x - i] - band[y + j, x + i])
        / np.minimum(band[y - j, x - i] + band[y + j, x + i] - 2 * band[y, x], -1e-9)
        for i, j in ((1, 0), (0, 1))
    ]  # fmt: skip
    return np.stack([x, y], axis=1) - 1 + np.clip(np.stack(shift, axis=1), -0.5, 0.5)


def opencv_dog(task: Task, least: float, size: float) -> Points:
    """One-scale difference of Gaussians on flattened density; threshold in density."""
    sigma = max(0.6, size * SIGMA * task.diameter_px)
    flat = _flat(task)
    band = cv2.GaussianBlur(flat, (0, 0), 0.85 * sigma) - cv2.GaussianBlur(
        flat, (0, 0), 1.36 * sigma
    )
    return _dog_peaks(band, least, task.diameter_px)


def opencv_dog_relative(task: Task, least: float, size: float) -> Points:
    """The same with the flattened density divided by its 68th percentile in the region."""
    spread = float(np.percentile(np.abs(_flat(task)[task.region]), 68))
    return opencv_dog(task, least * spread, size)


def skimage_log(task: Task, least: float, size: float) -> Points:
    """scikit-image's `blob_log` at two scales around the dots'."""
    sigma = size * SIGMA * task.diameter_px
    found = blob_log(
        task.od, min_sigma=0.85 * sigma, max_sigma=1.2 * sigma, num_sigma=2, threshold=least
    )
    return np.asarray(found)[:, 1::-1]


def skimage_dog(task: Task, least: float, size: float) -> Points:
    """scikit-image's `blob_dog` around the dots' scale."""
    sigma = size * SIGMA * task.diameter_px
    found = blob_dog(task.od, min_sigma=0.8 * sigma, max_sigma=1.3 * sigma, threshold=least)
    return np.asarray(found)[:, 1::-1]


def log_peaks(task: Task, least: float, size: float) -> Points:
    """SciPy's Laplacian of Gaussian and scikit-image's `peak_local_max`."""
    sigma = max(0.6, size * SIGMA * task.diameter_px)
    response = -(sigma**2) * gaussian_laplace(task.od, sigma)
    apart = max(1, round(0.4 * task.diameter_px))
    return np.asarray(
        peak_local_max(response, min_distance=apart, threshold_abs=least, exclude_border=False)
    )[:, ::-1].astype(float)


def opencv_blobs(task: Task, least: float, roundness: float) -> Points:
    """OpenCV's `SimpleBlobDetector` on flattened density; least step between thresholds."""
    options = cv2.SimpleBlobDetector_Params()
    options.blobColor = 255
    options.minThreshold, options.maxThreshold = 128 + 400 * least, 128 + 400 * least + 100
    options.thresholdStep, options.minRepeatability = 8, 1
    options.minDistBetweenBlobs = 0.6 * task.diameter_px
    area = np.pi / 4 * task.diameter_px**2
    options.filterByArea, options.minArea, options.maxArea = True, max(1, 0.12 * area), 3 * area
    options.filterByCircularity, options.minCircularity = roundness > 0, max(roundness, 0.01)
    options.filterByConvexity = options.filterByInertia = False
    grey = np.clip(128 + 400 * _flat(task), 0, 255).astype(np.uint8)
    found = cv2.SimpleBlobDetector_create(options).detect(grey)
    return np.array([k.pt for k in found]).reshape(-1, 2)


def trackpy_locate(task: Task, least: float, size: float) -> Points:
    """Trackpy's `locate`; least mass in density per squared diameter."""
    odd = max(3, 2 * int(size * task.diameter_px / 2) + 1)
    mass = least * task.diameter_px**2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = trackpy.locate(
            task.od, odd, minmass=mass, separation=0.7 * task.diameter_px, engine="python"
        )
    return found[["x", "y"]].to_numpy(dtype=float)


def dao_stars(task: Task, least: float, size: float) -> Points:
    """Photutils' `DAOStarFinder`."""
    # Its own least separation, 2.5 widths, would lose neighbours.
    finder = DAOStarFinder(least, size * task.diameter_px, min_separation=0.6 * task.diameter_px)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = finder(_flat(task).astype(float))
    if found is None:
        return np.empty((0, 2))
    return np.stack([found["x_centroid"], found["y_centroid"]], axis=1).astype(float)


def sep_extract(task: Task, least: float, size: float) -> Points:
    """SEP, SourceExtractor as a library, with a Gaussian matched filter of the dots' scale."""
    data = np.ascontiguousarray(task.od, dtype=np.float64)
    tile = max(16, round(8 * task.diameter_px))
    data -= sep.Background(data, bw=tile, bh=tile).back()
    at = np.arange(2 * max(1, round(task.diameter_px)) + 1) - max(1, round(task.diameter_px))
    sigma = size * SIGMA * task.diameter_px
    kernel = np.exp(-(at**2 + at[:, None] ** 2) / (2 * sigma**2))
    found = sep.extract(
        data, least, minarea=max(1, int(0.2 * task.diameter_px**2)), filter_kernel=kernel,
        deblend_cont=0.005,
    )  # fmt: skip
    return np.stack([found["x"], found["y"]], axis=1)


Peer = Callable[[Task, float, float], Points]
GRIDS: dict[str, tuple[Peer, tuple[float, ...], tuple[float, ...]]] = {
    "cv2 DoG": (opencv_dog, (0.014, 0.02, 0.028, 0.04, 0.055), (1.0, 1.2, 1.4, 1.6)),
    "cv2 DoG rel.": (opencv_dog_relative, (0.32, 0.45, 0.65, 0.9, 1.2), (1.0, 1.2, 1.4, 1.6)),
    "LoG peaks": (log_peaks, (0.035, 0.05, 0.06, 0.07), (1.0, 1.2, 1.4)),
    "blob_log": (skimage_log, (0.035, 0.05, 0.07), (1.0, 1.2, 1.4)),
    "blob_dog": (skimage_dog, (0.03, 0.045, 0.06), (1.0, 1.2, 1.4)),
    "SimpleBlob": (opencv_blobs, (0.035, 0.05, 0.08, 0.12), (0.0, 0.5, 0.7)),
    "trackpy": (trackpy_locate, (0.015, 0.025, 0.04), (1.4, 1.8, 2.2)),
    "DAOStar": (dao_stars, (0.065, 0.09, 0.12, 0.16), (0.7, 0.8, 0.9)),
    "sep": (sep_extract, (0.05, 0.07, 0.09, 0.12), (0.4, 0.5, 0.6)),
}
# Each one's best pair on the 17 photos of `python -m benchmarks.tune_peers`; of the two differences
# of Gaussians the better.
TUNED: dict[str, tuple[Peer, float, float]] = {
    "cv2 DoG": (opencv_dog_relative, 0.65, 1.2),
    "LoG peaks": (log_peaks, 0.05, 1.4),
    "blob_log": (skimage_log, 0.05, 1.4),
    "blob_dog": (skimage_dog, 0.045, 1.2),
    "SimpleBlob": (opencv_blobs, 0.05, 0.5),
    "trackpy": (trackpy_locate, 0.025, 1.8),
    "DAOStar": (dao_stars, 0.12, 0.8),
    "sep": (sep_extract, 0.09, 0.4),
}
