"""`foedus pact check`: what a drafter should know before anyone signs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from foedus.cli.times import parse_instant
from foedus.document import read_text
from foedus.errors import DocumentError, LimitError
from foedus.pact.checks import Finding, check_all, check_channels, check_pact, examine
from foedus.pact.checks.reach import Channels
from foedus.pact.checks.standing import upstream
from foedus.pact.clauses import Pact
from foedus.pact.meaning.world import World, check_names, parse_world
from foedus.pact.reading.text import read_pact, read_upstream
from foedus.pact.variants import is_open


class FileFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What `pact check` found in one file, or in several together (file: their names joined by ` + `)."""

    file: str
    pact: str
    version: str
    digest: str
    findings: tuple[Finding, ...]


class _Examined(NamedTuple):
    """A pact that reads well, and what was found out about it."""

    pact: Pact
    channels: Channels


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--world",
    "world_file",
    metavar="WORLD",
    type=click.Path(path_type=Path),
    help="A TOML file: who can hold tracks, further states and ties, facts, pacts in force beside these.",
)
@click.option("--at", metavar="TIME", help="Check as of this time (RFC 3339 or a date); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file, and one for all together.")
def check(files: tuple[Path, ...], world_file: Path | None, at: str | None, as_json: bool) -> None:
    """Check pacts: K1 to K15, each finding with a situation that shows it and the smallest change against it.

    Several files are checked one by one, and then those that are in force together: what they release or
    oblige that none does alone. K7 is `foedus pact diff`, K13 `foedus pact expect`.

    Exit code 0: no errors (there may be warnings); 1: errors; 2: called wrongly.

    Example: foedus pact check pacts/alpine.toml --at 2018-08-01
    """
    instant = None if at is None else parse_instant(at, option="--at")
    world, more, broken = _world(world_file)
    moment = instant or world.at or datetime.now(UTC)
    results = [*broken]
    examined: list[_Examined] = []
    for file in (*files, *more):
        result, one = _check_file(file, moment, world)
        results.append(result)
        examined += [] if one is None else [one]
    pacts = [one.pact for one in examined]
    if world_file is not None and not broken:
        results += _names(world_file, world, pacts)
    if len(pacts) > 1:
        results += _together(examined, moment, world)
    for result in results:
        if as_json:
            click.echo(msgspec.json.encode(result))
        else:
            _print_findings(result)
    if any(finding.severity == "error" for result in results for finding in result.findings):
        raise SystemExit(1)


def _broken(file: Path | str, number: str, said: str) -> FileFindings:
    finding = Finding(number=number, severity="error", clauses=(), witness=said)
    return FileFindings(file=str(file), pact="", version="", digest="", findings=(finding,))


def _world(file: Path | None) -> tuple[World, tuple[Path, ...], list[FileFindings]]:
    """The world, the files that it names, and what is wrong with it."""
    if file is None:
        return World(), (), []
    try:
        world = parse_world(read_text(file), file=str(file))
    except DocumentError as error:
        return World(), (), [_broken(file, "K1", str(error))]
    return world, tuple(file.parent / name for name in world.pacts), []


def _names(file: Path, world: World, pacts: list[Pact]) -> list[FileFindings]:
    try:
        check_names(world, tuple(pacts), text=read_text(file), file=str(file))
    except DocumentError as error:
        return [_broken(file, "K1", str(error))]
    return []


def _check_file(file: Path, at: datetime, world: World) -> tuple[FileFindings, _Examined | None]:
    try:
        text = read_pact(file)
        original = read_upstream(file, text)
        changed = () if original is None else tuple(upstream(text, original))
        examined = None
        if is_open(text):
            found = (*changed, *check_pact(text, at=at, facts=world.fact, world=world))
        else:
            examined = _Examined(text, examine(text, at=at, facts=world.fact, world=world))
            found = (*changed, *check_channels(text, examined.channels))
    except DocumentError as error:
        return _broken(file, "K3" if "against" in error.found else "K1", str(error)), None
    except LimitError as error:
        return _broken(file, "K1", str(error)), None
    result = FileFindings(
        file=str(file), pact=text.pact, version=text.version, digest=text.digest, findings=found
    )
    return result, examined


def _together(examined: list[_Examined], at: datetime, world: World) -> list[FileFindings]:
    """One result for all that are in force together; none where they are fewer than two."""
    pacts, channels = [one.pact for one in examined], [one.channels for one in examined]
    names = " + ".join(dict.fromkeys(pact.pact for pact in pacts))
    try:
        found = check_all(pacts, at=at, facts=world.fact, world=world, examined=channels)
    except LimitError as error:
        return [_broken(names, "K1", str(error))]
    return [FileFindings(file=names, pact="", version="", digest="", findings=found)] if found else []


def _print_findings(result: FileFindings) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    head = f"{result.file}: pact {result.pact} {result.version}" if result.pact else result.file
    console.print(Text(head, style="bold"))
    for finding in result.findings:
        style = {"error": "red", "warning": "yellow", "note": "cyan"}[finding.severity]
        clauses = " ".join(finding.clauses)
        console.print(
            Text.assemble(
                (f"  {finding.number} {finding.severity}", style),
                f" {clauses}: " if clauses else " ",
                finding.witness,
            )
        )
        if finding.change:
            console.print(Text.assemble(("      change: ", "bold"), finding.change))
    if not result.findings:
        console.print(Text("  nothing found", style="green"))
