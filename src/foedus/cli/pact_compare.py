"""`foedus pact compare`: how one pact stands to another instrument."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.times import parse_instant
from foedus.pact.clauses import Pact
from foedus.pact.comparing.compare import Comparison, compare
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import expand


@click.command("compare")
@click.argument("here", metavar="PACT", type=click.Path(path_type=Path))
@click.argument("there", metavar="OTHER", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "names",
    metavar="THEIRS=OURS",
    multiple=True,
    help="Read a party of OTHER as one of PACT, such as JP=GB; repeat for more.",
)
@click.option("--at", metavar="TIME", help="Compare as of this time (RFC 3339 or a date); now if not given.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object for the answer, each aspect and clause."
)
def compare_command(here: Path, there: Path, names: tuple[str, ...], at: str | None, as_json: bool) -> None:
    """Place a pact beside another: stronger, weaker, equal, incomparable, or not to be told, and where.

    Both are read as if in force. Pacts between different parties are read as between a guarantor and an ally;
    places stay where they are. A draft with brackets is compared variant by variant.

    Example: foedus pact compare pacts/library/us-japan.toml pacts/library/north-atlantic-treaty.toml
    """
    instant = datetime.now(UTC) if at is None else parse_instant(at, option="--at")
    ours, theirs = read_pact(here), read_pact(there)
    read_as = _names(names, ours, theirs)
    for one in expand(ours):
        for other in expand(theirs):
            found = compare(one, other, at=instant, names=read_as)
            if as_json:
                _print_lines(found)
            else:
                _print_comparison(found)


def _names(words: tuple[str, ...], ours: Pact, theirs: Pact) -> dict[str, str]:
    names: dict[str, str] = {}
    for word in words:
        old, equals, new = word.partition("=")
        if not equals:
            raise click.BadParameter(f"{word!r} is no THEIRS=OURS", param_hint="--as")
        for name, pact in ((old, theirs), (new, ours)):
            ids = [party.id for party in pact.party]
            if name not in ids:
                found = f"{name!r} is no party of {pact.pact}: none of {', '.join(ids)}"
                raise click.BadParameter(found, param_hint="--as")
        names[old] = new
    return names


def _print_lines(found: Comparison) -> None:
    whole = msgspec.structs.asdict(found)
    aspects, clauses = whole.pop("aspects"), whole.pop("clauses")
    click.echo(msgspec.json.encode({"row": "comparison"} | whole))
    for name, rows in (("aspect", aspects), ("clause", clauses)):
        for row in rows:
            click.echo(msgspec.json.encode({"row": name} | msgspec.structs.asdict(row)))


def _print_comparison(found: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(f"{found.here} beside {found.there}: {found.order}", style="bold"))
    if found.roles:
        console.print(f"read with {'; '.join(found.roles)}; places stay where they are", markup=False)
    for words in found.witness:
        console.print(f"  {words}", markup=False)
    table = Table(box=None, pad_edge=False)
    for column in ("aspect", "order", found.here, found.there):
        table.add_column(column, overflow="fold")
    for aspect in found.aspects:
        table.add_row(*(Text(word) for word in (aspect.name, aspect.order, aspect.here, aspect.there)))
    Console(highlight=False).print(table)
    for clause in found.clauses:
        missing = f" (of {found.there}; nothing of the kind here)" if clause.missing else ""
        console.print(Text.assemble((clause.clause, "bold"), f" {clause.kind}: {clause.order}{missing}"))
        for words in clause.witness:
            console.print(f"  {words}", markup=False)
