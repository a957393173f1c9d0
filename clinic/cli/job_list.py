"""All timed jobs, and ``flask jobs``: when each is due, how it went, and doing one by hand.

The only place that knows all of them: whoever has work for every now and then adds a line to ``JOBS``.
"""

from datetime import timedelta

import click

from clinic import accounts, audit, clock, jobs, scheduling
from clinic.cli.prune import in_words, prune
from clinic.jobs import Job


def _count_days() -> str | None:
    counted = scheduling.store_changed_days()
    return f"{counted} days counted" if counted else None


def _settle_begun() -> str | None:
    gone = scheduling.settle_begun()
    return f"{gone} visits begun that waited to be settled" if gone else None


def _prune() -> str | None:
    removed = prune()
    return in_words(removed) if removed else None


def _announce_audit_head() -> None:
    audit.announce_head_daily()


def _seal_secrets_anew() -> str | None:
    sealed = accounts.seal_secrets_anew()
    return f"{sealed} secrets of second steps sealed with the key in use" if sealed else None


def _tell_unfinished_sign_ins() -> str | None:
    unfinished = accounts.tell_unfinished_sign_ins()
    return f"{unfinished} sign-ins told that stopped after the password" if unfinished else None


MINUTE = timedelta(minutes=1)
JOBS = (
    Job("count-days", MINUTE, _count_days),
    Job("settle-begun", MINUTE, _settle_begun),
    Job("prune", timedelta(days=1), _prune, lasts=timedelta(hours=1)),
    Job("announce-audit-head", timedelta(hours=1), _announce_audit_head),
    Job("tell-unfinished-sign-ins", MINUTE, _tell_unfinished_sign_ins),
    Job("seal-secrets-anew", timedelta(hours=1), _seal_secrets_anew),
)


@click.group("jobs", invoke_without_command=True)
@click.pass_context
def jobs_group(context: click.Context) -> None:
    """Say of each timed job when it is due, when it was done last, and what went wrong. Workers do them."""
    if context.invoked_subcommand is not None:
        return
    rows = {row["name"]: row for row in jobs.rows()}
    for job in JOBS:
        click.echo(_line(job, rows.get(job.name)))


def _line(job: Job, row: jobs.JobRow | None) -> str:
    if row is None or (row["done_at"] is None and not row["failures"]):
        return f"{job.name}: never done"
    words = [f"{job.name}: due {clock.local(row['due_at']):%Y-%m-%d %H:%M:%S}"]
    if row["claimed_by"]:
        words.append(f"being done by {row['claimed_by'].rpartition(':')[0]}")
    if row["done_at"]:
        words.append(f"done {clock.local(row['done_at']):%Y-%m-%d %H:%M:%S} in {row['took_ms']} ms")
    if row["failures"]:
        words.append(f"failed {row['failures']} times: {row['last_error']}")
    return ", ".join(words)


@jobs_group.command("run")
@click.argument("name", type=click.Choice([job.name for job in JOBS]))
def run_job(name: str) -> None:
    """Do one job now, due or not; status 1 if it goes wrong or a worker is doing it."""
    [job] = [each for each in JOBS if each.name == name]
    if not jobs.run(job):
        raise click.ClickException(
            f"{name} wasn't done: it went wrong, or a worker is doing it. 'flask jobs' says which."
        )
    click.echo(f"{name} is done.")
