"""Draws series of photos with known truth: the demonstration's three clients, or one by seed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from analysis.phantom import (
    Patch,
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Scalp,
    Story,
    draw_scalp,
    photograph,
    state_on,
)

CROWN, HAIRLINE, TOP = "crown close-up", "hairline close-up", "top"
_EXIF_IFD, _MAKE, _MODEL, _TAKEN, _OFFSET = 0x8769, 0x010F, 0x0110, 0x9003, 0x9011


@dataclass(frozen=True)
class Sample:
    """One drawn client: who, since when, what happens and on which days photos are taken."""

    key: str
    name: str
    treated_on: tuple[date, ...]
    recipe: Recipe
    story: Story
    days: tuple[int, ...]
    close_up: str
    large_days: tuple[int, ...] = ()
    heic_days: tuple[int, ...] = ()
    blurred_days: tuple[int, ...] = ()


SAMPLES: tuple[Sample, ...] = (
    Sample(
        key="alex",
        name="Alex R.",
        treated_on=(date(2026, 3, 28), date(2026, 4, 11), date(2026, 5, 2)),
        recipe=Recipe(seed=2101, melanin=0.16, dots_per_cm2=118, dot_diameter_mm=0.34, dot_od=0.5),
        story=Story(redness=1.5, redness_half_life_days=0.9),
        days=(0, 1, 3, 7, 12, 21, 28, 35, 42, 61),
        close_up=HAIRLINE,
        large_days=(28,),
        heic_days=(35,),
        blurred_days=(21,),
    ),
    Sample(
        key="marcus",
        name="Marcus D.",
        treated_on=(date(2026, 4, 3), date(2026, 4, 18), date(2026, 5, 9)),
        recipe=Recipe(seed=2102, melanin=0.45, dots_per_cm2=112, dot_diameter_mm=0.33, dot_od=0.5),
        story=Story(
            redness=1.3,
            patches=(Patch(14, 180, radius_mm=16, share_lost=0.85, day=38),),
        ),
        days=(0, 2, 7, 14, 28, 35, 44, 58),
        close_up=CROWN,
        large_days=(44,),
    ),
    Sample(
        key="elena",
        name="Elena R.",
        treated_on=(date(2026, 3, 14), date(2026, 4, 4)),
        recipe=Recipe(
            seed=2103,
            melanin=0.1,
            dots_per_cm2=115,
            dot_diameter_mm=0.34,
            dot_od=0.48,
            n_treatments=2,
        ),
        story=Story(
            redness=1.7, redness_half_life_days=3.5, redness_delay_days=5, fade_per_week=0.05
        ),
        days=(0, 3, 5, 9, 16, 28, 42, 56, 77, 98, 119, 140),
        close_up=HAIRLINE,
        large_days=(56,),
    ),
)


def draw_samples(
    folder: Path,
    samples: Iterable[Sample] = SAMPLES,
    *,
    told: Callable[[Path], None] = lambda _: None,
) -> None:
    """Draw each sample's photos, its treatments and its truth into a folder of its own."""
    for sample in samples:
        own = folder / sample.key
        own.mkdir(parents=True, exist_ok=True)
        scalp = draw_scalp(sample.recipe)
        truth: dict[str, Any] = {}
        for number, day in enumerate(sample.days):
            taken_on = sample.treated_on[-1] + timedelta(days=day)
            for view in (sample.close_up, TOP):
                photo = _photograph(sample, scalp, day, view, seed=1000 + number)
                heic = day in sample.heic_days and view == sample.close_up
                path = own / f"{taken_on.isoformat()} {view}.{'heic' if heic else 'jpg'}"
                path.write_bytes(_encoded(photo, taken_on, number, heic=heic, close=view != TOP))
                truth[path.name] = photo.truth.as_json(dots=view != TOP)
                told(path)
        _write_json(own / "truth.json", truth)
        _write_json(own / "client.json", _client(sample))


def one_sample(seed: int, *, n_dates: int, treated_on: date) -> Sample:
    """A client whose recipe and story follow from a seed, for `smp-tracker phantom`."""
    rng = np.random.default_rng([seed, 99])
    return Sample(
        key=f"phantom-{seed}",
        name=f"Phantom {seed}",
        treated_on=(treated_on,),
        recipe=Recipe(
            seed=seed,
            melanin=float(rng.uniform(0.05, 0.7)),
            dots_per_cm2=float(rng.uniform(80, 125)),
            dot_diameter_mm=float(rng.uniform(0.24, 0.38)),
            dot_od=float(rng.uniform(0.3, 0.55)),
        ),
        story=Story(
            redness=float(rng.uniform(0.8, 2.0)), lost_share=float(rng.uniform(0.02, 0.12))
        ),
        days=(0, 3, 7, 14, 28, 35, 42, 60, 90, 180)[:n_dates],
        close_up=HAIRLINE,
    )


def _photograph(sample: Sample, scalp: Scalp, day: int, view: str, *, seed: int) -> Photograph:
    """By hand, each time a little otherwise: pose, light, white balance, sharpness."""
    rng = np.random.default_rng(
        [sample.recipe.seed, seed, sorted((CROWN, HAIRLINE, TOP)).index(view)]
    )
    enlarge = 2.45 if day in sample.large_days and view == sample.close_up else 1.0
    pose = _pose(view, enlarge, rng)
    blurred = day in sample.blurred_days and view == sample.close_up
    optics = PhoneOptics(
        blur_px=14.0 if blurred else float(rng.uniform(0.8, 1.1)) * enlarge,
        exposure=float(rng.uniform(0.9, 1.08)),
        light_deg=float(rng.uniform(225, 260)),
        light_height=float(rng.uniform(0.82, 0.92)),
        warmth=float(rng.normal(0, 0.06)),
        gloss=float(rng.uniform(0.04, 0.10)),
        noise=0.0035,
        worms=0.15 if view == TOP else 0.0,
        texture=0.45,
    )
    return photograph(scalp, state_on(scalp, sample.story, day), pose, optics, seed=seed)


def _pose(view: str, enlarge: float, rng: np.random.Generator) -> Pose:
    tilt, roll = float(rng.uniform(0, 5)), float(rng.normal(0, 2.5))
    towards = float(rng.uniform(0, 360))
    if view == TOP:
        # Chin down, camera before the forehead: untreated skin must be in the picture.
        scale = 7.6 * float(rng.uniform(0.97, 1.03))
        return Pose(1224, 1632, scale, 34, 0, 420, tilt, towards, roll)
    width, height = round(1632 * enlarge), round(1224 * enlarge)
    from_top, azimuth = (44, 0) if view == HAIRLINE else (13, 180)
    scale = (17.0 if view == HAIRLINE else 19.0) * enlarge * float(rng.uniform(0.96, 1.04))
    return Pose(width, height, scale, from_top, azimuth, 220, tilt, towards, roll)


def _encoded(photo: Photograph, taken_on: date, number: int, *, heic: bool, close: bool) -> bytes:
    """As a phone would send it: Exif with camera and local time, JPEG or HEIC."""
    at = datetime.combine(taken_on, time(9 + number % 9, 7 * number % 60, 0 if close else 40))
    image = Image.fromarray(photo.srgb_u8)
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL] = "SMP Tracker", "drawn phantom"
    exif[_EXIF_IFD] = {_TAKEN: at.strftime("%Y:%m:%d %H:%M:%S"), _OFFSET: "+02:00"}
    out = BytesIO()
    if heic:
        pillow_heif.from_pillow(image).save(out, quality=70, exif=exif.tobytes())
    else:
        image.save(out, "JPEG", quality=86 if close else 82, exif=exif.tobytes())
    return out.getvalue()


def _client(sample: Sample) -> dict[str, Any]:
    return {"name": sample.name, "treated_on": [d.isoformat() for d in sample.treated_on]}


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
