"""`foedus pact new`: a text of one's own, modelled on an instrument that is there."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.errors import InputError
from foedus.pact.clauses import BasedOn, Pact, Party
from foedus.pact.meaning.states import STATES
from foedus.pact.reading.inherit import seen_of
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.reading.write import to_toml


@click.command("new")
@click.argument("out", metavar="OUT.toml", type=click.Path(path_type=Path))
@click.option(
    "--like", "model", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The model."
)
@click.option("--id", "name", metavar="ID", help="Id of the new pact; the name of the file if not given.")
@click.option(
    "--as",
    "renames",
    metavar="THEIRS=OURS",
    multiple=True,
    help="Who takes whose place, such as JP=SA; repeat for several. The others stay.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: file, model, number of clauses.")
def new(out: Path, model: Path, name: str | None, renames: tuple[str, ...], as_json: bool) -> None:
    """Write a pact that is a copy of another: its clauses with their citations, other parties.

    The copy refers to its model and notes what it saw there, so that `foedus pact check` flags later changes.
    Write a clause anew under the same id to change it, or list its id under `drop`.

    Example: foedus pact new mine.toml --like pacts/library/us-japan.toml --as JP=SA
    """
    if out.exists():
        raise click.BadParameter(f"{out} is there already", param_hint="OUT.toml")
    upstream = read_pact(model)
    swapped = _swapped(upstream, renames)
    reference = os.path.relpath(model.resolve(), out.resolve().parent)
    text = copy_of(upstream, name or out.stem, swapped, reference)
    parse_pact(text, file=str(out), upstream=upstream)
    out.write_text(text, encoding="utf-8")
    count = len(upstream.clause)
    if as_json:
        click.echo(msgspec.json.encode({"file": str(out), "model": str(model), "clauses": count}))
    else:
        click.echo(f"{out}: modelled on {upstream.title} ({count} clauses)")


def _swapped(upstream: Pact, renames: tuple[str, ...]) -> dict[str, str]:
    ids = [party.id for party in upstream.party]
    swapped = {}
    for one in renames:
        theirs, equals, ours = one.partition("=")
        if not equals or not ours or theirs not in ids:
            expected = f"THEIRS=OURS with one of {', '.join(ids)} on the left"
            raise InputError(where="--as", found=repr(one), expected=expected)
        swapped[theirs] = ours
    return swapped


def copy_of(upstream: Pact, name: str, swapped: dict[str, str], reference: str) -> str:
    """The text of a copy, with nothing of its own but its head and its parties."""
    head = Pact(
        foedus=1,
        pact=name,
        version="draft",
        title=f"Draft modelled on: {upstream.title}"[:500],
        date=datetime.now(UTC).date(),
        basis=msgspec.structs.replace(
            upstream.basis, binding="none", evidence="stylised", note="A draft; in force nowhere."
        ),
        party=tuple(_party(party, swapped) for party in upstream.party),
        based_on=BasedOn(file=reference, rename=swapped, seen=seen_of(upstream)),
        no_ties=(),
    )
    return to_toml(head)


def _party(party: Party, swapped: dict[str, str]) -> Party:
    """The party, or who takes its place: its role, but neither its name, places nor dates."""
    ours = swapped.get(party.id)
    if ours is None:
        return party
    return Party(id=ours, name=STATES.get(ours, ours), role=party.role, basis="stylised")
