"""Writes docs/cli.md from the help texts: `python scripts/cli_reference.py`. A test compares the two."""

from collections.abc import Iterator
from pathlib import Path

import click

from foedus.cli.main import cli

HEAD = """# The command line

Written by `python scripts/cli_reference.py` from the help texts; do not edit.

Exit codes: 0 done, 1 it failed (one sentence on standard error), 2 called wrongly.
"""


def commands(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """(words to type, command) for a command and everything below it, in the order of the help text."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))


def help_text(path: tuple[str, ...], command: click.Command) -> str:
    """The help text, 100 columns wide on every machine."""
    context = click.Context(
        command,
        info_name=" ".join(path),
        terminal_width=100,
        max_content_width=100,
        **cli.context_settings,  # what a command inherits from the first word when it is typed
    )
    return command.get_help(context)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for path, command in commands(cli, ("foedus",)):
        parts.append(f"## {' '.join(path)}\n\n```text\n{help_text(path, command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    target = Path(__file__).parents[1] / "docs" / "cli.md"
    target.write_text(page(), encoding="utf-8")
