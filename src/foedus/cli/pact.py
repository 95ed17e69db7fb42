"""`foedus pact`: read, check, compare, explain, exercise and negotiate pacts."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "check": Entry("foedus.cli.pact_check", "check", "Check pacts, alone and together."),
    "expand": Entry(
        "foedus.cli.pact_expand", "expand_command", "List the variants of a draft, or write them."
    ),
    "negotiate": Entry(
        "foedus.cli.pact_negotiate",
        "negotiate_command",
        "Say what the positions of several sides can end in.",
    ),
    "what-decides": Entry(
        "foedus.cli.pact_decides", "what_decides_command", "Rank what the fate of a draft hangs on."
    ),
    "explain": Entry("foedus.cli.pact_explain", "explain", "Say what a pact does, and why."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def pact() -> None:
    """Read, check, compare, explain and negotiate pacts.

    Example: foedus pact check pacts/alpine.toml
    """
