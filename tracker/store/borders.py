"""New hair loss at the border, as people entered it: each entry stays, the newest counts."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from tracker.records import Actor, BorderLoss
from tracker.store import Store
from tracker.store.audit import record
from tracker.store.clients import client_in
from tracker.store.rows import all_of, columns_of, values_of
from tracker.store.schema import border_loss
from tracker.store.scope import photo_rows, require_own_practice, require_staff
from tracker.store.touch import touched


def add_border_loss(store: Store, actor: Actor, new: BorderLoss) -> None:
    """Keep what somebody saw, or that it is taken back, audited."""
    require_staff(actor, "practitioner", "owner")
    require_own_practice(actor, new.practice_id)

    def work(connection: Connection) -> None:
        client_in(connection, actor, new.client_id)
        connection.execute(insert(border_loss), values_of(new))
        touched(connection, new.client_id)
        detail = {"seen_on": new.seen_on.isoformat(), "place": new.place, "there": new.there}
        record(
            connection, actor, "border loss", f"client:{new.client_id}",
            practice_id=new.practice_id, at=new.made_at, detail=detail,
        )  # fmt: skip

    store.write(work)


def border_loss_of(store: Store, actor: Actor, client_id: str) -> BorderLoss | None:
    """Return the newest entry of a client that was not taken back, None without one."""
    rows = select(*columns_of(border_loss, BorderLoss)).where(
        border_loss.c.client_id == client_id, photo_rows(actor, border_loss)
    )
    every = store.read(all_of(BorderLoss, rows.order_by(border_loss.c.id)))
    return every[-1] if every and every[-1].there else None
