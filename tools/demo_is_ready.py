"""Whether the database is at this version's revision and holds the demo clinic: status 0 if so.

`make run` asks before it migrates and plants, each of which loads the whole portal only to find nothing to do. Asked of the
database itself, without loading all of it; whatever goes wrong means no, and the commands say what it is.
"""

import sys

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from clinic.config import ConfigError, load
from clinic.operations.readiness import known_revisions

DEMO_ACCOUNT = "admin@clinic.example"


def is_ready(url: str) -> bool:
    """Return whether migrating and planting would change nothing."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            account = text("SELECT count(*) FROM users WHERE email = :email")
            return revision == known_revisions()[0] and bool(connection.scalar(account, {"email": DEMO_ACCOUNT}))
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def main() -> int:
    """Return the status."""
    try:
        return 0 if is_ready(load().database_url) else 1
    except ConfigError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
