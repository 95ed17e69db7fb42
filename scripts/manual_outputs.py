"""Writes what the commands in the manuals print: `python scripts/manual_outputs.py`. A test compares the two.

In a ```console block of the files named below every line that begins with `$ ` is a command; what follows, up
to the next one or the end of the block, is its output. Commands run in the repository's root, 100 columns
wide.
"""

import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from foedus.cli.main import cli
from foedus.errors import FoedusError

ROOT = Path(__file__).parents[1]
MANUALS = ("docs/comparing.md", "docs/negotiation.md", "docs/pact.md", "docs/incident.md")
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


def commands(text: str) -> list[str]:
    """Every command of a manual, in order."""
    return [
        line.removeprefix("$ ")
        for block in BLOCK.findall(text)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


def output_of(command: str) -> str:
    """What a command prints on both streams, and its exit code where that is not 0."""
    words = shlex.split(command)
    assert words[0] == "foedus", command
    out = io.StringIO()
    code = 0
    with _plain(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            cli.main(args=words[1:], prog_name="foedus", standalone_mode=False)
        except SystemExit as end:
            code = int(end.code or 0)
        except FoedusError as error:
            print(f"foedus: {error}")
            code = 1
        except click.ClickException as error:
            error.show()
            code = error.exit_code
    lines = [line.rstrip() for line in out.getvalue().rstrip().splitlines()]
    return "\n".join([*lines, *([f"(exit code {code})"] if code else [])])


@contextlib.contextmanager
def _plain() -> Iterator[None]:
    """The root as working folder, and a terminal of one width without colours."""
    before, folder = {name: os.environ.get(name) for name in PLAIN}, Path.cwd()
    os.environ.update(PLAIN)
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(folder)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def filled(text: str) -> str:
    """The manual with the outputs that its commands give now."""

    def fill(match: "re.Match[str]") -> str:
        typed = [line for line in match[0].splitlines() if line.startswith("$ ")]
        parts = [f"{line}\n{output_of(line.removeprefix('$ '))}\n" for line in typed]
        return "\n".join(parts)

    return BLOCK.sub(fill, text)


if __name__ == "__main__":
    for name in MANUALS:
        manual = ROOT / name
        manual.write_text(filled(manual.read_text("utf-8")), "utf-8")
