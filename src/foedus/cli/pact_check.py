"""`foedus pact check`: what a drafter should know before anyone signs."""

import time
from pathlib import Path

import click
import msgspec

from foedus.cli.times import parse_time
from foedus.errors import DocumentError, LimitError
from foedus.pact.check import Finding, check_pact
from foedus.pact.text import read_pact


class FileFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What `pact check` found in one file."""

    file: str
    pact: str
    version: str
    digest: str
    findings: tuple[Finding, ...]


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="Check as of this time (RFC 3339 or a date); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file.")
def check(files: tuple[Path, ...], at: str | None, as_json: bool) -> None:
    """Check pacts: references, contradictions, term, duties, transitive release, dead clauses.

    Exit code 0: no errors (there may be warnings); 1: errors; 2: called wrongly.

    Example: foedus pact check pacts/alpine.toml --at 2018-08-01
    """
    time_ns = time.time_ns() if at is None else parse_time(at, option="--at")
    results = [_check_file(file, time_ns) for file in files]
    for result in results:
        if as_json:
            click.echo(msgspec.json.encode(result))
        else:
            _print_findings(result)
    if any(finding.severity == "error" for result in results for finding in result.findings):
        raise SystemExit(1)


def _check_file(file: Path, time_ns: int) -> FileFindings:
    try:
        text = read_pact(file)
    except DocumentError as error:
        number = "K3" if "against" in error.found else "K1"
        broken = Finding(number=number, severity="error", clauses=(), witness=str(error))
        return FileFindings(file=str(file), pact="", version="", digest="", findings=(broken,))
    except LimitError as error:
        broken = Finding(number="K1", severity="error", clauses=(), witness=str(error))
        return FileFindings(file=str(file), pact="", version="", digest="", findings=(broken,))
    return FileFindings(
        file=str(file),
        pact=text.pact,
        version=text.version,
        digest=text.digest,
        findings=check_pact(text, time_ns=time_ns),
    )


def _print_findings(result: FileFindings) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    head = f"{result.file}: pact {result.pact} {result.version}" if result.pact else result.file
    console.print(Text(head, style="bold"))
    for finding in result.findings:
        style = "red" if finding.severity == "error" else "yellow"
        clauses = " ".join(finding.clauses)
        console.print(
            Text.assemble(
                (f"  {finding.number} {finding.severity}", style),
                f" {clauses}: " if clauses else " ",
                finding.witness,
            )
        )
    if not result.findings:
        console.print(Text("  nothing found", style="green"))
