"""`foedus trust`: who speaks for each party, one root per network and mode."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "new": Entry("foedus.cli.trust_files", "new", "Make a root and the keys of all members."),
    "show": Entry("foedus.cli.trust_files", "show", "Show roots with their fingerprints."),
    "check": Entry("foedus.cli.trust_files", "check", "Refuse roots that share a key."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def trust() -> None:
    """Make and compare trust roots: by whose keys the messages of a network are sealed, in one mode.

    Example: foedus trust show keys/alpine.EXERCISE.trust
    """
