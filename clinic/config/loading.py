"""Where settings come from: the environment and files, read once, all that is wrong with them said at once."""

import os
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from clinic import secret_files
from clinic.config.fields import DEVELOPMENT_SECRET, ROOT, SECRET, SECRET_LEAST, ConfigError, Env, Settings
from clinic.config.shapes import POSTGRESQL

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
    if settings.database_replica_url is not None and not settings.database_url.startswith(POSTGRESQL):
        problems.append("DATABASE_REPLICA_URL is for PostgreSQL, and DATABASE_URL isn't")
    if settings.env is Env.PRODUCTION:
        if "SECRET_KEY" not in in_files.problems:
            problems.extend(_weak_secret(settings.secret_key))
        problems.extend(_mail_to_and_from_nowhere(settings))
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


def _problems_of_contact(settings: Settings) -> Sequence[str]:
    """Read how people reach the clinic now, so that a wrong file stops the start."""
    try:
        _ = settings.contact
    except ConfigError as error:
        return error.problems
    return ()


def _mail_to_and_from_nowhere(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with mail that leaves for patients.

    It must not lead them to their own computer, and must come from an address that is somewhere: servers refuse any
    other, and nobody could answer.
    """
    if settings.mail_url is None:
        return
    if settings.frontend_url is None:
        yield (
            "FRONTEND_URL must be set in production where MAIL_URL is, "
            "to the address that people use: links in mails begin with it"
        )
    leaves = urlsplit(settings.mail_url).scheme != "console"
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2].lower()
    if leaves and f".{domain}".endswith((".localhost", ".localdomain")):
        yield (
            "MAIL_FROM must be set in production where MAIL_URL is, "
            "to an address of the clinic's own: mail servers refuse mail from localhost"
        )


def _weak_secret(secret: str) -> Iterator[str]:
    if secret == DEVELOPMENT_SECRET:
        yield f"SECRET_KEY must be set in production, to at least {SECRET_LEAST} random characters"
    elif len(secret) < SECRET_LEAST:
        yield f"SECRET_KEY must have at least {SECRET_LEAST} characters in production"
