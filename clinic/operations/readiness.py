"""Whether the portal can serve: the database answers and is at the revision that this code was written for."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from clinic.db import db

UNREACHABLE = "The database can't be reached: check DATABASE_URL and that the server is up."
UNMIGRATED = "The database is not at this version's revision: run 'flask --app wsgi db upgrade' first."


#: The folder of the migrations.
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrations() -> Config:
    """Return what Alembic has to be told to run migrations or to look at them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the revisions of this version of the portal, the one that it is written for first."""
    return tuple(each.revision for each in ScriptDirectory.from_config(migrations()).walk_revisions())


def why_not_ready(app: Flask) -> str | None:
    """Return one sentence on why ``app`` can't serve, None if it can."""
    try:
        with app.app_context(), db.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return UNREACHABLE
    return None if present == known_revisions()[0] else UNMIGRATED
