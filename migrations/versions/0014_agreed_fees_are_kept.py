"""A visit keeps the examination fee that was agreed with its booking, whatever the department's fee becomes.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "appointments",
        sa.Column(
            "examination_fee",
            sa.Numeric(12, 2),
            sa.CheckConstraint("examination_fee >= 0", name=op.f("ck_appointments_examination_fee_not_negative")),
            server_default="0",
            nullable=False,
        ),
    )
    op.execute("UPDATE appointments SET examination_fee = estimated_fee - COALESCE(service_fee, 0)")


def downgrade() -> None:
    # Both databases drop a column in place, with its check: no table is copied, no trigger lost.
    op.drop_column("appointments", "examination_fee")
