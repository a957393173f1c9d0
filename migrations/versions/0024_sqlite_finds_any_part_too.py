"""SQLite finds any part of a name, phone number or e-mail by a table of trigrams, kept in step by triggers.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COLUMNS = ("name_key", "phone_num", "email")
TABLE = "people_trigrams"


def upgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        return
    columns = ", ".join(COLUMNS)
    # It holds trigrams alone: the texts stay where they are.
    op.execute(
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5"
        f"({columns}, content = 'users', content_rowid = 'id', tokenize = 'trigram')"
    )
    op.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('rebuild')")
    new, old = (", ".join(f"{row}.{column}" for column in ("id", *COLUMNS)) for row in ("NEW", "OLD"))
    put = f"INSERT INTO {TABLE} (rowid, {columns}) VALUES ({new});"
    take = f"INSERT INTO {TABLE} ({TABLE}, rowid, {columns}) VALUES ('delete', {old});"
    for deed, body in (("INSERT", put), ("DELETE", take), (f"UPDATE OF {columns}", f"{take} {put}")):
        name = f"users_trigrams_{deed.partition(' ')[0].lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {deed} ON users BEGIN {body} END")


def downgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        return
    for deed in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER users_trigrams_{deed}")
    op.execute(f"DROP TABLE {TABLE}")
