"""All SQL. Open a Store, then use the modules clients, photos, measurements, accounts, audit."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from tracker.errors import StoreFailed
from tracker.store.engine import open_database
from tracker.store.migrate import upgrade
from tracker.store.writer import Writer

__all__ = ["Store"]

Result = TypeVar("Result")


class Store:
    """The open database: reads from any thread, writes through one."""

    def __init__(self, location: Path | str) -> None:
        database = open_database(location)
        upgrade(database)
        self._readers = database.reader_engine()
        # Held open, this connection keeps another process from swapping the file beneath us
        self.read(lambda connection: connection.execute(text("SELECT count(*) FROM practice")))
        self._writer = Writer(database)

    def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run queries on one consistent view of the data; writing is refused."""
        try:
            with self._readers.connect() as connection:
                return query(connection)
        except SQLAlchemyError as error:
            raise StoreFailed("The database could not be read.") from error

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run work in a transaction; when this returns, it is on the disk."""
        return self._writer.run(work)

    def close(self) -> None:
        """Finish waiting writes and close; the writer last, so that it can tidy up the log."""
        self._readers.dispose()
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
