"""Whether the portal can serve: the database answers and is at the revision that this code was written for."""

from __future__ import annotations

import hmac
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, request
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from clinic.db import db
from clinic.operations.database_errors import MIGRATE_FIRST, UNREACHABLE, UNREADABLE_FILE
from clinic.text.ip_addresses import is_of_this_machine
from clinic.version import VERSION

if TYPE_CHECKING:
    from alembic.config import Config

#: The folder of the migrations.
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migration_config() -> Config:
    """Return what Alembic has to be told to run migrations or to look at them."""
    # A server never does: it isn't to load Alembic, which is 10 MB.
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the revisions of this version of the portal, the one that it is written for first.

    A migration's file begins with its number, and each follows the one before (tests/house/test_migrations.py).
    """
    files = (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")
    return tuple(sorted((file.name[:4] for file in files), reverse=True))


def present_revision(engine: Engine) -> str | None:
    """Return the revision that a database is at, None for one without tables; ``SQLAlchemyError`` where it is away."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def why_unfit(present: str | None) -> str | None:
    """Return one sentence on why a database at the revision ``present`` and this version don't fit, None if they do."""
    wanted = known_revisions()[0]
    if present == wanted:
        return None
    if present is None:
        return f"The database has no tables yet: {MIGRATE_FIRST}."
    if present in known_revisions():
        return (
            f"The database is at revision {present}, older than this version of the portal ({VERSION}, revision "
            f"{wanted}): {MIGRATE_FIRST}."
        )
    return (
        f"The database is at revision {present}, which this version of the portal ({VERSION}, revision {wanted}) doesn't "
        "know: it is older than the database. Start the version that the database was upgraded for."
    )


def may_read_details(token: str | None) -> bool:
    """Return whether who asks may read why the portal can't serve: a program of this machine, or one with ``token``."""
    # A proxy on this machine speaks for others.
    if "X-Forwarded-For" not in request.headers and is_of_this_machine(request.remote_addr):
        return True
    given = request.authorization
    return token is not None and given is not None and hmac.compare_digest((given.token or "").encode(), token.encode())


def why_not_ready(app: Flask) -> str | None:
    """Return one sentence on why ``app`` can't serve, None if it can."""
    with app.app_context():
        try:
            present = present_revision(db.engine)
        except SQLAlchemyError:
            return UNREADABLE_FILE if db.engine.dialect.name == "sqlite" else UNREACHABLE
    return why_unfit(present)
