"""The `foedus` command. A command's module is imported only when it is called, so that help comes at once."""

import sys

import click

from foedus import __version__
from foedus.cli.lazy import Entry, LazyGroup
from foedus.errors import FoedusError

COMMANDS = {
    "run": Entry("foedus.cli.run", "run", "Play a network: nodes, consoles, one table."),
    "trust": Entry("foedus.cli.trust", "trust", "Make and compare keys, one root per mode."),
    "people": Entry("foedus.cli.people", "people", "List who may sign in at a console."),
    "replay": Entry("foedus.cli.replay", "replay", "Run journals again and compare the digests."),
    "audit": Entry("foedus.cli.audit", "audit", "Check what was released and withheld."),
    "decode": Entry(
        "foedus.cli.decode", "decode", "Read a recorded file of sensor data and count its records."
    ),
    "track": Entry("foedus.cli.track", "track", "Track a recorded file."),
    "score": Entry("foedus.cli.score", "score", "Score tracks against the truth."),
    "export": Entry("foedus.cli.export", "export", "Write a member's pictures for other systems."),
    "pact": Entry("foedus.cli.pact", "pact", "Check, compare, explain and negotiate pacts."),
    "drill": Entry("foedus.cli.drill", "drill", "Exercise a pact: minutes of warning per capital."),
    "incident": Entry("foedus.cli.incident", "incident", "Judge incidents by pacts, account by account."),
    "ledger": Entry("foedus.cli.ledger", "ledger", "Keep obligations until they are met or breached."),
    "cap": Entry("foedus.cli.cap", "cap", "Warnings as CAP messages in the languages of people."),
    "claim": Entry("foedus.cli.claim", "claim", "Find on a claim: fulfilled, violated or not owed."),
}


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Coalition air surveillance and early warning in which the security pact is the program.

    Example: foedus run networks/alpine.toml
    """


def main() -> None:
    """Entry point: exit code 0 done, 1 it failed (one sentence on stderr), 2 called wrongly."""
    try:
        cli.main(standalone_mode=True)
    except FoedusError as error:
        click.echo(f"foedus: {error}", err=True)
        sys.exit(1)
