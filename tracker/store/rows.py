"""From records to rows and back: columns bear the names of fields."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table

Record = TypeVar("Record")


def columns_of(table: Table, record: type[Any]) -> list[ColumnElement[Any]]:
    """Return the columns that make up a record."""
    return [table.c[field.name] for field in fields(record)]


def values_of(record: Any) -> dict[str, Any]:
    """Return a record's fields by name, not copied."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def all_of(
    record: Callable[..., Record], query: Select[Any]
) -> Callable[[Connection], tuple[Record, ...]]:
    """Return a reader of every row as a record."""
    return lambda connection: tuple(record(**row._asdict()) for row in connection.execute(query))


def first_of(
    record: Callable[..., Record], query: Select[Any]
) -> Callable[[Connection], Record | None]:
    """Return a reader of the first row as a record, None if there is none."""

    def read(connection: Connection) -> Record | None:
        row = connection.execute(query).first()
        return None if row is None else record(**row._asdict())

    return read
