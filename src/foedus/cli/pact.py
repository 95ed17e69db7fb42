"""`foedus pact`: read, check, compare, explain, exercise and negotiate pacts."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "check": Entry("foedus.cli.pact_check", "check", "Check pacts, alone and together."),
    "explain": Entry("foedus.cli.pact_explain", "explain", "Say what a pact does, and why."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def pact() -> None:
    """Read, check, compare, explain and negotiate pacts.

    Example: foedus pact check pacts/alpine.toml
    """
