"""Whether the database is at this version's revision and holds the demo clinic: status 0 if so.

`make run` asks before it migrates and plants, each of which loads the whole portal only to find nothing to do. Asked of the
database itself, without the portal; whatever goes wrong means no, and the commands say what it is.
"""

import re
import sys
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from clinic.config import ConfigError, load

VERSIONS = Path(__file__).resolve().parents[1] / "migrations" / "versions"
DEMO_ACCOUNT = "admin@clinic.example"


def newest_revision() -> str:
    """Return the revision that no other one follows."""
    texts = [path.read_text(encoding="utf-8") for path in VERSIONS.glob("*.py")]
    known, followed = (
        {found[1] for each in texts if (found := re.search(rf'^{name} = "(\w+)"', each, re.MULTILINE))}
        for name in ("revision", "down_revision")
    )
    (newest,) = known - followed
    return newest


def is_ready(url: str) -> bool:
    """Return whether migrating and planting would change nothing."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            account = text("SELECT count(*) FROM users WHERE email = :email")
            return revision == newest_revision() and bool(connection.scalar(account, {"email": DEMO_ACCOUNT}))
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
