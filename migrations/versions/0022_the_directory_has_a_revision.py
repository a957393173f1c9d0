"""Each change of what the public sees of the clinic gives the directory a new revision.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("departments", "services", "rooms", "doctors")
#: What is shown of a user who is a doctor, and what decides whether they are.
OF_USERS = ("full_name", "name_key", "email", "phone_num", "is_active")
_DIFFERS = "{old} IS NOT {new}", "{old} IS DISTINCT FROM {new}"
#: Of a password nothing counts but whether there is one.
_PASSWORD = "(OLD.password_hash = '!') <> (NEW.password_hash = '!')"  # noqa: S105 - stands for none


def upgrade() -> None:
    op.create_table(
        "directory_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_directory_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_revision")),
    )
    (_on_sqlite if _is_sqlite() else _on_postgresql)()
    # What stands there already has a revision too; an empty directory gets one with its first entry.
    token = "lower(hex(randomblob(16)))" if _is_sqlite() else "gen_random_uuid()"
    op.execute(f"INSERT INTO directory_revision (id, token) SELECT 1, {token} WHERE EXISTS (SELECT 1 FROM departments)")


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _shown_of_users() -> str:
    differs = _DIFFERS[0 if _is_sqlite() else 1]
    return " OR ".join([*(differs.format(old=f"OLD.{each}", new=f"NEW.{each}") for each in OF_USERS), _PASSWORD])


def _on_sqlite() -> None:
    # Not by one REPLACE: an OR IGNORE of whoever sets the trigger off would hold for it too.
    revise = (
        "BEGIN DELETE FROM directory_revision; "
        "INSERT INTO directory_revision (id, token) VALUES (1, lower(hex(randomblob(16)))); END"
    )
    for table in TABLES:
        for deed in ("INSERT", "UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_revise_{deed.lower()} AFTER {deed} ON {table} {revise}")
    op.execute(f"CREATE TRIGGER users_revise_update AFTER UPDATE ON users WHEN {_shown_of_users()} {revise}")


def _on_postgresql() -> None:
    # Once in a transaction, however many rows it changes: the setting ends with it.
    op.execute("""
        CREATE FUNCTION revise_directory() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        BEGIN
            IF current_setting('clinic.revised_in', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
                INSERT INTO directory_revision AS present (id, token) VALUES (1, gen_random_uuid())
                ON CONFLICT (id) DO UPDATE SET token = excluded.token;
                PERFORM set_config('clinic.revised_in', pg_current_xact_id()::text, true);
            END IF;
            RETURN NULL;
        END $$""")
    for table in TABLES:
        _at_commit(table, "INSERT OR UPDATE OR DELETE")
        op.execute(
            f"CREATE TRIGGER {table}_revise_truncate AFTER TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION revise_directory()"
        )
    _at_commit("users", "UPDATE", f"WHEN ({_shown_of_users()}) ")


def _at_commit(table: str, deeds: str, condition: str = "") -> None:
    """Revise when the transaction is committed: it holds no other one up before, and nothing can be locked crosswise."""
    op.execute(
        f"CREATE CONSTRAINT TRIGGER {table}_revise AFTER {deeds} ON {table} DEFERRABLE INITIALLY DEFERRED "
        f"FOR EACH ROW {condition}EXECUTE FUNCTION revise_directory()"
    )


def downgrade() -> None:
    if _is_sqlite():
        for table in TABLES:
            for deed in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_revise_{deed}")
        op.execute("DROP TRIGGER users_revise_update")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_revise_truncate ON {table}")
        for table in (*TABLES, "users"):
            op.execute(f"DROP TRIGGER {table}_revise ON {table}")
        op.execute("DROP FUNCTION revise_directory()")
    op.drop_table("directory_revision")
