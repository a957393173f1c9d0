"""How commands reach the database that change its tables: as their owner (DATABASE_OWNER_URL), who lets the portal serve from them."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import Engine, create_engine, make_url, text

from clinic.db import db
from clinic.engine import engine_options, prepare_engine
from clinic.operations import database_roles


@contextmanager
def owner_engine() -> Iterator[Engine]:
    """Yield the engine of who owns the tables, the portal's own where nobody else is named."""
    url = current_app.config["DATABASE_OWNER_URL"]
    if url is None:
        yield db.engine
        return
    # Its connections are few, and each is used once.
    engine = create_engine(url, **engine_options(url, prepared=False))
    prepare_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def let_serve(owner: Engine) -> None:
    """Let the portal serve from the tables of ``owner``; nothing is done where no other owner is named."""
    if owner is db.engine:
        return
    role = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).username
    if role is None:
        # As the machine's user; the server says as whom.
        with db.engine.connect() as connection:
            role = connection.scalars(text("SELECT current_user::text")).one()
    database_roles.grant(owner, role)
