"""Patients may come without an e-mail: the office admits whoever phones.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: What stands on the way down for the e-mail of somebody who has none: it leads nowhere (RFC 2606).
NOWHERE = "'patient-' || id || '@no-email.invalid'"
EMAIL = sa.String(length=254)
REACHED = "ck_users_email_or_patient"


def _users(*, without_email: bool) -> sa.Table:
    """The table as it stands before a change: SQLite copies it, and reflects neither its checks nor such an index."""
    checks = [
        sa.CheckConstraint("language IN ('en', 'vi')", name="ck_users_language_known"),
        sa.CheckConstraint(
            "length(phone_num) = 10 AND trim(phone_num, '0123456789') = ''", name="ck_users_phone_num_ten_digits"
        ),
        sa.CheckConstraint("role IN ('patient', 'doctor', 'admin')", name="ck_users_role_known"),
    ]
    if without_email:
        checks.append(sa.CheckConstraint("email IS NOT NULL OR role = 'patient'", name=REACHED))
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", EMAIL, nullable=without_email),
        sa.Column("full_name", sa.String(length=150), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("phone_num", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        *checks,
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )


def _drop_indexes() -> None:
    op.drop_index("ix_users_role_full_name", "users")
    op.drop_index("uq_users_email", "users")


def _create_indexes() -> None:
    op.create_index("ix_users_role_full_name", "users", ["role", "full_name"])
    op.create_index("uq_users_email", "users", [sa.text("lower(email)")], unique=True)


def upgrade() -> None:
    _drop_indexes()
    with op.batch_alter_table("users", copy_from=_users(without_email=False)) as users:
        users.alter_column("email", existing_type=EMAIL, nullable=True)
        users.create_check_constraint(op.f(REACHED), "email IS NOT NULL OR role = 'patient'")
    op.execute(f"UPDATE users SET email = NULL WHERE role = 'patient' AND email = {NOWHERE}")
    _create_indexes()


def downgrade() -> None:
    # Nobody is erased for having no e-mail.
    op.execute(f"UPDATE users SET email = {NOWHERE} WHERE email IS NULL")
    _drop_indexes()
    with op.batch_alter_table("users", copy_from=_users(without_email=True)) as users:
        users.drop_constraint(op.f(REACHED), type_="check")
        users.alter_column("email", existing_type=EMAIL, nullable=False)
    _create_indexes()
