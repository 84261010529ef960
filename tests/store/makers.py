"""Records to test with."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from tracker.records import (
    Account,
    Client,
    Measurement,
    Outcome,
    Photo,
    Practice,
    Role,
    System,
    Viewer,
    new_id,
)
from tracker.store import Store, clients

NOW = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
SYSTEM = System("test")


def make_practice(**changes: Any) -> Practice:
    fields: dict[str, Any] = {"id": new_id(), "name": "Clinic", "created_at": NOW}
    return Practice(**fields | changes)


def make_client(practice_id: str, **changes: Any) -> Client:
    fields: dict[str, Any] = {
        "id": new_id(),
        "name": "Ann",
        "pigment": "permanent",
        "created_at": NOW,
    }
    return Client(**fields | {"practice_id": practice_id} | changes)


def keep_client(store: Store) -> Client:
    """A client of a practice of its own, both in the store."""
    practice = make_practice()
    clients.add_practice(store, SYSTEM, practice)
    made = make_client(practice.id)
    clients.add_client(store, SYSTEM, made)
    return made


def make_account(practice_id: str, role: Role = "practitioner", **changes: Any) -> Account:
    fields: dict[str, Any] = {
        "id": new_id(),
        "practice_id": practice_id,
        "email": f"{new_id()}@example.org",
        "name": "Somebody",
        "role": role,
        "client_id": None,
        "password_hash": None,
        "disabled_at": None,
        "created_at": NOW,
    }
    return Account(**fields | changes)


def make_viewer(practice_id: str, role: Role, client_id: str | None = None) -> Viewer:
    return Viewer(new_id(), practice_id, role, client_id, "Somebody")


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_photo(client: Client, data: bytes | None = None, **changes: Any) -> Photo:
    data = new_id().encode() if data is None else data
    fields: dict[str, Any] = {
        "id": new_id(),
        "practice_id": client.practice_id,
        "client_id": client.id,
        "view": "top",
        "name": "top.jpg",
        "format": "JPEG",
        "n_bytes": len(data),
        "received_sha256": sha256_of(data),
        "stored_sha256": sha256_of(data),
        "taken_on": date(2026, 5, 1),
        "taken_at": "2026-05-01T09:30:00",
        "date_source": "exif",
        "date_confirmed": False,
        "received_at": NOW,
    }
    return Photo(**fields | changes)


def make_outcome(photo: Photo, baseline: Photo | None = None, **changes: Any) -> Outcome:
    fields: dict[str, Any] = {"version": "1", "verdict": "measured", "document": {}}
    baseline_id = None if baseline is None else baseline.id
    return Outcome(**{"photo_id": photo.id, "baseline_id": baseline_id} | fields | changes)


def make_measurement(outcome: Outcome, **changes: Any) -> Measurement:
    fields: dict[str, Any] = {"measurand": "dot_density", "value": 1.5, "stderr": 0.1, "flags": ()}
    same = {"photo_id": outcome.photo_id, "baseline_id": outcome.baseline_id}
    return Measurement(**same | {"version": outcome.version} | fields | changes)
