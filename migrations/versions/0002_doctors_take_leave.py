"""Doctors take leave: days, or hours of one day, that close slots.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doctor_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("from_time", sa.Time(), nullable=True),
        sa.Column("to_time", sa.Time(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_doctor_leave_days_in_order")),
        sa.CheckConstraint("(from_time IS NULL) = (to_time IS NULL)", name=op.f("ck_doctor_leave_hours_both_or_none")),
        sa.CheckConstraint(
            "from_time IS NULL OR (first_day = last_day AND from_time < to_time)",
            name=op.f("ck_doctor_leave_hours_of_one_day"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name="fk_doctor_leave_created_by_id_users", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.user_id"], name="fk_doctor_leave_doctor_id_doctors", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_doctor_leave"),
    )
    op.create_index("ix_doctor_leave_doctor_id_last_day", "doctor_leave", ["doctor_id", "last_day"])


def downgrade() -> None:
    op.drop_table("doctor_leave")
