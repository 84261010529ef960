"""What the tracker remembers, as frozen records; identifiers are uuid4 hex strings."""

import math
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Role = Literal["client", "practitioner", "scheduler", "owner", "operator"]
Pigment = Literal["permanent", "temporary"]
DateSource = Literal["exif", "name", "given", "none"]
Fit = Literal["waiting", "laid", "apart"]
Decision = Literal["confirmed", "dismissed"]


def new_id() -> str:
    """Return a fresh random identifier."""
    return uuid.uuid4().hex


def require_aware(name: str, instant: datetime | None) -> None:
    """Raise ValueError if an instant does not say which instant it is."""
    if instant is not None and instant.utcoffset() is None:
        raise ValueError(f"{name} must be timezone-aware, got {instant!r}")


def _require_client_only_for_clients(role: Role, client_id: str | None) -> None:
    if (role == "client") != (client_id is not None):
        raise ValueError(f"role {role!r} does not go with client_id {client_id!r}")


@dataclass(frozen=True)
class Practice:
    """One clinic; nothing is ever shared between two."""

    id: str
    name: str
    created_at: datetime

    def __post_init__(self) -> None:
        require_aware("created_at", self.created_at)


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    id: str
    practice_id: str
    email: str
    name: str
    role: Role
    client_id: str | None
    password_hash: str | None
    disabled_at: datetime | None
    created_at: datetime

    def __post_init__(self) -> None:
        _require_client_only_for_clients(self.role, self.client_id)
        require_aware("disabled_at", self.disabled_at)
        require_aware("created_at", self.created_at)


@dataclass(frozen=True)
class Viewer:
    """Who is asking, as known from a live sign-in."""

    account_id: str
    practice_id: str
    role: Role
    client_id: str | None
    name: str

    def __post_init__(self) -> None:
        _require_client_only_for_clients(self.role, self.client_id)


@dataclass(frozen=True)
class System:
    """The program itself at some duty (measuring, signing in, the command line)."""

    duty: str


Actor = Viewer | System


@dataclass(frozen=True)
class Client:
    """A person whose scalp is followed."""

    id: str
    practice_id: str
    name: str
    pigment: Pigment
    created_at: datetime

    def __post_init__(self) -> None:
        require_aware("created_at", self.created_at)


@dataclass(frozen=True)
class Treatment:
    """A dated micropigmentation visit."""

    id: str
    practice_id: str
    client_id: str
    treated_on: date
    area: str


@dataclass(frozen=True)
class Photo:
    """A kept photo; taken_on and taken_at are local wall time, never converted to UTC."""

    id: str
    practice_id: str
    client_id: str
    view: str
    name: str
    format: str
    n_bytes: int
    received_sha256: str
    stored_sha256: str
    taken_on: date | None
    taken_at: str | None
    date_source: DateSource
    date_confirmed: bool
    received_at: datetime

    def __post_init__(self) -> None:
        require_aware("received_at", self.received_at)
        if (self.date_source == "none") != (self.taken_on is None):
            raise ValueError(f"date_source {self.date_source!r} with taken_on {self.taken_on!r}")


@dataclass(frozen=True)
class Camera:
    """Phone, lens and picture mode as a photo tells them; None where it does not."""

    model: str | None = None
    lens: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class PhotoState:
    """A photo and how it ended: `verdict` None while it waits to be measured."""

    photo: Photo
    day: int | None
    verdict: str | None
    level: str | None
    reasons: tuple[str, ...]
    flags: tuple[str, ...] = ()
    camera: Camera = Camera()


@dataclass(frozen=True)
class Outcome:
    """How one run of the instrument ended for a photo, alone or against a baseline photo."""

    photo_id: str
    baseline_id: str | None
    version: str
    verdict: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Measurement:
    """One number with its standard error; no value always comes with a flag that says why."""

    photo_id: str
    baseline_id: str | None
    measurand: str
    version: str
    value: float | None
    stderr: float | None
    flags: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, number in (("value", self.value), ("stderr", self.stderr)):
            # SQLite would silently store NaN as NULL
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{name} must be finite or None, got {number!r}")
        if self.value is None and not self.flags:
            raise ValueError(f"{self.measurand} has no value and no flag that says why")


@dataclass(frozen=True)
class Answer:
    """One round of the questions: the signs answered yes and the level they gave."""

    id: str
    practice_id: str
    client_id: str
    answered_at: datetime
    yes: tuple[str, ...]
    level: str
    closed_at: datetime | None = None
    closed_by: str | None = None

    def __post_init__(self) -> None:
        require_aware("answered_at", self.answered_at)
        require_aware("closed_at", self.closed_at)
        if (self.closed_at is None) != (self.closed_by is None):
            raise ValueError(f"closed_at {self.closed_at!r} with closed_by {self.closed_by!r}")


@dataclass(frozen=True)
class PlanVersion:
    """A plan as somebody saved it: of the practice, or of one client; the newest is in force.

    `changes`: all that differs from what it lies over, by path; empty = nothing of its own.
    """

    practice_id: str
    client_id: str | None
    changes: dict[str, Any]
    reason: str
    made_by: str
    made_at: datetime

    def __post_init__(self) -> None:
        require_aware("made_at", self.made_at)


@dataclass(frozen=True)
class Judgement:
    """What a practitioner decided about a finding; the newest of one finding counts.

    A finding is known by its kind, its view and since when it holds.
    """

    practice_id: str
    client_id: str
    kind: str
    view: str
    since: date
    rule_version: int
    decision: Decision
    reason: str
    made_by: str
    made_at: datetime

    def __post_init__(self) -> None:
        require_aware("made_at", self.made_at)


@dataclass(frozen=True)
class Choice:
    """A setting of a practice, or of one account in it; the newest of one name counts."""

    practice_id: str
    account_id: str | None
    name: str
    value: Any
    made_by: str
    made_at: datetime

    def __post_init__(self) -> None:
        require_aware("made_at", self.made_at)


@dataclass(frozen=True)
class BorderLoss:
    """New hair loss at the border as a person saw it; the newest row counts, `there` False takes
    it back.
    """

    practice_id: str
    client_id: str
    seen_on: date
    place: str
    there: bool
    made_by: str
    made_at: datetime

    def __post_init__(self) -> None:
        require_aware("made_at", self.made_at)
