"""Settings of a practice and of accounts in it: each change stays, the newest counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from tracker.records import Actor, Choice
from tracker.store import Store
from tracker.store.audit import record
from tracker.store.rows import all_of, columns_of, values_of
from tracker.store.schema import choice
from tracker.store.scope import own_practice, require_own_practice, require_staff
from tracker.store.touch import all_touched


def add_choice(store: Store, actor: Actor, new: Choice) -> None:
    """Put a setting in force, audited."""
    require_staff(actor, "practitioner", "owner")
    require_own_practice(actor, new.practice_id)

    def work(connection: Connection) -> None:
        connection.execute(insert(choice), values_of(new))
        all_touched(connection, new.practice_id)
        detail = {"name": new.name, "value": new.value, "account": new.account_id}
        subject = f"practice:{new.practice_id}"
        record(
            connection, actor, "choose", subject,
            practice_id=new.practice_id, at=new.made_at, detail=detail,
        )  # fmt: skip

    store.write(work)


def chosen(
    store: Store, actor: Actor, practice_id: str, name: str, account_id: str | None = None
) -> Any:
    """Return a setting's value in force, None while it was never set."""
    rows = select(*columns_of(choice, Choice)).where(
        choice.c.practice_id == practice_id,
        choice.c.name == name,
        choice.c.account_id.is_(None) if account_id is None else choice.c.account_id == account_id,
        own_practice(actor, choice),
    )
    every = store.read(all_of(Choice, rows.order_by(choice.c.id)))
    return every[-1].value if every else None
