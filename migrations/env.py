"""How Alembic runs migrations: each in a transaction of its own, or all in that of a connection that was handed in.

``clinic.operations.migrations`` hands in a connection for each revision, a restore one whose transaction is its own;
other commands of Alembic bring none.
"""

from contextlib import ExitStack
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy import Connection

from clinic.cli.database_owner import owner_engine
from clinic.db import Base
from clinic.operations import migrations


def run() -> None:
    """Run the revisions that are asked for."""
    given: Connection | None = context.config.attributes.get("connection")
    with ExitStack() as stack:
        connection = (
            given
            if given is not None
            else stack.enter_context(migrations.connected(stack.enter_context(owner_engine())))
        )
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            include_object=migrations.comparable,
            render_as_batch=True,
            transaction_per_migration=True,
            on_version_apply=_refuse_broken_references,
        )
        with context.begin_transaction():
            context.run_migrations()


def _engine() -> Any:
    return current_app.extensions["migrate"].db.engine


def _refuse_broken_references(*, ctx: MigrationContext, **_: Any) -> None:
    """Let nothing be committed that foreign keys would have refused: SQLite's are off meanwhile."""
    if ctx.dialect.name != "sqlite" or ctx.connection is None:
        return
    if broken := ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise RuntimeError(f"the migration left rows without what they refer to: {broken[:5]}")


if context.is_offline_mode():
    context.configure(url=str(_engine().url), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
