"""Plans of practices and of single clients: every version stays, the newest is in force."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, insert, select

from tracker.records import Actor, PlanVersion
from tracker.store import Store
from tracker.store.audit import record
from tracker.store.clients import client_in
from tracker.store.rows import all_of, columns_of, values_of
from tracker.store.schema import plan
from tracker.store.scope import client_rows, own_practice, require_own_practice, require_staff
from tracker.store.touch import all_touched, touched


def add_plan(store: Store, actor: Actor, new: PlanVersion) -> None:
    """Put a version in force, audited; going back to an older one is a new version too."""
    require_staff(actor, "practitioner", "owner")
    require_own_practice(actor, new.practice_id)

    def work(connection: Connection) -> None:
        if new.client_id is not None:
            client_in(connection, actor, new.client_id)
            touched(connection, new.client_id)
        else:
            all_touched(connection, new.practice_id)
        connection.execute(insert(plan), values_of(new))
        subject = f"client:{new.client_id}" if new.client_id else f"practice:{new.practice_id}"
        detail = {"changes": new.changes, "reason": new.reason}
        record(
            connection, actor, "save plan", subject,
            practice_id=new.practice_id, at=new.made_at, detail=detail,
        )  # fmt: skip

    store.write(work)


def versions(
    store: Store, actor: Actor, practice_id: str, client_id: str | None = None
) -> tuple[PlanVersion, ...]:
    """Return the versions of a practice's plan, or of one client's, oldest first."""
    rows = select(*columns_of(plan, PlanVersion)).where(
        plan.c.practice_id == practice_id, _visible(actor, client_id)
    )
    return store.read(all_of(PlanVersion, rows.order_by(plan.c.id)))


def client_plans(store: Store, actor: Actor, practice_id: str) -> dict[str, PlanVersion]:
    """Return the newest version of each client of a practice who ever had one, by client."""
    require_staff(actor, "practitioner", "owner")
    rows = select(*columns_of(plan, PlanVersion)).where(
        plan.c.practice_id == practice_id, own_practice(actor, plan), plan.c.client_id.is_not(None)
    )
    every = store.read(all_of(PlanVersion, rows.order_by(plan.c.id)))
    return {each.client_id: each for each in every if each.client_id}


def _visible(actor: Actor, client_id: str | None) -> ColumnElement[bool]:
    if client_id is None:
        return and_(own_practice(actor, plan), plan.c.client_id.is_(None))
    return and_(client_rows(actor, plan), plan.c.client_id == client_id)
