"""`foedus cap`: warnings as messages of the Common Alerting Protocol."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "show": Entry("foedus.cli.cap_show", "show", "Show or write the messages of the warnings in journals."),
    "read": Entry("foedus.cli.cap_read", "read", "Check messages as a receiving system would."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def cap() -> None:
    """Warnings as messages of the Common Alerting Protocol 1.2, in the languages of people.

    Example: foedus cap show run/alpine-20261122T120000Z --out alerts
    """
