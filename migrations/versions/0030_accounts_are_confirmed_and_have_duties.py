"""Accounts know whether their e-mail and identity were seen, and what an admin looks after.

An e-mail counts as confirmed where its owner has chosen a password by a mailed link and nobody has changed it since.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from clinic.word_lists import lists_only

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

DUTIES = ("reception", "catalogue", "records", "accounts", "audit")
SEEN = {
    "email_confirmed_at": sa.DateTime(timezone=True),
    "identity_seen_at": sa.DateTime(timezone=True),
    "identity_seen_by_id": sa.Integer(),
}
ENDS = "ended_because IN ('confirmed', 'taken_back', 'replaced', 'expired')"
OPEN = "ended_at IS NULL AND confirmed_at IS NULL"
CHECK = "ck_users_duties_known"
#: When the e-mail of each account was last confirmed, and last changed.
CONFIRMED = sa.text(
    "SELECT subject_id, max(at) AS at FROM audit_events WHERE deed = 'password.reset' GROUP BY subject_id"
)
CHANGED = sa.text(
    "SELECT subject_id, max(at) AS at FROM audit_events WHERE deed = 'account.changed'"
    " AND CAST(details AS TEXT) LIKE '%\"email\"%' GROUP BY subject_id"
)


def upgrade() -> None:
    for name, kind in SEEN.items():
        op.add_column("users", sa.Column(name, kind, nullable=True))
    _add_duties()
    _confirm_emails()
    _make_email_changes()
    _make_notices()


def _add_duties() -> None:
    known = lists_only("duties", DUTIES)
    # In one statement, straight to the driver: SQLite copies no table for it, and a colon in it is no parameter.
    op.get_bind().exec_driver_sql(
        f"ALTER TABLE users ADD COLUMN duties JSON NOT NULL DEFAULT '[]' CONSTRAINT {CHECK} CHECK ({known})"
    )
    op.get_bind().execute(
        sa.text("UPDATE users SET duties = :duties WHERE role = 'admin'").bindparams(
            sa.bindparam("duties", list(DUTIES), type_=sa.JSON())
        )
    )


def _confirm_emails() -> None:
    changed = {row.subject_id: row.at for row in op.get_bind().execute(CHANGED)}
    confirmed = [
        {"at": row.at, "id": row.subject_id}
        for row in op.get_bind().execute(CONFIRMED)
        if row.subject_id not in changed or changed[row.subject_id] < row.at
    ]
    if confirmed:
        op.get_bind().execute(
            sa.text("UPDATE users SET email_confirmed_at = :at WHERE id = :id AND email IS NOT NULL"), confirmed
        )


def _make_email_changes() -> None:
    op.create_table(
        "email_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("old_email", sa.String(length=254), nullable=True),
        sa.Column("new_email", sa.String(length=254), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirm_link_id", sa.Integer(), nullable=True),
        sa.Column("veto_link_id", sa.Integer(), nullable=True),
        sa.Column("vetoable_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=30), nullable=True),
        sa.CheckConstraint(ENDS, name=op.f("ck_email_changes_ended_because_known")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_changes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
    )
    op.create_index(
        "uq_email_changes_user_id_open",
        "email_changes",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_index("ix_email_changes_user_id_requested_at", "email_changes", ["user_id", "requested_at"])


def _make_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("uq_notices_user_id_kind_key", "notices", ["user_id", "kind", "key"], unique=True)
    op.create_index("ix_notices_user_id_created_at", "notices", ["user_id", "created_at"])


def downgrade() -> None:
    for table in ("notices", "email_changes"):
        op.drop_table(table)
    for name in ("duties", *SEEN):
        op.drop_column("users", name)
