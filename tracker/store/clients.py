"""Practices, clients and their treatments."""

from sqlalchemy import Connection, insert, select

from tracker.errors import NotFound
from tracker.records import Actor, Client, Practice, Treatment, Viewer
from tracker.store import Store
from tracker.store.rows import all_of, columns_of, first_of, values_of
from tracker.store.schema import client as client_table
from tracker.store.schema import practice, treatment
from tracker.store.scope import (
    client_rows,
    require_own_practice,
    require_staff,
    require_system,
)
from tracker.store.touch import touched


def add_practice(store: Store, actor: Actor, new: Practice) -> None:
    """Add a practice."""
    require_system(actor)
    store.write(lambda connection: connection.execute(insert(practice), values_of(new)))


def practices(store: Store, actor: Actor) -> tuple[Practice, ...]:
    """Return all practices, by name."""
    require_system(actor)
    rows = select(*columns_of(practice, Practice)).order_by(practice.c.name, practice.c.id)
    return store.read(all_of(Practice, rows))


def own_practice(store: Store, actor: Viewer) -> Practice:
    """Return the practice that somebody belongs to."""
    rows = select(*columns_of(practice, Practice)).where(practice.c.id == actor.practice_id)
    found = store.read(first_of(Practice, rows))
    if found is None:
        raise NotFound("There is no such practice.")
    return found


def add_client(store: Store, actor: Actor, new: Client) -> None:
    """Add a client to the actor's practice."""
    require_staff(actor, "practitioner", "scheduler", "owner")
    require_own_practice(actor, new.practice_id)
    store.write(lambda connection: connection.execute(insert(client_table), values_of(new)))


def clients(store: Store, actor: Actor) -> tuple[Client, ...]:
    """Return the clients this actor may know of, by name."""
    rows = select(*columns_of(client_table, Client)).where(client_rows(actor, client_table, "id"))
    return store.read(all_of(Client, rows.order_by(client_table.c.name, client_table.c.id)))


def client(store: Store, actor: Actor, client_id: str) -> Client:
    """Return one client."""
    return store.read(lambda connection: client_in(connection, actor, client_id))


def client_in(connection: Connection, actor: Actor, client_id: str) -> Client:
    """Return one client within an open transaction."""
    rows = select(*columns_of(client_table, Client)).where(
        client_table.c.id == client_id, client_rows(actor, client_table, "id")
    )
    found = first_of(Client, rows)(connection)
    if found is None:
        raise NotFound("There is no such client.")
    return found


def add_treatment(store: Store, actor: Actor, new: Treatment) -> None:
    """Add a treatment of a client."""
    require_staff(actor, "practitioner", "owner")

    def work(connection: Connection) -> None:
        if client_in(connection, actor, new.client_id).practice_id != new.practice_id:
            raise ValueError(f"practice_id {new.practice_id!r} is not that of the client")
        connection.execute(insert(treatment), values_of(new))
        touched(connection, new.client_id)

    store.write(work)


def treatments(store: Store, actor: Actor, client_id: str) -> tuple[Treatment, ...]:
    """Return a client's treatments, oldest first."""
    rows = select(*columns_of(treatment, Treatment)).where(
        treatment.c.client_id == client_id, client_rows(actor, treatment)
    )
    return store.read(all_of(Treatment, rows.order_by(treatment.c.treated_on, treatment.c.id)))
