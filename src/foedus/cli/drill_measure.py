"""`foedus drill measure`: what runs of a drill under a pact say, over several seeds."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.cli.drill_files import pact_named
from foedus.cli.drill_measure_tables import print_measured, write_parquet
from foedus.cli.drill_play import Played
from foedus.errors import InputError

if TYPE_CHECKING:
    from foedus.drill.failures import FaultCost, Price
    from foedus.drill.likeness import Likeness
    from foedus.drill.measures import Alarms, Balance, CapitalMinutes, DutyRead, Exchange
    from foedus.drill.orientation import Bearing
    from foedus.drill.text import Drill
    from foedus.pact.clauses import Pact


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured; what was not asked for is empty."""

    drill: str
    drill_digest: str
    pact: str
    pact_digest: str
    seeds: tuple[int, ...]
    minutes: "tuple[CapitalMinutes, ...]"
    alarms: "tuple[Alarms, ...]"
    duties: "tuple[DutyRead, ...]"
    exchanges: "tuple[Exchange, ...]"
    balances: "tuple[Balance, ...]"
    prices: "tuple[Price, ...]" = ()
    failures: "tuple[FaultCost, ...]" = ()
    orientation: "tuple[Bearing, ...]" = ()
    pictures: "tuple[Likeness, ...]" = ()


EXTRA = ("prices", "failures", "pictures")


@click.command("measure")
@click.argument("drill_file", metavar="DRILL", type=click.Path(path_type=Path))
@click.option(
    "--pact", "name", metavar="PACT", required=True, help="A pact file, or its name in the library, as rsc."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The first seed.")
@click.option("--seeds", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many seeds.")
@click.option(
    "--also", "extra", type=click.Choice(EXTRA), multiple=True,
    help="Play again: without each term that keeps back, each member and link, or to see pictures.",
)  # fmt: skip
@click.option(
    "--orientation",
    "capital",
    metavar="MEMBER",
    help="Play one approach on this capital from eight bearings.",
)
@click.option(
    "--attacker", "attackers", metavar="WHO", multiple=True,
    help="With --orientation: only these attackers, instead of one of each kind.",
)  # fmt: skip
@click.option(
    "--every", "every_s", default=10.0, show_default=True, help="Seconds between looks at pictures."
)
@click.option("--parquet", type=click.Path(path_type=Path), help="Folder for one Parquet table per measure.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def measure_command(
    drill_file: Path,
    name: str,
    seed: int,
    seeds: int,
    extra: tuple[str, ...],
    capital: str | None,
    attackers: tuple[str, ...],
    every_s: float,
    parquet: Path | None,
    as_json: bool,
) -> None:
    """Play DRILL under a pact and print what it says: minutes of warning, missed and false warnings,
    duties to warn, what was given and received; and on request what each part of it is worth.

    Example: foedus drill measure drills/small.toml --pact small-casus --seeds 3 --also failures
    """
    from foedus.drill.reading import read_drill

    drill = read_drill(drill_file)
    pact = pact_named(name, drill_file)
    _check(drill, pact, capital, attackers, every_s)
    numbers = tuple(range(seed, seed + seeds))
    measured = _measured(drill, pact, Played(name), numbers, extra)
    if "pictures" in extra:
        found = tuple(_likeness(drill, pact, name, one, every_s) for one in numbers)
        measured = msgspec.structs.replace(measured, pictures=found)
    if capital:
        from foedus.drill.orientation import orientation

        rows = orientation(drill, pact, capital, seed=seed, play=Played(name), attackers=attackers)
        measured = msgspec.structs.replace(measured, orientation=rows)
    if parquet:
        write_parquet(measured, parquet)
    if as_json:
        click.echo(msgspec.json.encode(measured).decode())
    else:
        print_measured(drill.title, measured)


def _check(
    drill: "Drill", pact: "Pact", capital: str | None, attackers: tuple[str, ...], every_s: float
) -> None:
    """Nothing; InputError for a name or number that this drill has not."""
    from foedus.document import suggest
    from foedus.pact.meaning.situation import UNATTRIBUTED

    capitals = [zone.owner for zone in drill.zone if zone.owner]
    if capital and capital not in capitals:
        raise InputError(where="--orientation", found=repr(capital), expected=suggest(capital, capitals))
    known = [*(one.id for one in drill.member), *(one.id for one in pact.state), UNATTRIBUTED]
    for one in attackers:
        if one not in known or one == capital:
            raise InputError(where="--attacker", found=repr(one), expected=suggest(one, known))
    if every_s < drill.tick_s or every_s != round(every_s):
        expected = f"whole seconds, {drill.tick_s:g} or more, the tick of the drill"
        raise InputError(where="--every", found=f"{every_s:g}", expected=expected)


def _measured(
    drill: "Drill", pact: "Pact", play: Played, seeds: tuple[int, ...], extra: tuple[str, ...]
) -> Measured:
    from foedus.drill.failures import fault_costs, faults_of, prices_of
    from foedus.drill.measures import alarms_of, balances_of, duties_of, exchanges_of, minutes_of
    from foedus.drill.stations import text_played

    runs = [play(drill, pact, one) for one in seeds]
    text = text_played(drill, pact)
    failures = fault_costs(drill, pact, faults_of(drill, runs), seeds, play) if "failures" in extra else ()
    return Measured(
        drill=drill.drill,
        drill_digest=drill.digest,
        pact=runs[0].pact,
        pact_digest=runs[0].pact_digest,
        seeds=seeds,
        minutes=minutes_of(runs),
        alarms=alarms_of(runs, drill.zone),
        duties=tuple(duty for run in runs for duty in duties_of(text, run)),
        exchanges=exchanges_of(runs),
        balances=balances_of(runs),
        prices=prices_of(drill, pact, runs, play) if "prices" in extra else (),
        failures=failures,
    )


def _likeness(drill: "Drill", pact: "Pact", name: str, seed: int, every_s: float) -> "Likeness":
    from foedus.drill.likeness import likeness, looks

    click.echo(f"looking at the pictures of {drill.drill} under {name}, seed {seed} ...", err=True)
    seen = looks(drill, pact, seed=seed, every_s=every_s)
    members = tuple(one.id for one in drill.member)
    return likeness(members, seen, pact=name, seed=seed, every_s=every_s)
