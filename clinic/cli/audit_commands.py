"""``flask audit seal | verify | head``: the audit's chain of seals, by hand; workers seal by themselves."""

from pathlib import Path

import click

from clinic import audit, clock
from clinic.audit import Fault, Head, SealingRefused, Verdict

_FAULTS = {
    Fault.MISSING: "Entry {number} is missing.",
    Fault.SEAL_MISSING: "The seal behind seal {number} is missing, and maybe entries with it.",
    Fault.CHANGED: "Entry {number} isn't as it was written.",
    Fault.PUT_IN: "Entry {number} was put in later.",
    Fault.OTHER_PATIENTS: "Entry {number} isn't found by the patients whom it names: somebody changed audit_event_patients.",
    Fault.UNKNOWN_KEY: "Entry {number} was sealed with another key: it belongs into AUDIT_KEY_FALLBACKS.",
    Fault.OLDER_KEY: "Seal {number} was made with an older key than AUDIT_KEY, after that was in use or as the newest: seal with "
    "AUDIT_KEY, then look at what that key has sealed.",
    Fault.CUT_OFF: "The end is cut off behind seal {number}, or another one stands in its place.",
}


@click.group("audit")
def audit_group() -> None:
    """Seal the entries of the audit and verify that none was changed."""


@audit_group.command("seal")
@click.option(
    "--anyway",
    is_flag=True,
    help="Seal also where seals that were announced are gone, and entries of long ago. Say 'audit verify' with the "
    "heads of your logs first: what was edited before is sealed as it is now.",
)
def seal(anyway: bool) -> None:
    """Seal now what has no seal yet."""
    try:
        sealed = audit.seal(late=True, anyway=anyway)
    except SealingRefused as refused:
        raise click.ClickException(f"Nothing was sealed: {refused}.") from refused
    if anyway:
        # From here on it is this chain whose newest seal has to be there.
        audit.announce_head()
    click.echo(f"Sealed {sealed} entries.")


@audit_group.command("head")
def head() -> None:
    """Print the newest seal and write it into the log: note it where nobody who changes the database reaches it."""
    found = audit.announce_head()
    if found is None:
        raise click.ClickException("Nothing is sealed yet: run 'flask --app wsgi audit seal'.")
    click.echo(str(found))


@audit_group.command("verify")
@click.option("--head", "heads", multiple=True, metavar="SEQUENCE:MAC", help="A newest seal that was noted before.")
@click.option(
    "--heads",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file in which such stand, a log for example.",
)
@click.option("--since", type=click.IntRange(min=1), default=1, help="The number of the seal to begin at.")
def verify(heads: tuple[str, ...], file: Path | None, since: int) -> None:
    """Read every sealed entry and say whether all are there as they were written; status 1 if not."""
    noted = _noted(heads, file)
    verdict = audit.verify(noted, since=since)
    if verdict.fault is not None:
        behind = f" 'audit verify --since {verdict.at_seal + 1}' goes on behind it." if verdict.at_seal else ""
        raise click.ClickException(_FAULTS[verdict.fault].format(number=verdict.number) + behind)
    click.echo(_held(verdict))


def _noted(heads: tuple[str, ...], file: Path | None) -> list[Head]:
    noted = []
    for text in heads:
        if not (found := audit.heads_in(text)):
            raise click.BadParameter("a newest seal is written SEQUENCE:MAC", param_hint="--head")
        noted += found
    if file is not None:
        if not (found := audit.heads_in(file.read_text(encoding="utf-8", errors="replace"))):
            raise click.BadParameter(f"no newest seal stands in {file}", param_hint="--heads")
        noted += found
    return noted


def _held(verdict: Verdict) -> str:
    end = f" The newest seal is {verdict.head}." if verdict.head else ""
    waiting = f" {verdict.unsealed} entries have no seal yet." if verdict.unsealed else ""
    began = f" The chain began on {clock.local(verdict.began):%Y-%m-%d}." if verdict.began else ""
    late = (
        f" {verdict.late} of them, the first is {verdict.first_late}, were sealed more than an hour after they were written: no "
        "worker ran then, or somebody had removed their seals. The logs say which: '--heads' reads them."
        if verdict.late
        else ""
    )
    return f"{verdict.sealed} entries are as they were written.{waiting}{end}{began}{late}"
