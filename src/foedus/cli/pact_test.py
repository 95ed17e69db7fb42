"""`foedus pact test`: do the pacts say what their cases expect."""

from pathlib import Path

import click
import msgspec

from foedus.cli.settled import settled_in
from foedus.cli.terminal import line, title
from foedus.document import read_text
from foedus.errors import DocumentError
from foedus.pact.asking.cases import Outcome, parse_cases, paths_of, run_cases


@click.command("test")
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per expectation.")
def check_cases(files: tuple[Path, ...], as_json: bool) -> None:
    """Run the cases of pacts: situations, and what has to be owed and given in them.

    FILE is a case file, a pact (its cases are those in cases/ next to it that name it) or a folder (all case
    files under it). Without FILE: the folder pacts. Exit code 0: all hold; 1: some do not.

    Example: foedus pact test pacts/alpine.toml
    """
    found = [path for file in files or (Path("pacts"),) for path in case_files(file)]
    if not found:
        raise click.UsageError("no cases found; they stand in cases/*.toml next to the pact")
    outcomes = [outcome for path in found for outcome in run_file(path)]
    for outcome in outcomes:
        if as_json:
            click.echo(msgspec.json.encode(outcome))
    if not as_json:
        _print(outcomes)
    if not all(outcome.passed for outcome in outcomes):
        raise SystemExit(1)


def case_files(file: Path) -> tuple[Path, ...]:
    """The case files that a path means, in order."""
    if file.is_dir():
        return tuple(sorted(file.glob("**/cases/*.toml")))
    if file.parent.name == "cases":
        return (file,)
    beside = sorted((file.parent / "cases").glob("*.toml"))
    return tuple(path for path in beside if file.resolve() in _pacts_of(path))


def _pacts_of(path: Path) -> tuple[Path, ...]:
    cases = parse_cases(read_text(path), file=str(path))
    return tuple((path.parent / name).resolve() for name in paths_of(cases))


def run_file(path: Path) -> tuple[Outcome, ...]:
    """What became of every expectation in a case file."""
    text = read_text(path)
    cases = parse_cases(text, file=str(path))
    for name in paths_of(cases):
        if not (path.parent / name).is_file():
            found = f"{name!r}, which is no file next to {path.parent}"
            raise DocumentError(
                file=str(path), line=0, path="pact", found=found, expected="a pact's path from here"
            )
    pacts = [settled_in(path.parent / name) for name in paths_of(cases)]
    return run_cases(cases, pacts, file=str(path), text=text)


def _print(outcomes: list[Outcome]) -> None:
    shown = ("", "")
    for outcome in outcomes:
        if (outcome.file, outcome.case) != shown:
            if outcome.file != shown[0]:
                title(outcome.file)
            line(f"  {outcome.case}")
            shown = (outcome.file, outcome.case)
        line(
            f"    {'pass' if outcome.passed else 'FAIL'}  {outcome.expect}",
            "" if outcome.passed else "bold red",
        )
        if not outcome.passed:
            line(f"          {outcome.why}")
            for ground in outcome.grounds:
                line(f"          {ground}", "dim")
    failed = sum(not outcome.passed for outcome in outcomes)
    cases = len({(outcome.file, outcome.case) for outcome in outcomes})
    line(f"{cases} cases, {len(outcomes)} expectations, {failed} failed", "bold red" if failed else "green")
