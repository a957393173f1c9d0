"""Where settings come from: the environment and files, read once, all that is wrong with them said at once."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from clinic import secret_files
from clinic.config.fields import ROOT, SECRET, ConfigError, Env, Settings
from clinic.config.production import problems_of
from clinic.config.shapes import POSTGRESQL
from clinic.settings import nothing_to_book

#: The variables of the fields that are named otherwise.
_NAMES = {
    name: field.validation_alias
    for name, field in Settings.model_fields.items()
    if isinstance(field.validation_alias, str)
}
#: The variables of the settings that a file may hold, each with its field.
SECRETS = {name.upper(): name for name, field in Settings.model_fields.items() if SECRET in field.metadata}


def load(overrides: dict[str, Any] | None = None) -> Settings:
    """Return the settings of the environment, ``overrides`` (by field name) before it.

    ``ConfigError`` names everything that is wrong with them.
    """
    given = {_NAMES.get(name, name): value for name, value in (overrides or {}).items()}
    in_files = secret_files.read((name for name, field in SECRETS.items() if field not in given), os.environ, ROOT)
    problems = list(in_files.problems.values())
    try:
        settings = Settings(**{SECRETS[name]: value for name, value in in_files.values.items()} | given)
    except ValidationError as error:
        raise ConfigError([*problems, *_problems(error)]) from None
    problems.extend(_problems_of_contact(settings))
    if nothing_to_book(settings.booking_lead_hours, settings.booking_horizon_days):
        problems.append("BOOKING_LEAD_HOURS leaves patients nothing to book within BOOKING_HORIZON_DAYS.")
    problems.extend(_problems_of_databases(settings))
    if settings.env is Env.PRODUCTION:
        # A key that can't be read is one problem, not two.
        unread = "SECRET_KEY" in in_files.problems
        problems.extend(each for each in problems_of(settings) if not (unread and each.startswith("SECRET_KEY ")))
    if problems:
        raise ConfigError(problems)
    return settings


def secrets_in_files() -> list[str]:
    """Return the names of the settings whose values come from files."""
    return [name for name in SECRETS if os.environ.get(name + secret_files.SUFFIX)]


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else "settings"
        text = problem["msg"].removeprefix("Value error, ")
        yield f"{_NAMES.get(name, name).upper()} {text[0].lower()}{text[1:]}"


def _problems_of_databases(settings: Settings) -> Iterator[str]:
    """Yield which further addresses of the database don't go with DATABASE_URL."""
    on_postgresql = settings.database_url.startswith(POSTGRESQL)
    if settings.database_replica_url is not None and not on_postgresql:
        yield "DATABASE_REPLICA_URL is for PostgreSQL, and DATABASE_URL isn't"
    owner = settings.database_owner_url
    if owner is not None and not (on_postgresql and owner.startswith(POSTGRESQL)):
        yield "DATABASE_OWNER_URL is for PostgreSQL, as DATABASE_URL has to be then"


def _problems_of_contact(settings: Settings) -> Sequence[str]:
    """Read how people reach the clinic now, so that a wrong file stops the start."""
    try:
        _ = settings.contact
    except ConfigError as error:
        return error.problems
    return ()
