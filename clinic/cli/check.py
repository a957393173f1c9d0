"""``flask check``: whether everything that the portal needs is there, before people need it: a line for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from clinic import accounts
from clinic import settings as clinic_settings
from clinic.config import THIS_MACHINE, Env, SecondFactor, Settings, allowed, load, problems_of, secrets_in_files
from clinic.db import db
from clinic.limits import store_answers
from clinic.mail import smtp
from clinic.mail.transport import ServerAway
from clinic.operations import database_roles
from clinic.operations.backups import why_unrestorable
from clinic.operations.readiness import why_not_ready
from clinic.operations.system import database_state, present_maintenance
from clinic.policy import EVERY_DUTY, in_order
from clinic.replica import replica_state


@dataclass(frozen=True)
class _Finding:
    """How something stands, and whether that stops the portal."""

    what: str
    text: str
    is_well: bool = True


@click.command("check")
@click.option("--mail", "with_mail", is_flag=True, help="Connect to the mail server too, and sign in; nothing is sent.")
@click.option("--deploy", is_flag=True, help="Say what production lacks, too: what it refuses, and what is doubtful.")
def check(with_mail: bool, deploy: bool) -> None:
    """Say of settings, database, Redis and mail whether they are well; status 1 if one isn't.

    Settings that can't be used stop every command with a sentence that names them, this one too.
    """
    settings = load()
    findings = [
        *_settings(settings, deploy=deploy),
        _database(),
        *_rights(settings, deploy=deploy),
        *_duties(deploy=deploy),
        *_patients(settings),
        *_replica(),
        _redis(),
    ]
    if with_mail:
        findings.append(_mail_server())
    for each in findings:
        click.echo(f"{'ok' if each.is_well else 'FAILED':7}{each.what}: {each.text}")
    if not all(each.is_well for each in findings):
        raise SystemExit(1)


def _settings(settings: Settings, *, deploy: bool) -> Iterator[_Finding]:
    yield _Finding(
        "settings", f"{settings.env}, {settings.workers} x {settings.threads} threads, {settings.mail_origin}"
    )
    if secrets := secrets_in_files():
        yield _Finding("settings", f"{', '.join(secrets)} from files")
    in_production = settings.model_copy(update={"env": Env.PRODUCTION}) if deploy else settings
    yield from _names(in_production)
    for problem in problems_of(in_production) if deploy else ():
        yield _Finding("production", problem, is_well=False)
    doubts = [
        *_doubts(settings),
        *(_doubts_of_production(in_production) if deploy or settings.env is Env.PRODUCTION else []),
    ]
    for note in doubts:
        yield _Finding("settings", f"but {note}", is_well=not deploy)
    if present_maintenance() is not None:
        yield _Finding("maintenance", "the portal is closed")


def _names(settings: Settings) -> Iterator[_Finding]:
    """Say by which names the portal lets itself be called, and where the addresses in its answers lead."""
    names = "any name" if settings.known_hosts is None else ", ".join(sorted(settings.known_hosts - THIS_MACHINE))
    yield _Finding("names", f"answers to {names or 'this machine alone'} (TRUSTED_HOSTS)")
    address = settings.own_address or "the name of each request"
    yield _Finding("names", f"addresses in answers begin with {address} (PUBLIC_URL)")
    yield _Finding("names", f"links in mails begin with {settings.mail_origin} (FRONTEND_URL)")


def _doubts(settings: Settings) -> Iterator[str]:
    """Yield what works, but is hardly meant."""
    if settings.env is not Env.PRODUCTION:
        yield f"CLINIC_ENV is {settings.env}: a clinic wants production"
    if settings.workers > 1 and settings.database_url.startswith("sqlite"):
        yield "WORKERS is more than 1 on SQLite, which has one writer at a time"
    if settings.workers > 1 and settings.redis_url is None:
        yield "REDIS_URL is not set: each of the WORKERS counts tries for itself"
    if settings.trusted_proxies == 0 and settings.mail_origin.startswith("https://"):
        yield "TRUSTED_PROXIES is 0, though HTTPS wants a proxy: all people would have its address"
    if settings.mail_url is None:
        yield "MAIL_URL is not set: mail stays queued"


def _doubts_of_production(settings: Settings) -> Iterator[str]:
    """Yield what a clinic would do well to have beyond what it needs to start."""
    yield from allowed(settings)
    host = urlsplit(settings.own_address or "").hostname
    if host is not None and settings.known_hosts is not None and host not in settings.known_hosts:
        yield f"TRUSTED_HOSTS lacks {host}, which PUBLIC_URL leads to: programs that follow an answer would be refused"
    if "staff_second_factor" in settings.model_fields_set and settings.staff_second_factor is SecondFactor.OPTIONAL:
        yield "STAFF_SECOND_FACTOR is optional: who finds out a password of the office reads what the office may"
    if not settings.records_need_proof and "records_need_proof" in settings.model_fields_set:
        yield "RECORDS_NEED_PROOF is 0: whoever registers with a patient's e-mail is shown what is booked and written for them"
    if settings.records_need_proof and settings.mail_url is None:
        yield "RECORDS_NEED_PROOF is on without MAIL_URL: patients see their records only after they showed their ID"
    if settings.audit_key is None:
        yield "AUDIT_KEY is not set: whoever has SECRET_KEY can write the audit's chain anew"
    if settings.audit_key == settings.secret_key:
        yield "AUDIT_KEY is SECRET_KEY: whoever has that can write the audit's chain anew"


def _database() -> _Finding:
    problem = why_not_ready(current_app)
    if problem is not None:
        return _Finding("database", problem, is_well=False)
    try:
        found, strange = database_state(), why_unrestorable(db.engine)
    except SQLAlchemyError as error:
        return _Finding("database", f"can't be read: {type(error).__name__}", is_well=False)
    if strange is not None:
        return _Finding("database", strange, is_well=False)
    return _Finding("database", f"{found.engine} at revision {found.revision}, {found.size_bytes / 1_000_000:.1f} MB")


def _rights(settings: Settings, *, deploy: bool) -> Iterator[_Finding]:
    """Say what the role that serves may do beyond what serving needs."""
    if not deploy and settings.env is not Env.PRODUCTION:
        return
    try:
        for doubt in database_roles.doubts(db.engine):
            yield _Finding("database", f"but {doubt}", is_well=not deploy)
    except SQLAlchemyError:
        return  # It is away: said already.


def _duties(*, deploy: bool) -> Iterator[_Finding]:
    """Say which duties nobody of the office has, and how many of its people have none."""
    try:
        found = accounts.duties_of_admins()
    except SQLAlchemyError:
        return  # It is away: said already.
    if not found:
        yield _Finding("duties", "nobody of the office can sign in yet: flask create-admin")
        return
    if missing := in_order(EVERY_DUTY.difference(*found)):
        yield _Finding("duties", f"but nobody who can sign in has {', '.join(missing)}: flask set-duties", not deploy)
    if idle := found.count([]):
        yield _Finding(
            "duties", f"but {idle} of the office can do nothing, as they have none: flask set-duties", not deploy
        )


def _patients(settings: Settings) -> Iterator[_Finding]:
    """Say how many patients have to show first that their account is theirs, where the clinic is one in production."""
    if settings.env is not Env.PRODUCTION:
        return
    try:
        found = accounts.count_unconfirmed()
    except SQLAlchemyError:
        return  # It is away, or older than this version: said already.
    so = ", and see no records before they do (RECORDS_NEED_PROOF)" if settings.records_need_proof else ""
    yield _Finding(
        "patients",
        f"{found.number} of {found.of} who signed in lately have neither confirmed their e-mail nor shown their ID{so}",
    )


def _replica() -> Iterator[_Finding]:
    """Say whether reports are read from the replica; the portal does without one."""
    try:
        found = replica_state()
    except SQLAlchemyError:
        return  # The database itself is away: said already.
    if found is not None:
        yield _Finding("replica", found.problem or "follows", is_well=found.problem is None)


def _redis() -> _Finding:
    answers = store_answers()
    if answers is None:
        return _Finding("Redis", "not used")
    return _Finding("Redis", "answers" if answers else "doesn't answer: check REDIS_URL", is_well=answers)


def _mail_server() -> _Finding:
    settings = current_app.config
    if settings["MAIL_URL"] is None:
        return _Finding("mail", "MAIL_URL is not set", is_well=False)
    transport = smtp.transport_of(settings["MAIL_URL"], settings["MAIL_FROM"], clinic_settings.current().clinic_name)
    try:
        transport.connect()
    except ServerAway as error:
        return _Finding("mail", f"the server is away: {error}", is_well=False)
    finally:
        transport.close()
    return _Finding("mail", f"{urlsplit(settings['MAIL_URL']).hostname or 'console'} answers")
