"""How migrations run: on the portal's own engine, in one transaction, with SQLite's foreign keys off meanwhile."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from clinic.db import Base, comparable


def _configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        include_object=comparable,
        render_as_batch=True,
        transaction_per_migration=False,
    )


def run() -> None:
    """Run the revisions that are asked for; in the transaction of a connection that was handed in, if one was."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _configure(given)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Batch mode drops and makes tables again: with foreign keys on it would take the children along.
            # The pragma does nothing inside a transaction, so it goes to the driver before one begins.
            driver = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
            try:
                _migrate(connection)
                if broken := driver.execute("PRAGMA foreign_key_check").fetchall():
                    raise RuntimeError(f"the migration left rows without what they refer to: {broken[:5]}")
            finally:
                driver.execute("PRAGMA foreign_keys = ON")
        else:
            _migrate(connection)


def _migrate(connection: Connection) -> None:
    _configure(connection)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


if context.is_offline_mode():
    context.configure(
        url=str(current_app.extensions["migrate"].db.engine.url),
        target_metadata=Base.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    run()
