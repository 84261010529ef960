"""Answers to the questions: what people said of themselves, and who saw to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from tracker.errors import NotFound
from tracker.records import Actor, Answer, System
from tracker.store import Store
from tracker.store.audit import record
from tracker.store.clients import client_in
from tracker.store.rows import all_of, columns_of, first_of, values_of
from tracker.store.schema import answer as answer_table
from tracker.store.scope import photo_rows, require_staff
from tracker.store.touch import touched

NO_LEVEL = "none"


def add_answer(store: Store, actor: Actor, new: Answer) -> None:
    """Keep what was answered, audited with the level whose text was shown."""
    require_staff(actor, "client", "practitioner", "owner")

    def work(connection: Connection) -> None:
        if client_in(connection, actor, new.client_id).practice_id != new.practice_id:
            raise ValueError(f"practice_id {new.practice_id!r} is not that of the client")
        connection.execute(insert(answer_table), values_of(new))
        touched(connection, new.client_id)
        _record(connection, actor, "answer", new, new.answered_at)

    store.write(work)


def answers(store: Store, actor: Actor, client_id: str) -> tuple[Answer, ...]:
    """Return all answers of a client, newest first."""
    rows = select(*columns_of(answer_table, Answer)).where(
        answer_table.c.client_id == client_id, photo_rows(actor, answer_table)
    )
    newest = (answer_table.c.answered_at.desc(), answer_table.c.id)
    return store.read(all_of(Answer, rows.order_by(*newest)))


def open_answers(store: Store, actor: Actor, client_id: str) -> tuple[Answer, ...]:
    """Return the answers with a yes that nobody has closed yet, newest first."""
    every = answers(store, actor, client_id)
    return tuple(a for a in every if a.closed_at is None and a.level != NO_LEVEL)


def close_answer(store: Store, actor: Actor, answer_id: str, *, now: datetime) -> None:
    """Record that a professional has looked; a second time changes nothing."""
    require_staff(actor, "practitioner", "owner")
    who = f"system:{actor.duty}" if isinstance(actor, System) else actor.account_id

    def work(connection: Connection) -> None:
        rows = select(*columns_of(answer_table, Answer)).where(
            answer_table.c.id == answer_id, photo_rows(actor, answer_table)
        )
        found = first_of(Answer, rows)(connection)
        if found is None:
            raise NotFound("There is no such answer.")
        if found.closed_at is None:
            change = update(answer_table).where(answer_table.c.id == answer_id)
            connection.execute(change.values(closed_at=now, closed_by=who))
            touched(connection, found.client_id)
            _record(connection, actor, "close answer", found, now)

    store.write(work)


def _record(connection: Connection, actor: Actor, action: str, about: Answer, at: datetime) -> None:
    detail = {"level": about.level, "yes": list(about.yes)}
    subject = f"answer:{about.id}"
    record(connection, actor, action, subject, practice_id=about.practice_id, at=at, detail=detail)
