"""`foedus drill improve`: which change of a clause or two gives the most endangered capital minutes."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.cli.drill_files import pact_named
from foedus.cli.drill_play import Played
from foedus.errors import InputError

if TYPE_CHECKING:
    from foedus.drill.improve import Improvement, Point
    from foedus.drill.text import Drill


@click.command("improve")
@click.argument("drill_file", metavar="DRILL", type=click.Path(path_type=Path))
@click.option(
    "--pact", "name", metavar="PACT", required=True, help="A pact file, or its name in the library, as rsc."
)
@click.option(
    "--for", "member", metavar="MEMBER", default="", help="For this capital, not the most endangered."
)
@click.option(
    "--event", metavar="EVENT", default="", help="In this event alone, instead of all that concern it."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The first seed.")
@click.option("--seeds", type=click.IntRange(1, 1_000), default=1, show_default=True, help="How many seeds.")
@click.option(
    "--tries", type=click.IntRange(1, 1_000), default=24, show_default=True,
    help="How many changed texts are played at most, each once a seed.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def improve_command(
    drill_file: Path,
    name: str,
    member: str,
    event: str,
    seed: int,
    seeds: int,
    tries: int,
    as_json: bool,
) -> None:
    """Try changes of one and two clauses of a pact in DRILL, and print the front of minutes for one capital
    against what the members disclose. It advises nobody.

    Texts that open nothing for the capital are left out before anything is played.

    Example: foedus drill improve drills/gulf.toml --pact rsc --for QA --event DOH
    """
    from foedus.drill.improve import improve
    from foedus.drill.reading import read_drill

    drill = read_drill(drill_file)
    _check(drill, member, event)
    found = improve(
        drill,
        pact_named(name, drill_file),
        seeds=tuple(range(seed, seed + seeds)),
        play=Played(name),
        member=member,
        event=event,
        tries=tries,
    )
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _print(drill, found)


def _check(drill: "Drill", member: str, event: str) -> None:
    """Nothing; InputError for a member or event that the drill has not, or that do not belong together."""
    from foedus.document import suggest

    events = {one.id: one.victim for one in drill.event}
    victims = list(dict.fromkeys(events.values()))
    if not events:
        raise InputError(where=drill.drill, found="no event", expected="a drill in which something arrives")
    if member and member not in victims:
        raise InputError(where="--for", found=repr(member), expected=suggest(member, victims))
    if event and (event not in events or not member):
        expected = suggest(event, list(events)) if event not in events else "--for with its victim"
        raise InputError(where="--event", found=repr(event), expected=expected)
    if event and events[event] != member:
        raise InputError(
            where="--event", found=repr(event), expected=f"an event of which {member} is the victim"
        )


def _print(drill: "Drill", found: "Improvement") -> None:
    seeds = f"seed {found.seeds[0]}" + (f" to {found.seeds[-1]}" if len(found.seeds) > 1 else "")
    click.echo(
        f"{drill.title}: {found.drill} {found.drill_digest[:12]} under {found.pact}, {seeds}. EXERCISE."
    )
    click.echo(f"for {found.member} in {', '.join(found.events)}\n")
    for one in found.front:
        _print_point(one)
    played = len(found.front) + len(found.rest) - (found.base in found.front)
    click.echo(
        f"\n{found.changes} single changes in the vocabulary; {found.open_singles} of them and "
        f"{found.open_pairs} pairs open something by the text; {played} played, {found.unplayed} not."
    )
    click.echo("Disclosed: rows weighed by form, alert 1 to source 5, by all members, per seed.")
    click.echo("A change is a text to argue about, in one stylised drill; it is no advice.")


def _print_point(one: "Point") -> None:
    what = " + ".join(one.terms) or "as it stands"
    click.echo(f"{one.minutes:5.1f} min  {one.disclosed:7.0f} disclosed  {what}")
    click.echo(f"       {one.sentence}")
