"""`foedus pact`: read, check, compare, explain, exercise and negotiate pacts."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "check": Entry("foedus.cli.pact_check", "check", "Check pacts, alone and together."),
    "explain": Entry("foedus.cli.pact_explain", "explain", "Say what a pact does, and why."),
    "expect": Entry(
        "foedus.cli.pact_expect", "expect", "Ask whether a text promises what is believed of it."
    ),
    "matrix": Entry("foedus.cli.pact_matrix", "matrix", "Show who gives what to whom, as table and picture."),
    "test": Entry("foedus.cli.pact_test", "check_cases", "Run the cases of pacts."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def pact() -> None:
    """Read, check, compare, explain and negotiate pacts.

    Example: foedus pact check pacts/alpine.toml
    """
