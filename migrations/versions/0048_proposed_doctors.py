"""A visit that waits to be settled keeps whom its doctor asks to see the patient instead, whatever else it waits for.

Revision ID: 0048
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0044"
branch_labels = None
depends_on = None

COLUMNS = {"proposed_doctor_id": sa.Integer(), "proposed_at": sa.DateTime(timezone=True)}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("visits_to_settle", sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE visits_to_settle SET proposed_doctor_id = cause_id, proposed_at = opened_at WHERE cause = 'handing_over'"
    )


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("visits_to_settle", name)
