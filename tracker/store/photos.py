"""The rows of photos; their bytes are kept by tracker.originals before a row is added here."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update

from tracker.errors import NotFound
from tracker.records import Actor, Photo
from tracker.store import Store
from tracker.store.audit import record
from tracker.store.clients import client_in
from tracker.store.engine import insert_or_ignore
from tracker.store.rows import all_of, columns_of, first_of, values_of
from tracker.store.schema import photo as photo_table
from tracker.store.scope import photo_rows, require_sender, require_staff
from tracker.store.touch import touched


@dataclass(frozen=True)
class Kept:
    """The row a photo has now, and whether it is a new one."""

    photo: Photo
    new: bool


def add_photo(store: Store, actor: Actor, new: Photo) -> Kept:
    """Add a photo, audited; if the same bytes were received before, return the row they have."""
    require_sender(actor)

    def work(connection: Connection) -> Kept:
        if client_in(connection, actor, new.client_id).practice_id != new.practice_id:
            raise ValueError(f"practice_id {new.practice_id!r} is not that of the client")
        insertion = insert_or_ignore(
            connection, photo_table, unique=["client_id", "received_sha256"]
        ).returning(photo_table.c.id)
        if connection.execute(insertion, values_of(new)).first() is None:
            return Kept(_received(connection, actor, new), new=False)
        touched(connection, new.client_id)
        _record(connection, actor, "add photo", new, new.received_at)
        return Kept(new, new=True)

    return store.write(work)


def photo(store: Store, actor: Actor, photo_id: str) -> Photo:
    """Return one photo."""
    return store.read(lambda connection: photo_in(connection, actor, photo_id))


def photo_in(connection: Connection, actor: Actor, photo_id: str) -> Photo:
    """Return one photo within an open transaction."""
    found = first_of(Photo, _visible(actor).where(photo_table.c.id == photo_id))(connection)
    if found is None:
        raise NotFound("There is no such photo.")
    return found


def photos(store: Store, actor: Actor, client_id: str) -> tuple[Photo, ...]:
    """Return a client's photos by date taken, undated ones last."""
    rows = _visible(actor).where(photo_table.c.client_id == client_id)
    return store.read(all_of(Photo, rows.order_by(*by_date_taken())))


def by_date_taken() -> list[Any]:
    """Return the order of photos in a series."""
    columns = photo_table.c
    return [
        columns.taken_on.asc().nulls_last(),
        columns.taken_at.asc().nulls_last(),
        columns.received_at,
        columns.id,
    ]


def confirm_date(
    store: Store, actor: Actor, photo_id: str, taken_on: date, *, now: datetime
) -> Photo:
    """Confirm or correct the date a photo was taken; the value before stays in the audit."""
    require_staff(actor, "client", "practitioner", "owner")

    def work(connection: Connection) -> Photo:
        before = photo_in(connection, actor, photo_id)
        after = _dated(before, taken_on)
        change = update(photo_table).where(photo_table.c.id == photo_id)
        connection.execute(change.values(values_of(after)))
        touched(connection, after.client_id)
        detail = {"before": _date_of(before), "after": _date_of(after)}
        _record(connection, actor, "confirm date", after, now, detail)
        return after

    return store.write(work)


def delete_photo(store: Store, actor: Actor, photo_id: str, *, now: datetime) -> None:
    """Remove a photo's row and all that was measured in it, audited."""
    require_staff(actor, "client", "practitioner", "owner")

    def work(connection: Connection) -> None:
        gone = photo_in(connection, actor, photo_id)
        connection.execute(delete(photo_table).where(photo_table.c.id == photo_id))
        touched(connection, gone.client_id)
        _record(connection, actor, "delete photo", gone, now)

    store.write(work)


def _visible(actor: Actor) -> Select[Any]:
    return select(*columns_of(photo_table, Photo)).where(photo_rows(actor, photo_table))


def _received(connection: Connection, actor: Actor, new: Photo) -> Photo:
    rows = _visible(actor).where(
        photo_table.c.client_id == new.client_id,
        photo_table.c.received_sha256 == new.received_sha256,
    )
    found = first_of(Photo, rows)(connection)
    if found is None:
        raise NotFound("There is no such photo.")
    return found


def _dated(photo: Photo, taken_on: date) -> Photo:
    if photo.taken_on == taken_on:
        return replace(photo, date_confirmed=True)
    # A time of day belongs to the day it was read with
    return replace(
        photo, taken_on=taken_on, taken_at=None, date_source="given", date_confirmed=True
    )


def _date_of(photo: Photo) -> dict[str, str | None]:
    taken_on = None if photo.taken_on is None else photo.taken_on.isoformat()
    return {"taken_on": taken_on, "taken_at": photo.taken_at, "source": photo.date_source}


def _record(
    connection: Connection,
    actor: Actor,
    action: str,
    photo: Photo,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    subject = f"photo:{photo.id}"
    record(connection, actor, action, subject, practice_id=photo.practice_id, at=at, detail=detail)
