"""A small practice to test with, made through the program's own code.

Its photos are flat and their numbers invented, so that every kind of course is there at once;
only those of `waiting` are left to be measured.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from tracker import intake, previews
from tracker.accounts import new_account
from tracker.archive import Archive
from tracker.change import DARKNESS
from tracker.records import (
    Answer,
    Client,
    Measurement,
    Outcome,
    Photo,
    Practice,
    Role,
    System,
    Treatment,
    new_id,
)
from tracker.store import accounts, answers, clients, measurements
from tracker.work import VERSION

SYSTEM = System("test")
PASSWORD = "demonstration"

Shot = tuple[int, str, str]
"""Day, view, and the code of the refusal or nothing."""


def email(who: str) -> str:
    """What somebody signs in with."""
    return f"{who}@harbour.example"


def shots(days: Iterable[int], view: str = "crown", refusal: str = "") -> tuple[Shot, ...]:
    """Photos of one view."""
    return tuple((day, view, refusal) for day in days)


@dataclass(frozen=True)
class Plan:
    """One invented client; the last `waiting` photos are unmeasured and their dates unconfirmed."""

    name: str
    day: int
    photos: tuple[Shot, ...] = ()
    treatments: tuple[int, ...] = (0,)
    waiting: int = 0
    redness_peak: float = 7.5
    redness_half_life: float = 3.0
    fade_per_week: float = 0.0
    uneven: float = 0.0
    patch: bool = False
    yes: str = ""


PLANS: Mapping[str, Plan] = {
    "mara": Plan(
        "Mara L.", 61,
        (*shots((0, 2, 7, 12, 21, 28)), *shots((35,), refusal="glare"), *shots((42, 61)),
         *shots((0, 28, 61), "top")),
        treatments=(-14, 0), waiting=1,
    ),
    "tom": Plan("Tom W.", 58, shots((0, 3, 7, 14, 28, 35, 44, 53, 58)), (-28, -14, 0), uneven=0.2,
                patch=True),
    "elena": Plan(
        "Elena R.", 84, shots((0, 1, 3, 6, 9, 14, 21, 28, 30, 33, 38, 56, 70, 84)),
        redness_peak=10.0, redness_half_life=60.0, fade_per_week=0.1,
    ),
    "ali": Plan("Ali H.", 31, (*shots((2, 9, 31), refusal="glare"), (20, "crown", "no-skin"))),
    "jonas": Plan("Jonas K.", 12, shots((0, 2, 5, 12)), yes="pus_drainage"),
    "ben": Plan("Ben O.", 21),
}  # fmt: skip


PATCH: Mapping[str, object] = {
    "outline": [[10, 8], [24, 7], [28, 15], [20, 22], [9, 18]],
    "area_px": 190,
    "area_cm2": 1.9,
    "relative_density": 0.4,
    "p_value": 0.002,
    "dots_missing": 62.0,
    "dots_missing_stderr": 10.6,
}


def make(folder: Path) -> None:
    """Make the practice in a folder."""
    with Archive.open(folder) as archive:
        practice = Practice(new_id(), "Harbour SMP", _now())
        clients.add_practice(archive.store, SYSTEM, practice)
        _account(archive, practice, "dana", "Dana M.", "practitioner")
        _account(archive, practice, "sam", "Sam P.", "scheduler")
        for seed, (who, plan) in enumerate(PLANS.items()):
            client = Client(new_id(), practice.id, plan.name, "permanent", _now())
            clients.add_client(archive.store, SYSTEM, client)
            _account(archive, practice, who, plan.name, "client", client.id)
            _fill(archive, client, plan, np.random.default_rng(seed))


def client_id(archive: Archive, who: str) -> str:
    """A client's id by the name it signs in with."""
    found = clients.clients(archive.store, SYSTEM)
    return next(each.id for each in found if each.name == PLANS[who].name)


def flat_photo(shade: int, size: tuple[int, int] = (40, 30)) -> Image.Image:
    """A plain picture that differs by shade."""
    return Image.new("RGB", size, (shade * 16 % 256, shade // 16 * 16 % 256, 90))


def jpeg(picture: Image.Image) -> bytes:
    """A picture as a JPEG file."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def _account(
    archive: Archive, practice: Practice, who: str, name: str, role: Role, client: str | None = None
) -> None:
    address, now = email(who), _now()
    made = new_account(practice.id, address, name, role, PASSWORD, now=now, client_id=client)
    accounts.add_account(archive.store, SYSTEM, made)


def _fill(archive: Archive, client: Client, plan: Plan, rng: np.random.Generator) -> None:
    zero = datetime.now().astimezone().date() - timedelta(days=plan.day)
    for day in plan.treatments:
        treated_on = zero + timedelta(days=day)
        treatment = Treatment(new_id(), client.practice_id, client.id, treated_on, "all")
        clients.add_treatment(archive.store, SYSTEM, treatment)
    for number, (day, view, refusal) in enumerate(plan.photos):
        waits = len(plan.photos) - number <= plan.waiting
        picture = flat_photo(number)
        taken_on = zero + timedelta(days=day)
        photo = _photo(archive, client, jpeg(picture), taken_on, view, confirmed=not waits)
        if not waits:
            previews.keep(archive.folder, photo, previews.encode(np.asarray(picture)))
            patches = (PATCH,) if plan.patch and day >= 50 else ()
            _outcome(archive, photo, refusal, _numbers(plan, day, rng), patches)
    if plan.yes:
        yes = Answer(new_id(), client.practice_id, client.id, _now(), (plan.yes,), "urgent_today")
        answers.add_answer(archive.store, SYSTEM, yes)


def _photo(
    archive: Archive, client: Client, data: bytes, taken_on: date, view: str, *, confirmed: bool
) -> Photo:
    name, told = f"{taken_on} {view}.jpg", taken_on if confirmed else None
    return intake.accept(
        archive, SYSTEM, client.id, data, name=name, view=view, now=_now(), taken_on=told
    ).photo


def _numbers(plan: Plan, day: int, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Values with their standard errors as the instrument might give them for a day."""
    settling = np.interp(day, (3, 10, 14, 28, 90), (1.45, 0.88, 0.88, 1, 0.97))
    fading = np.exp(-plan.fade_per_week * max(0, day - 28) / 7)
    redness = plan.redness_peak * 0.5 ** (day / plan.redness_half_life)
    evenness = 0.9 - (plan.uneven if day >= 50 else 0)
    return {
        DARKNESS: (float(0.05 * settling * fading * rng.normal(1, 0.01)), 0.001),
        "redness_index": (float(redness + rng.normal(0, 0.15)), 0.35),
        "density_uniformity": (float(evenness + rng.normal(0, 0.01)), 0.02),
        "dot_count": (float(900 * rng.normal(1, 0.02)), 30.0),
    }


def _outcome(
    archive: Archive,
    photo: Photo,
    refusal: str,
    numbers: Mapping[str, tuple[float, float]],
    patches: tuple[Mapping[str, object], ...] = (),
) -> None:
    verdict = "refused" if refusal else "measured"
    document = {
        "schema": 1,
        "verdict": verdict,
        "level": None if refusal else "dot",
        "reasons": [{"code": refusal, "sentence": ""}] if refusal else [],
        "flags": [],
        "width_px": 40,
        "height_px": 30,
        "patches": list(patches),
    }
    rows = [
        Measurement(photo.id, None, measurand, VERSION, value, stderr, ())
        for measurand, (value, stderr) in numbers.items()
        if not refusal
    ]
    outcome = Outcome(photo.id, None, VERSION, verdict, document)
    measurements.add_outcome(archive.store, SYSTEM, outcome, rows)


def _now() -> datetime:
    return datetime.now(UTC)
