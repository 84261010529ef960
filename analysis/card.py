"""The printed calibration card in a photo: where it lies, and pixels per millimetre from it.

The card lies flush on the skin, so it bends with it: each marker is taken by itself, by its edges
in linear light, where blur leaves them in place. Millimetres come from the direction in which a
marker is foreshortened least.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from analysis import card_layout, colour
from analysis.arrays import Floats, Mask, Pixels, Points
from analysis.card_colour import Correction, NoCorrection, correction, evened
from analysis.scale import Scale

_MOST_SEARCHED_PX = 3_000_000
_LEAST_SIDE_PX = 40.0
# Of a marker's side: where along an edge, and how far to either side, its light is read.
_ALONG = np.linspace(0.12, 0.88, 21)
_ACROSS = np.linspace(-0.1, 0.1, 25)
_STRAIGHT = 0.012
_ALIKE = 0.25
_OFF_PLACE_MM = 0.5
_LEAST_PAPER = 0.55
_LEAST_RISE = 2.0
_RIM_MM = 1.5
_RELATIVE_ERROR = 0.005
_ROUNDS = 3
_PAINTED_PX = 400


@dataclass(frozen=True)
class Card:
    """A card that was found: `to_px` (6, 2) maps its mm to the photo's px, see `_terms`; `colour`
    corrects the photo.
    """

    to_px: Points
    scale: Scale
    colour: Correction | NoCorrection

    def outline(self, rim_mm: float = _RIM_MM) -> Points:
        """Its outline (n, 2) in px, with a rim around."""
        low, right, bottom = -rim_mm, card_layout.WIDTH_MM + rim_mm, card_layout.HEIGHT_MM + rim_mm
        along = np.linspace(low, right, 17)
        there = np.stack([along, np.full_like(along, low)], axis=1)
        back = np.stack([along[::-1], np.full_like(along, bottom)], axis=1)
        return _mapped(self.to_px, np.vstack([there, back]))

    def covers(self, shape: tuple[int, ...], reduced: int = 1) -> Mask:
        """What it and its rim hide of a photo (H, W) made so many times smaller."""
        hidden = np.zeros(shape[:2], dtype=np.uint8)
        cv2.fillPoly(hidden, [np.rint(self.outline() / reduced).astype(np.int32)], 1)
        return np.asarray(hidden > 0)


@dataclass(frozen=True)
class CardFailure:
    """Why there is no card to measure by; falsy. `code`: `absent`, or `partly-covered`."""

    code: str

    def __bool__(self) -> bool:
        return False


ABSENT, PARTLY_COVERED = CardFailure("absent"), CardFailure("partly-covered")


def find(srgb_u8: Pixels) -> Card | CardFailure:
    """The card in an upright photo (H, W, 3); a card that is not wholly seen is none.

    On drawn photos of 5.5-20 px/mm, tilted by up to 30 degrees, px/mm is right within 1 %.
    """
    seen = _markers(srgb_u8)
    if not seen:
        return ABSENT
    if set(seen) != set(card_layout.MARKER_IDS):
        return PARTLY_COVERED
    exact = [_by_edges(srgb_u8, seen[number]) for number in card_layout.MARKER_IDS]
    if not all(len(corners) for corners in exact):
        return PARTLY_COVERED
    scales = [_px_per_mm(corners) for corners in exact]
    to_px = _sheet(np.vstack(exact))
    if abs(np.log(scales[0] / scales[1])) > _ALIKE or not _in_place(exact, to_px, min(scales)):
        return PARTLY_COVERED
    paper = _read(srgb_u8, to_px, card_layout.PAPER_MM)
    patches = _read(srgb_u8, to_px, card_layout.patch_centres())
    black = _read(srgb_u8, to_px, card_layout.BLACK_MM)
    if not _is_whole(paper, patches):
        return PARTLY_COVERED
    px_per_mm = float(np.mean(scales))
    stderr = float(np.hypot(_RELATIVE_ERROR * px_per_mm, np.ptp(scales) / 4))
    return Card(to_px, Scale(px_per_mm, stderr, "card"), correction(evened(patches, paper, black)))


def taken_out(srgb_u8: Pixels, card: Card) -> Pixels:
    """The photo with the card painted over in the colours of the skin around it."""
    hidden = card.covers(srgb_u8.shape)
    times = max(1, round(max(srgb_u8.shape[:2]) / _PAINTED_PX))
    size = (srgb_u8.shape[1] // times, srgb_u8.shape[0] // times)
    small = cv2.resize(srgb_u8, size, interpolation=cv2.INTER_AREA)
    missing = cv2.resize(hidden.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    missing = cv2.dilate(missing, np.ones((3, 3), np.uint8))
    filled = cv2.inpaint(small, missing, 5, cv2.INPAINT_TELEA)
    fill = cv2.resize(filled, srgb_u8.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    painted = srgb_u8.copy()
    painted[hidden] = fill[hidden]
    return painted


def _markers(srgb_u8: Pixels) -> dict[int, Points]:
    """Corners (4, 2) of the card's markers, roughly, in px."""
    grey = cv2.cvtColor(srgb_u8, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, float(np.sqrt(_MOST_SEARCHED_PX / grey.size)))
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    settings = cv2.aruco.DetectorParameters()
    # Corners are told by edges later on; OpenCV's own refinement slips onto cells of small markers.
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_NONE
    settings.minMarkerPerimeterRate = 0.03
    # Cells of blurred, foreshortened markers are told by their middle.
    settings.perspectiveRemovePixelPerCell = 8
    settings.perspectiveRemoveIgnoredMarginPerCell = 0.25
    dictionary = cv2.aruco.getPredefinedDictionary(card_layout.DICTIONARY)
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, settings).detectMarkers(grey)
    numbers = [] if ids is None else [int(number) for number in np.ravel(ids)]
    return {
        number: (found.reshape(4, 2).astype(np.float64) + 0.5) / factor - 0.5
        for number, found in zip(numbers, corners, strict=True)
        if number in card_layout.MARKER_IDS
        and cv2.contourArea(found) > (_LEAST_SIDE_PX * factor) ** 2 / 2
    }


def _by_edges(srgb_u8: Pixels, corners: Points) -> Points:
    """A marker's corners (4, 2) where lines along its edges meet; empty if one is not straight."""
    for _ in range(_ROUNDS):
        lines = [_edge(srgb_u8, corners, side) for side in range(4)]
        if not all(len(line) for line in lines):
            return np.empty((0, 2))
        corners = np.array([_meeting(lines[side - 1], lines[side]) for side in range(4)])
    return corners


def _edge(srgb_u8: Pixels, corners: Points, side: int) -> Points:
    """An edge as a line (point, direction) (2, 2): where light is half way from black to white."""
    start, end = corners[side], corners[(side + 1) % 4]
    # Half of the marker that way, as foreshortened, but no more than half of the edge.
    outward = (start + end) / 2 - corners.mean(axis=0)
    outward *= min(1.0, np.linalg.norm(end - start) / (2 * np.linalg.norm(outward)))
    places = start + _ALONG[:, None] * (end - start)
    light = _luminance(srgb_u8, places[:, None] + 2 * _ACROSS[None, :, None] * outward)
    fifth = len(_ACROSS) // 5
    dark, bright = np.median(light[:, :fifth], axis=1), np.median(light[:, -fifth:], axis=1)
    rise = np.maximum(bright - dark, 1e-6)
    if np.mean(bright > _LEAST_RISE * dark) < 0.9:
        return np.empty((0, 2))
    share = np.mean(np.clip((light - dark[:, None]) / rise[:, None], 0, 1), axis=1)
    at = places + (2 * _ACROSS[-1] * (1 - 2 * share))[:, None] * outward
    centre = np.median(at, axis=0)
    near = at
    for _ in range(2):
        centre = near.mean(axis=0)
        direction = np.linalg.svd(near - centre)[2][0]
        off = np.abs((at - centre) @ [-direction[1], direction[0]])
        near = at[off <= np.quantile(off, 0.8)]
    if np.median(off) > _STRAIGHT * np.linalg.norm(end - start):
        return np.empty((0, 2))
    return np.array([centre, direction])


def _meeting(one: Points, other: Points) -> Points:
    """Where two lines (point, direction) meet."""
    along = np.linalg.solve(np.stack([one[1], -other[1]], axis=1), other[0] - one[0])
    return np.asarray(one[0] + along[0] * one[1])


def _luminance(srgb_u8: Pixels, xy: Points) -> Floats:
    """Linear light of the mean of red and green at places (..., 2)."""
    x, y = (np.ascontiguousarray(xy[..., i], dtype=np.float32) for i in (0, 1))
    low = np.floor([x.min(), y.min()]).astype(int) - 1
    high = np.ceil([x.max(), y.max()]).astype(int) + 2
    low, high = np.maximum(low, 0), np.maximum(np.minimum(high, srgb_u8.shape[1::-1]), low + 1)
    window = np.ascontiguousarray(srgb_u8[low[1] : high[1], low[0] : high[0]])
    light = colour.linear(window)[..., :2].mean(axis=-1)
    x, y = x - np.float32(low[0]), y - np.float32(low[1])
    seen = cv2.remap(light, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, dtype=np.float32)


def _sheet(corners: Points) -> Points:
    """The map (6, 2) from mm to px through all corners (8, 2) of the markers."""
    places = card_layout.marker_corners().reshape(-1, 2)
    return np.asarray(np.linalg.lstsq(_terms(places), corners, rcond=None)[0])


def _terms(mm: Points) -> Points:
    """Terms (n, 6) of the map: squares along the card, as it bends and leans that way."""
    u, v = mm[:, 0] / card_layout.WIDTH_MM - 0.5, mm[:, 1] / card_layout.HEIGHT_MM - 0.5
    return np.stack([np.ones_like(u), u, u * u, v, u * v, u * u * v], axis=1)


def _mapped(to_px: Points, mm: Points) -> Points:
    """Places (n, 2) on the card in px."""
    return np.asarray(_terms(mm) @ to_px)


def _px_per_mm(corners: Points) -> float:
    """Scale in the direction of least foreshortening, at a marker's centre."""
    square = card_layout.marker_corners()[0]
    to_px = cv2.findHomography(square, corners)[0]
    middle = square.mean(axis=0)
    steps = (middle + np.array([(0, 0), (0.01, 0), (0, 0.01)]))[None]
    at = cv2.perspectiveTransform(steps, to_px)[0]
    jacobian = np.stack([at[1] - at[0], at[2] - at[0]], axis=1) / 0.01
    return float(np.linalg.svd(jacobian, compute_uv=False)[0])


def _in_place(exact: list[Points], to_px: Points, px_per_mm: float) -> bool:
    """Whether both markers lie as on one card."""
    expected = _mapped(to_px, card_layout.marker_corners().reshape(-1, 2))
    off = np.linalg.norm(np.vstack(exact) - expected, axis=1)
    return bool(off.max() < _OFF_PLACE_MM * px_per_mm)


def _read(srgb_u8: Pixels, to_px: Points, mm: Points) -> Points:
    """Median linear colour (n, 3) around places on the card."""
    step = np.linspace(-0.6, 0.6, 7)
    around = np.stack(np.meshgrid(step, step), axis=-1).reshape(1, -1, 2)
    at = _mapped(to_px, (mm[:, None] + around).reshape(-1, 2)).reshape(len(mm), -1, 2)
    x, y = (at[..., i].astype(np.float32) for i in (0, 1))
    seen = cv2.remap(srgb_u8, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(np.median(colour.linear(np.asarray(seen, np.uint8)), axis=1), np.float64)


def _is_whole(paper: Points, patches: Points) -> bool:
    """Whether bare paper is as bright all over, and the greys lie in order below it."""
    light = paper.mean(axis=1)
    greys = patches[: len(card_layout.GREYS)].mean(axis=1)
    falling = bool(np.all(np.diff(greys) > 0)) and greys[-1] < np.median(light)
    return falling and bool(light.min() > _LEAST_PAPER * np.median(light))
