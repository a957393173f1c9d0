"""Two roles of PostgreSQL: one owns the tables and changes them, one serves people and may not rewrite what is kept for good.

The owner migrates, restores and backs up (DATABASE_OWNER_URL); whoever takes over a serving portal has the rights of the other
(DATABASE_URL): it reads and adds to histories and to the audit, and neither changes tables nor sets triggers aside.
"""

from collections.abc import Iterator

from psycopg import sql
from sqlalchemy import Connection, Engine, text

from clinic.db import Base
from clinic.operations.backups.tables import REVISIONS, is_ours, is_set_aside

#: What a portal that serves may do with a table, by what the table refuses (``db.APPEND_ONLY``, ``db.NEVER_DELETED``).
READS = ("SELECT",)
ADDS = (*READS, "INSERT")
CHANGES = (*ADDS, "UPDATE")
DELETES = (*CHANGES, "DELETE")
#: Of a sequence: to take the next number, and to see where it stands.
NUMBERS = ("USAGE", "SELECT")

_GIVEN = """
SELECT relname, coalesce(array_agg(privilege_type) FILTER (WHERE rolname = :role), '{}') AS rights
FROM pg_class LEFT JOIN LATERAL aclexplode(relacl) ON true LEFT JOIN pg_roles ON pg_roles.oid = grantee
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' GROUP BY relname ORDER BY relname"""
_STATE = """
SELECT current_user::text AS name, rolsuper, has_schema_privilege(current_schema(), 'CREATE') AS makes_tables, (
    SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
    AND pg_has_role(relowner, 'MEMBER')
) AS owned FROM pg_roles WHERE rolname = current_user"""
_REWRITES = "SELECT has_table_privilege(to_regclass(:table), 'UPDATE, DELETE, TRUNCATE, TRIGGER')"


def rights_to(table: str) -> tuple[str, ...]:
    """Return what a portal that serves may do with one of its tables."""
    if table == REVISIONS or is_set_aside(table):
        return READS
    refuses = Base.metadata.tables[table].info.get("refuses", ())
    if "UPDATE" in refuses:
        return ADDS
    return CHANGES if "DELETE" in refuses else DELETES


def grant(engine: Engine, role: str) -> None:
    """Let ``role`` serve from the tables that the role of ``engine`` owns, with these rights and no others.

    What the owner makes later it may read and add to, until this is run again. Nothing is done where both are one.
    """
    with engine.begin() as connection:
        if connection.scalar(text("SELECT current_user")) == role:
            return
        schema = connection.scalar(text("SELECT current_schema()"))
        for rights, things in ((ADDS, "TABLES"), (NUMBERS, "SEQUENCES")):
            _run(
                connection,
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA {{schema}} GRANT {', '.join(rights)} ON {things} TO {{role}}",
                schema=schema,
                role=role,
            )
        _run(connection, "GRANT USAGE ON SCHEMA {schema} TO {role}", schema=schema, role=role)
        _run(
            connection,
            f"GRANT {', '.join(NUMBERS)} ON ALL SEQUENCES IN SCHEMA {{schema}} TO {{role}}",
            schema=schema,
            role=role,
        )
        for table, given in connection.execute(text(_GIVEN), {"role": role}).all():
            is_served = table == REVISIONS or is_ours(table)
            # What is as it should be is left alone: whoever looks at the table meanwhile isn't in the way.
            if is_served and set(given) != set(rights_to(table)):
                wanted = ", ".join(rights_to(table))
                _run(connection, "REVOKE ALL ON TABLE {table} FROM {role}", table=table, role=role)
                _run(connection, f"GRANT {wanted} ON TABLE {{table}} TO {{role}}", table=table, role=role)


def _run(connection: Connection, statement: str, **names: str | None) -> None:
    """Run a statement with these names quoted in it."""
    quoted = {name: sql.Identifier(value or "") for name, value in names.items()}
    connection.exec_driver_sql(sql.SQL(statement).format(**quoted).as_string())


def doubts(engine: Engine) -> Iterator[str]:
    """Yield what the role that serves may do beyond serving; an error of the database where that is away."""
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        state = connection.execute(text(_STATE)).one()
        if state.rolsuper:
            yield f"the role {state.name} is a superuser: whoever takes over the portal can rewrite the audit"
        elif state.owned:
            yield (
                f"the role {state.name} owns the tables that it serves from: whoever takes over the portal can rewrite "
                "the audit (DATABASE_OWNER_URL names another owner)"
            )
        else:
            if state.makes_tables:
                yield f"the role {state.name} may make tables and functions"
            for table in Base.metadata.sorted_tables:
                if rights_to(table.name) == ADDS and connection.scalar(text(_REWRITES), {"table": table.name}):
                    yield f"the role {state.name} may rewrite {table.name}: run 'flask --app wsgi db upgrade'"
