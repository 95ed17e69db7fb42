"""`foedus pact explain`: what a pact does, clause by clause, and why somebody gets or owes something."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from foedus.cli.pact_opinion import print_opinion, print_roster, print_together
from foedus.cli.settled import variants_in
from foedus.cli.terminal import line, title
from foedus.cli.times import parse_instant
from foedus.document import read_text
from foedus.model import TrackClass
from foedus.pact.asking.explain import Answer, answer, places
from foedus.pact.asking.opinion import opinion, roster_on, told
from foedus.pact.asking.sentences import plain, sentence
from foedus.pact.clauses import Pact
from foedus.pact.force import in_force, missing_steps, spoken_date, time_ns_of
from foedus.pact.meaning.situation import parse_situation
from foedus.pact.meaning.situation_words import check_situation, situation_of_words
from foedus.pact.reading.text import read_pact
from foedus.pact.words import Truth

CLASS_NAMES = tuple(one.name.lower() for one in TrackClass)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--situation",
    metavar="WORDS|FILE",
    help="Who owes and gets what in this situation: key=value words, or a TOML file with the same keys.",
)
@click.option("--at", metavar="TIME", help="On this day or at this time (RFC 3339); now if not given.")
@click.option("--roster", is_flag=True, help="Only who is a party at that time, and each one's adversaries.")
@click.option("--from", "giver", metavar="PARTY", help="Whose data.")
@click.option("--to", "taker", metavar="PARTY", help="Who would get them.")
@click.option("--class", "class_name", type=click.Choice(CLASS_NAMES), help="Only tracks of this class.")
@click.option(
    "--zone", "zones", metavar="ZONE", multiple=True, help="Inside this zone; repeat if several overlap."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per clause, answer, party or pact.")
def explain(
    files: tuple[Path, ...],
    situation: str | None,
    at: str | None,
    roster: bool,
    giver: str | None,
    taker: str | None,
    class_name: str | None,
    zones: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a pact does, clause by clause; or who gives what to whom; or what holds in a situation.

    Example: foedus pact explain pacts/alpine.toml --situation "event=none class=unidentified at=2018-08-01"
    """
    texts = [read_pact(file) for file in files]
    instant = parse_instant(at, option="--at") if at is not None else datetime.now(UTC)
    asked_pair = giver is not None or taker is not None or class_name is not None or bool(zones)
    if sum((situation is not None, roster, asked_pair)) > 1:
        raise click.UsageError("--situation, --roster and --from/--to are three different questions: ask one")
    if situation is not None:
        variants = [text for file in files for text in variants_in(file)]
        _explain_situation(variants, situation, instant, as_json)
    elif roster:
        for text in texts:
            _print_roster(text, instant, as_json)
    elif asked_pair:
        for text in texts:
            _explain_pair(text, giver, taker, class_name, zones, as_json)
    else:
        for text in texts:
            _explain_all(text, instant, as_json)


def _explain_situation(texts: Sequence[Pact], asked: str, instant: datetime, as_json: bool) -> None:
    if "=" not in asked:
        source = read_text(Path(asked))
        situation = parse_situation(source, file=asked)
        check_situation(situation, texts, file=asked, text=source)
    else:
        situation = situation_of_words(asked, file="--situation", at=instant)
        check_situation(situation, texts, file="--situation")
    opinions = [opinion(text, situation) for text in texts]
    for one in opinions:
        if as_json:
            click.echo(msgspec.json.encode(one))
        else:
            print_opinion(one)
    if len({one.pact for one in opinions}) == len(opinions) > 1 and not as_json:
        print_together(opinions)


def _print_roster(text: Pact, instant: datetime, as_json: bool) -> None:
    parties = roster_on(text, time_ns=time_ns_of(instant))
    if as_json:
        for party in parties:
            click.echo(msgspec.json.encode(party))
        return
    title(f"{text.title} ({text.pact} {text.version}) on {spoken_date(instant)}")
    print_roster(parties)


def _explain_pair(
    text: Pact,
    giver: str | None,
    taker: str | None,
    class_name: str | None,
    zones: tuple[str, ...],
    as_json: bool,
) -> None:
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


def _explain_all(text: Pact, instant: datetime, as_json: bool) -> None:
    if as_json:
        for clause in text.clause:
            record = {
                "pact": text.pact,
                "clause": clause.id,
                "kind": type(clause).__name__.lower(),
                "says": sentence(clause, text.words),
                "text": clause.text,
                "binding": clause.binding or text.basis.binding,
                "basis": clause.basis,
                "cite": clause.cite,
            }
            click.echo(msgspec.json.encode(record))
        return
    from rich.console import Console

    console = Console()
    console.print(f"[bold]{text.title}[/bold] ({text.pact} {text.version}, {text.date})")
    basis = text.basis
    console.print(f"{basis.instrument}; binding: {basis.binding}; evidence: {basis.evidence}. {basis.note}")
    for role in ("member", "guarantor", "ally", "hub", "observer"):
        named = [f"{party.id} ({party.name})" for party in text.party if party.role == role]
        if named:
            console.print(f"{role}: {', '.join(named)}")
    time_ns = time_ns_of(instant)
    force = in_force(text, time_ns=time_ns)
    said = {Truth.YES: "in force", Truth.NO: "not in force"}.get(force.truth, "perhaps in force")
    line(f"On {spoken_date(instant)}: {'; '.join([said, *told(force.grounds)])}.")
    for name, step, route in missing_steps(text, time_ns=time_ns):
        line(f"  missing: {plain(step)} of {name} ({route or 'no approval clause has it'})")
    print_roster(roster_on(text, time_ns=time_ns))
    console.print(_clause_table(text))
    console.print("What no clause shares is not released.")


def _clause_table(text: Pact) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("clause", style="bold", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("says")
    for clause in text.clause:
        kind = type(clause).__name__.lower()
        binding = clause.binding or text.basis.binding
        note = f"{clause.text} ({clause.basis}; binding: {binding})"
        table.add_row(clause.id, kind, Text.assemble(sentence(clause, text.words), "\n", (note, "dim")))
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
