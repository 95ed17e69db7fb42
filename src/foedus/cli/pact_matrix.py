"""`foedus pact matrix`: who gives what to whom, as a table and as a picture."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.settled import settled_in
from foedus.cli.times import parse_instant
from foedus.model import TrackClass
from foedus.pact.asking.matrix import Matrix, cell_words
from foedus.pact.asking.matrix import matrix as made
from foedus.pact.asking.matrix_svg import matrix_svg
from foedus.pact.words import EVENT_ATOMS, DataKind

CLASS_NAMES = tuple(one.name.lower() for one in TrackClass)
DATA_NAMES = tuple(one.name.lower() for one in DataKind)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--data", type=click.Choice(DATA_NAMES), default="tracks", help="Which data; tracks if not given."
)
@click.option("--class", "class_name", type=click.Choice(CLASS_NAMES), help="Only of this class.")
@click.option(
    "--event",
    "events",
    type=click.Choice(("none", *EVENT_ATOMS)),
    multiple=True,
    help="Only in these events (`none`: an ordinary day); repeat for several. In any if not given.",
)
@click.option("--at", metavar="TIME", help="On this day or at this time (RFC 3339); now if not given.")
@click.option("--svg", metavar="OUT.svg", type=click.Path(path_type=Path), help="Write the picture there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per pair.")
def matrix(
    files: tuple[Path, ...],
    data: str,
    class_name: str | None,
    events: tuple[str, ...],
    at: str | None,
    svg: Path | None,
    as_json: bool,
) -> None:
    """Show who gives what to whom: of each pair the best form, over every situation the texts tell apart.

    `?` is undetermined, `(hub)` comes through the hub, `-` is nothing. Several FILEs are read together.

    Example: foedus pact matrix pacts/alpine.toml --at 2018-08-01 --svg alpine.svg
    """
    result = made(
        [settled_in(file) for file in files],
        at=parse_instant(at, option="--at") if at is not None else datetime.now(UTC),
        data=DataKind[data.upper()],
        track_class=TrackClass[class_name.upper()] if class_name is not None else None,
        events=events,
    )
    if svg is not None:
        svg.write_text(matrix_svg(result), encoding="utf-8")
    if as_json:
        for entry in result.entries:
            click.echo(msgspec.json.encode(entry))
    else:
        _print(result)


def _print(result: Matrix) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.width = max(console.width, 9 + 8 * len(result.parties))  # a column cut off would read as nothing
    events = " or ".join(result.events) or "any event"
    what = f"{result.track_class} {result.data.replace('_', ' ')}".strip()
    console.print(Text(f"{result.title}: best form of {what} on {result.at[:10]}, {events}", style="bold"))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("from\\to", style="bold", no_wrap=True)
    for party in result.parties:
        table.add_column(party, min_width=6)
    for giver in result.parties:
        cells = ["" if taker == giver else _cell(result, giver, taker) for taker in result.parties]
        table.add_row(giver, *cells)
    console.print(table)
    conditions = dict.fromkeys(
        f"{one.clause}: {', '.join(one.conditions)}" for one in result.entries if one.conditions
    )
    for condition in (*conditions, *result.notes):
        console.print(Text(f"  {condition}", style="dim"))


def _cell(result: Matrix, giver: str, taker: str) -> str:
    entry = result.entry(giver, taker)
    words = cell_words(entry)
    return words if entry is None or not entry.clause else f"{words} {entry.clause}"
