"""Everything that differs between SQLite (the default) and PostgreSQL (by URL)."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import Connection, Engine, Insert, Table, event
from sqlalchemy.dialects import postgresql, sqlite

from tracker import files

BUSY_SECONDS = 30
_PRAGMAS = (
    "synchronous = FULL",  # WAL with NORMAL loses acknowledged rows in a power loss
    "fullfsync = ON",
    "checkpoint_fullfsync = ON",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "mmap_size = 0",
    "journal_size_limit = 16777216",  # give room back after a burst
    "wal_autocheckpoint = 0",  # SQLite < 3.51.3: checkpoints are made under the write lock only
)


class Database(Protocol):
    """What the store needs to know of the database it works on."""

    def writer_engine(self) -> Engine:
        """Return an engine with one connection, for the writer thread."""

    def reader_engine(self) -> Engine:
        """Return an engine that cannot write."""

    def write_guard(self) -> AbstractContextManager[None]:
        """Keep all other writing processes out, as far as this database needs it."""

    def checkpoint(self, connection: Connection) -> None:
        """Do the housekeeping that is due now and then after a commit, inside the guard."""

    def transaction_is_lost(self, connection: Connection) -> bool:
        """Say whether the database has given up the whole transaction by itself."""


class SqliteDatabase:
    """One file, readers beside one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = path.parent / "writer.lock"

    def writer_engine(self) -> Engine:
        """Return an engine with one connection, for the writer thread."""
        return self._engine("BEGIN IMMEDIATE", read_only=False, pool_size=1)

    def reader_engine(self) -> Engine:
        """Return an engine that cannot write."""
        return self._engine("BEGIN", read_only=True, pool_size=4)

    @contextmanager
    def write_guard(self) -> Iterator[None]:
        """Hold the lock file: two writers at once may corrupt the WAL of SQLite < 3.51.3."""
        with files.locked(self.lock):
            yield

    def checkpoint(self, connection: Connection) -> None:
        """Move committed pages from the WAL into the file; PASSIVE never waits for a reader."""
        raw = connection.connection.driver_connection
        as_sqlite(raw).execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def transaction_is_lost(self, connection: Connection) -> bool:
        """Say so: a full disk, say, makes SQLite roll everything back, savepoints and all."""
        return not as_sqlite(connection.connection.driver_connection).in_transaction

    def _engine(self, begin: str, *, read_only: bool, pool_size: int) -> Engine:
        engine = sqlalchemy.create_engine(
            "sqlite://",
            creator=lambda: connect_sqlite(self.path, read_only=read_only),
            poolclass=sqlalchemy.QueuePool,
            pool_size=pool_size,
            json_serializer=_strict_json,
            hide_parameters=True,  # names and hashes must not reach a log
        )
        event.listen(engine, "begin", lambda connection: _begin(connection, begin))
        return engine


class PostgresDatabase:
    """A server; several writing processes are its own business."""

    def __init__(self, url: str) -> None:
        self.url = url

    def writer_engine(self) -> Engine:
        """Return an engine with one connection, for the writer thread."""
        return self._engine(pool_size=1)

    def reader_engine(self) -> Engine:
        """Return an engine that cannot write."""
        return self._engine(pool_size=4).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @contextmanager
    def write_guard(self) -> Iterator[None]:
        """Keep nobody out: the server serialises what must be."""
        yield

    def checkpoint(self, connection: Connection) -> None:
        """Do nothing: the server does."""

    def transaction_is_lost(self, connection: Connection) -> bool:
        """Say no: savepoints hold."""
        return False

    def _engine(self, *, pool_size: int) -> Engine:
        return sqlalchemy.create_engine(
            self.url,
            pool_size=pool_size,
            pool_pre_ping=True,
            json_serializer=_strict_json,
            hide_parameters=True,
        )


def open_database(location: Path | str) -> SqliteDatabase | PostgresDatabase:
    """Return the database at a path, or at a postgresql URL."""
    if isinstance(location, Path):
        return SqliteDatabase(location)
    if location.startswith("postgresql"):
        return PostgresDatabase(location)
    raise ValueError(f"location must be a Path or a postgresql URL, got {location!r}")


def connect_sqlite(
    path: Path, *, read_only: bool = False, foreign_keys: bool = True
) -> sqlite3.Connection:
    """Open a database file that exists, with our settings and explicit transactions."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    for pragma in (*_PRAGMAS, f"foreign_keys = {'ON' if foreign_keys else 'OFF'}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def insert_or_ignore(
    connection: Connection, table: Table, *, unique: list[str] | None = None
) -> Insert:
    """Return an insert that does nothing if its unique key (any, if not named) is taken."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=unique)
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=unique)


def as_sqlite(connection: object) -> sqlite3.Connection:
    """Return the driver's connection, known to be SQLite's."""
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(f"expected an SQLite connection, got {connection!r}")
    return connection


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _strict_json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)
