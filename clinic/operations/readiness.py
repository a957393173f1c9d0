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


@cache
def _wanted(folder: str) -> str | None:
    config = Config()
    config.set_main_option("script_location", folder)
    return ScriptDirectory.from_config(config).get_current_head()


def why_not_ready(app: Flask) -> str | None:
    """Return one sentence on why ``app`` can't serve, None if it can."""
    try:
        with app.app_context(), db.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return UNREACHABLE
    wanted = _wanted(str(Path(app.root_path) / "migrations"))
    return None if present == wanted else UNMIGRATED
