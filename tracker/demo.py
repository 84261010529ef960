"""The demonstration practice: three drawn clients, their photos taken in by the normal way.

The drawn photos' dates are moved together so that each client's last photo was taken yesterday.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tracker import dating, intake, people
from tracker.archive import Archive
from tracker.errors import Refused
from tracker.records import Client, Practice, Role, System
from tracker.store import accounts, clients, photos

PRACTICE = "Harbour SMP"
PASSWORD = "demonstration"
SAMPLES = Path(__file__).parent.parent / "sample_images"
_SETTING_UP = System("demonstration")


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in to the demonstration."""

    email: str
    name: str
    role: Role


PRACTITIONER = Person("dana@demonstration.example", "Dana M.", "practitioner")


def cast(samples: Path = SAMPLES) -> list[Person]:
    """Everybody of the demonstration, the practitioner first."""
    found = [PRACTITIONER]
    for folder in _folders(samples):
        name = json.loads((folder / "client.json").read_text("utf-8"))["name"]
        found.append(Person(f"{folder.name}@demonstration.example", name, "client"))
    return found


def prepare(
    folder: Path,
    *,
    now: datetime,
    samples: Path = SAMPLES,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Make the practice in a folder, or what is missing of it; a second time changes nothing."""
    today = now.astimezone().date()
    with Archive.open(folder) as archive:
        _refuse_a_real_practice(archive, samples)
        practice = people.practice(archive, _SETTING_UP, PRACTICE, now=now)
        known = {c.name: c for c in clients.clients(archive.store, _SETTING_UP)}
        _practitioner(archive, practice, now)
        for person, own in zip(cast(samples)[1:], _folders(samples), strict=True):
            n_photos = len(_photo_files(own))
            client = known.get(person.name)
            if client and len(photos.photos(archive.store, _SETTING_UP, client.id)) == n_photos:
                continue
            told(f"taking in {n_photos} drawn photos of {person.name}")
            client = client or _client(archive, practice, person, own, today, now)
            _take_in(archive, client, own, today, now)


def is_demonstration(archive: Archive) -> bool:
    """Whether somebody in an archive has the demonstration's well-known password."""
    known = accounts.account_by_email(archive.store, _SETTING_UP, PRACTITIONER.email)
    return known is not None


def _refuse_a_real_practice(archive: Archive, samples: Path) -> None:
    ours = {person.email for person in cast(samples)}
    others = [a for a in accounts.accounts(archive.store, _SETTING_UP) if a.email not in ours]
    if others:
        raise Refused("This folder holds a practice; the demonstration needs one of its own.")


def _practitioner(archive: Archive, practice: Practice, now: datetime) -> None:
    who = PRACTITIONER
    if accounts.account_by_email(archive.store, _SETTING_UP, who.email) is None:
        people.add_staff(
            archive, _SETTING_UP, practice, email=who.email, name=who.name, role=who.role,
            password=PASSWORD, now=now,
        )  # fmt: skip


def _client(
    archive: Archive, practice: Practice, person: Person, own: Path, today: date, now: datetime
) -> Client:
    told = json.loads((own / "client.json").read_text("utf-8"))["treated_on"]
    shift = _shift(own, today)
    return people.add_client(
        archive,
        _SETTING_UP,
        practice,
        email=person.email,
        name=person.name,
        password=PASSWORD,
        treated_on=[date.fromisoformat(day) + shift for day in told],
        now=now,
    )


def _take_in(archive: Archive, client: Client, own: Path, today: date, now: datetime) -> None:
    shift = _shift(own, today)
    for path in _photo_files(own):
        drawn_on = dating.named_date(path.name)
        intake.accept(
            archive,
            _SETTING_UP,
            client.id,
            path.read_bytes(),
            name=path.name,
            view=dating.named_view(path.name),
            now=now,
            taken_on=drawn_on + shift if drawn_on else None,
        )


def _shift(own: Path, today: date) -> timedelta:
    """From the drawn calendar to one that ends yesterday."""
    last = max(d for p in _photo_files(own) if (d := dating.named_date(p.name)))
    return today - timedelta(days=1) - last


def _folders(samples: Path) -> list[Path]:
    found = sorted(path.parent for path in samples.glob("*/client.json"))
    if not found:
        raise Refused(
            f"There are no drawn photos in {samples}; draw them with `smp-tracker phantom`."
        )
    return found


def _photo_files(own: Path) -> list[Path]:
    return sorted(p for p in own.iterdir() if p.suffix in (".jpg", ".heic"))
