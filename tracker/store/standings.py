"""Where clients stand, as last worked out: so that a list is read, not computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select

from tracker.records import Actor
from tracker.store import Store
from tracker.store.rows import values_of
from tracker.store.schema import client, standing
from tracker.store.scope import client_rows, photo_rows, require_system


@dataclass(frozen=True)
class Edition:
    """What a standing was worked out by, beside the data: instrument, rules, and for which day."""

    instrument: str
    rule_version: int
    as_of: date


@dataclass(frozen=True)
class Kept:
    """One client's standing and the version of the data it rests on."""

    client_id: str
    practice_id: str
    data_version: int
    document: dict[str, Any]


def data_versions(store: Store, actor: Actor) -> dict[str, int]:
    """Return the data version of every client this actor may know of."""
    rows = select(client.c.id, client.c.data_version).where(client_rows(actor, client, "id"))
    return store.read(lambda connection: {r.id: r.data_version for r in connection.execute(rows)})


def current(store: Store, actor: Actor, edition: Edition) -> dict[str, dict[str, Any]]:
    """Return the standings that still hold, by client: same data, instrument, rules and day."""
    rows = (
        select(standing.c.client_id, standing.c.document)
        .join(
            client,
            and_(
                client.c.id == standing.c.client_id,
                client.c.data_version == standing.c.data_version,
            ),
        )
        .where(*(standing.c[name] == value for name, value in values_of(edition).items()))
        .where(photo_rows(actor, standing))
    )
    return store.read(
        lambda connection: {r.client_id: r.document for r in connection.execute(rows)}
    )


def keep(store: Store, actor: Actor, edition: Edition, new: Sequence[Kept]) -> None:
    """Keep standings in place of those from before; of a client who has gone, nothing."""
    require_system(actor)

    def work(connection: Connection) -> None:
        ids = [each.client_id for each in new]
        known = set(connection.scalars(select(client.c.id).where(client.c.id.in_(ids))))
        connection.execute(delete(standing).where(standing.c.client_id.in_(ids)))
        rows = [values_of(k) | values_of(edition) for k in new if k.client_id in known]
        if rows:
            connection.execute(insert(standing), rows)

    store.write(work)
