"""`foedus pact explain`: what a pact does, clause by clause, and why somebody gets or owes something."""

from pathlib import Path
from typing import Any

import click
import msgspec

from foedus.model import TrackClass
from foedus.pact.clauses import Pact
from foedus.pact.explain import Answer, answer, places, sentence
from foedus.pact.text import read_pact

CLASS_NAMES = tuple(one.name.lower() for one in TrackClass)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "giver", metavar="PARTY", help="Whose data.")
@click.option("--to", "taker", metavar="PARTY", help="Who would get them.")
@click.option("--class", "class_name", type=click.Choice(CLASS_NAMES), help="Only tracks of this class.")
@click.option(
    "--zone", "zones", metavar="ZONE", multiple=True, help="Inside this zone; repeat if several overlap."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per clause or answer.")
def explain(
    file: Path,
    giver: str | None,
    taker: str | None,
    class_name: str | None,
    zones: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a pact does, clause by clause, or who gives what to whom and why.

    Example: foedus pact explain pacts/alpine.toml --from FR --to IT --zone FR-RESERVED
    """
    text = read_pact(file)
    if giver is None and taker is None and class_name is None and not zones:
        _explain_all(text, as_json)
        return
    ids = [party.id for party in text.party]
    for option, party in (("--from", giver), ("--to", taker)):
        if party not in ids:
            raise click.BadParameter(f"{party!r} is none of {', '.join(ids)}", param_hint=option)
    assert giver is not None
    assert taker is not None
    if giver == taker:
        raise click.BadParameter("the giver itself", param_hint="--to")
    known = [zone.id for zone in text.zone]
    for zone in zones:
        if zone not in known:
            raise click.BadParameter(f"{zone!r} is none of {', '.join(known)}", param_hint="--zone")
    classes = [one for one in TrackClass if class_name in (None, one.name.lower())]
    for track_class in classes:
        for place in [zones] if zones else places(text, giver=giver, taker=taker):
            given = answer(text, giver=giver, taker=taker, track_class=track_class, zones=place)
            if as_json:
                click.echo(msgspec.json.encode(given))
            else:
                _print_answer(given)


def _explain_all(text: Pact, as_json: bool) -> None:
    if as_json:
        for clause in text.clause:
            click.echo(
                msgspec.json.encode({"clause": clause.id, "says": sentence(clause), "text": clause.text})
            )
        return
    from rich.console import Console

    console = Console()
    console.print(f"[bold]{text.title}[/bold] ({text.pact} {text.version}, {text.date})")
    basis = text.basis
    console.print(f"{basis.instrument}; binding: {basis.binding}; evidence: {basis.evidence}. {basis.note}")
    for role in ("member", "hub", "observer"):
        named = [f"{party.id} ({party.name})" for party in text.party if party.role == role]
        if named:
            console.print(f"{role}: {', '.join(named)}")
    console.print(_clause_table(text))
    console.print("What no clause shares is not released.")


def _clause_table(text: Pact) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("clause", style="bold", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("says")
    for clause in text.clause:
        kind = type(clause).__name__.lower()
        table.add_row(clause.id, kind, f"{sentence(clause)}\n[dim]{clause.text} ({clause.basis})[/dim]")
    return table


def _print_answer(given: Answer) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    place = f"inside {' and '.join(given.zones)}" if given.zones else "outside the zones named for this pair"
    clause = f"by {given.clause}" if given.clause else "because no clause shares it"
    console.print(
        f"[bold]{given.giver} to {given.taker}, {given.track_class}, {place}: {given.form}[/bold] {clause}"
    )
    console.print(f"  through the hub: {given.hub_form} ({given.hub_why})")
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    for reason in given.reasons:
        table.add_row(reason.clause, reason.why, style="bold" if reason.decides else "dim")
    console.print(table)
