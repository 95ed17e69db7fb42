"""`foedus pact expand`: the texts that a draft with brackets can become."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.times import parse_instant
from foedus.pact.checks import check_pact
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import read_pact
from foedus.pact.reading.write import to_toml
from foedus.pact.variants import choose, combinations_of


class VariantLine(msgspec.Struct, frozen=True, kw_only=True):
    """One variant and what checking it finds."""

    choices: dict[str, str]
    clauses: int
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    file: str = ""


@click.command(name="expand")
@click.argument("file", metavar="DRAFT", type=click.Path(path_type=Path))
@click.option("--choose", "chosen", metavar="BRACKET:CHOICE", multiple=True, help="Settle this bracket so.")
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path), help="Write the variants into this folder."
)
@click.option("--at", metavar="TIME", help="Check as of this time (RFC 3339 or a date); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per variant.")
def expand_command(
    file: Path, chosen: tuple[str, ...], folder: Path | None, at: str | None, as_json: bool
) -> None:
    """List the variants of a draft, each checked, or write them as texts without brackets.

    Example: foedus pact expand pacts/negotiations/us-sa-draft.toml --choose GUARANTEE:treaty
    """
    instant = datetime.now(UTC) if at is None else parse_instant(at, option="--at")
    choices: dict[str, str] = {}
    for pair in chosen:
        bracket, _, choice = pair.partition(":")
        if bracket in choices:
            raise click.BadParameter(f"{bracket} is chosen twice", param_hint="--choose")
        choices[bracket] = choice
    draft = choose(read_pact(file), choices)
    lines = []
    for rest in combinations_of(draft):
        variant = choose(draft, rest)
        written = "" if folder is None else str(_write(variant, folder, {**choices, **rest}))
        lines.append(_line(variant, {**choices, **rest}, instant, written))
    if as_json:
        for line in lines:
            click.echo(msgspec.json.encode(line))
    else:
        _print(draft, lines)


def _line(variant: Pact, choices: dict[str, str], at: datetime, file: str) -> VariantLine:
    findings = check_pact(variant, at=at)
    return VariantLine(
        choices=choices,
        clauses=len(variant.clause),
        errors=tuple(one.number for one in findings if one.severity == "error"),
        warnings=tuple(one.number for one in findings if one.severity == "warning"),
        file=file,
    )


def _write(variant: Pact, folder: Path, choices: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{'-'.join([variant.pact, *choices.values()])}.toml"
    path.write_text(to_toml(variant), encoding="utf-8")
    return path


def _print(draft: Pact, lines: list[VariantLine]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(Text(f"{draft.pact} {draft.version}: {len(lines)} variants", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (*lines[0].choices, "clauses", "errors", "warnings", *(["file"] if lines[0].file else [])):
        table.add_column(name)
    for line in lines:
        found = [
            f"{len(one)} ({' '.join(dict.fromkeys(one))})" if one else "0"
            for one in (line.errors, line.warnings)
        ]
        table.add_row(*line.choices.values(), str(line.clauses), *found, *([line.file] if line.file else []))
    console.print(table)
