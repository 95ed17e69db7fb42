"""The `foedus` command. A command's module is imported only when it is called, so that help comes at once."""

import importlib
import sys
from typing import NamedTuple

import click

from foedus import __version__
from foedus.errors import FoedusError


class Entry(NamedTuple):
    """Where a command is, and the line that the first page of help says of it."""

    module: str
    attribute: str
    line: str


COMMANDS = {
    "run": Entry("foedus.cli.run", "run", "Play a network: nodes, consoles, one table."),
    "replay": Entry("foedus.cli.replay", "replay", "Run journals again and compare the digests."),
    "audit": Entry("foedus.cli.audit", "audit", "Check what was released and withheld."),
    "decode": Entry(
        "foedus.cli.decode", "decode", "Read a recorded file of sensor data and count its records."
    ),
    "track": Entry("foedus.cli.track", "track", "Track a recorded file."),
    "score": Entry("foedus.cli.score", "score", "Score tracks against the truth."),
    "pact": Entry("foedus.cli.pact", "pact", "Check and explain pacts."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry.module), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands on the first page, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
