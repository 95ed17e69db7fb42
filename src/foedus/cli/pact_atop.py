"""`foedus pact atop`: pacts in the variables of the ATOP data set."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.times import parse_instant
from foedus.pact.comparing.atop import COLUMNS, Coded
from foedus.pact.comparing.atop import atop as coded
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import expand


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help="In effect on this day (RFC 3339 or a date); today if not given.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values, with a line of names first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per row.")
def atop(files: tuple[Path, ...], at: str | None, as_csv: bool, as_json: bool) -> None:
    """Code pacts in the style of ATOP, one row each and one for each member, for comparison with history.

    What rests on an unknown term is empty, and the last column names the term. The coding is ours, not that
    of the ATOP project; docs/comparing.md has the rules.

    Example: foedus pact atop pacts/library/us-japan.toml pacts/library/c-sipa.toml --csv
    """
    instant = datetime.now(UTC) if at is None else parse_instant(at, option="--at")
    rows = [row for file in files for pact in expand(read_pact(file)) for row in coded(pact, at=instant)]
    if as_csv:
        _print_csv(rows)
    elif as_json:
        for row in rows:
            click.echo(msgspec.json.encode(dict(zip(COLUMNS, row.values, strict=True))))
    else:
        _print_table([row for row in rows if not row.value("member")])


def _print_csv(rows: list[Coded]) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.values for row in rows)
    click.echo(text.getvalue(), nl=False)


def _print_table(rows: list[Coded]) -> None:
    """One column for each pact; members only in the other formats."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("variable", style="bold", no_wrap=True)
    for row in rows:
        table.add_column(f"{row.value('pact')} {row.value('version')}", overflow="fold")
    for name in COLUMNS[2:]:
        if name != "member":
            table.add_row(name, *(Text(row.value(name) or "-") for row in rows))
    Console(highlight=False).print(table)
