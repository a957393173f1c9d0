"""Doctors are found by their specialization in either language, with or without accents.

Revision ID: 0006
Revises: 0005
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

doctors = sa.table(
    "doctors",
    sa.column("user_id", sa.Integer),
    sa.column("specialization", sa.String),
    sa.column("translations", sa.JSON),
    sa.column("specialization_key", sa.Text),
)


def _folded(text: str) -> str:
    """As the search compared texts when this was written (clinic.texts.folded)."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.casefold().split())


def upgrade() -> None:
    op.add_column("doctors", sa.Column("specialization_key", sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    for row in connection.execute(sa.select(doctors)).all():
        texts = [row.specialization, *(each.get("specialization", "") for each in (row.translations or {}).values())]
        key = "\n".join(filter(None, map(_folded, texts)))
        connection.execute(sa.update(doctors).where(doctors.c.user_id == row.user_id).values(specialization_key=key))


def downgrade() -> None:
    op.drop_column("doctors", "specialization_key")
