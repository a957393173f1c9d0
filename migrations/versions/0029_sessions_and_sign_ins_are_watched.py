"""Sessions end for good, know when somebody proved who they are, and sign-ins are counted in rows.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

COLUMNS = {
    "ends_at": sa.DateTime(timezone=True),
    "proven_at": sa.DateTime(timezone=True),
    "factor_at": sa.DateTime(timezone=True),
    "access_digest": sa.String(length=64),
}
#: How long a session of before lasts at most.
DAYS = 30
OUTCOMES = "outcome IN ('pending', 'failed', 'succeeded', 'limited')"
PURPOSES = "purpose IN ('second_factor', 'set_up', 'passkey', 'proof', 'add_passkey')"


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("sign_in_sessions", sa.Column(name, kind, nullable=True))
    op.add_column("sign_in_sessions", sa.Column("network", sa.String(length=45), server_default="", nullable=False))
    later = (
        f"datetime(created_at, '+{DAYS} days') || substr(created_at, 20)"
        if op.get_bind().dialect.name == "sqlite"
        else f"created_at + interval '{DAYS} days'"
    )
    op.execute(f"UPDATE sign_in_sessions SET ends_at = {later}")
    _make_known_devices()
    _make_attempts()
    _make_tickets()


def _make_known_devices() -> None:
    op.create_table(
        "known_devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_known_devices_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
    )
    op.create_index("uq_known_devices_digest_user_id", "known_devices", ["digest", "user_id"], unique=True)
    op.create_index("ix_known_devices_user_id", "known_devices", ["user_id"])


def _make_attempts() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_key", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=45), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_sign_in_attempts_outcome_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_account_key_at", "sign_in_attempts", ["account_key", "at"])
    op.create_index("ix_sign_in_attempts_network_at", "sign_in_attempts", ["network", "at"])
    op.create_index("ix_sign_in_attempts_at", "sign_in_attempts", ["at"])


def _make_tickets() -> None:
    op.create_table(
        "sign_in_tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("challenge", sa.String(length=100), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(PURPOSES, name=op.f("ck_sign_in_tickets_purpose_known")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_sign_in_tickets_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sign_in_tickets_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sign_in_sessions.id"],
            name=op.f("fk_sign_in_tickets_session_id_sign_in_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tickets")),
    )
    op.create_index("uq_sign_in_tickets_digest", "sign_in_tickets", ["digest"], unique=True)
    op.create_index("ix_sign_in_tickets_user_id_ended_at", "sign_in_tickets", ["user_id", "ended_at"])
    op.create_index("ix_sign_in_tickets_session_id", "sign_in_tickets", ["session_id"])


def downgrade() -> None:
    for table in ("sign_in_tickets", "sign_in_attempts", "known_devices"):
        op.drop_table(table)
    for name in ("network", *COLUMNS):
        op.drop_column("sign_in_sessions", name)
