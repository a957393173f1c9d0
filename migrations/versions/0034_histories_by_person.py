"""What somebody has booked and moved of a day is counted by an index.

Revision ID: 0034
Revises: 0033
"""

from clinic.online_indexes import create_index, drop_index

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_appointment_events_by_user_id_at", "appointment_events"


def upgrade() -> None:
    create_index(NAME, TABLE, ["by_user_id", "at"])


def downgrade() -> None:
    drop_index(NAME, TABLE)
