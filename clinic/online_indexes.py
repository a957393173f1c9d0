"""Indexes on tables of a size: how a migration makes one while people write to the table (docs/decisions/0026).

A migration that does so does nothing else: on PostgreSQL each statement is committed by itself. Knows no table.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import op

#: How long PostgreSQL waits for transactions that are older than the index; nobody waits behind it.
WAIT_FOR_OLDER = "15min"


def create_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Create an index; ``options`` as for ``op.create_index``. One that an earlier try left half made is made anew.

    SQLite has one writer at a time anyway, and a restore fills the tables in a transaction that nobody else is in: there
    it is an index as any other.
    """
    if not _commits_by_itself():
        op.create_index(name, table, columns, **options)
        return
    with _patient():
        op.drop_index(name, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index, the way back of ``create_index``."""
    if not _commits_by_itself():
        op.drop_index(name, table_name=table)
        return
    with _patient():
        op.drop_index(name, if_exists=True, postgresql_concurrently=True)


@contextmanager
def _patient() -> Iterator[None]:
    """Commit each statement by itself, and let it take as long as it takes, whatever limit the role has."""
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{WAIT_FOR_OLDER}'")
        op.execute("SET statement_timeout = 0")
        yield
        op.execute("RESET statement_timeout")
        op.execute("RESET lock_timeout")


def _commits_by_itself() -> bool:
    """Return whether the present transaction is Alembic's to end."""
    context = op.get_context()
    return context.dialect.name == "postgresql" and not context._in_external_transaction
