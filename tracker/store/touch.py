"""The data version of clients: raised by every write about them, in its own transaction."""

from sqlalchemy import Connection, update

from tracker.store.schema import client as client_table


def touched(connection: Connection, client_id: str) -> None:
    """Raise a client's data version: something about them was written in this transaction."""
    change = update(client_table).where(client_table.c.id == client_id)
    connection.execute(change.values(data_version=client_table.c.data_version + 1))


def all_touched(connection: Connection, practice_id: str) -> None:
    """The same for every client of a practice."""
    change = update(client_table).where(client_table.c.practice_id == practice_id)
    connection.execute(change.values(data_version=client_table.c.data_version + 1))
