"""What was measured in photos; 'pending' is a query, not a second list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select

from tracker.errors import NotFound
from tracker.records import Actor, Measurement, Outcome, Photo
from tracker.store import Store
from tracker.store.engine import insert_or_ignore
from tracker.store.photos import by_date_taken, photo_in
from tracker.store.rows import all_of, columns_of, values_of
from tracker.store.schema import measurement, outcome
from tracker.store.schema import photo as photo_table
from tracker.store.scope import photo_rows, require_system
from tracker.store.touch import touched


@dataclass(frozen=True)
class Progress:
    """How many of the photos have an outcome of a version."""

    measured: int
    total: int


def pending(
    store: Store, actor: Actor, version: str, *, limit: int = 1000, but: Collection[str] = ()
) -> tuple[Photo, ...]:
    """Return the photos without an outcome of this version, those that wait longest first."""
    require_system(actor)
    rows = (
        select(*columns_of(photo_table, Photo))
        .select_from(photo_table.outerjoin(outcome, _alone(version)))
        .where(outcome.c.id.is_(None), photo_table.c.id.not_in(but))
        .order_by(photo_table.c.received_at, photo_table.c.id)
    )
    return store.read(all_of(Photo, rows.limit(limit)))


def add_outcome(
    store: Store, actor: Actor, new: Outcome, measurements: Sequence[Measurement]
) -> bool:
    """Keep an outcome and its numbers; False if there is one already or a photo has gone."""
    require_system(actor)
    _refuse_foreign(new, measurements)

    def work(connection: Connection) -> bool:
        owner = _owner_of_live_photos(connection, actor, new)
        return owner is not None and _add(connection, owner, new, measurements)

    return store.write(work)


def outcomes(store: Store, actor: Actor, client_id: str) -> tuple[Outcome, ...]:
    """Return the outcomes of a client's photos in the order they were reached."""
    rows = select(*columns_of(outcome, Outcome)).where(
        outcome.c.client_id == client_id, photo_rows(actor, outcome)
    )
    return store.read(all_of(Outcome, rows.order_by(outcome.c.id)))


def series(
    store: Store, actor: Actor, client_id: str, view: str, *, version: str | None = None
) -> tuple[Measurement, ...]:
    """Return the numbers of a client's photos of one view, one row each, by date taken."""
    rows = (
        select(*columns_of(measurement, Measurement))
        .join(photo_table, photo_table.c.id == measurement.c.photo_id)
        .where(photo_table.c.client_id == client_id, photo_table.c.view == view)
        .where(photo_rows(actor, photo_table), photo_rows(actor, measurement))
        .order_by(*by_date_taken(), measurement.c.id)
    )
    if version is not None:
        rows = rows.where(measurement.c.version == version)
    return store.read(all_of(Measurement, rows))


def measurements(
    store: Store, actor: Actor, client_id: str, *, version: str
) -> tuple[Measurement, ...]:
    """Return all numbers of a client's photos of one version of the instrument."""
    rows = (
        select(*columns_of(measurement, Measurement))
        .where(measurement.c.client_id == client_id, measurement.c.version == version)
        .where(photo_rows(actor, measurement))
        .order_by(measurement.c.id)
    )
    return store.read(all_of(Measurement, rows))


def progress(store: Store, actor: Actor, practice_id: str | None, version: str) -> Progress:
    """Return how far measuring has come in a practice, or in all that the actor may see."""
    rows = (
        select(func.count(outcome.c.id), func.count(photo_table.c.id))
        .select_from(photo_table.outerjoin(outcome, _alone(version)))
        .where(photo_rows(actor, photo_table))
    )
    if practice_id is not None:
        rows = rows.where(photo_table.c.practice_id == practice_id)
    return store.read(lambda connection: Progress(*connection.execute(rows).one()))


def _alone(version: str) -> Any:
    return and_(
        outcome.c.photo_id == photo_table.c.id,
        outcome.c.version == version,
        outcome.c.baseline_id.is_(None),
    )


def _refuse_foreign(new: Outcome, measurements: Sequence[Measurement]) -> None:
    for each in measurements:
        if (each.photo_id, each.baseline_id) != (new.photo_id, new.baseline_id):
            raise ValueError(f"measurement {each.measurand!r} is of other photos than the outcome")


def _owner_of_live_photos(
    connection: Connection, actor: Actor, new: Outcome
) -> dict[str, str] | None:
    """Return whose the photos are, None if one was deleted while it was measured."""
    try:
        photo = photo_in(connection, actor, new.photo_id)
        if new.baseline_id is not None:
            photo_in(connection, actor, new.baseline_id)
    except NotFound:
        return None
    return {"practice_id": photo.practice_id, "client_id": photo.client_id}


def _add(
    connection: Connection,
    owner: dict[str, str],
    new: Outcome,
    measurements: Sequence[Measurement],
) -> bool:
    insertion = insert_or_ignore(connection, outcome).returning(outcome.c.id)
    if connection.execute(insertion, owner | values_of(new)).first() is None:
        return False  # the numbers of two runs must never mix
    touched(connection, owner["client_id"])
    if measurements:
        connection.execute(insert(measurement), [owner | values_of(each) for each in measurements])
    return True
