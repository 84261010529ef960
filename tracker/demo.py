"""The demonstration practice: three drawn clients, their photos taken in by the normal way.

The drawn photos' dates are moved together so that each client's last photo was taken yesterday.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tracker import dating, intake
from tracker.accounts import new_account
from tracker.archive import Archive
from tracker.errors import Refused
from tracker.records import Client, Practice, Role, System, Treatment, new_id
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


PRACTITIONER = Person("dana@harbour.example", "Dana M.", "practitioner")


def people(samples: Path = SAMPLES) -> list[Person]:
    """Everybody of the demonstration, the practitioner first."""
    found = [PRACTITIONER]
    for folder in _folders(samples):
        name = json.loads((folder / "client.json").read_text("utf-8"))["name"]
        found.append(Person(f"{folder.name}@harbour.example", name, "client"))
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
        practice = _practice(archive, now)
        known = {c.name: c for c in clients.clients(archive.store, _SETTING_UP)}
        for person, own in zip(people(samples)[1:], _folders(samples), strict=True):
            n_photos = len(_photo_files(own))
            client = known.get(person.name)
            if client and len(photos.photos(archive.store, _SETTING_UP, client.id)) == n_photos:
                continue
            told(f"taking in {n_photos} drawn photos of {person.name}")
            client = client or _client(archive, practice, person, own, today, now)
            _take_in(archive, client, own, today, now)


def _practice(archive: Archive, now: datetime) -> Practice:
    """The practice with its practitioner, made once."""
    account = accounts.account_by_email(archive.store, _SETTING_UP, PRACTITIONER.email)
    if account is not None:
        return Practice(account.practice_id, PRACTICE, now)
    practice = Practice(new_id(), PRACTICE, now)
    clients.add_practice(archive.store, _SETTING_UP, practice)
    who = PRACTITIONER
    staff = new_account(practice.id, who.email, who.name, who.role, PASSWORD, now=now)
    accounts.add_account(archive.store, _SETTING_UP, staff)
    return practice


def _client(
    archive: Archive, practice: Practice, person: Person, own: Path, today: date, now: datetime
) -> Client:
    client = Client(new_id(), practice.id, person.name, "permanent", now)
    clients.add_client(archive.store, _SETTING_UP, client)
    shift = _shift(own, today)
    for text in json.loads((own / "client.json").read_text("utf-8"))["treated_on"]:
        treated_on = date.fromisoformat(text) + shift
        treatment = Treatment(new_id(), practice.id, client.id, treated_on, "all")
        clients.add_treatment(archive.store, _SETTING_UP, treatment)
    account = new_account(
        practice.id, person.email, person.name, "client", PASSWORD, now=now, client_id=client.id
    )
    accounts.add_account(archive.store, _SETTING_UP, account)
    return client


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
