"""A database is created, upgraded through a copy, or left exactly as it was."""

import re
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.schema import CreateIndex, CreateTable

from tests.store.faults import count_file_calls, dying_before, failing_file_call, run_child
from tests.store.makers import SYSTEM, make_outcome, make_photo
from tracker.errors import MigrationRefused
from tracker.records import Client
from tracker.store import Store, measurements, photos
from tracker.store.engine import SqliteDatabase, connect_sqlite
from tracker.store.migrate import SCRIPTS, alembic_config, revision_of, upgrade
from tracker.store.schema import metadata

HEAD = ScriptDirectory.from_config(alembic_config()).get_current_head() or ""
NEXT = "next"
SECOND = f'''"""Next."""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{HEAD}"


def upgrade() -> None:
    with op.batch_alter_table("photo", recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.String))
'''


@pytest.fixture
def scripts(tmp_path: Path) -> str:
    """Migrations of a version to come, in a folder whose name is awkward for ini files."""
    folder = tmp_path / "100% new"
    shutil.copytree(SCRIPTS, folder)
    (folder / "versions" / "next_second.py").write_text(SECOND)
    return str(folder)


@pytest.fixture
def filled(database: Path, store: Store, client: Client) -> Path:
    """A closed database with a photo, its audit row and its outcome."""
    photo = make_photo(client)
    photos.add_photo(store, SYSTEM, photo)
    measurements.add_outcome(store, SYSTEM, make_outcome(photo), [])
    store.close()
    return database


def names_beside(database: Path) -> set[str]:
    return {path.name for path in database.parent.iterdir()}


def sql_of(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the lines of each table's and index's definition, whatever their order."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type != 'trigger'"
        " AND name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%'"
    )
    return {
        name: sorted(re.sub(r"[\s\",]", "", line) for line in sql.splitlines())
        for name, sql in rows
    }


def test_migrations_and_tables_do_not_drift(store: Store, database: Path) -> None:
    engine = SqliteDatabase(database).writer_engine()
    with engine.begin() as connection:
        command.check(alembic_config(connection))
    engine.dispose()


def test_migrations_make_the_very_same_sql(store: Store, database: Path, tmp_path: Path) -> None:
    """alembic check does not compare CHECKs and the conditions of partial indexes; this does."""
    plain = tmp_path / "plain.sqlite3"
    engine = sqlalchemy.create_engine(f"sqlite:///{plain}", poolclass=sqlalchemy.NullPool)
    metadata.create_all(engine)
    engine.dispose()
    sides = []
    for path in (database, plain):
        connection = sqlite3.connect(path)
        sides.append(sql_of(connection))
        connection.close()
    assert sides[0] == sides[1]


def test_schema_compiles_for_postgres() -> None:
    dialect = PGDialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        assert "TIMESTAMP" not in str(CreateTable(table).compile(dialect=dialect)).replace(
            "TIMESTAMP WITH TIME ZONE", ""
        )
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_fresh_database_is_private_durable_and_at_head(store: Store, database: Path) -> None:
    assert database.stat().st_mode & 0o777 == 0o600
    connection = connect_sqlite(database)
    found = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete",
                     "trusted_schema", "wal_autocheckpoint", "mmap_size")
    }  # fmt: skip
    connection.close()
    assert found == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000,
        "secure_delete": 1, "trusted_schema": 0, "wal_autocheckpoint": 0, "mmap_size": 0,
    }  # fmt: skip


def test_upgrade_keeps_every_row_and_the_old_file(filled: Path, scripts: str) -> None:
    connection = sqlite3.connect(filled)
    before = connection.execute("SELECT id FROM photo").fetchall()
    connection.close()
    upgrade(SqliteDatabase(filled), scripts=scripts)
    assert revision_of(filled) == NEXT
    connection = sqlite3.connect(filled)
    assert connection.execute("SELECT id FROM photo WHERE note IS NULL").fetchall() == before
    for table in ("audit", "outcome"):  # rows that hang on the rebuilt table stay too
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
    connection.close()
    assert names_beside(filled) == {
        "tracker.sqlite3", f"tracker.sqlite3.pre-{HEAD}", "writer.lock"
    }  # fmt: skip


def test_newer_database_is_refused_and_left_alone(filled: Path, scripts: str) -> None:
    upgrade(SqliteDatabase(filled), scripts=scripts)
    before = filled.read_bytes()
    with pytest.raises(MigrationRefused, match="newer version"):
        Store(filled)
    assert filled.read_bytes() == before


def test_database_in_use_is_refused(store: Store, database: Path, scripts: str) -> None:
    with pytest.raises(MigrationRefused, match="Close it"):
        upgrade(SqliteDatabase(database), scripts=scripts)
    assert revision_of(database) == HEAD


def test_broken_migration_changes_nothing(filled: Path, scripts: str) -> None:
    broken = SECOND + '    op.execute("SELECT * FROM nowhere")\n'
    (Path(scripts) / "versions" / "next_second.py").write_text(broken)
    with pytest.raises(MigrationRefused, match="Nothing was changed"):
        upgrade(SqliteDatabase(filled), scripts=scripts)
    assert revision_of(filled) == HEAD
    assert names_beside(filled) == {"tracker.sqlite3", "writer.lock"}


def test_any_failing_file_call_leaves_a_usable_database(filled: Path, scripts: str) -> None:
    spare = filled.parent.parent / "spare"
    shutil.copytree(filled.parent, spare)
    n_calls = count_file_calls(lambda: upgrade(SqliteDatabase(filled), scripts=scripts))
    assert n_calls > 5
    for k in range(n_calls):
        folder = filled.parent.parent / f"fault{k}"
        shutil.copytree(spare, folder)
        database = SqliteDatabase(folder / filled.name)
        with failing_file_call(k), pytest.raises((OSError, MigrationRefused)):
            upgrade(database, scripts=scripts)
        assert revision_of(database.path) in {HEAD, NEXT}
        upgrade(database, scripts=scripts)
        assert revision_of(database.path) == NEXT


def upgrade_and_die(path: Path, scripts: str, k: int, answer: Any) -> None:
    with dying_before("", k + 1):
        upgrade(SqliteDatabase(path), scripts=scripts)
    answer.send("saved")


def test_kill_at_any_file_call_leaves_a_usable_database(filled: Path, scripts: str) -> None:
    spare = filled.parent.parent / "spare"
    shutil.copytree(filled.parent, spare)
    n_calls = count_file_calls(lambda: upgrade(SqliteDatabase(filled), scripts=scripts))
    for k in range(n_calls):
        path = filled.parent.parent / f"kill{k}" / filled.name
        shutil.copytree(spare, path.parent)
        assert run_child(upgrade_and_die, path, scripts, k) == (-signal.SIGKILL, False)
        assert revision_of(path) in {HEAD, NEXT}
        upgrade(SqliteDatabase(path), scripts=scripts)
        assert revision_of(path) == NEXT
        assert not [name for name in names_beside(path) if ".new-" in name]
