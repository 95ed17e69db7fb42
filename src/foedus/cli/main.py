"""The `foedus` command. Commands are imported when called, so that help and errors come at once."""

import importlib
import sys

import click

from foedus import __version__
from foedus.errors import FoedusError

COMMANDS = {
    "run": "foedus.cli.run:run",
    "replay": "foedus.cli.replay:replay",
    "audit": "foedus.cli.audit:audit",
    "decode": "foedus.cli.decode:decode",
    "track": "foedus.cli.track:track",
    "pact": "foedus.cli.pact:pact",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


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
