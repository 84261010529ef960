"""A series of one view as a short animated picture, every photo laid on the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import numpy as np
from PIL import Image

from analysis.aligned import aligned
from analysis.arrays import Pixels, resized
from analysis.plate import Plate
from analysis.series_map import SeriesMap
from tracker import legend
from tracker.words import dates

_MOST_SIDE_PX, _SHOWN_MS, _QUALITY = 900, 900, 82
_UNKNOWN = 24


@dataclass(frozen=True)
class Series:
    """One view's photos with the days they were taken on, and their map."""

    view: str
    photos: Sequence[str]
    taken_on: Sequence[date]
    plates: Sequence[Plate]
    told: SeriesMap


def draw(series: Series, today: date) -> bytes:
    """An animated WebP of the photos in the map, each with its date below; what does not fit the
    first photo is left dark. Nothing but pixels is in it.
    """
    laid = [photo for photo, is_laid in enumerate(series.told.laid) if is_laid]
    first = series.plates[laid[0]]
    pictures = [(laid[0], first.srgb_u8)]
    for photo, found in sorted(series.told.maps.items()):
        picture, known = aligned(series.plates[photo].srgb_u8, found, first.frame)
        picture[~known] = _UNKNOWN
        pictures.append((photo, picture))
    frames = [
        _frame(picture, dates.day_month(series.taken_on[photo], today))
        for photo, picture in pictures
    ]
    file = BytesIO()
    frames[0].save(
        file, "WEBP", save_all=True, append_images=frames[1:], duration=_SHOWN_MS, loop=0,
        quality=_QUALITY,
    )  # fmt: skip
    return file.getvalue()


def _frame(picture: Pixels, said: str) -> Image.Image:
    height, width = picture.shape[:2]
    times = min(1.0, _MOST_SIDE_PX / max(height, width))
    small = resized(picture, (round(width * times), round(height * times)))
    return Image.fromarray(np.vstack([small, legend.strip(said, [], small.shape[1], 1.0)]))
