"""A passkey that may have been copied is kept, and isn't taken any more.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

PASSKEYS_ALONE = """
    SELECT COUNT(DISTINCT user_id) FROM passkeys WHERE ended_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM totp_factors WHERE totp_factors.user_id = passkeys.user_id
        AND totp_factors.ended_at IS NULL AND totp_factors.confirmed_at IS NOT NULL
    )
"""


def upgrade() -> None:
    op.add_column("passkeys", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    _refuse_accounts_with_passkeys_alone()
    op.drop_column("passkeys", "refused_at")


def _refuse_accounts_with_passkeys_alone() -> None:
    """The version before knows no passkey: such an account would open by its password alone."""
    if context.is_offline_mode():
        return
    alone = op.get_bind().execute(sa.text(PASSKEYS_ALONE)).scalar_one()
    if alone:
        raise RuntimeError(
            f"{alone} accounts have a passkey and no app, and the version before would let their passwords in alone: "
            "they set up an app first, or an admin resets their second step"
        )
