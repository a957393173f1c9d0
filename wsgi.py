"""What a server and the ``flask`` command load: ``wsgi:app``."""

import os
import sys

import structlog

from clinic.app import create_app
from clinic.config import ConfigError
from clinic.operations import maintenance, memory
from clinic.operations.readiness import why_not_ready

# What the portal writes (SQLite's files, backups) is for its own user alone.
os.umask(0o077)
memory.keep_small()
try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))

# Commands like "db upgrade" have to run before the database is ready; a server must not, except to say that the portal
# is closed for maintenance.
is_server = os.environ.get("FLASK_RUN_FROM_CLI") != "true"
if not is_server:
    # A server has no use for the commands and for what they load.
    from clinic import cli

    cli.install(app)
if is_server and app.config["CLINIC_ENV"] == "production":
    problem = why_not_ready(app)
    if problem is not None and maintenance.present(app.config["MAINTENANCE_FILE"]) is None:
        sys.exit(problem)
    if app.config["MAIL_URL"] is None:
        # No reason to stop, but nobody would notice: pages say that a mail is on its way.
        structlog.get_logger("clinic.start").warning(
            "MAIL_URL is not set: mail stays queued until it is",
            mail_from=app.config["MAIL_FROM"],
            links_to=app.config["FRONTEND_URL"],
        )
