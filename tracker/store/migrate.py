"""Bring a database to this version: copy, migrate the copy, verify it, swap it in."""

from pathlib import Path
from sqlite3 import OperationalError

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, event

from tracker import files
from tracker.errors import MigrationRefused
from tracker.records import new_id
from tracker.store.engine import PostgresDatabase, SqliteDatabase, connect_sqlite

SCRIPTS = str(Path(__file__).parent / "migrations")
_NEWER = "This data was written by a newer version of the program. Nothing was changed."
_IN_USE = "Another program has the database open. Close it and try again. Nothing was changed."
_FAILED = "The database could not be brought to this version. Nothing was changed."


def upgrade(database: SqliteDatabase | PostgresDatabase, *, scripts: str = SCRIPTS) -> None:
    """Create the database or bring it to the newest revision; a newer one is refused."""
    if isinstance(database, PostgresDatabase):
        _upgrade_server(database, scripts)
        return
    _make_folder(database.path.parent)
    with database.write_guard():
        _upgrade_file(database.path, scripts)


def alembic_config(connection: Connection | None = None, *, scripts: str = SCRIPTS) -> Config:
    """Return Alembic's settings without an ini file; env.py takes the connection from them."""
    config = Config()
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision_of(path: Path) -> str | None:
    """Return the revision a database file stands at, None if it has none."""
    engine = _file_engine(path)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _upgrade_file(path: Path, scripts: str) -> None:
    _sweep(path)
    if files.size(path) is None:
        _swap_in(_migrated(path, scripts, copy=False), path)
        return
    found = revision_of(path)
    if found == _head(scripts):
        return
    _refuse_unknown(found, scripts)
    _leave_wal(path)
    try:
        migrated = _migrated(path, scripts, copy=True)
        _keep_old(path, f"pre-{found}")
        _swap_in(migrated, path)
    finally:
        _enter_wal(path)


def _upgrade_server(database: PostgresDatabase, scripts: str) -> None:
    engine = database.writer_engine()
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5174001)")
            found = MigrationContext.configure(connection).get_current_revision()
            _refuse_unknown(found, scripts)
            command.upgrade(alembic_config(connection, scripts=scripts), "head")
    finally:
        engine.dispose()


def _head(scripts: str) -> str | None:
    return ScriptDirectory.from_config(alembic_config(scripts=scripts)).get_current_head()


def _refuse_unknown(found: str | None, scripts: str) -> None:
    if found is None:
        return
    try:
        ScriptDirectory.from_config(alembic_config(scripts=scripts)).get_revision(found)
    except CommandError as error:
        raise MigrationRefused(_NEWER) from error


def _migrated(path: Path, scripts: str, *, copy: bool) -> Path:
    """Return a new file beside the old one: a copy (or nothing) brought to the newest revision."""
    target = path.with_name(f"{path.name}.new-{new_id()}")
    files.close(files.create(target))  # made by us, so that it is private from the first byte
    try:
        if copy:
            _vacuum_into(path, target)
        _migrate(target, scripts)
        _verify(target, scripts)
        _enter_wal(target)
        files.fsync_path(target)
    except BaseException as error:
        _discard(target)
        if isinstance(error, Exception):
            raise MigrationRefused(_FAILED) from error
        raise
    return target


def _migrate(path: Path, scripts: str) -> None:
    engine = _file_engine(path)
    try:
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection, scripts=scripts), "head")
    finally:
        engine.dispose()


def _file_engine(path: Path) -> Engine:
    # Foreign keys off: rebuilding a table (batch mode) drops it, which would cascade to its rows
    engine = sqlalchemy.create_engine(
        "sqlite://",
        creator=lambda: connect_sqlite(path, foreign_keys=False),
        poolclass=sqlalchemy.NullPool,
    )
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _vacuum_into(source: Path, target: Path) -> None:
    connection = connect_sqlite(source)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def _verify(path: Path, scripts: str) -> None:
    connection = connect_sqlite(path)
    try:
        complaints = connection.execute("PRAGMA foreign_key_check").fetchall()
        complaints += connection.execute("PRAGMA integrity_check").fetchall()
    finally:
        connection.close()
    if complaints != [("ok",)] or revision_of(path) != _head(scripts):
        raise MigrationRefused(f"The migrated copy is not sound: {complaints[:3]}")


def _leave_wal(path: Path) -> None:
    """Fold the log into the file; SQLite refuses while anybody else has the file open.

    A log left behind would be replayed into the new file of the same name.
    """
    connection = connect_sqlite(path)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except OperationalError as error:
        raise MigrationRefused(_IN_USE) from error
    finally:
        connection.close()


def _enter_wal(path: Path) -> None:
    connection = connect_sqlite(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _keep_old(path: Path, suffix: str) -> None:
    # A link, not a rename: at no instant may there be no database, or a new one would be made
    kept = path.with_name(f"{path.name}.{suffix}")
    files.unlink(kept)
    files.link(path, kept)


def _swap_in(migrated: Path, path: Path) -> None:
    files.replace(migrated, path)
    files.fsync_path(path.parent)


def _make_folder(folder: Path) -> None:
    files.make_directory(folder)
    files.fsync_path(folder.parent)


def _sweep(path: Path) -> None:
    """Remove the copies of upgrades that were killed; we hold the lock, so none is in use."""
    for name in files.names(path.parent):
        if name.startswith(f"{path.name}.new-"):
            _discard(path.with_name(name))


def _discard(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        files.unlink(path.with_name(path.name + suffix))
