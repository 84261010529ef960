"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SQLITE_APPEND_ONLY = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never removed'); END""",
    # INSERT OR REPLACE removes the old row without asking the trigger above
    """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'audit rows are never replaced'); END""",
)
_POSTGRES_APPEND_ONLY = (
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit rows are never changed or removed'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
)


def upgrade() -> None:
    """Create every table, then make the audit append-only."""
    _practice()
    _audit()
    _client()
    _account()
    _photo()
    _treatment()
    _answer()
    _measurement()
    _outcome()
    _session()
    sqlite = op.get_context().dialect.name == "sqlite"
    for statement in _SQLITE_APPEND_ONLY if sqlite else _POSTGRES_APPEND_ONLY:
        op.execute(statement)


def _practice() -> None:
    op.create_table(
        "practice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_audit_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )


def _client() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("pigment", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pigment IN ('permanent', 'temporary')", name=op.f("ck_client_pigment")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_client_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_client_practice_id_id")),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(role = 'client') = (client_id IS NOT NULL)", name=op.f("ck_account_client_role")
        ),
        sa.CheckConstraint(
            "role IN ('client', 'practitioner', 'scheduler', 'owner', 'operator')",
            name=op.f("ck_account_role"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_account_email_lower")),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id"],
            ["client.practice_id", "client.id"],
            name=op.f("fk_account_practice_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_account_practice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("practice_id", "id", name=op.f("uq_account_practice_id_id")),
    )


def _photo() -> None:
    op.create_table(
        "photo",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("n_bytes", sa.Integer(), nullable=False),
        sa.Column("received_sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_sha256", sa.String(length=64), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("taken_at", sa.String(), nullable=True),
        sa.Column("date_source", sa.String(), nullable=False),
        sa.Column("date_confirmed", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(date_source = 'none') = (taken_on IS NULL)", name=op.f("ck_photo_dated")
        ),
        sa.CheckConstraint(
            "date_source IN ('exif', 'name', 'given', 'none')", name=op.f("ck_photo_date_source")
        ),
        sa.CheckConstraint("length(stored_sha256) = 64", name=op.f("ck_photo_stored_sha256")),
        sa.CheckConstraint("n_bytes > 0", name=op.f("ck_photo_n_bytes")),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id"],
            ["client.practice_id", "client.id"],
            name=op.f("fk_photo_practice_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint(
            "client_id", "received_sha256", name=op.f("uq_photo_client_id_received_sha256")
        ),
        sa.UniqueConstraint(
            "practice_id", "client_id", "id", name=op.f("uq_photo_practice_id_client_id_id")
        ),
    )
    op.create_index(op.f("ix_photo_received_at"), "photo", ["received_at"], unique=False)


def _treatment() -> None:
    op.create_table(
        "treatment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("treated_on", sa.Date(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id"],
            ["client.practice_id", "client.id"],
            name=op.f("fk_treatment_practice_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment")),
    )
    op.create_index(op.f("ix_treatment_client_id"), "treatment", ["client_id"], unique=False)


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("yes", sa.JSON(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_answer_closed")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id"],
            ["client.practice_id", "client.id"],
            name=op.f("fk_answer_practice_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_client_id"), "answer", ["client_id"], unique=False)


def _measurement() -> None:
    op.create_table(
        "measurement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("photo_id", sa.String(length=32), nullable=False),
        sa.Column("baseline_id", sa.String(length=32), nullable=True),
        sa.Column("measurand", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("stderr", sa.Float(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id", "baseline_id"],
            ["photo.practice_id", "photo.client_id", "photo.id"],
            name=op.f("fk_measurement_practice_id_client_id_baseline_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id", "photo_id"],
            ["photo.practice_id", "photo.client_id", "photo.id"],
            name=op.f("fk_measurement_practice_id_client_id_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
    )
    op.create_index(
        op.f("ix_measurement_baseline_id"), "measurement", ["baseline_id"], unique=False
    )
    op.create_index(op.f("ix_measurement_photo_id"), "measurement", ["photo_id"], unique=False)
    op.create_index(
        "uq_measurement_alone",
        "measurement",
        ["photo_id", "measurand", "version"],
        unique=True,
        sqlite_where=sa.text("baseline_id IS NULL"),
        postgresql_where=sa.text("baseline_id IS NULL"),
    )
    op.create_index(
        "uq_measurement_compared",
        "measurement",
        ["photo_id", "measurand", "version", "baseline_id"],
        unique=True,
        sqlite_where=sa.text("baseline_id IS NOT NULL"),
        postgresql_where=sa.text("baseline_id IS NOT NULL"),
    )


def _outcome() -> None:
    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("photo_id", sa.String(length=32), nullable=False),
        sa.Column("baseline_id", sa.String(length=32), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id", "baseline_id"],
            ["photo.practice_id", "photo.client_id", "photo.id"],
            name=op.f("fk_outcome_practice_id_client_id_baseline_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "client_id", "photo_id"],
            ["photo.practice_id", "photo.client_id", "photo.id"],
            name=op.f("fk_outcome_practice_id_client_id_photo_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_baseline_id"), "outcome", ["baseline_id"], unique=False)
    op.create_index(op.f("ix_outcome_client_id"), "outcome", ["client_id"], unique=False)
    op.create_index(op.f("ix_outcome_photo_id"), "outcome", ["photo_id"], unique=False)
    op.create_index(
        "uq_outcome_alone",
        "outcome",
        ["photo_id", "version"],
        unique=True,
        sqlite_where=sa.text("baseline_id IS NULL"),
        postgresql_where=sa.text("baseline_id IS NULL"),
    )
    op.create_index(
        "uq_outcome_compared",
        "outcome",
        ["photo_id", "version", "baseline_id"],
        unique=True,
        sqlite_where=sa.text("baseline_id IS NOT NULL"),
        postgresql_where=sa.text("baseline_id IS NOT NULL"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practice_id", "account_id"],
            ["account.practice_id", "account.id"],
            name=op.f("fk_session_practice_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
