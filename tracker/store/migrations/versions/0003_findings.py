"""Where clients stand, what was decided about findings, and choices of a practice."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Count what is written about each client, and add the tables."""
    with op.batch_alter_table("client", recreate="always") as batch:
        batch.add_column(
            sa.Column("data_version", sa.Integer(), server_default="0", nullable=False)
        )
    _standing()
    _judgement()
    _choice()


def _standing() -> None:
    op.create_table(
        "standing",
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        _of_client("standing"),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_standing")),
    )


def _judgement() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('confirmed', 'dismissed')", name=op.f("ck_judgement_decision")
        ),
        _of_client("judgement"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_judgement_client_id"), "judgement", ["client_id"])


def _choice() -> None:
    op.create_table(
        "choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_choice_practice_id")
        ),
        sa.ForeignKeyConstraint(
            ["practice_id", "account_id"],
            ["account.practice_id", "account.id"],
            name=op.f("fk_choice_practice_id_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_choice_practice_id_name"), "choice", ["practice_id", "name"])


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["practice_id", "client_id"],
        ["client.practice_id", "client.id"],
        name=op.f(f"fk_{table}_practice_id_client_id"),
        ondelete="CASCADE",
    )
