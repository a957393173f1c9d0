"""``flask prune`` and the job of that name: remove what is kept no longer. Knows everything that has an end."""

import click

from clinic import accounts, audit, mail, pruning, scheduling
from clinic.audit import OPERATOR, AuditAction
from clinic.db import transaction


def prune() -> dict[str, int]:
    """Remove what is kept no longer, and note in the audit how many rows that were, by table."""
    removed = pruning.prune([*accounts.old_rows(), *mail.old_rows(), *scheduling.old_rows()])
    if removed:
        with transaction():
            audit.record(OPERATOR, AuditAction.DATA_PRUNED, [audit.NOTHING], removed=removed)
    return removed


def in_words(removed: dict[str, int]) -> str:
    """Return what was removed, for the log and the terminal."""
    return ", ".join(f"{table} {count}" for table, count in sorted(removed.items()))


@click.command("prune")
def prune_command() -> None:
    """Remove what is kept no longer (KEEP_..._DAYS); workers do so each day. Records, histories and the audit stay."""
    removed = prune()
    click.echo(f"Removed: {in_words(removed)}." if removed else "Nothing was old enough to be removed.")
