"""`foedus people`: who may act at a member's consoles."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "add": Entry("foedus.cli.people_files", "add", "List a person who may sign in."),
    "show": Entry("foedus.cli.people_files", "show", "Show who may sign in, without verifiers."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def people() -> None:
    """List the people who may sign in at a member's consoles, in one mode.

    Example: foedus people show keys/CH.EXERCISE.people
    """
