"""The database refuses languages of doctors that nobody knows.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KNOWN = "ck_doctors_languages_known"
LANGUAGES = ("vi", "en", "zh", "fr", "ja", "ko", "de", "es", "ru", "km", "lo", "th")


def _only_known() -> str:
    """The condition that nothing but an empty list is left of the JSON once the known codes are taken out."""
    rest = "CAST(languages AS TEXT)"
    for known in (*(f'"{code}"' for code in LANGUAGES), ",", " "):
        rest = f"replace({rest}, '{known}', '')"
    return f"{rest} = '[]'"


def _doctors(*checks: sa.CheckConstraint) -> sa.Table:
    """The table as it stands before a change: SQLite copies it and doesn't reflect its checks."""
    metadata = sa.MetaData()
    for name in ("users", "departments", "rooms"):
        sa.Table(name, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    return sa.Table(
        "doctors",
        metadata,
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("specialization", sa.String(length=150), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("license_number", sa.String(length=50), nullable=False),
        sa.Column("experience_years", sa.Integer(), nullable=False),
        sa.Column("consultation_fee", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("rating", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("total_reviews", sa.Integer(), nullable=False),
        sa.Column("avatar_url", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("specialization_key", sa.Text(), server_default="", nullable=False),
        sa.Column("languages", sa.JSON(), server_default="[]", nullable=False),
        sa.CheckConstraint("consultation_fee >= 0", name="ck_doctors_consultation_fee_not_negative"),
        sa.CheckConstraint("experience_years >= 0", name="ck_doctors_experience_years_not_negative"),
        sa.CheckConstraint("rating >= 0 AND rating <= 5", name="ck_doctors_rating_in_range"),
        sa.CheckConstraint("total_reviews >= 0", name="ck_doctors_total_reviews_not_negative"),
        *checks,
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name="fk_doctors_department_id_departments", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_doctors_room_id_rooms", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_doctors_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_doctors"),
        sa.Index("ix_doctors_department_id", "department_id"),
        sa.Index("uq_doctors_license_number", "license_number", unique=True),
        sa.Index("uq_doctors_room_id", "room_id", unique=True),
    )


def upgrade() -> None:
    with op.batch_alter_table("doctors", copy_from=_doctors()) as doctors:
        doctors.create_check_constraint(op.f(KNOWN), _only_known())


def downgrade() -> None:
    with op.batch_alter_table("doctors", copy_from=_doctors(sa.CheckConstraint(_only_known(), name=KNOWN))) as doctors:
        doctors.drop_constraint(op.f(KNOWN), type_="check")
