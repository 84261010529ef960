"""The tables. Each row belongs to one practice, and keys that join rows carry the practice too."""

from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

from tracker.records import DateSource, Decision, Pigment, Role

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite alone would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, turn the others to UTC."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"an instant must be timezone-aware, got {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return it as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of words, kept as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> Any:
        """Turn it into a list."""
        return list(value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:
        """Turn it back into a tuple."""
        return tuple(value or ())


def _one_of(column: str, literal: object) -> CheckConstraint:
    allowed = ", ".join(f"'{word}'" for word in get_args(literal))
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def _id(name: str = "id", *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, String(32), primary_key=primary_key, nullable=nullable)


def _belongs_to_practice() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["practice_id"], ["practice.id"])


def _belongs_to(
    table: str, column: str, *, with_client: bool = False, ondelete: str | None = None
) -> ForeignKeyConstraint:
    """Tie a row to another of the same practice (and client), so that no row can straddle two."""
    shared = ["practice_id", "client_id"] if with_client else ["practice_id"]
    return ForeignKeyConstraint(
        [*shared, column],
        [*(f"{table}.{name}" for name in shared), f"{table}.id"],
        ondelete=ondelete,
    )


practice = Table(
    "practice",
    metadata,
    _id(primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at", Instant, nullable=False),
)

client = Table(
    "client",
    metadata,
    _id(primary_key=True),
    _id("practice_id"),
    Column("name", String, nullable=False),
    Column("pigment", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    # Rises with everything written about the client: what was worked out before is out of date
    Column("data_version", Integer, nullable=False, server_default="0"),
    _belongs_to_practice(),
    UniqueConstraint("practice_id", "id"),
    _one_of("pigment", Pigment),
)

account = Table(
    "account",
    metadata,
    _id(primary_key=True),
    _id("practice_id"),
    Column("email", String, nullable=False),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    _id("client_id", nullable=True),
    Column("password_hash", String),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
    _belongs_to_practice(),
    _belongs_to("client", "client_id", ondelete="CASCADE"),
    UniqueConstraint("practice_id", "id"),
    UniqueConstraint("email"),
    _one_of("role", Role),
    CheckConstraint("(role = 'client') = (client_id IS NOT NULL)", name="client_role"),
    CheckConstraint("email = lower(email)", name="email_lower"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _id("practice_id"),
    _id("account_id"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    _belongs_to("account", "account_id", ondelete="CASCADE"),
    Index(None, "account_id"),
)

treatment = Table(
    "treatment",
    metadata,
    _id(primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    Column("treated_on", Date, nullable=False),
    Column("area", String, nullable=False),
    _belongs_to("client", "client_id"),
    Index(None, "client_id"),
)

photo = Table(
    "photo",
    metadata,
    _id(primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    Column("view", String, nullable=False),
    Column("name", String, nullable=False),
    Column("format", String, nullable=False),
    Column("n_bytes", Integer, nullable=False),
    Column("received_sha256", String(64), nullable=False),
    Column("stored_sha256", String(64), nullable=False),
    Column("taken_on", Date),
    Column("taken_at", String),
    Column("date_source", String, nullable=False),
    Column("date_confirmed", Boolean, nullable=False),
    Column("received_at", Instant, nullable=False),
    _belongs_to("client", "client_id"),
    UniqueConstraint("practice_id", "client_id", "id"),
    UniqueConstraint("client_id", "received_sha256"),
    _one_of("date_source", DateSource),
    CheckConstraint("(date_source = 'none') = (taken_on IS NULL)", name="dated"),
    CheckConstraint("length(stored_sha256) = 64", name="stored_sha256"),
    CheckConstraint("n_bytes > 0", name="n_bytes"),
    Index(None, "received_at"),
)

outcome = Table(
    "outcome",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    _id("photo_id"),
    _id("baseline_id", nullable=True),
    Column("version", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("document", JSON, nullable=False),
    _belongs_to("photo", "photo_id", with_client=True, ondelete="CASCADE"),
    _belongs_to("photo", "baseline_id", with_client=True, ondelete="CASCADE"),
    Index(None, "photo_id"),
    Index(None, "baseline_id"),
    Index(None, "client_id"),
)

measurement = Table(
    "measurement",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    _id("photo_id"),
    _id("baseline_id", nullable=True),
    Column("measurand", String, nullable=False),
    Column("version", String, nullable=False),
    Column("value", Float),
    Column("stderr", Float),
    Column("flags", Words, nullable=False),
    _belongs_to("photo", "photo_id", with_client=True, ondelete="CASCADE"),
    _belongs_to("photo", "baseline_id", with_client=True, ondelete="CASCADE"),
    Index(None, "photo_id"),
    Index(None, "baseline_id"),
)

answer = Table(
    "answer",
    metadata,
    _id(primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    Column("answered_at", Instant, nullable=False),
    Column("yes", Words, nullable=False),
    Column("level", String, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", String),
    _belongs_to("client", "client_id"),
    CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    Index(None, "client_id"),
)

plan = Table(
    "plan",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    _id("client_id", nullable=True),
    Column("changes", JSON, nullable=False),
    Column("reason", String, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    _belongs_to_practice(),
    _belongs_to("client", "client_id", ondelete="CASCADE"),
    Index(None, "practice_id", "client_id"),
    sqlite_autoincrement=True,  # the order in which versions were made
)

standing = Table(
    "standing",
    metadata,
    _id("client_id", primary_key=True),
    _id("practice_id"),
    Column("data_version", Integer, nullable=False),
    Column("instrument", String, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("document", JSON, nullable=False),
    _belongs_to("client", "client_id", ondelete="CASCADE"),
)

judgement = Table(
    "judgement",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    Column("kind", String, nullable=False),
    Column("view", String, nullable=False),
    Column("since", Date, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("decision", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    _belongs_to("client", "client_id", ondelete="CASCADE"),
    _one_of("decision", Decision),
    Index(None, "client_id"),
    sqlite_autoincrement=True,
)

border_loss = Table(
    "border_loss",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    _id("client_id"),
    Column("seen_on", Date, nullable=False),
    Column("place", String, nullable=False),
    Column("there", Boolean, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    _belongs_to("client", "client_id", ondelete="CASCADE"),
    Index(None, "client_id"),
    sqlite_autoincrement=True,
)

choice = Table(
    "choice",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    _id("account_id", nullable=True),
    Column("name", String, nullable=False),
    Column("value", JSON, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    _belongs_to_practice(),
    _belongs_to("account", "account_id", ondelete="CASCADE"),
    Index(None, "practice_id", "name"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("practice_id"),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", JSON, nullable=False),
    _belongs_to_practice(),
    sqlite_autoincrement=True,  # a number, once used, never comes back
)


def _add_unique_index(
    table: Table, kind: str, columns: list[str], where: ColumnElement[bool]
) -> None:
    name = f"uq_{table.name}_{kind}"
    Index(
        name,
        *(table.c[column] for column in columns),
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


# Two partial indexes each: in one plain key rows without a baseline (NULL) would count as different
for _table, _key in (
    (outcome, ["photo_id", "version"]),
    (measurement, ["photo_id", "measurand", "version"]),
):
    _baseline = _table.c.baseline_id
    _add_unique_index(_table, "alone", _key, _baseline.is_(None))
    _add_unique_index(_table, "compared", [*_key, "baseline_id"], _baseline.is_not(None))
