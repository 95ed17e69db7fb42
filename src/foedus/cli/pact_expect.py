"""`foedus pact expect`: is what a party believes in the text."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from foedus.cli.settled import variants_in
from foedus.cli.terminal import line, title
from foedus.cli.times import parse_instant
from foedus.pact.asking.expect import Expectation, Gap
from foedus.pact.asking.expect import expect as asked

SAID = {
    "entailed": "The text says so.",
    "contradicted": "The text says the opposite.",
    "undetermined": "The text leaves it open: it rests on terms that are not known.",
    "silent": "The text does not say so, and does not forbid it either.",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("sentence")
@click.option("--at", metavar="TIME", help="On this day or at this time (RFC 3339); now if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per variant.")
def expect(file: Path, sentence: str, at: str | None, as_json: bool) -> None:
    """Ask whether a text promises what SENTENCE says: entailed, contradicted, silent or undetermined.

    The sentence is of a small closed grammar: WHO warns|assists|consults|notifies|gives|regards ... [of
    any attack on its territory by WHOM]. Where the text is silent, the smallest clause that would say so is
    shown.
    A draft with open brackets is asked in every variant. Exit code 0: entailed (in all); 1: not.

    Example: foedus pact expect pacts/alpine.toml "Italy is warned of any attack on its territory"
    """
    instant = parse_instant(at, option="--at") if at is not None else datetime.now(UTC)
    answers = [asked(text, sentence, at=instant) for text in variants_in(file)]
    for answer in answers:
        if as_json:
            click.echo(msgspec.json.encode(answer))
        else:
            _print(answer)
    if any(answer.verdict != "entailed" for answer in answers):
        raise SystemExit(1)


def _print(answer: Expectation) -> None:
    title(f"{answer.claim}: {answer.verdict}")
    line(f"{SAID[answer.verdict]} ({answer.pact} {answer.version}, on {answer.at})")
    if answer.once_in_force:
        said = "Not in force" if answer.in_force == "no" else "Whether it is in force is undetermined"
        line(f"{said}: {'; '.join(answer.in_force_grounds)}. Once in force: {answer.once_in_force}.")
    if answer.depends_on:
        line(f"Depends on unknown {', '.join(answer.depends_on)}.")
    counts = f"{answer.situations} kinds of situation: it holds in {answer.held}"
    line(f"{counts}, is undetermined in {answer.undetermined}, is contradicted in {answer.opposed}.")
    if answer.clauses:
        line(f"Where it holds, it does by {', '.join(answer.clauses)}.")
    _print_gaps("Nothing obliges anybody", answer.gaps)
    _print_gaps("Undetermined", answer.doubts)
    _print_gaps("The opposite", answer.opposition)
    if answer.changes:
        line("The smallest changes of clauses that are there, each of which would do:")
        for change in answer.changes:
            line(f"  {' and '.join(change)}")
    if answer.clause:
        line("The smallest clause that would say so:")
        for row in answer.clause.splitlines():
            line(f"  {row}")


def _print_gaps(head: str, gaps: tuple[Gap, ...]) -> None:
    for gap in gaps:
        unknown = f" (depends on unknown {', '.join(gap.depends_on)})" if gap.depends_on else ""
        line(f"{head} in {gap.situations}, such as {gap.witness}{unknown}:")
        for ground in gap.grounds:
            line(f"  {ground}", "dim")
        if len(gap.attackers) > 1:
            line(f"  attackers: {', '.join(gap.attackers)}", "dim")
