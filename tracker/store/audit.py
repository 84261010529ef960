"""The record of who did what: rows are added in the transaction of the deed, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from tracker.records import Actor, System
from tracker.store import Store
from tracker.store.rows import all_of, columns_of, values_of
from tracker.store.schema import audit
from tracker.store.scope import own_practice, require_staff


@dataclass(frozen=True)
class Deed:
    """One audited deed; subject is 'kind:id'."""

    practice_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def record(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    *,
    practice_id: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one audit row to the transaction that is open."""
    who = f"system:{actor.duty}" if isinstance(actor, System) else f"account:{actor.account_id}"
    deed = Deed(practice_id, at, who, action, subject, detail or {})
    connection.execute(insert(audit), values_of(deed))


def deeds(store: Store, actor: Actor) -> tuple[Deed, ...]:
    """Return the audit rows of the practice, oldest first."""
    require_staff(actor, "owner")
    rows = select(*columns_of(audit, Deed)).where(own_practice(actor, audit))
    return store.read(all_of(Deed, rows.order_by(audit.c.id)))
