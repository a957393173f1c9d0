"""Invited accounts have no password: whether somebody has accepted an invitation can be told.

Until now they got a random password that nobody knows. Whoever was admitted or invited by the office, never signed in
and never chose a password has none from now on.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE users SET password_hash = '!' WHERE id IN"
        " (SELECT subject_id FROM audit_events WHERE deed = 'account.created' AND actor_id <> subject_id)"
        " AND id NOT IN (SELECT user_id FROM sign_in_sessions)"
        " AND id NOT IN (SELECT subject_id FROM audit_events WHERE deed IN ('password.reset', 'password.changed'))"
    )


def downgrade() -> None:
    # No password has this hash, so nobody who had none can sign in then, as before.
    op.execute("UPDATE users SET password_hash = '-' WHERE password_hash = '!'")
