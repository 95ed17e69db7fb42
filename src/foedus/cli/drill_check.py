"""`foedus drill check`: whether a drill can be played, and what pacts say of its events before it is."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.cli.drill_files import pact_named

if TYPE_CHECKING:
    from foedus.drill.text import Drill
    from foedus.pact.clauses import Pact


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one casus of one pact says of one event, by what can be known of the attacker."""

    pact: str
    event: str
    victim: str
    casus: str
    met: str  # yes, no, undetermined
    grounds: tuple[str, ...]


@click.command("check")
@click.argument("drill_file", metavar="DRILL", type=click.Path(path_type=Path))
@click.option("--pact", "pacts", metavar="PACT", multiple=True, help="A pact to read its events by.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per casus, event and pact.")
def check_command(drill_file: Path, pacts: tuple[str, ...], as_json: bool) -> None:
    """Read DRILL and its script; exit code 1 with file, line and place for the first mistake.

    With --pact, say of each event whether the pact's casus are met, and why not.

    Example: foedus drill check drills/gulf.toml --pact rsc
    """
    from foedus.drill.reading import read_drill

    drill = read_drill(drill_file)
    said = [one for name in pacts for one in _said(drill, name, pact_named(name, drill_file))]
    if as_json:
        for one in said:
            click.echo(msgspec.json.encode(one).decode())
        return
    click.echo(
        f"{drill_file}: {len(drill.member)} members, {len(drill.site)} sensors, {len(drill.target)} objects, "
        f"{len(drill.event)} events, {len(drill.inject)} injects, {drill.lasts_s / 60:g} minutes; "
        f"digest {drill.digest[:16]}"
    )
    for one in said:
        grounds = f": {'; '.join(one.grounds)}" if one.grounds else ""
        click.echo(f"{one.pact}: {one.event} on {one.victim}: {one.casus} {one.met}{grounds}")


def _said(drill: "Drill", name: str, pact: "Pact") -> list[Said]:
    from foedus.drill.people import read_casus
    from foedus.drill.stations import text_played

    text = text_played(drill, pact)
    return [
        Said(
            pact=name,
            event=event.id,
            victim=event.victim,
            casus=reading.casus,
            met=reading.truth.name.lower(),
            grounds=reading.grounds,
        )
        for event in drill.event
        for reading in read_casus(drill, text, event, attributed=event.attributed_after_s is not None)
    ]
