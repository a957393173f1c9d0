"""``flask count-days``: stores the counts by day that the office's numbers are added up from."""

import click

from clinic import scheduling


@click.command("count-days")
@click.option("--all", "anew", is_flag=True, help="Count every day that is over anew, whatever is stored.")
def count_days(anew: bool) -> None:
    """Count the days that are over and have changed. The worker does it each minute; the numbers are true without."""
    counted = scheduling.store_all_days() if anew else scheduling.store_changed_days()
    click.echo(f"{counted} days counted.")
