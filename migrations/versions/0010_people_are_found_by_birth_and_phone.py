"""People are found by their date of birth, and those who share a phone number by that.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_patients_date_of_birth", "patients", ["date_of_birth"])
    op.create_index("ix_users_phone_num", "users", ["phone_num"])


def downgrade() -> None:
    op.drop_index("ix_users_phone_num", table_name="users")
    op.drop_index("ix_patients_date_of_birth", table_name="patients")
