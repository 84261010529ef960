"""A scene with a person in it: features of the face, hair, glasses, clothes and the room behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.arrays import Floats, Mask, Points
from analysis.phantom.backdrop import backdrop, folds
from analysis.phantom.cover import Colour, Cover, Ink
from analysis.phantom.head import Camera, Head, Pose, look
from analysis.phantom.person import USUAL_AXES_MM, Body, Kind, Person, embody, hollows, soft
from analysis.phantom.scene import Scene, VisibleDots

_SKIN = (Kind.HEAD, Kind.FACE, Kind.EAR, Kind.NECK, Kind.HAND)
_OWN_SKIN = (Kind.HEAD, Kind.FACE, Kind.EAR, Kind.NECK)
_HAIR_WIDTH_MM = 0.075
_HIDES = 0.4
_HAIRY = 0.15


def dress(
    scene: Scene, dots: VisibleDots, head: Head, pose: Pose, person: Person
) -> tuple[Scene, VisibleDots]:
    """Put a person into a scene that knows the scalp only, and drop the dots that this hides."""
    body = embody(head, person, scene.camera, look(head, scene.camera, pose))
    scene = _dressed(scene, body, person, head)
    x, y = np.rint(dots.xy_px).astype(int).T
    on_scalp = body.kind[y, x] == Kind.HEAD
    kept = on_scalp & (scene.cover.alpha[y, x] < _HIDES if scene.cover else True)
    return scene, VisibleDots(
        dots.ids[kept], dots.xy_px[kept], dots.cos_slant[kept], dots.diameter_px[kept]
    )


def _dressed(scene: Scene, body: Body, person: Person, head: Head) -> Scene:
    rng = np.random.default_rng([person.seed, 101])
    place = body.sight.point_mm / (head.axes / USUAL_AXES_MM).astype(np.float32)
    scene, body = _with_body(scene, body, person, place)
    cover = scene.cover or Cover.none(body.kind.shape)
    before = cover.alpha.copy()
    _paint_cloth_and_room(cover, body, person, rng)
    cover.paint(*_eyes(body, place), shine=1.0)
    grown, zone = _hair(scene, body, person, place, rng)
    alpha, colour = grown.dry()
    cover.paint(alpha * (body.kind != Kind.HAND), colour, shine=0.3)
    hair = zone | (soft(alpha, 1.2 * scene.px_per_mm) > _HAIRY)
    _paint_glasses(cover, body, person, head, scene.camera)
    hidden = (cover.alpha - before > _HIDES) | hair
    skin = np.isin(body.kind, _OWN_SKIN) & ~hidden
    treated = np.where((body.kind == Kind.HEAD) & ~hidden, scene.treated, 0)
    return replace(
        scene,
        cover=cover,
        treated=treated.astype(np.float32),
        skin=skin,
        hair=hair & np.isin(body.kind, _OWN_SKIN),
        reference=skin & (scene.treated == 0) & ~_lips(place, body),
    )


def _with_body(scene: Scene, body: Body, person: Person, place: Floats) -> tuple[Scene, Body]:
    """Bodies' shapes, skin colours and shadows; what lies on the scalp ends where it is hidden."""
    kind = body.kind.copy()
    kind[(kind == Kind.NECK) & (place[..., 2] < person.collar_mm)] = Kind.CLOTH
    body = replace(body, kind=kind)
    scalp = kind == Kind.HEAD
    # Skin texture of all but the scalp is laid on as it faces the camera.
    flat = body.sight.point_mm @ scene.camera.axes[:2].T.astype(np.float32) + np.float32(300)
    chart = np.where(scalp[..., None], scene.chart_mm, flat)
    maps = (scene.pigment_t, scene.hair_t, scene.spot_t)
    pigment, hair, spot = (np.where(scalp, t, np.float32(1)) for t in maps)
    hand = kind == Kind.HAND
    offset = person.hand.melanin if person.hand else 0.0
    melanin = scene.melanin + np.where(hand, offset, 0) + np.where(_lips(place, body), 0.04, 0)
    own = np.where(scalp, scene.haemoglobin, 0)
    return replace(
        scene,
        on_head=np.isin(kind, _SKIN),
        solid=kind != Kind.BACKDROP,
        chart_mm=chart.astype(np.float32),
        normal=body.sight.normal,
        cos_slant=body.sight.cos_slant,
        treated=np.where(scalp, scene.treated, 0).astype(np.float32),
        pigment_t=pigment,
        hair_t=hair,
        spot_t=spot,
        melanin=np.clip(melanin, 0.02, 1).astype(np.float32),
        haemoglobin=(own + _blush(body, person, place)).astype(np.float32),
        light_t=hollows(body, scene.px_per_mm) * _shadows(body, place),
    ), body


def _lips(place: Floats, body: Body) -> Mask:
    x, y, z = (place[..., axis] for axis in range(3))
    inside = (x / 25) ** 2 + ((z + 87) / 8.5) ** 2 < 1
    return np.asarray(inside & (y > 70) & (body.kind == Kind.FACE))


def _blush(body: Body, person: Person, place: Floats) -> Floats:
    """Redness (H, W) of lips, cheeks, nose, ears and hand, in mild erythemas."""
    x, y, z = (place[..., axis] for axis in range(3))
    front = y > 40
    cheeks = np.exp(-(((np.abs(x) - 40) / 16) ** 2) - ((z + 48) / 16) ** 2) * front
    nose = np.exp(-((x / 14) ** 2) - ((z + 58) / 12) ** 2) * front
    redness = 0.7 * cheeks + 0.8 * nose + 0.7 * (body.kind == Kind.EAR)
    redness += 0.2 * (body.kind == Kind.NECK) + 2.2 * _lips(place, body)
    own = np.isin(body.kind, _OWN_SKIN)
    hand = person.hand.haemoglobin if person.hand else 0.0
    return np.where(body.kind == Kind.HAND, hand, redness * own).astype(np.float32)


def _shadows(body: Body, place: Floats) -> Floats:
    """Light left (H, W) in eye sockets, nostrils, ears and between the lips."""
    x, y, z = (place[..., axis] for axis in range(3))
    front = (y > 60) & np.isin(body.kind, (Kind.HEAD, Kind.FACE))
    side = np.abs(x)
    socket = np.exp(-(((side - 31) / 17) ** 2) - ((z + 17) / 9) ** 2)
    lid = np.exp(-((((side - 32) / 15) ** 2 + ((z + 19) / 6) ** 2 - 1) ** 2) / 0.1) * (z > -20)
    nostril = np.exp(-((((side - 6) / 3.6) ** 2 + ((z + 66) / 2.5) ** 2) ** 2))
    mouth = np.exp(-(((z + 86.5 + 0.002 * x**2) / 0.9) ** 2)) * (side < 23)
    dark = 0.3 * socket + 0.3 * lid + 0.75 * nostril + 0.6 * mouth
    ear = body.kind == Kind.EAR
    shell = np.exp(-((((y + 4) / 8) ** 2 + ((z + 27) / 14) ** 2) ** 2))
    ring = np.exp(-(((np.hypot((y + 8) / 18, (z + 24) / 32) - 0.72) / 0.07) ** 2))
    dark = np.where(front, dark, 0) + np.where(ear, 0.5 * shell + 0.3 * ring, 0)
    return np.asarray(1 - np.clip(dark, 0, 0.85), dtype=np.float32)


def _eyes(body: Body, place: Floats) -> tuple[Floats, Floats]:
    """Alpha (H, W) and colour (H, W, 3) of open eyes."""
    x, y, z = (place[..., axis] for axis in range(3))
    across, up = np.abs(x) - 32, z + 20
    front = (y > 60) & np.isin(body.kind, (Kind.HEAD, Kind.FACE))
    inside = front & ((across / 13) ** 2 + (up / 5) ** 2 < 1)
    from_middle = np.hypot(across, up)[..., None]
    white, iris = np.array([0.42, 0.37, 0.34]), np.array([0.06, 0.035, 0.02])
    colour = np.where(from_middle < 2.2, 0.004, np.where(from_middle < 5.6, iris, white))
    return inside.astype(np.float32), colour.astype(np.float32)


def _hair(
    scene: Scene, body: Body, person: Person, place: Floats, rng: np.random.Generator
) -> tuple[Ink, Mask]:
    """Brows, beard and hair of the sides, hair by hair; and where (H, W) any of them grows."""
    fine = int(np.clip(round(1 / (_HAIR_WIDTH_MM * scene.px_per_mm)), 1, 3))
    ink, zone = Ink(body.kind.shape, fine), np.zeros(body.kind.shape, dtype=bool)
    x = place[..., 0]
    outward = np.stack([0.9 * np.sign(x), np.zeros_like(x), np.full_like(x, -0.25)], axis=-1)
    down = np.broadcast_to(np.array([0, -0.15, -1], dtype=np.float32), outward.shape)
    for per_cm2, towards, length_mm in (
        (260 * _brows(body, place) * person.brows, outward, 7.0),
        (person.beard_per_cm2 * _beard(body, place), down, person.beard_mm),
        (person.hair_per_cm2 * _sides(body, place, person), down, person.hair_mm),
    ):
        if length_mm:
            expected = per_cm2 * _area_cm2(scene, body)
            _grow(ink, scene, body, person, expected, towards, length_mm, rng)
            zone |= per_cm2 > 10
    return ink, zone


def _brows(body: Body, place: Floats) -> Floats:
    """Share of full density (H, W) of the eyebrows."""
    x, y, z = (place[..., axis] for axis in range(3))
    arch = 5.0 - 0.006 * (np.abs(x) - 28) ** 2
    inside = (np.abs(np.abs(x) - 30) < 21) & (np.abs(z - arch) < 3.6) & (y > 50)
    return np.asarray(inside & np.isin(body.kind, (Kind.HEAD, Kind.FACE)), dtype=np.float32)


def _beard(body: Body, place: Floats) -> Floats:
    """Share of full density (H, W) of the beard, on lower face and cheeks."""
    x, y, z = (place[..., axis] for axis in range(3))
    line = -44.0 - 24.0 * np.clip((y - 10) / 60, 0, 1)
    edge = 2.0 * np.sin(0.35 * (x + y)) + 1.3 * np.sin(0.9 * (x - y))
    inside = (z < line + edge) & (z > -140) & (y > 4 + 0.1 * edge) & ~_lips(place, body)
    return np.asarray(inside & np.isin(body.kind, (Kind.HEAD, Kind.FACE)), dtype=np.float32)


def _sides(body: Body, place: Floats, person: Person) -> Floats:
    """Share of full density (H, W) of the hair on the sides and the back."""
    x, y, z = (place[..., axis] for axis in range(3))
    from_top = np.degrees(np.arctan2(np.hypot(x / 76, y / 95), z / 88))
    begins = np.clip((from_top - person.hair_from_deg) / 4, 0, 1)
    nape = -64.0 + 2.5 * np.sin(0.2 * x) + 1.5 * np.sin(0.7 * x)
    behind = (y < 22 + 0.1 * z) & (z > nape) & (body.kind == Kind.HEAD)
    return np.asarray(begins * behind, dtype=np.float32)


def _area_cm2(scene: Scene, body: Body) -> Floats:
    """Skin (H, W) that each pixel sees, in cm2; 0 where nothing is met."""
    far = np.where(np.isfinite(body.distance), body.distance, 0)
    seen_mm2 = (far / scene.camera.focal_px) ** 2 / np.maximum(body.sight.cos_slant, 0.12)
    return np.asarray(seen_mm2 / 100, dtype=np.float32)


def _grow(
    ink: Ink,
    scene: Scene,
    body: Body,
    person: Person,
    expected: Floats,
    towards: Floats,
    length_mm: float,
    rng: np.random.Generator,
) -> None:
    """Draw hairs; `expected` (H, W) of them root in each pixel, lying along `towards` (H, W, 3)."""
    width_px = _HAIR_WIDTH_MM * scene.px_per_mm
    drawn_px = max(width_px, ink.thinnest_px)
    # Hairs too thin to draw are drawn thicker, but fewer of them.
    count = rng.poisson(expected * (width_px / drawn_px))
    rows, columns = np.nonzero(count)
    order = rng.permutation(np.repeat(np.arange(len(rows)), count[rows, columns]))
    rows, columns = rows[order], columns[order]
    root, normal = body.sight.point_mm[rows, columns], body.sight.normal[rows, columns]
    lie = towards[rows, columns] + rng.normal(0, 0.28, root.shape)
    lie -= np.sum(lie * normal, axis=1, keepdims=True) * normal
    lie /= np.linalg.norm(lie, axis=1, keepdims=True)
    length = length_mm * rng.lognormal(0, 0.25, (len(root), 1))
    middle = root + length * (0.45 * lie + 0.16 * normal)
    tip = middle + length * (0.5 * lie + 0.02 * normal + rng.normal(0, 0.06, root.shape))
    lines = np.stack(
        [scene.camera.project(p.astype(np.float64))[0] for p in (root, middle, tip)], 1
    )
    shade = rng.lognormal(0, 0.35, len(root))
    for line, light in zip(lines, shade, strict=True):
        red, green, blue = (min(light * c, 1.0) for c in person.hair_colour)
        ink.stroke(line, (red, green, blue), drawn_px)


def _paint_cloth_and_room(
    cover: Cover, body: Body, person: Person, rng: np.random.Generator
) -> None:
    shape = body.kind.shape
    cloth = (body.kind == Kind.CLOTH).astype(np.float32)
    weave = folds(shape, rng)[..., None] * np.array(person.cloth_colour, dtype=np.float32)
    room = (body.kind == Kind.BACKDROP).astype(np.float32)
    cover.paint(room, backdrop(person.backdrop, shape, rng))
    cover.paint(cloth, weave)


def _paint_glasses(cover: Cover, body: Body, person: Person, head: Head, camera: Camera) -> None:
    """Frames and lenses, cut off where the head or a hand is nearer than they are."""
    if person.glasses == "none":
        return
    lenses, wires = _glasses(head, pushed_up=person.glasses == "pushed up")
    free = (body.kind != Kind.HAND).astype(np.float32)
    glass = Ink(body.kind.shape, 1)
    for rim in lenses:
        if np.all(_in_front(rim, body, camera, 25.0)):
            glass.fill(camera.project(rim)[0], (0.5, 0.52, 0.55), 1.0)
    alpha, colour = glass.dry()
    cover.paint(person.lens_alpha * alpha * free, colour, shine=3.0)
    frame = Ink(body.kind.shape, 2)
    for wire, width_mm in wires:
        _draw_wire(frame, wire, width_mm, person.frame_colour, body, camera)
    alpha, colour = frame.dry()
    cover.paint(alpha * free, colour, shine=2.0)


def _draw_wire(
    ink: Ink, wire: Points, width_mm: float, colour: Colour, body: Body, camera: Camera
) -> None:
    """One wire (n, 3), piece by piece, lighter where it turns up to the light."""
    seen = _in_front(wire, body, camera, 4.0)
    xy, depth = camera.project(wire)
    for i in range(len(wire) - 1):
        if seen[i] and seen[i + 1]:
            light = 1 + 2.5 * max(0.0, float(np.sin(0.35 * i))) ** 6
            red, green, blue = (min(light * c, 1.0) for c in colour)
            ink.stroke(xy[i : i + 2], (red, green, blue), width_mm * camera.focal_px / depth[i])


def _in_front(points: Points, body: Body, camera: Camera, slack_mm: float) -> Mask:
    """Which points (n, 3) nothing hides; those out of frame are not hidden."""
    xy, _ = camera.project(points)
    height, width = body.kind.shape
    x, y = np.clip(np.rint(xy), 0, [width - 1, height - 1]).astype(int).T
    far = np.linalg.norm(points - camera.position, axis=1)
    return np.asarray(far < body.distance[y, x] + slack_mm)


def _glasses(head: Head, *, pushed_up: bool) -> tuple[list[Points], list[tuple[Points, float]]]:
    """Rims of the lenses (n, 3), and all wires with their widths in mm."""
    turn = np.linspace(0, 2 * np.pi, 61)
    c, s = np.cos(turn), np.sin(turn)
    rims = [
        np.stack(
            [
                side * (33 + 26 * np.sign(c) * np.abs(c) ** 0.7),
                104 - 6 * (33 + 26 * c - 20) ** 2 / 1500,
                -22 + 20 * np.sign(s) * np.abs(s) ** 0.8,
            ],
            axis=1,
        )
        for side in (-1, 1)
    ]
    x = np.linspace(-7, 7, 8)
    bridge = np.stack([x, 104 + 0 * x, -15 - 0.05 * x**2], axis=1)
    along = np.linspace(0, 1, 40)
    arms = [
        np.stack(
            [side * (59 + 20 * np.minimum(along * 3, 1)), 100 - 118 * along, -14 - 10 * along**6],
            axis=1,
        )
        for side in (-1, 1)
    ]
    wires = [(rim, 3.0) for rim in rims] + [(bridge, 3.2)] + [(arm, 4.0) for arm in arms]
    place = _pushed_up if pushed_up else np.asarray
    grown = head.axes / USUAL_AXES_MM
    return [place(rim) * grown for rim in rims], [(place(w) * grown, mm) for w, mm in wires]


def _pushed_up(points: Points) -> Points:
    """Glasses turned up about the ears onto the front of the head."""
    turn = np.radians(57.0)
    y, z = points[:, 1] + 8, points[:, 2] + 12
    up = np.stack(
        [points[:, 0], np.cos(turn) * y - np.sin(turn) * z, np.sin(turn) * y + np.cos(turn) * z], 1
    )
    moved: Points = up * [1.0, 1.04, 1.04] + [0.0, -8.0, -12.0]
    return moved
