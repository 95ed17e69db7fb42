"""`foedus drill judge`: play a drill and have the judge read every message and every duty of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.cli.drill_files import pact_named

if TYPE_CHECKING:
    from foedus.drill.text import Drill
    from foedus.judge.finding import Finding
    from foedus.pact.clauses import Pact


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What the judge found in one run."""

    pact: str
    seed: int
    messages: int
    accusations: int  # findings that are not undetermined
    findings: tuple[object, ...]  # foedus.judge.finding.Finding


@click.command("judge")
@click.argument("drill_file", metavar="DRILL", type=click.Path(path_type=Path))
@click.option(
    "--pact", "pacts", metavar="PACT", multiple=True, required=True,
    help="A pact file, or its name in the library; may be given several times.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The first seed.")
@click.option("--seeds", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many seeds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per run.")
def judge_command(drill_file: Path, pacts: tuple[str, ...], seed: int, seeds: int, as_json: bool) -> None:
    """Play DRILL under each pact and judge every message and duty; exit code 1 if anything is wrong.

    The judge reads the pact's text and the truth and shares nothing with the nodes. What the truth does not
    settle is listed as undetermined and accuses nobody.

    Example: foedus drill judge drills/gulf.toml --pact rsc --seeds 3
    """
    from foedus.drill.reading import read_drill

    drill = read_drill(drill_file)
    texts = {name: pact_named(name, drill_file) for name in pacts}
    accused = False
    for name, text in texts.items():
        for number in range(seed, seed + seeds):
            found, messages, start_ns = _judged(drill, text, name, number)
            wrong = sum(one.kind != "undetermined" for one in found)
            accused = accused or wrong > 0
            if as_json:
                one = Judged(pact=name, seed=number, messages=messages, accusations=wrong, findings=found)
                click.echo(msgspec.json.encode(one).decode())
            else:
                _print(name, number, messages, found, start_ns)
    raise SystemExit(1 if accused else 0)


def _judged(drill: "Drill", text: "Pact", name: str, seed: int) -> "tuple[tuple[Finding, ...], int, int]":
    """Findings, number of messages, and when the drill began."""
    from foedus.drill.simulation import Simulation
    from foedus.judge.judge import judge

    click.echo(f"playing {drill.drill} under {name}, seed {seed} ...", err=True)
    simulation = Simulation(drill, text, name=name, seed=seed)
    run = simulation.finish()
    return judge(simulation.pact, run), len(run.sent), run.truth.start_ns


def _print(name: str, seed: int, messages: int, found: "tuple[Finding, ...]", start_ns: int) -> None:
    wrong = sum(one.kind != "undetermined" for one in found)
    open_ones = len(found) - wrong
    click.echo(f"{name}, seed {seed}: {messages} messages, {wrong} findings, {open_ones} undetermined")
    for one in found:
        at_s = (one.at_ns - start_ns) / 1e9
        message = f", message {one.sequence}" if one.sequence else ""
        clause = one.clause or "no clause"
        click.echo(
            f"  {at_s:8.1f} s {one.kind} ({one.rule}) {one.who} to {one.to}{message}, {clause}: {one.says}"
        )
