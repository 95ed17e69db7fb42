"""`foedus pact`: read, check, compare, explain, exercise and negotiate pacts."""

import click

from foedus.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "check": Entry("foedus.cli.pact_check", "check", "Check pacts, alone and together."),
    "diff": Entry("foedus.cli.pact_diff", "diff_command", "Say what a new text changes in substance."),
    "compare": Entry("foedus.cli.pact_compare", "compare_command", "Place a pact beside another instrument."),
    "atop": Entry("foedus.cli.pact_atop", "atop", "Code pacts in the variables of the ATOP data set."),
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
