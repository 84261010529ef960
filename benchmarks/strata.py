"""Kinds of drawn photos that the accuracy benchmark scores, named before anything is scored.

A range (low, high) is drawn from anew for each photo. The groups are those that accuracy is stated
for: only photos whose dots a person can see, resolved and not fused by a denoiser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from analysis.phantom import (
    Hand,
    Head,
    Optics,
    Person,
    Photograph,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
    view,
)
from analysis.phantom.head import Camera

CLOSE, FAINT, HEAD = (
    "close-ups, dots of 2.5 px and more, OD 0.3 and more",
    "close-ups, OD 0.15-0.2",
    "whole heads at 8 px/mm and more",
)
GROUPS = (CLOSE, FAINT, HEAD)
Range = tuple[float, float]
Backdrop = Literal["grey", "beige", "wood", "warm", "door", "dark"]
# Close-ups: angle from the top and azimuth of where the camera looks.
PLACES: dict[str, tuple[Range, Range]] = {
    "close-up": ((4, 32), (80, 280)),
    "hairline": ((38, 50), (-25, 25)),
}
BACKDROPS: tuple[Backdrop, ...] = ("grey", "beige", "wood", "warm", "door", "dark")


@dataclass(frozen=True)
class Stratum:
    """One kind of photo. Blur in dot diameters; stubble (on the treated skin) and pores per cm2;
    `od`: of the pigment as settled; `frame_mm`: width and height of a head's picture;
    others as in `Recipe`, `Story`, `Pose` and the optics.
    """

    name: str
    group: str | None = CLOSE
    n_photos: int = 2
    view: str = "close-up"
    diameter_px: Range = (4.0, 7.0)
    diameter_mm: Range = (0.26, 0.34)
    od: Range = (0.38, 0.46)
    day: Range = (35, 60)
    melanin: Range = (0.08, 0.35)
    blur: Range = (0.14, 0.22)
    stubble: Range = (2, 8)
    stubble_mm: Range = (0.15, 0.5)
    pores: Range = (30, 80)
    texture: Range = (0.8, 1.2)
    gloss: Range = (0.05, 0.15)
    noise: Range = (0.004, 0.008)
    light_height: Range = (0.72, 0.92)
    tilt_deg: Range = (0, 8)
    worms: Range = (0, 0)
    frame_mm: tuple[float, float] = (169, 225)


_HEAD = Stratum("", HEAD, diameter_mm=(0.34, 0.38), diameter_px=(3.4, 3.9), tilt_deg=(0, 6),
                n_photos=3)  # fmt: skip
STRATA = (
    Stratum("dots 2.5-3.2 px", diameter_px=(2.8, 3.5), diameter_mm=(0.20, 0.25)),
    Stratum("dots 4-6 px", diameter_px=(4, 6)),
    Stratum("dots 8-12 px", diameter_px=(8, 12)),
    Stratum("dots 14-20 px", diameter_px=(14, 20)),
    Stratum("blur 0.28 d", blur=(0.27, 0.29)),
    Stratum("blur 0.4 d", blur=(0.36, 0.40), od=(0.42, 0.50)),
    Stratum("very light skin", melanin=(0.05, 0.10)),
    Stratum("brown skin", melanin=(0.45, 0.6)),
    Stratum("dark skin", melanin=(0.75, 0.9), od=(0.42, 0.5)),
    Stratum("OD 0.5", od=(0.49, 0.51)),
    Stratum("OD 0.42", od=(0.41, 0.43)),
    Stratum("OD 0.3", od=(0.30, 0.32)),
    Stratum("stubble sparse", stubble=(15, 25)),
    Stratum("stubble dense, thin", stubble=(60, 90), stubble_mm=(0.08, 0.2)),
    Stratum("stubble long", stubble=(30, 50), stubble_mm=(0.7, 1.6)),
    Stratum("pores", pores=(180, 300)),
    Stratum("texture doubled", texture=(1.9, 2.1)),
    Stratum("glossy", gloss=(0.3, 0.5)),
    Stratum("grazing light", light_height=(0.35, 0.5)),
    Stratum("noise", noise=(0.018, 0.026)),
    Stratum("tilted 25-40 degrees", tilt_deg=(25, 40)),
    Stratum("hairline", view="hairline", n_photos=6),
    Stratum("fresh, day 0-3", day=(0, 3)),
    Stratum("pale, day 10-14", day=(10, 14), od=(0.36, 0.46)),
    Stratum("faint", FAINT, n_photos=3, od=(0.15, 0.20)),
    Stratum("faint, small dots", FAINT, n_photos=3, od=(0.16, 0.20), diameter_px=(3, 4)),
    Stratum("faint, large dots", FAINT, n_photos=3, od=(0.15, 0.20), diameter_px=(8, 14)),
    Stratum("faint, brown skin", FAINT, n_photos=3, od=(0.16, 0.20), melanin=(0.4, 0.55)),
    Stratum("faint, stubble", FAINT, n_photos=3, od=(0.16, 0.20), stubble=(15, 30)),
    replace(_HEAD, name="head from the top", view="top"),
    replace(_HEAD, name="head from behind, above", view="crown"),
    replace(_HEAD, name="head from the back", view="back"),
    replace(_HEAD, name="head from the front, above", view="forehead", n_photos=4),
    replace(
        _HEAD, name="head 11-12 px/mm", view="crown", diameter_px=(4.2, 4.4),
        diameter_mm=(0.37, 0.38),
    ),
    replace(_HEAD, name="head in a wide frame", view="forehead", n_photos=2, frame_mm=(300, 240)),
    replace(_HEAD, name="head in a wide frame, top", view="top", n_photos=2, frame_mm=(300, 240)),
)  # fmt: skip
# A finder must not find dots where there are none, nor claim to count fused ones.
_NO_DOTS = Stratum("", None, 2, od=(0.4, 0.4), stubble=(60, 60), pores=(150, 150))
DOTLESS = tuple(
    replace(_NO_DOTS, name=f"no dots, {scale} px/mm", diameter_px=(scale * 0.3,) * 2,
            diameter_mm=(0.3, 0.3))
    for scale in (8, 12, 18, 30, 50)
)  # fmt: skip
WORMS = (
    Stratum("fused, close", None, 6, diameter_px=(1.9, 2.7), diameter_mm=(0.3, 0.3),
            worms=(0.8, 1.0)),
    Stratum("fused, head", None, 2, "crown", (1.9, 2.7), (0.3, 0.3), worms=(0.8, 1.0)),
)  # fmt: skip


def drawn(
    stratum: Stratum,
    seed: int,
    optics: Callable[..., Optics],
    *,
    size: tuple[int, int] = (1200, 900),
) -> Photograph:
    """One photo of a kind: the same arguments give the same photo. `size` is a close-up's."""
    rng = np.random.default_rng([seed, 31])
    value = {
        f.name: float(rng.uniform(*getattr(stratum, f.name)))
        for f in fields(Stratum)
        if f.type == "Range"
    }
    scale = value["diameter_px"] / value["diameter_mm"]
    scalp = draw_scalp(Recipe(
        seed=seed, dots_per_cm2=0 if stratum in DOTLESS else 100, melanin=value["melanin"],
        dot_diameter_mm=value["diameter_mm"], dot_od=value["od"],
        stubble_per_cm2=max(40, value["stubble"]),
        stubble_on_top=value["stubble"] / max(40, value["stubble"]), pores_per_cm2=value["pores"],
    ))  # fmt: skip
    state = state_on(scalp, Story(stubble_mm=stratum.stubble_mm), value["day"])
    head = stratum.view not in PLACES
    pose = _head(stratum, scale, rng) if head else _close_up(stratum.view, scale, size, rng)
    pose = replace(pose, tilt_deg=value["tilt_deg"], tilt_towards_deg=float(rng.uniform(0, 360)))
    camera = optics(
        blur_px=max(0.6, value["blur"] * value["diameter_px"]),
        exposure=float(rng.uniform(0.8, 1.1)), light_deg=float(rng.uniform(180, 360)),
        warmth=float(rng.normal(0, 0.06)),
        **{name: value[name] for name in ("light_height", "gloss", "noise", "texture", "worms")},
    )  # fmt: skip
    person = _person(seed, rng) if head else None
    return photograph(scalp, state, pose, camera, seed=seed, person=person)


def _close_up(place: str, scale: float, size: tuple[int, int], rng: np.random.Generator) -> Pose:
    from_top, azimuth = (float(rng.uniform(*span)) for span in PLACES[place])
    return Pose(*size, scale, from_top, azimuth, 220, roll_deg=float(rng.normal(0, 5)))


def _head(stratum: Stratum, scale: float, rng: np.random.Generator) -> Pose:
    """A frame around the whole head, as asked for unless that is more than 2400 px high."""
    width, tall = stratum.frame_mm
    height = min(2400, round(tall * scale))
    pose = view(stratum.view, round(width / tall * height), height, scale)
    pose = replace(
        pose, from_top_deg=pose.from_top_deg + float(rng.normal(0, 3)),
        azimuth_deg=pose.azimuth_deg + float(rng.normal(0, 4)), roll_deg=0.0,
    )  # fmt: skip
    return replace(pose, roll_deg=_upright_deg(pose) + float(rng.normal(0, 3)))


def _upright_deg(pose: Pose) -> float:
    """The roll that puts the body, or the back of the head from above, down in the image."""
    down = np.array([0.0, 0.0, -1.0] if pose.from_top_deg > 50 else [0.0, -1.0, 0.0])
    right_part, down_part, _ = Camera.at(Head(), pose).axes @ down
    return float(np.degrees(np.arctan2(-right_part, down_part)))


def _person(seed: int, rng: np.random.Generator) -> Person:
    """Somebody: one in four with a hand on the head, half with hair at the sides, half bearded."""
    return Person(
        seed=seed,
        beard_mm=float(rng.choice([0, 0, 1.5, 8])),
        hair_mm=float(rng.choice([0, 0, 3, 8])),
        glasses=("none", "none", "worn", "pushed up")[int(rng.integers(4))],
        hand=Hand() if rng.random() < 0.25 else None,
        cloth_colour=(float(rng.uniform(0.03, 0.6)),) * 3,
        backdrop=BACKDROPS[int(rng.integers(len(BACKDROPS)))],
    )
