"""`foedus drill run`: the same truth under each pact, minutes per capital, and what cost the lost ones."""

import functools
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click
import msgspec

from foedus.cli.drill_files import pact_named
from foedus.errors import SetupError

if TYPE_CHECKING:
    from foedus.drill.minutes import Cost, Loss
    from foedus.drill.outcome import Run, UmpireAct
    from foedus.drill.text import Drill
    from foedus.pact.clauses import Pact


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One capital and event under one pact: medians over the seeds, and how many of them had no warning."""

    event: str
    member: str
    pact: str
    version: str
    digest: str  # of the text that the nodes ran
    seeds: tuple[int, ...]
    known_min: float | None
    shown_min: float | None
    acknowledged_min: float | None
    unwarned: int  # seeds in which no warning was shown before arrival
    known_from: str
    shown_by: str
    shown_clause: str
    effects: tuple[str, ...]  # first digits of the digest of all that all nodes did, per seed


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the command found."""

    drill: str
    drill_digest: str
    seeds: tuple[int, ...]
    acts: int
    rows: tuple[Row, ...]
    losses: tuple[Any, ...]  # minutes.Loss


@click.command("run")
@click.argument("drill_file", metavar="DRILL", type=click.Path(path_type=Path))
@click.option(
    "--pact", "pacts", metavar="PACT", multiple=True, required=True,
    help="A pact file, or its name in the library, as rsc or us-sa-2025+warn; may be given several times.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The first seed.")
@click.option("--seeds", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many seeds.")
@click.option(
    "--tries", type=click.IntRange(0, 100), default=8, show_default=True,
    help="How often the drill may be played again per pact, to see which clause costs how much.",
)  # fmt: skip
@click.option("--umpire", type=click.Path(path_type=Path), help="A journal of umpire's acts to play by.")
@click.option(
    "--journals", type=click.Path(path_type=Path), help="Folder for the journals of every node and pact."
)
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder in which every run under a pact is kept, for `foedus drill report`.",
)
@click.option("--bodies", is_flag=True, help="Keep with --out also the bytes of every message.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def run_command(
    drill_file: Path,
    pacts: tuple[str, ...],
    seed: int,
    seeds: int,
    tries: int,
    umpire: Path | None,
    journals: Path | None,
    out: Path | None,
    bodies: bool,
    as_json: bool,
) -> None:
    """Play DRILL under each pact, with the same truth and errors, and print minutes of warning per capital.

    Lost minutes are against an ideal pact in which everybody tells everybody everything. Each term in the way
    is taken from the text and the drill played again without it, with the first seed.

    Example: foedus drill run drills/gulf.toml --pact rsc --pact us-sa-2025+warn
    """
    from foedus.drill.ideal import NAME, ideal_pact
    from foedus.drill.minutes import Minutes
    from foedus.drill.reading import read_drill
    from foedus.drill.umpire import check_acts, read_acts

    drill = read_drill(drill_file)
    acts = read_acts(umpire) if umpire else ()
    check_acts(acts, [one.number for one in drill.inject], where=str(umpire))
    texts = {name: pact_named(name, drill_file) for name in pacts}
    play = functools.partial(_play, drill, acts, bodies=bodies and out is not None)
    numbers = tuple(range(seed, seed + seeds))
    rows: list[Row] = []
    losses: list[Loss] = []
    ideals = [play(ideal_pact(drill), NAME, one, None) for one in numbers]
    minutes = Minutes(drill, ideals[0], lambda text, name: play(text, name, seed, None), tries=tries)
    for name, text in texts.items():
        runs = [play(text, name, one, journals) for one in numbers]
        rows += _rows(runs)
        lost = minutes.losses(text, runs[0])
        losses += lost
        if out is not None:
            _keep(out, drill, text, runs, lost)
    rows += _rows(ideals)
    answer = Answer(
        drill=drill.drill,
        drill_digest=drill.digest,
        seeds=numbers,
        acts=len(acts),
        rows=tuple(rows),
        losses=tuple(losses),
    )
    if as_json:
        click.echo(msgspec.json.encode(answer).decode())
    else:
        _print(drill, answer)


def _play(
    drill: "Drill",
    acts: "tuple[UmpireAct, ...]",
    text: "Pact",
    name: str,
    seed: int,
    journals: Path | None,
    *,
    bodies: bool,
) -> "Run":
    from foedus.drill.simulation import play
    from foedus.drill.stations import open_stores, text_played

    click.echo(f"playing {drill.drill} under {name}, seed {seed} ...", err=True)
    if journals is None:
        return play(drill, text, name=name, seed=seed, acts=acts, keep_bodies=bodies)
    folder = journals / f"{Path(name).stem}-{seed}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"folder {folder} cannot be made ({error.strerror})") from error
    stores = open_stores(folder, drill, text_played(drill, text))
    try:
        return play(drill, text, name=name, seed=seed, acts=acts, stores=stores, keep_bodies=bodies)
    finally:
        for store in stores.values():
            store.close()


def _keep(out: Path, drill: "Drill", text: "Pact", runs: "list[Run]", losses: "tuple[Loss, ...]") -> None:
    """Every run under one pact as a file; the losses go with the first, for which they were worked out."""
    from foedus.drill.keeping import FORMAT, Kept, encode_run
    from foedus.pact.reading.write import to_toml

    for run in runs:
        lost = losses if run is runs[0] else ()
        alone = msgspec.structs.replace(text, based_on=None)  # what it copies is in it already
        kept = Kept(format=FORMAT, mode="EXERCISE", drill=drill, pact=to_toml(alone), run=run, losses=lost)
        path = out / f"{Path(run.pact).stem}-{run.seed}.run"
        try:
            out.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_run(kept))
        except OSError as error:
            raise SetupError(
                f"{path} cannot be written ({error.strerror}); name another with --out"
            ) from error


def _rows(runs: "list[Run]") -> list[Row]:
    """One row per event and capital, over the seeds."""
    import hashlib

    digests = tuple(
        hashlib.sha256(repr(run.effects).encode()).hexdigest()[:16] for run in runs
    )  # fmt: skip
    rows = []
    for first in runs[0].outcomes:
        found = [one for run in runs for one in [run.outcome(first.event, first.member)] if one is not None]
        shown = [one.shown_min for one in found]
        rows.append(
            Row(
                event=first.event,
                member=first.member,
                pact=runs[0].pact,
                version=runs[0].pact_version,
                digest=runs[0].pact_digest,
                seeds=tuple(run.seed for run in runs),
                known_min=_middle([one.known_min for one in found]),
                shown_min=_middle(shown),
                acknowledged_min=_middle([one.acknowledged_min for one in found]),
                unwarned=sum(one is None or one < 0.0 for one in shown),
                known_from=first.known_from,
                shown_by=first.shown_by,
                shown_clause=first.shown_clause,
                effects=digests,
            )
        )
    return rows


def _middle(values: list[float | None]) -> float | None:
    """The median of what there is; None where most seeds have nothing."""
    there = [value for value in values if value is not None]
    return median(there) if 2 * len(there) > len(values) else None


# ---------------------------------------------------------------- for people

CAPTION = """\
minutes before arrival, at the first: entitled knowledge / warning on a screen / acknowledgement by a person
known   from what: own sensors, the picture with what partners gave, or a warning
warned  by whom, and by which clause; own: by the member's own node, which needs none"""


def _print(drill: "Drill", answer: Answer) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console()
    seeds = f"seed {answer.seeds[0]}" + (f" to {answer.seeds[-1]}, medians" if len(answer.seeds) > 1 else "")
    head = f"{drill.title}: {answer.drill} {answer.drill_digest[:12]}, {seeds}. EXERCISE."
    console.print(head, highlight=False)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("event", "capital", "pact", "minutes", "known", "warned", "lost"):
        table.add_column(name, justify="right" if name in ("minutes", "lost") else "left", overflow="fold")
    lost = {(one.event, one.member, one.pact): one for one in answer.losses}
    before = ("", "")
    for row in sorted(answer.rows, key=lambda one: (one.event, one.member)):
        key = (row.event, row.member)
        if before not in (key, ("", "")):
            table.add_section()
        loss = lost.get((*key, row.pact))
        table.add_row(
            row.event if key != before else "",
            row.member if key != before else "",
            row.pact,
            " / ".join(_spell(one) for one in (row.known_min, row.shown_min, row.acknowledged_min)),
            row.known_from or "-",
            f"{row.shown_by} {row.shown_clause}".strip() or "-",
            f"{loss.lost_min:.1f}" if loss else "",
        )
        before = key
    console.print(table)
    console.print(CAPTION, highlight=False)
    for one in answer.losses:
        _print_loss(one)
    click.echo(f"\n{drill.note}" if drill.note else "")


def _spell(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _print_loss(loss: "Loss") -> None:
    if not loss.costs and loss.unexplained_min < 0.1:
        return
    click.echo(f"\n{loss.event}, {loss.member} under {loss.pact}: {loss.lost_min:.1f} minutes lost")
    for cost in loss.costs:
        click.echo(f"  {_cost_line(cost)}")
    if loss.unexplained_min >= 0.1:
        click.echo(f"  {loss.unexplained_min:.1f} min not traced to a clause")


def _cost_line(cost: "Cost") -> str:
    gained = "not played again" if cost.gained_min is None else f"{cost.gained_min:.1f} min"
    also = f" (with {', '.join(cost.after)} out of the way)" if cost.after else ""
    return f"{gained:>16}  {cost.term}: {cost.found}{also}"
