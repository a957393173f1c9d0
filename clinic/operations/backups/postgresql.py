"""A PostgreSQL database into a backup and out of it, by COPY: rows are streamed, however many there are.

The copy is one snapshot, readers and writers go on meanwhile. A restore is one transaction, from dropping the tables to
comparing what was written, so the database stays as it was whatever goes wrong. The schema of the connection (``public``)
is the portal's own: its tables and functions are replaced, everything else is left.

What a file says becomes no part of a statement: names are compared with ours and quoted, types with those that the server has.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine

from clinic.accounts.for_domains import end_all_proofs
from clinic.operations.backups.archive import Archive, ArchiveWriter, BackupError, Contents, Sequence, Table
from clinic.operations.backups.tables import (
    REVISIONS,
    check_columns,
    check_same_columns,
    is_ours,
    is_set_aside,
    only_ours,
)
from clinic.triggers import refusal

Cursor = psycopg.Cursor[Any]

#: So that a value is written alike on every server and for every role, and nobody's limit ends it.
_SETTINGS: Mapping[str, str] = {
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "synchronize_seqscans": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "60s",
}
_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
ORDER BY relname"""
#: Those that the migrations make for their triggers (a test compares).
FUNCTIONS = ("name_event_patients", "note_changed_days", "refuse_deed", "revise_directory")
#: How PostgreSQL writes a type of its own down, and the part of it that a name of a type hasn't.
_TYPE = re.compile(r"[a-z ]+(\(\d+(,\d+)?\))?( with(out)? time zone)?(\[\])?")
_LENGTH = re.compile(r"\(\d+(,\d+)?\)")
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""
_KEY = """
SELECT attname, attcollation <> 0 FROM pg_index, unnest(indkey) WITH ORDINALITY AS part(number, position), pg_attribute
WHERE indrelid = to_regclass(%s) AND indisprimary AND attrelid = indrelid AND attnum = part.number ORDER BY part.position"""
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename"
_FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND contype = 'f'"""
_TRIGGERS = """
SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger, pg_class
WHERE pg_class.oid = tgrelid AND relnamespace = current_schema()::regnamespace AND NOT tgisinternal AND tgenabled <> 'D'"""
_SWITCHED_ON = {"O": "ENABLE TRIGGER", "A": "ENABLE ALWAYS TRIGGER", "R": "ENABLE REPLICA TRIGGER"}
_GRANTS = """
SELECT relkind, relname, attname, privilege_type, is_grantable,
    CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(rolname) END
FROM pg_class CROSS JOIN LATERAL (
    SELECT NULL::name AS attname, relacl AS acl
    UNION ALL SELECT attname, attacl FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
) AS given CROSS JOIN LATERAL aclexplode(acl) LEFT JOIN pg_roles ON pg_roles.oid = grantee
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S') AND grantee <> relowner"""


# --- out --------------------------------------------------------------------------------------------------------------


def copy_out(engine: Engine, archive: ArchiveWriter) -> Contents:
    """Write every table to ``archive`` as it is at one moment."""
    with _connected(engine) as (_connection, cursor):
        names = _our_names(cursor)
    with _connected(engine, isolation_level="REPEATABLE READ", postgresql_readonly=True) as (_connection, cursor):
        # The snapshot is taken after the locks: what is rewritten in between would be seen as an empty table.
        _lock(cursor, names)
        if _our_names(cursor) != names or REVISIONS not in names:
            raise BackupError(
                "The database is empty or just being migrated: run 'flask --app wsgi db upgrade', then again."
            )
        tables = {name: _table_out(cursor, archive, name) for name in names if name != REVISIONS}
        return Contents(revision=_revision(cursor), tables=tables, sequences=_sequences(cursor))


def _lock(cursor: Cursor, names: list[str]) -> None:
    """Keep tables from being dropped or altered until the end, and from nothing else."""
    if names:
        tables = _list(names)
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(tables))


def _table_out(cursor: Cursor, archive: ArchiveWriter, name: str) -> Table:
    columns = _columns(cursor, name)
    with archive.member(_member(name)) as member:
        rows = _copy(cursor, name, columns, member.write)
    return Table(rows=rows, columns=columns)


def _copy(cursor: Cursor, table: str, columns: Mapping[str, str], write: Callable[[bytes], object]) -> int:
    """Hand a table's rows to ``write``, in an order that is the same on every server; return how many there are."""
    key = [
        sql.SQL('{} COLLATE "C"' if has_collation else "{}").format(sql.Identifier(name))
        for name, has_collation in cursor.execute(_KEY, [_quoted(cursor, table)]).fetchall()
    ]
    order = sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(key)) if key else sql.SQL("")
    select = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (ENCODING 'UTF8')").format(
        _list(columns), sql.Identifier(table), order
    )
    with cursor.copy(select) as rows:
        for row in rows:
            write(row)  # type: ignore[arg-type] # typed as any buffer, it is bytes or a view of them
    return cursor.rowcount


def _sequences(cursor: Cursor) -> dict[str, Sequence]:
    """Return where sequences stand; asked last, for they know no snapshot: no row of it has a later number."""
    found = {}
    for name in _names(cursor, _SEQUENCES):
        state = cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))).fetchone()
        assert state is not None  # noqa: S101 - a sequence has one row
        found[name] = Sequence(last=state[0], called=state[1])
    return found


# --- in ---------------------------------------------------------------------------------------------------------------


def copy_in(
    engine: Engine,
    archive: Archive,
    *,
    migrate: Callable[[Connection, str], None],
    refuse_to_lose: Callable[[Connection], None],
) -> None:
    """Put the backup in the place of what the database holds, with every sign-in of then ended.

    ``migrate`` makes the tables of a revision; ``refuse_to_lose`` is asked once nobody can write any more.
    """
    manifest = archive.manifest
    tables = only_ours(manifest.tables)
    with _connected(engine) as (connection, cursor):
        grants = cursor.execute(_GRANTS).fetchall()
        present = _held(cursor)
        refuse_to_lose(connection)
        _clear(cursor, present)
        migrate(connection, manifest.revision)
        _add_set_aside(cursor, tables)
        with _bare_tables(cursor):
            for name, table in tables.items():
                _table_in(cursor, archive, name, table)
        for name, table in tables.items():
            _compare(cursor, archive, name, table)
        for name in _names(cursor, _SEQUENCES):
            if state := manifest.sequences.get(name):
                cursor.execute("SELECT setval(%s::regclass, %s, %s)", [_quoted(cursor, name), state.last, state.called])
        end_all_proofs(connection, "restored")
        _grant(cursor, grants)
        cursor.execute(sql.SQL("ANALYZE {}").format(_list(tables)))


def _held(cursor: Cursor) -> list[str]:
    """Let nobody else read or write the portal's tables until the end, and return their names.

    ``BackupError`` where somebody else's are among them.
    """
    present = [name for name in _names(cursor, _TABLES) if name != REVISIONS]
    if strange := [name for name in present if not is_ours(name)]:
        raise BackupError(
            f"The database also holds tables that aren't the portal's ({', '.join(strange)}): "
            "restore into an empty database."
        )
    if present:
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_list(present)))
    return present


def _clear(cursor: Cursor, present: list[str]) -> None:
    """Drop the portal's tables, and its functions with them."""
    # Emptied, so that migrations begin anew; who asks for the revision meanwhile isn't kept waiting.
    if REVISIONS in _names(cursor, _TABLES):
        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(REVISIONS)))
    if present:
        cursor.execute(sql.SQL("DROP TABLE {}").format(_list(present)))
    for function in FUNCTIONS:
        cursor.execute(sql.SQL("DROP FUNCTION IF EXISTS {}()").format(sql.Identifier(function)))


def _add_set_aside(cursor: Cursor, tables: Mapping[str, Table]) -> None:
    """Make the tables that a migration's way back has set aside, which stay as they are."""
    for name, table in tables.items():
        if not is_set_aside(name):
            continue
        check_columns(name, table.columns)
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(column), _type(cursor, kind))
            for column, kind in table.columns.items()
        ]
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(name), sql.SQL(", ").join(columns)))
        for action in ("UPDATE", "DELETE", "TRUNCATE"):
            for statement in refusal("postgresql", name, action):
                cursor.execute(_raw(statement))


def _type(cursor: Cursor, kind: str) -> sql.SQL:
    """Return a type that a file names, if it is one of the server's, written as the server does; else ``BackupError``."""
    if _TYPE.fullmatch(kind):
        found = cursor.execute("SELECT to_regtype(%s)::text", [kind]).fetchone()
        if found == (_LENGTH.sub("", kind),):
            return _raw(kind)
    raise BackupError(f"The backup names a type that the database doesn't have: {kind[:60]!r}.")


@contextmanager
def _bare_tables(cursor: Cursor) -> Iterator[None]:
    """Let rows come in any order and set off nothing: foreign keys are checked and triggers switched on afterwards."""
    keys, triggers = cursor.execute(_FOREIGN_KEYS).fetchall(), cursor.execute(_TRIGGERS).fetchall()
    alter = sql.SQL("ALTER TABLE {} {} {}")
    for table, name, _definition in keys:
        cursor.execute(alter.format(_raw(table), sql.SQL("DROP CONSTRAINT"), sql.Identifier(name)))
    for table, name, _state in triggers:
        cursor.execute(alter.format(_raw(table), sql.SQL("DISABLE TRIGGER"), sql.Identifier(name)))
    yield
    for table, name, definition in keys:
        added = sql.SQL("{} {}").format(sql.Identifier(name), _raw(definition))
        cursor.execute(alter.format(_raw(table), sql.SQL("ADD CONSTRAINT"), added))
    for table, name, state in triggers:
        cursor.execute(alter.format(_raw(table), _raw(_SWITCHED_ON[state]), sql.Identifier(name)))


def _table_in(cursor: Cursor, archive: Archive, name: str, table: Table) -> None:
    check_same_columns(name, table.columns, _columns(cursor, name), archive.manifest.revision)
    if _member(name) not in archive.manifest.members:
        raise BackupError(f"The backup has no rows of {name}.")
    # Migrations may have written rows of their own; the backup's are the only ones.
    cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    rows = sql.SQL("COPY {} ({}) FROM STDIN (ENCODING 'UTF8')").format(sql.Identifier(name), _list(table.columns))
    with cursor.copy(rows) as copy:
        for chunk in archive.read(_member(name)):
            copy.write(chunk)


def _compare(cursor: Cursor, archive: Archive, name: str, table: Table) -> None:
    """Read a table again and raise ``BackupError`` where it isn't what the backup holds."""
    digest = hashlib.sha256()
    rows = _copy(cursor, name, table.columns, digest.update)
    if (rows, digest.hexdigest()) != (table.rows, archive.manifest.members[_member(name)].sha256):
        raise BackupError(f"What was written to {name} isn't what the backup holds.")


def _grant(cursor: Cursor, grants: list[tuple[Any, ...]]) -> None:
    """Give the rights to tables and columns back that roles had been given; what isn't there any more needs none."""
    present = {*_names(cursor, _TABLES), *_names(cursor, _SEQUENCES)}
    for kind, name, column, privilege, may_pass_on, role in grants:
        if name not in present or name == REVISIONS or (column and column not in _columns(cursor, name)):
            continue
        part = sql.SQL("({})").format(sql.Identifier(column)) if column else sql.SQL("")
        statement = sql.SQL("GRANT {} {} ON {} {} TO {}{}").format(
            _raw(privilege), part, sql.SQL("SEQUENCE" if kind == "S" else "TABLE"), sql.Identifier(name), _raw(role),
            sql.SQL(" WITH GRANT OPTION" if may_pass_on else ""),
        )  # fmt: skip
        cursor.execute(statement)


# --- small parts ------------------------------------------------------------------------------------------------------


@contextmanager
def _connected(engine: Engine, **options: Any) -> Iterator[tuple[Connection, Cursor]]:
    """Open a transaction on a connection of its own; the driver's cursor is for what SQLAlchemy has no words for."""
    with engine.connect().execution_options(**options) as connection:
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        connection.detach()
        driver.prepare_threshold = None
        with connection.begin():
            cursor = driver.cursor()
            for setting, value in _SETTINGS.items():
                cursor.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(setting), sql.Literal(value)))
            yield connection, cursor


def _names(cursor: Cursor, query: str) -> list[str]:
    return [name for (name,) in cursor.execute(sql.SQL(query)).fetchall()]


def _our_names(cursor: Cursor) -> list[str]:
    """Return the names of the portal's tables."""
    return [name for name in _names(cursor, _TABLES) if name == REVISIONS or is_ours(name)]


def _columns(cursor: Cursor, table: str) -> dict[str, str]:
    """Return a table's columns with their types."""
    return dict(cursor.execute(_COLUMNS, [_quoted(cursor, table)]).fetchall())


def _revision(cursor: Cursor) -> str:
    found = cursor.execute("SELECT version_num FROM alembic_version").fetchone()
    return found[0] if found else ""


def _quoted(cursor: Cursor, name: str) -> str:
    """Return a name as PostgreSQL's functions of names want it."""
    return sql.Identifier(name).as_string(cursor)


def _list(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _raw(words: str) -> sql.SQL:
    """Return words that PostgreSQL itself has written down."""
    return sql.SQL(words)


def _member(table: str) -> str:
    return f"tables/{table}.copy"
