"""The manual and the command line say the same."""

import functools
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import click

from foedus.cli.main import cli

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("cli_reference", ROOT / "scripts" / "cli_reference.py")
REFERENCE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(REFERENCE)


@functools.cache
def every_command():
    return dict(REFERENCE.commands(cli, ("foedus",)))


def test_every_command_has_a_help_text_with_an_example():
    missing = [
        " ".join(path)
        for path, command in every_command().items()
        if not re.search(r"Examples?:\s+foedus " + " ".join(path[1:]), command.help or "")
    ]
    assert missing == []


def test_every_option_and_argument_says_what_it_is_for():
    missing = [
        (" ".join(path), option.name)
        for path, command in every_command().items()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert missing == []


def test_every_command_that_does_something_can_answer_in_json():
    missing = [
        " ".join(path)
        for path, command in every_command().items()
        if not isinstance(command, click.Group)
        and not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert missing == []


def test_the_manual_is_what_the_help_texts_say():
    """In a process of its own: click keeps the help option of a command's first use, whatever that was."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    code = "import runpy; print(runpy.run_path('scripts/cli_reference.py')['page'](), end='')"
    fresh = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert page == fresh.stdout, "remake it: python scripts/cli_reference.py"


def test_every_command_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [
        " ".join(path)
        for path, command in every_command().items()
        if not isinstance(command, click.Group) and " ".join(path) not in readme
    ]
    assert missing == []
